package policy

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plainByte tells the bytes of a string that need no care: printable ASCII apart
// from the quote and the backslash.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// text reads a string, whose quote is the next byte, and reports whether it
// has escapes. A string without them is a piece of the source.
func (p *nodeParser) text() (s string, escaped bool) {
	start := p.at + 1
	i := start + plainRun(p.src[start:])
	for i < len(p.src) && plainByte[p.src[i]] {
		i++
	}
	if i < len(p.src) && p.src[i] == '"' {
		p.at = i + 1
		return p.src[start:i], false
	}
	return p.slowText(start, i)
}

// plainRun is the number of plain bytes that a text begins with, up to seven of
// them left out at the end: eight are looked at at once. The subtractions
// reach the high bit of a byte that is a control character, a quote or a
// backslash, and that of what is not ASCII is set.
func plainRun(s string) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		w := eightOf(s[n:])
		special := (w | (w - ' '*each) | ((w ^ '"'*each) - each) | ((w ^ '\\'*each) - each)) & high
		if special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	return n
}

// slowText reads on from i, up to which the string that begins at start is
// plain.
func (p *nodeParser) slowText(start, i int) (s string, escaped bool) {
	opening := p.position()
	var b []byte // the decoded text up to start, once it differs from the source
	for i < len(p.src) {
		switch c := p.src[i]; {
		case c == '"':
			s = p.src[start:i]
			if b != nil {
				s = string(append(b, s...))
			}
			p.at = i + 1
			return s, escaped
		case c == '\\':
			p.at = i
			if b == nil {
				b = make([]byte, 0, i-start+32)
			}
			b = p.escape(append(b, p.src[start:i]...))
			i, start, escaped = p.at, p.at, true
		case c < ' ':
			p.at = i
			p.fail("control character %q in a string; want it escaped", c)
			return "", false
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRuneInString(p.src[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, p.src[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			p.lineStart += size - 1
			i += size
		}
	}
	p.failAt(opening, "string without closing quote")
	return "", false
}

// escape decodes the escape at the current place onto b.
func (p *nodeParser) escape(b []byte) []byte {
	if p.at+1 < len(p.src) {
		const codes, means = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
		if i := strings.IndexByte(codes, p.src[p.at+1]); i >= 0 {
			p.at += 2
			return append(b, means[i])
		}
	}
	r, ok := p.unicode()
	if !ok {
		p.fail("unknown escape in a string; want one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
		return b
	}
	p.at += 6
	if utf16.IsSurrogate(r) {
		second, _ := p.unicode()
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			p.at += 6
		}
	}
	return utf8.AppendRune(b, r)
}

// unicode reads the \uXXXX at the current place without moving.
func (p *nodeParser) unicode() (rune, bool) {
	rest := p.src[p.at:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(rest[2:6]) {
		if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
			return 0, false
		}
	}
	v, _ := strconv.ParseUint(rest[2:6], 16, 32) // four digits, as just seen
	return rune(v), true
}
