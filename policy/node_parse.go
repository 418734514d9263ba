package policy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxNodeDepth bounds arrays and objects inside each other, so that a hostile
// file cannot exhaust the stack.
const maxNodeDepth = 200

// ParseNode reads one JSON document (RFC 8259; a byte order mark is skipped,
// at most 200 levels). Broken UTF-8 inside strings becomes U+FFFD. The error
// is a [Problem] with the place where reading stopped.
func ParseNode(file string, data []byte) (*Node, error) {
	n, problem := parseNodeAt(file, withoutMark(data), 1)
	if problem != nil {
		return nil, *problem
	}
	return n, nil
}

// mark is the UTF-8 byte order mark.
const mark = "\xef\xbb\xbf"

// withoutMark cuts the byte order mark off.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte(mark)) }

// parseNodeAt is ParseNode for a document that starts on the given line of
// its file, as each of a file of JSON lines does.
func parseNodeAt(file string, data []byte, line int) (*Node, *Problem) {
	return newNodeParser(string(data), line).document(file)
}

// document reads the whole text, which must be one JSON document.
func (p *nodeParser) document(file string) (*Node, *Problem) {
	n := p.value()
	p.end()
	if p.failed != nil {
		p.failed.File = file
		return nil, p.failed
	}
	return n, nil
}

// nodeParser is a recursive JSON parser. After a failure it stands at the end of
// the text and every step is a no-op. Columns count characters: lineStart
// moves on by one for every byte that continues a character.
type nodeParser struct {
	src       string
	at        int
	line      int
	lineStart int
	depth     int
	failed    *Problem

	// Finished parts of open arrays and objects wait on stacks until their
	// number is known; then they move to a piece of a slab.
	itemStack   []*Node
	memberStack []Property
	nodes       slabs[Node]
	items       slabs[*Node]
	members     slabs[Property]
}

func newNodeParser(src string, line int) *nodeParser {
	return &nodeParser{src: src, line: line}
}

// reset makes the parser read another text. Nodes of the text before are no
// longer valid: the next ones take their place.
func (p *nodeParser) reset(src string, line int) {
	*p = nodeParser{
		src: src, line: line,
		itemStack: p.itemStack[:0], memberStack: p.memberStack[:0], nodes: p.nodes, items: p.items, members: p.members,
	}
	p.nodes.rewind()
	p.items.rewind()
	p.members.rewind()
}

// forget makes sure that reset does not touch the nodes there are.
func (p *nodeParser) forget() {
	p.nodes.forget()
	p.items.forget()
	p.members.forget()
}

// fail records the first failure, at the current place.
func (p *nodeParser) fail(format string, args ...any) {
	p.failAt(p.position(), format, args...)
}

func (p *nodeParser) failAt(at Position, format string, args ...any) {
	if p.failed == nil {
		p.failed = &Problem{Pos: at, Text: fmt.Sprintf(format, args...)}
	}
	p.at = len(p.src)
}

func (p *nodeParser) position() Position {
	return Position{Line: p.line, Column: p.at - p.lineStart + 1}
}

// peek returns the next byte, 0 at the end.
func (p *nodeParser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

// skip moves over white space.
func (p *nodeParser) skip() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\r':
		case '\n':
			p.line++
			p.lineStart = p.at + 1
		default:
			return
		}
		p.at++
	}
}

// end makes sure that nothing follows the document.
func (p *nodeParser) end() {
	p.skip()
	if p.at < len(p.src) {
		p.fail("unexpected %s after the end of the JSON document; want nothing there", p.found())
	}
}

// found names what stands at the current place.
func (p *nodeParser) found() string {
	if p.at >= len(p.src) {
		return "end of file"
	}
	c, _ := utf8.DecodeRuneInString(p.src[p.at:])
	return strconv.QuoteRune(c)
}

