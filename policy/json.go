package policy

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendJSON writes v as compact JSON: keys in order, floats as short as they
// can be read back; Missing is null.
func (v Value) AppendJSON(dst []byte) []byte { return v.appendJSON(dst, false) }

// MarshalJSON writes v as compact JSON.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// String is v as JSON text, for messages and tests.
func (v Value) String() string { return string(v.AppendJSON(nil)) }

// appendKey writes a text that is the same for two values only if every
// operator and function treats them alike.
func (v Value) appendKey(dst []byte) []byte {
	switch {
	case v.kind == Missing:
		return append(dst, '?')
	case v.isBlank():
		return append(dst, "null?"...)
	}
	return v.appendJSON(dst, false)
}

// strictKey is the same text for two values exactly if they are strictly
// equal.
func (v Value) strictKey() string { return string(v.appendJSON(nil, true)) }

func (v Value) appendJSON(dst []byte, sorted bool) []byte {
	switch v.kind {
	case Bool:
		return strconv.AppendBool(dst, v.num == 1)
	case Int:
		return strconv.AppendInt(dst, int64(v.num), 10)
	case Float:
		return appendFloat(dst, math.Float64frombits(v.num))
	case String:
		return appendQuoted(dst, v.str)
	case Array:
		dst = append(dst, '[')
		first := len(dst)
		v.each(func(_ string, item Value) bool {
			if len(dst) > first {
				dst = append(dst, ',')
			}
			dst = item.appendJSON(dst, sorted)
			return true
		})
		return append(dst, ']')
	case Object:
		return v.appendObject(dst, sorted)
	}
	return append(dst, "null"...)
}

func (v Value) appendObject(dst []byte, sorted bool) []byte {
	dst = append(dst, '{')
	first := len(dst)
	member := func(key string, item Value) bool {
		if len(dst) > first {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, key)
		dst = append(dst, ':')
		dst = item.appendJSON(dst, sorted)
		return true
	}
	if !sorted {
		v.each(member)
		return append(dst, '}')
	}
	keys := v.Keys()
	slices.Sort(keys)
	for _, key := range keys {
		item, _ := v.exact(key)
		member(key, item)
	}
	return append(dst, '}')
}

// appendFloat writes a float as short as it can be read back: without an
// exponent where that is readable, and whole numbers without a fraction.
func appendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0')
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'e', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string. What is not UTF-8 becomes U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if at := strings.IndexByte("\"\\\n\r\t\b\f", c); at >= 0 {
			dst = append(dst, '\\', `"\nrtbf`[at])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// UnmarshalJSON reads v from JSON text, see [FromJSON].
func (v *Value) UnmarshalJSON(data []byte) error {
	read, err := FromJSON(data)
	if err == nil {
		*v = read
	}
	return err
}
