package policy

import "strings"

// compile prepares the right side of a comparison once. The function that it
// gives does for every left value what apply does.
func (op Operator) compile(right Value) func(left Value) bool {
	if op.negated() {
		positive := (op - 1).compile(right)
		return func(left Value) bool { return !positive(left) }
	}
	switch op {
	case Equals:
		return compileEquals(right)
	case In:
		return compileIn(right)
	case Contains:
		return compileContains(right)
	case Like:
		return compileLike(right)
	case Match:
		if mask, ok := textOfScalar(right); ok {
			return func(left Value) bool {
				text, ok := textOfScalar(left)
				return ok && matchMask(text, mask)
			}
		}
		return never
	case Exists:
		want := wantsExistence(right)
		return func(left Value) bool { return left.IsNull() != want }
	}
	return func(left Value) bool { return op.apply(left, right) }
}

func never(Value) bool { return false }

func compileEquals(right Value) func(Value) bool {
	if right.kind != String {
		return func(left Value) bool { return equal(left, right) }
	}
	text := fold(right.str)
	number, isNumber := parseNumber(right.str)
	truth, isBool := boolOf(right.str)
	return func(left Value) bool {
		switch left.kind {
		case String:
			return equalFold(left.str, text)
		case Int, Float:
			return isNumber && compareNumbers(left, number) == 0
		case Bool:
			return isBool && left.Bool() == truth
		case Missing, Null:
			return text == ""
		}
		return false
	}
}

// compileIn puts the texts of the list into a set; what is not a text is
// compared one by one.
func compileIn(right Value) func(Value) bool {
	if right.kind != Array {
		if right.IsNull() {
			return never
		}
		equals := compileEquals(right)
		return func(left Value) bool { return !left.IsNull() && equals(left) }
	}
	texts := map[string]struct{}{}
	var others []Value
	right.each(func(_ string, item Value) bool {
		switch item.kind {
		case Missing, Null:
		case String:
			texts[fold(item.str)] = struct{}{}
		default:
			others = append(others, item)
		}
		return true
	})
	return func(left Value) bool {
		if left.kind != String {
			return isIn(left, right)
		}
		var buffer [128]byte
		if _, ok := texts[string(appendFold(buffer[:0], left.str))]; ok {
			return true
		}
		for _, item := range others {
			if equal(left, item) {
				return true
			}
		}
		return false
	}
}

func compileContains(right Value) func(Value) bool {
	text, ok := textOfScalar(right)
	text = fold(text)
	return func(left Value) bool {
		if left.kind == String {
			return ok && containsFolded(left.str, text)
		}
		return contains(left, right)
	}
}

func compileLike(right Value) func(Value) bool {
	text, ok := textOfScalar(right)
	if !ok {
		return never
	}
	text = fold(text)
	if strings.Contains(text, "?") {
		return func(left Value) bool {
			s, ok := textOfScalar(left)
			var buffer [256]byte
			return ok && wildcard(appendFold(buffer[:0], s), text)
		}
	}
	pattern := parseLike(text)
	return func(left Value) bool {
		s, ok := textOfScalar(left)
		var buffer [256]byte
		return ok && pattern.matches(appendFold(buffer[:0], s))
	}
}
