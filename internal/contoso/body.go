package contoso

import (
	"fmt"
	"strconv"
)

// member is one name with its value in an [object].
type member struct {
	key   string
	value any
}

// object is a JSON object whose members keep their order, so that the same
// estate is the same bytes every time. A member whose value is absent is left
// out.
type object []member

// list is a JSON array.
type list []any

// absent is the value of a member that is not written.
type absent struct{}

// when gives value where the condition holds, else absent.
func when(holds bool, value any) any {
	if holds {
		return value
	}
	return absent{}
}

// text gives s, or absent where it is empty.
func text(s string) any { return when(s != "", s) }

// choose gives one of two words.
func choose(holds bool, yes, no string) string {
	if holds {
		return yes
	}
	return no
}

// words turns strings into a list.
func words(ss ...string) list {
	out := make(list, 0, len(ss))
	for _, s := range ss {
		out = append(out, s)
	}
	return out
}

// at gives the value of a member, nil if there is none.
func (o object) at(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// with gives o with further members behind its own.
func (o object) with(more ...member) object {
	return append(append(make(object, 0, len(o)+len(more)), o...), more...)
}

// appendJSON writes a value compactly. It knows the kinds of values that this
// package's literals are made of and says so of any other.
func appendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case string:
		return appendString(b, v), nil
	case list:
		return appendList(b, v)
	case object:
		return appendObject(b, v)
	}
	return b, fmt.Errorf("write %T: want nil, bool, int, string, list or object", v)
}

func appendList(b []byte, l list) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i, v := range l {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, v); err != nil {
			return b, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, o object) ([]byte, error) {
	var err error
	b = append(b, '{')
	first := true
	for _, m := range o {
		if _, left := m.value.(absent); left {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, m.key), ':')
		if b, err = appendJSON(b, m.value); err != nil {
			return b, fmt.Errorf("%s: %w", m.key, err)
		}
	}
	return append(b, '}'), nil
}

// appendString quotes s, which is valid UTF-8: it comes from this package.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20:
			b = fmt.Appendf(b, "\\u%04x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
