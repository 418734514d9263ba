package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads one expression by recursive descent. text is the string with
// its opening and without its closing bracket.
type parser struct {
	text  string
	at    int
	depth int
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &ExpressionError{Offset: at, Text: fmt.Sprintf(format, args...)}
}

func (p *parser) wanted(what string) error {
	if p.at >= len(p.text) {
		return p.fail(p.at, "expression ends, want %s", what)
	}
	_, size := utf8.DecodeRuneInString(p.text[p.at:])
	return p.fail(p.at, "unexpected %q, want %s", p.text[p.at:p.at+size], what)
}

// skip passes over white space.
func (p *parser) skip() {
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += size
	}
}

// next reports whether the next character is c, and passes over it if so.
func (p *parser) next(c byte) bool {
	p.skip()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) expression() (*term, error) {
	if p.depth++; p.depth > maxNesting+1 {
		return nil, p.fail(p.at, "expression is nested deeper than %d levels", maxNesting)
	}
	defer func() { p.depth-- }()
	t, err := p.primary()
	if err != nil {
		return nil, err
	}
	return p.accesses(t)
}

// accesses reads what follows a primary expression: .name and [index].
func (p *parser) accesses(t *term) (*term, error) {
	for n := 0; ; n++ {
		if n > maxAccesses {
			return nil, p.fail(p.at, "more than %d properties in a row", maxAccesses)
		}
		switch {
		case p.next('.'):
			p.skip()
			name := p.identifier()
			if name == "" {
				return nil, p.wanted("a property name")
			}
			t = &term{kind: propertyTerm, name: name, args: []*term{t}}
		case p.next('['):
			index, err := p.expression()
			if err != nil {
				return nil, err
			}
			if !p.next(']') {
				return nil, p.wanted("]")
			}
			t = access(t, index)
		case p.next('('):
			p.at--
			return nil, p.fail(p.at, "only functions known by name can be called")
		default:
			return t, nil
		}
	}
}

// access is o[i]; with a constant text it is a property.
func access(object, index *term) *term {
	if index.kind == literalTerm && index.value.kind == String {
		return &term{kind: propertyTerm, name: index.value.str, args: []*term{object}}
	}
	return &term{kind: indexTerm, args: []*term{object, index}}
}

func (p *parser) primary() (*term, error) {
	p.skip()
	if p.at >= len(p.text) {
		return nil, p.wanted("a value")
	}
	switch c := p.text[p.at]; {
	case c == '\'':
		return p.quoted()
	case c == '-':
		p.at++
		return p.minus()
	case '0' <= c && c <= '9':
		return p.number("")
	case c == '(':
		p.at++
		t, err := p.expression()
		if err == nil && !p.next(')') {
			err = p.wanted(")")
		}
		return t, err
	}
	start := p.at
	name := p.identifier()
	if name == "" {
		return nil, p.wanted("a value")
	}
	if p.next('(') {
		return p.call(name, start)
	}
	return p.word(name, start)
}

// minus reads what follows a minus sign: a number, or anything else, which is
// taken from 0.
func (p *parser) minus() (*term, error) {
	p.skip()
	if p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		return p.number("-")
	}
	t, err := p.expression()
	if err != nil {
		return nil, err
	}
	zero := &term{kind: literalTerm, value: IntValue(0)}
	return &term{kind: callTerm, function: functions["sub"], args: []*term{zero, t}}, nil
}

func (p *parser) quoted() (*term, error) {
	start := p.at
	p.at++
	var b strings.Builder
	for {
		end := strings.IndexByte(p.text[p.at:], '\'')
		if end < 0 {
			return nil, p.fail(start, "string is not closed, want '")
		}
		b.WriteString(p.text[p.at : p.at+end])
		p.at += end + 1
		if p.at >= len(p.text) || p.text[p.at] != '\'' {
			return &term{kind: literalTerm, value: StringValue(b.String())}, nil
		}
		b.WriteByte('\'')
		p.at++
	}
}

func (p *parser) number(sign string) (*term, error) {
	start := p.at
	p.digits()
	whole := p.at
	if p.at+1 < len(p.text) && p.text[p.at] == '.' && isDigit(p.text[p.at+1]) {
		p.at++
		p.digits()
	}
	text := sign + p.text[start:p.at]
	if p.at == whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return &term{kind: literalTerm, value: IntValue(n)}, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.fail(start, "number %s is out of range", text)
	}
	if f == 0 {
		f = 0 // -0.0 too: its text would be read as another number
	}
	return &term{kind: literalTerm, value: FloatValue(f)}, nil
}

func (p *parser) digits() {
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		p.at++
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (p *parser) identifier() string {
	start := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		if !isLetter(r) && (p.at == start || !unicode.IsDigit(r)) {
			break
		}
		p.at += size
	}
	return p.text[start:p.at]
}

func isLetter(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) }

func isIdentifier(s string) bool {
	p := parser{text: s}
	return s != "" && p.identifier() == s
}

func (p *parser) word(name string, at int) (*term, error) {
	switch strings.ToLower(name) {
	case "true":
		return &term{kind: literalTerm, value: BoolValue(true)}, nil
	case "false":
		return &term{kind: literalTerm, value: BoolValue(false)}, nil
	case "null":
		return &term{kind: literalTerm, value: NullValue()}, nil
	}
	err := &ExpressionError{Offset: at, Text: fmt.Sprintf("bare word %q, want a function call, a number, or a string in single quotes", name)}
	if f := functions[strings.ToLower(name)]; f != nil {
		err.Suggestion = f.name + "()"
	}
	return nil, err
}

func (p *parser) call(name string, at int) (*term, error) {
	f, err := functionOf(name, at)
	if err != nil {
		return nil, err
	}
	t := &term{kind: callTerm, function: f}
	if !p.next(')') {
		for {
			arg, err := p.expression()
			if err != nil {
				return nil, err
			}
			if t.args = append(t.args, arg); len(t.args) > maxArguments {
				return nil, p.fail(at, "%s: more than %d arguments", f.name, maxArguments)
			}
			if p.next(')') {
				break
			}
			if !p.next(',') {
				return nil, p.wanted(", or )")
			}
		}
	}
	if problem := f.checkCount(len(t.args)); problem != "" {
		return nil, p.fail(at, "%s: %s", f.name, problem)
	}
	return t, nil
}
