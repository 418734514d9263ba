package policy

import (
	"math"
	"strconv"
	"strings"
)

// equal is the equality of the language: texts ignoring case, numbers and
// booleans with their texts, null with the empty text; arrays and objects
// strictly.
func equal(l, r Value) bool {
	if l.kind > r.kind {
		l, r = r, l
	}
	switch l.kind {
	case Missing, Null:
		return r.kind <= Null || r.kind == String && r.str == ""
	case Bool:
		switch r.kind {
		case Bool:
			return l.num == r.num
		case String:
			b, ok := boolOf(r.str)
			return ok && b == l.Bool()
		}
	case Int, Float:
		switch r.kind {
		case Int, Float:
			return compareNumbers(l, r) == 0
		case String:
			n, ok := parseNumber(r.str)
			return ok && compareNumbers(l, n) == 0
		}
	case String:
		return r.kind == String && equalFold(l.str, r.str)
	case Array, Object:
		return strictEqual(l, r)
	}
	return false
}

// strictEqual is equality without any coercion: case counts, and null is only
// null (or missing).
func strictEqual(l, r Value) bool {
	switch l.kind {
	case Missing, Null:
		return r.kind <= Null
	case Bool:
		return r.kind == Bool && l.num == r.num
	case Int, Float:
		return (r.kind == Int || r.kind == Float) && compareNumbers(l, r) == 0
	case String:
		return r.kind == String && l.str == r.str
	}
	if l.kind != r.kind || l.Len() != r.Len() {
		return false
	}
	same, i := true, 0
	l.each(func(key string, item Value) bool {
		var other Value
		if l.kind == Array {
			other = r.Index(i)
			i++
		} else {
			other, same = r.exact(key)
		}
		same = same && strictEqual(item, other)
		return same
	})
	return same
}

// compare orders two values: -1, 0, 1; ok is false where they have no order.
func compare(l, r Value) (order int, ok bool) {
	switch l.kind {
	case Bool:
		if r.kind == Bool {
			return int(l.num) - int(r.num), true
		}
	case Int, Float:
		switch r.kind {
		case Int, Float:
			return compareNumbers(l, r), true
		case String:
			if n, ok := parseNumber(r.str); ok {
				return compareNumbers(l, n), true
			}
		}
	case String:
		switch r.kind {
		case String:
			return compareFold(l.str, r.str), true
		case Int, Float:
			if n, ok := parseNumber(l.str); ok {
				return compareNumbers(n, r), true
			}
		}
	}
	return 0, false
}

// compareNumbers orders two numbers exactly, whichever kinds they are.
func compareNumbers(l, r Value) int {
	switch {
	case l.kind == Int && r.kind == Int:
		return three(int64(l.num) < int64(r.num), int64(l.num) > int64(r.num))
	case l.kind == Int:
		return compareIntFloat(int64(l.num), r.Float())
	case r.kind == Int:
		return -compareIntFloat(int64(r.num), l.Float())
	}
	return three(l.Float() < r.Float(), l.Float() > r.Float())
}

func compareIntFloat(n int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -1<<63:
		return 1
	}
	whole := math.Trunc(f)
	if t := int64(whole); n != t {
		return three(n < t, n > t)
	}
	return three(whole < f, whole > f)
}

func three(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	}
	return 0
}

// boolOf reads true or false, in small letters, in capitals or with one.
func boolOf(s string) (value, ok bool) {
	switch s {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// boolInAnyCase is boolOf for the right side of exists.
func boolInAnyCase(s string) (value, ok bool) { return boolOf(strings.ToLower(s)) }

// parseNumber reads a text as an integer, else as a float. Only digits, sign,
// point and exponent are numbers; infinities are not.
func parseNumber(s string) (Value, bool) {
	s = strings.TrimSpace(s)
	digits, whole := false, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits = true
		case c == '+' || c == '-':
			if i > 0 && s[i-1] != 'e' && s[i-1] != 'E' {
				return Value{}, false
			}
		case c == '.' || digits && (c == 'e' || c == 'E'):
			whole = false
		default:
			return Value{}, false
		}
	}
	if !digits {
		return Value{}, false
	}
	if whole {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return IntValue(n), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return Value{}, false
	}
	return FloatValue(f), true
}

// textOfScalar is the text form of a string, number or boolean; arrays,
// objects and null have none.
func textOfScalar(v Value) (string, bool) {
	switch v.kind {
	case String:
		return v.str, true
	case Bool:
		return strconv.FormatBool(v.num == 1), true
	case Int:
		return strconv.FormatInt(int64(v.num), 10), true
	case Float:
		if f := v.Float(); f != 0 {
			return strconv.FormatFloat(f, 'f', -1, 64), true
		}
		return "0", true
	}
	return "", false
}
