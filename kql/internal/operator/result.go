package operator

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Result is the type of left op right, where the types may meet.
//
// Operators: + - * / % == != =~ !~ < <= > >= and or, has hasprefix hassuffix
// contains startswith endswith, each with "!" before and "_cs" behind, : and :_cs,
// "matches regex", in !in in~ !in~ has_any has_all (right: an element's type).
func Result(op string, left, right data.Type) (data.Type, bool) {
	if left == 0 || right == 0 {
		return 0, false
	}
	switch op {
	case "+", "-", "*", "/", "%":
		t := letters[arithmeticTypes[op][left-1][right-1]]
		return t, t != 0
	case "==", "!=", "in", "!in":
		return data.Bool, true
	case "<", "<=", ">", ">=":
		return data.Bool, ordered(left, right)
	case "in~", "!in~", "has_any", "has_all": // other elements count as their texts
		return data.Bool, textLike(left)
	case "and", "or":
		return data.Bool, truth(left) && truth(right)
	}
	return data.Bool, isTextual(op) && textLike(left) && textLike(right)
}

// letters are the types in arithmeticTypes; a dot is refused.
var letters = map[byte]data.Type{
	'l': data.Long, 'r': data.Real, 'm': data.Decimal,
	'd': data.DateTime, 't': data.TimeSpan, 'y': data.Dynamic,
}

const none = ".........."

// arithmeticTypes has for each operator a row a left type and in it a letter a
// right type, both in the order of data.Types: bool int long real decimal
// string datetime timespan dynamic guid.
var arithmeticTypes = map[string][10]string{
	"+": {none, ".llrm...l.", ".llrm...l.", ".rrrm...r.", ".mmmm...m.", none, "......ddd.", "......dtt.", ".llrm.dty.", none},
	"-": {none, ".llrm...l.", ".llrm...l.", ".rrrm...r.", ".mmmm...m.", none, "......tdt.", "......dtt.", ".llrm.tty.", none},
	"*": {none, ".llrm.dtl.", ".llrm.dtl.", ".rrrm.dtr.", ".mmmm.dtm.", none, ".dddd.....", ".tttt..t..", ".llrm...y.", none},
	"/": {none, ".llrm...l.", ".llrm...l.", ".rrrm...r.", ".mmmm...m.", none, ".dddd.rr..", ".tttt..r..", ".llrm...y.", none},
	"%": {none, ".llrm...l.", ".llrm...l.", ".rrrm...r.", ".mmmm...m.", none, ".dddd.tt..", ".tttt..t..", ".llrm...y.", none},
}

func ordered(left, right data.Type) bool {
	if left == data.Dynamic || right == data.Dynamic {
		other := max(left, right)
		if other == data.Dynamic {
			other = min(left, right)
		}
		return other == data.Dynamic || numeric(other)
	}
	numberLike := func(t data.Type) bool { return t == data.Bool || numeric(t) }
	return numberLike(left) && numberLike(right) ||
		left == right && (left == data.DateTime || left == data.TimeSpan)
}

func numeric(t data.Type) bool {
	return t == data.Int || t == data.Long || t == data.Real || t == data.Decimal
}

func whole(t data.Type) bool { return t == data.Int || t == data.Long }

func timeLike(t data.Type) bool { return t == data.DateTime || t == data.TimeSpan }

func truth(t data.Type) bool { return t == data.Bool || t == data.Dynamic }

func textLike(t data.Type) bool { return t == data.String || t == data.Dynamic }

// isTextual tells the operators on texts, with ! and _cs taken off.
func isTextual(op string) bool {
	switch op {
	case "=~", "!~", "matches regex", ":", ":_cs":
		return true
	}
	switch strings.TrimSuffix(strings.TrimPrefix(op, "!"), "_cs") {
	case "has", "hasprefix", "hassuffix", "contains", "startswith", "endswith":
		return true
	}
	return false
}
