package data

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// JSON is the node as compact JSON, as tostring() prints a dynamic array or bag.
func (n *Node) JSON() string { return string(n.AppendJSON(nil)) }

// AppendJSON appends the node as compact JSON. What JSON lacks is a string;
// a real always has a point or an exponent.
func (n *Node) AppendJSON(dst []byte) []byte {
	if n != nil && n.kind == kindRaw && n.lazy.Load() == nil {
		if out, ok := appendCompact(dst, n.text); ok {
			return out
		}
		if whole, err := ParseJSON(n.text); err == nil {
			n = whole
		}
	}
	n = n.look()
	switch n.kind {
	case KindNull:
		return append(dst, "null"...)
	case KindBool:
		return strconv.AppendBool(dst, n.bits != 0)
	case KindLong, KindInt:
		return strconv.AppendInt(dst, int64(n.bits), 10)
	case KindReal:
		return AppendJSONReal(dst, math.Float64frombits(n.bits))
	case KindDecimal:
		return append(dst, n.text...)
	case KindString, KindGUID:
		return AppendQuoted(dst, n.text)
	case KindDateTime:
		return append(AppendDateTime(append(dst, '"'), int64(n.bits)), '"')
	case KindTimeSpan:
		return append(AppendTimeSpan(append(dst, '"'), int64(n.bits)), '"')
	case KindArray:
		return n.tree.appendArray(dst)
	default:
		return n.tree.appendBag(dst)
	}
}

func (t *tree) appendArray(dst []byte) []byte {
	dst = append(dst, '[')
	for i, item := range t.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item.AppendJSON(dst)
	}
	return append(dst, ']')
}

func (t *tree) appendBag(dst []byte) []byte {
	dst = append(dst, '{')
	for i, item := range t.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendQuoted(dst, t.keys[i]), ':')
		dst = item.AppendJSON(dst)
	}
	return append(dst, '}')
}

// AppendJSONReal appends a number that reads as one with a fraction; NaN and the
// infinities, which JSON lacks, as strings.
func AppendJSONReal(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	start := len(dst)
	dst = AppendReal(dst, f)
	for _, c := range dst[start:] {
		if c == '.' || c == 'E' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

const hexDigits = "0123456789abcdef"

// AppendQuoted appends a JSON string; what is not ASCII stays as it is, bytes
// that are not UTF-8 become U+FFFD.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// printsAsIs tells whether AppendQuoted would copy every byte.
func printsAsIs(s string) bool {
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' {
			return false
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s)
}
