package data

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string from its opening quote past its closing one. Without
// escapes it is a part of the text.
func (p *parser) str() (string, error) {
	quote := p.text[p.pos]
	i := p.pos + 1
	for start := i; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			p.pos = i + 1
			return p.text[start:i], nil
		case c == '\\':
			return p.escaped(start, i, quote)
		case c < ' ' && !p.literal:
			p.pos = i
			return "", p.errorf("control character in a string")
		}
	}
	return "", p.errorf("string without end")
}

func (p *parser) escaped(start, i int, quote byte) (string, error) {
	out := append(make([]byte, 0, i-start+32), p.text[start:i]...)
	for i < len(p.text) {
		c := p.text[i]
		switch {
		case c == quote:
			p.pos = i + 1
			return string(out), nil
		case c == '\\':
			var n int
			out, n = unescape(out, p.text[i:], p.literal)
			if n == 0 {
				p.pos = i
				return "", p.errorf("unknown escape")
			}
			i += n
			continue
		case c < ' ' && !p.literal:
			p.pos = i
			return "", p.errorf("control character in a string")
		}
		out = append(out, c)
		i++
	}
	return "", p.errorf("string without end")
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends what an escape stands for; n is its length, 0 for none.
func unescape(out []byte, s string, literal bool) (_ []byte, n int) {
	if len(s) < 2 {
		return out, 0
	}
	if s[1] == 'u' {
		return unescapeUnicode(out, s)
	}
	if c := escapes[s[1]]; c != 0 {
		return append(out, c), 2
	}
	if literal && s[1] == '\'' {
		return append(out, '\''), 2
	}
	return out, 0
}

func unescapeUnicode(out []byte, s string) ([]byte, int) {
	r, ok := hex4(s)
	if !ok {
		return out, 0
	}
	n := 6
	if utf16.IsSurrogate(r) {
		low, ok := hex4(s[6:])
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			r, n = pair, 12
		} else {
			r = utf8.RuneError
		}
	}
	return utf8.AppendRune(out, r), n
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(v), err == nil
}
