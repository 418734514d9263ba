package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxDepth bounds how deep JSON may nest.
const maxDepth = 500

// ParseJSON reads strict JSON. Whole numbers that fit are KindLong, others KindReal.
func ParseJSON(text string) (*Node, error) {
	p := &parser{text: text}
	return p.all()
}

// parseLevel reads a container whose containers stay raw.
func parseLevel(text string) (*Node, error) {
	p := &parser{text: text, shallow: true}
	p.space()
	n, err := p.value()
	if err == nil {
		if end := skipSpace(text, p.pos); end < len(text) {
			err = p.errorf("text after the value")
		}
	}
	return n, err
}

type parser struct {
	text    string
	pos     int
	depth   int
	shallow bool   // containers inside the first one stay raw
	literal bool   // as in dynamic(…): single quotes and Kusto's literals
	slab    []Node // nodes to hand out
	made    int
	items   []*Node // of the containers that are being read, innermost last
	keys    []string
}

func (p *parser) all() (*Node, error) {
	p.space()
	n, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(p.text) {
		return nil, p.errorf("text after the value")
	}
	return n, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("JSON at byte %d: %s", p.pos, fmt.Sprintf(format, args...))
}

func (p *parser) space() { p.pos = skipSpace(p.text, p.pos) }

func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *parser) node(kind Kind) *Node {
	if len(p.slab) == 0 {
		p.made = min(2*p.made+1, 32)
		p.slab = make([]Node, p.made)
	}
	n := &p.slab[0]
	p.slab = p.slab[1:]
	n.kind = kind
	return n
}

func (p *parser) value() (*Node, error) {
	switch c := p.peek(); {
	case c == '{' || c == '[':
		return p.container(c)
	case c == '"' || p.literal && c == '\'':
		s, err := p.str()
		if err != nil {
			return nil, err
		}
		if s == "" {
			return nodeEmpty, nil
		}
		n := p.node(KindString)
		n.text = s
		return n, nil
	case c == '-' || c >= '0' && c <= '9':
		if p.literal {
			return p.literalNumber()
		}
		return p.number()
	default:
		return p.word()
	}
}

func (p *parser) container(open byte) (*Node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.shallow && p.depth > 1 {
		n := p.node(kindRaw)
		end := skipContainer(p.text, p.pos+1)
		n.text = p.text[p.pos:end]
		p.pos = end
		return n, nil
	}
	p.pos++
	p.space()
	if open == '[' {
		return p.array()
	}
	return p.bag()
}

func (p *parser) array() (*Node, error) {
	base := len(p.items)
	for first := true; p.peek() != ']' || !first && !p.literal; first = false {
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		p.items = append(p.items, item)
		more, err := p.more(']')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	p.pos++
	n := p.node(KindArray)
	n.tree = &tree{items: slices.Clone(p.items[base:])}
	p.items = p.items[:base]
	return n, nil
}

func (p *parser) bag() (*Node, error) {
	base, keys := len(p.items), len(p.keys)
	for first := true; p.peek() != '}' || !first && !p.literal; first = false {
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		p.keys, p.items = append(p.keys, key), append(p.items, item)
		more, err := p.more('}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	p.pos++
	t := &tree{items: slices.Clone(p.items[base:]), keys: slices.Clone(p.keys[keys:])}
	p.items, p.keys = p.items[:base], p.keys[:keys]
	t.unique()
	n := p.node(KindBag)
	n.tree = t
	return n, nil
}

func (p *parser) key() (string, error) {
	if c := p.peek(); c != '"' && (!p.literal || c != '\'') {
		if p.literal {
			return p.bareKey()
		}
		return "", p.errorf("want a key in double quotes")
	}
	key, err := p.str()
	if err != nil {
		return "", err
	}
	return key, p.colon()
}

func (p *parser) colon() error {
	p.space()
	if p.peek() != ':' {
		return p.errorf("want a colon")
	}
	p.pos++
	p.space()
	return nil
}

// more tells whether a comma follows; else the end does, which stays.
func (p *parser) more(end byte) (bool, error) {
	p.space()
	switch p.peek() {
	case ',':
		p.pos++
		p.space()
		return true, nil
	case end:
		return false, nil
	}
	return false, p.errorf("want a comma or %q", end)
}

func (p *parser) word() (*Node, error) {
	rest := p.text[p.pos:]
	switch {
	case strings.HasPrefix(rest, "null"):
		p.pos += 4
		return nodeNull, p.endOfWord()
	case strings.HasPrefix(rest, "true"):
		p.pos += 4
		return nodeTrue, p.endOfWord()
	case strings.HasPrefix(rest, "false"):
		p.pos += 5
		return nodeFalse, p.endOfWord()
	}
	if p.literal {
		return p.kustoLiteral()
	}
	return nil, p.errorf("want a value")
}

func (p *parser) endOfWord() error {
	if c := p.peek(); c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
		return p.errorf("unknown word")
	}
	return nil
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos]-'0' <= 9 {
		p.pos++
	}
	return p.pos - start
}

func (p *parser) number() (*Node, error) {
	start, whole := p.pos, true
	if p.peek() == '-' {
		p.pos++
	}
	zero := p.peek() == '0'
	if n := p.digits(); n == 0 || zero && n > 1 {
		return nil, p.errorf("not a number")
	}
	if p.peek() == '.' {
		p.pos++
		if whole = false; p.digits() == 0 {
			return nil, p.errorf("want digits after the point")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if whole = false; p.digits() == 0 {
			return nil, p.errorf("want digits in the exponent")
		}
	}
	return p.numberOf(p.text[start:p.pos], whole)
}

// long is a whole number, slim where Node.Slim says so.
func (p *parser) long(i int64) *Node {
	if i >= 0 && i < int64(len(smallest)) {
		if p.literal {
			return smallest[i]
		}
		return slimmest[i]
	}
	n := p.node(KindLong)
	n.bits, n.slim = uint64(i), !p.literal && i == int64(int32(i))
	return n
}

func (p *parser) numberOf(text string, whole bool) (*Node, error) {
	if whole {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return p.long(i), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, p.errorf("not a number: %q", text)
	}
	n := p.node(KindReal)
	n.bits = math.Float64bits(f)
	return n, nil
}