// value reads one value; the node is nil after a failure.
func (p *nodeParser) value() *Node {
	p.skip()
	n := &p.nodes.take(1, p.slabSize())[0]
	*n = Node{Pos: p.position(), from: p.at}
	switch c := p.peek(); {
	case c == '"':
		n.Kind = String
		n.Text, n.escaped = p.text()
	case c == '{':
		n.Kind = Object
		n.Members = p.object()
	case c == '[':
		n.Kind = Array
		n.Items = p.array()
	case c == '-' || c >= '0' && c <= '9':
		n.Text, n.Kind = p.number()
	case c == 't':
		n.Text, n.Kind = p.word("true"), Bool
	case c == 'f':
		n.Text, n.Kind = p.word("false"), Bool
	case c == 'n':
		n.Text, n.Kind = p.word("null"), Null
	default:
		p.fail("unexpected %s; want a JSON value", p.found())
	}
	if p.failed != nil {
		return nil
	}
	n.to = p.at
	return n
}

// slabSize is how many nodes a slab has: they fit the text that is left, so
// that a small document costs little and a large one few allocations.
func (p *nodeParser) slabSize() int { return min(max((len(p.src)-p.at)/32, 8), 256) }

func (p *nodeParser) word(want string) string {
	if !strings.HasPrefix(p.src[p.at:], want) {
		p.fail("unexpected %s; want a JSON value", p.found())
		return ""
	}
	p.at += len(want)
	return want
}

// open enters an array or object, whose bracket is the next byte, and reports
// whether it has anything inside.
func (p *nodeParser) open(closing byte) bool {
	if p.depth++; p.depth > maxNodeDepth {
		p.fail("arrays and objects inside each other; want at most %d levels", maxNodeDepth)
		return false
	}
	p.at++
	p.skip()
	if p.peek() == closing {
		p.at++
		p.depth--
		return false
	}
	return p.failed == nil
}

// more moves over a comma and reports true, or over the closing bracket.
func (p *nodeParser) more(closing byte) bool {
	p.skip()
	switch {
	case p.peek() == ',':
		p.at++
		return true
	case p.peek() == closing:
		p.at++
		p.depth--
		return false
	}
	p.fail("unexpected %s; want \",\" or %q", p.found(), string(closing))
	return false
}

func (p *nodeParser) array() []*Node {
	from := len(p.itemStack)
	for more := p.open(']'); more && p.failed == nil; more = p.more(']') {
		p.itemStack = append(p.itemStack, p.value())
	}
	n := len(p.itemStack) - from
	items := p.items.take(n, p.slabSize()/4)
	copy(items, p.itemStack[from:])
	p.itemStack = p.itemStack[:from]
	return items
}

func (p *nodeParser) object() []Property {
	from := len(p.memberStack)
	for more := p.open('}'); more && p.failed == nil; more = p.more('}') {
		key, at := p.key()
		value := p.value()
		p.memberStack = append(p.memberStack, Property{Key: key, Pos: at, Value: value})
	}
	n := len(p.memberStack) - from
	members := p.members.take(n, p.slabSize())
	copy(members, p.memberStack[from:])
	p.memberStack = p.memberStack[:from]
	return members
}

// key reads a property name and the colon after it.
func (p *nodeParser) key() (string, Position) {
	p.skip()
	at := p.position()
	if p.peek() != '"' {
		p.fail("unexpected %s; want a property name in double quotes", p.found())
		return "", at
	}
	key, _ := p.text()
	p.skip()
	if p.peek() != ':' {
		p.fail("unexpected %s after a property name; want \":\"", p.found())
		return "", at
	}
	p.at++
	return key, at
}

// number reads a number and says whether it is a 64-bit integer.
func (p *nodeParser) number() (string, Kind) {
	start, kind := p.at, Int
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else {
		p.digits()
	}
	if p.peek() == '.' {
		kind = Float
		p.at++
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		kind = Float
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		p.digits()
	}
	if p.failed != nil {
		return "", Null
	}
	text := p.src[start:p.at]
	if kind == Int && len(text) >= 19 {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			kind = Float
		}
	}
	return text, kind
}

func (p *nodeParser) digits() {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	if p.at == start {
		p.fail("unexpected %s in a number; want a digit", p.found())
	}
}
