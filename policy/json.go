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
func (v Value) AppendJSON(dst []byte) []byte { return v.appendJSON(dst, plain) }

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
	return v.appendJSON(dst, keyed)
}

// strictKey is the same text for two values exactly if they are strictly
// equal.
func (v Value) strictKey() string { return string(v.appendJSON(nil, sorted)) }

// writing is for whom a value is written.
type writing uint8

const (
	plain  writing = iota
	sorted         // keys in one order
	keyed          // what was not read is no text
)

func (v Value) appendJSON(dst []byte, as writing) []byte {
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
			dst = item.appendJSON(dst, as)
			return true
		})
		return append(v.appendOthers(dst, len(dst) > first, as), ']')
	case Object:
		return v.appendObject(dst, as)
	case Unread:
		return v.appendUnread(dst, as)
	}
	return append(dst, "null"...)
}

// appendUnread writes why a value was not read, or what of it.
func (v Value) appendUnread(dst []byte, as writing) []byte {
	if as != keyed {
		return appendQuoted(dst, v.words())
	}
	return strconv.AppendUint(append(dst, '!'), v.num, 16)
}

// appendOthers says after the members of an array or object that it may have
// others.
func (v Value) appendOthers(dst []byte, some bool, as writing) []byte {
	reason := v.open()
	if reason == 0 {
		return dst
	}
	if some {
		dst = append(dst, ',')
	}
	if v.kind == Object {
		dst = append(dst, `"…":`...)
	}
	return unreadValue(reason, "").appendUnread(dst, as)
}

func (v Value) appendObject(dst []byte, as writing) []byte {
	dst = append(dst, '{')
	first := len(dst)
	member := func(key string, item Value) bool {
		if len(dst) > first {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, key)
		dst = append(dst, ':')
		dst = item.appendJSON(dst, as)
		return true
	}
	if as != sorted {
		v.each(member)
		return append(v.appendOthers(dst, len(dst) > first, as), '}')
	}
	keys := v.Keys()
	slices.Sort(keys)
	for _, key := range keys {
		item, _ := v.exact(key)
		member(key, item)
	}
	return append(v.appendOthers(dst, len(dst) > first, as), '}')
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
