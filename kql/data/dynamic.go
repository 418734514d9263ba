package data

import "strings"

// ParseDynamic reads what stands inside dynamic(…): JSON that may also have
// strings in single quotes and Kusto's literals: datetime(2024-01-02), 1h, guid(…).
func ParseDynamic(text string) (*Node, error) {
	p := &parser{text: text, literal: true}
	return p.all()
}

// literalNumber reads a number or, with a unit behind it, a timespan.
func (p *parser) literalNumber() (*Node, error) {
	start := p.pos
	for isWordByte(p.peek()) || p.peek() == '.' || p.peek() == '-' || p.peek() == '+' {
		if c := p.peek(); (c == '-' || c == '+') && p.pos > start && p.text[p.pos-1]|0x20 != 'e' {
			break
		}
		p.pos++
	}
	text := p.text[start:p.pos]
	q := &parser{text: text, literal: true}
	if n, err := q.number(); err == nil && q.pos == len(text) {
		return n, nil
	}
	if ticks, ok := ParseTimeSpan(text); ok {
		return NodeOf(OfTimeSpan(ticks)), nil
	}
	p.pos = start
	return nil, p.errorf("not a number: %q", text)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func (p *parser) bareWord() string {
	start := p.pos
	for isWordByte(p.peek()) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func (p *parser) bareKey() (string, error) {
	key := p.bareWord()
	if key == "" {
		return "", p.errorf("want a key")
	}
	return key, p.colon()
}

// kustoLiteral reads a literal such as datetime(2024-01-02) or long(null).
func (p *parser) kustoLiteral() (*Node, error) {
	start := p.pos
	name := p.bareWord()
	p.space()
	typ, known := ParseType(name)
	if !known || p.peek() != '(' {
		p.pos = start
		return nil, p.errorf("want a value")
	}
	p.pos++
	if typ == Dynamic {
		return p.nested()
	}
	end := strings.IndexByte(p.text[p.pos:], ')')
	if end < 0 {
		return nil, p.errorf("want a closing parenthesis")
	}
	text := strings.TrimSpace(p.text[p.pos : p.pos+end])
	if n := len(text); n >= 2 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		text = text[1 : n-1]
	}
	v := Convert(OfString(text), typ)
	if v.IsNull() && text != "null" {
		return nil, p.errorf("not a %s: %q", typ, text)
	}
	p.pos += end + 1
	return NodeOf(v), nil
}

func (p *parser) nested() (*Node, error) {
	p.space()
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	n, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.peek() != ')' {
		return nil, p.errorf("want a closing parenthesis")
	}
	p.pos++
	return n, nil
}
