package policy

import (
	"strings"
)

var operatorNames = [...]string{
	Equals: "equals", NotEquals: "notEquals",
	Like: "like", NotLike: "notLike",
	Match: "match", NotMatch: "notMatch",
	MatchInsensitively: "matchInsensitively", NotMatchInsensitively: "notMatchInsensitively",
	Contains: "contains", NotContains: "notContains",
	In: "in", NotIn: "notIn",
	ContainsKey: "containsKey", NotContainsKey: "notContainsKey",
	Less: "less", LessOrEquals: "lessOrEquals", Greater: "greater", GreaterOrEquals: "greaterOrEquals",
	Exists: "exists",
}

var operatorsByName = func() map[string]Operator {
	byName := make(map[string]Operator, len(operatorNames))
	for i, name := range operatorNames {
		byName[name] = Operator(i)
	}
	return byName
}()

// String is the operator's name as the language writes it.
func (op Operator) String() string {
	if int(op) >= len(operatorNames) {
		return "unknown operator"
	}
	return operatorNames[op]
}

// ParseOperator reads an operator's name, ignoring case.
func ParseOperator(text string) (Operator, bool) {
	if op, ok := operatorsByName[text]; ok {
		return op, true
	}
	if text == "field" || text == "value" {
		return 0, false // what stands beside most of them
	}
	for i, name := range operatorNames {
		if strings.EqualFold(name, text) {
			return Operator(i), true
		}
	}
	return 0, false
}

// Negation is the operator that is true exactly where op is false. The
// orderings and exists have none.
func (op Operator) Negation() (Operator, bool) {
	if op >= Less {
		return op, false
	}
	return op ^ 1, true
}

// opposite is the operator that words the negation of op for people: the
// orderings have one here, although both are false on what has no order.
func (op Operator) opposite() (Operator, bool) {
	switch op {
	case Less:
		return GreaterOrEquals, true
	case LessOrEquals:
		return Greater, true
	case Greater:
		return LessOrEquals, true
	case GreaterOrEquals:
		return Less, true
	}
	return op.Negation()
}

// negated reports whether op is the negation of the operator before it.
func (op Operator) negated() bool { return op < Less && op&1 == 1 }

// apply compares left with right. Missing counts as null.
func (op Operator) apply(left, right Value) bool {
	if op.negated() {
		return !(op - 1).apply(left, right)
	}
	switch op {
	case Equals:
		return equal(left, right)
	case In:
		return isIn(left, right)
	case Contains:
		return contains(left, right)
	case ContainsKey:
		return left.kind == Object && hasKey(left, right)
	case Like:
		return like(left, right)
	case Match:
		return match(left, right, asWritten)
	case MatchInsensitively:
		return match(left, right, fold)
	case Exists:
		return left.IsNull() != wantsExistence(right)
	}
	order, ok := compare(left, right)
	return ok && op.admits(order)
}

// admits tells for an ordering whether it holds of operands in that order.
func (op Operator) admits(order int) bool {
	switch op {
	case Less:
		return order < 0
	case LessOrEquals:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEquals:
		return order >= 0
	}
	return false
}

func isIn(left, right Value) bool {
	if left.IsNull() || right.IsNull() {
		return false
	}
	if right.kind != Array {
		return equal(left, right)
	}
	found := false
	right.each(func(_ string, item Value) bool {
		found = !item.IsNull() && equal(left, item)
		return !found
	})
	return found
}

func contains(left, right Value) bool {
	switch left.kind {
	case String:
		text, ok := textOfScalar(right)
		return ok && containsFolded(left.str, fold(text))
	case Array:
		found := false
		left.each(func(_ string, item Value) bool {
			found = equal(item, right)
			return !found
		})
		return found
	case Object:
		return hasKey(left, right)
	case Bool, Int, Float:
		text, _ := textOfScalar(left)
		return right.kind == String && containsFolded(text, fold(right.str))
	}
	return false
}

func hasKey(object, key Value) bool {
	found := false
	object.each(func(name string, _ Value) bool {
		found = equal(StringValue(name), key)
		return !found
	})
	return found
}

func like(left, right Value) bool {
	text, ok := textOfScalar(left)
	if !ok {
		return false
	}
	pattern, ok := textOfScalar(right)
	return ok && wildcard([]byte(fold(text)), fold(pattern))
}

func match(left, right Value, prepare func(string) string) bool {
	text, ok := textOfScalar(left)
	if !ok {
		return false
	}
	pattern, ok := textOfScalar(right)
	return ok && matchMask(prepare(text), prepare(pattern))
}

func asWritten(s string) string { return s }

// wantsExistence reads the right side of exists; what is neither true nor
// false counts as false.
func wantsExistence(right Value) bool {
	if right.kind == String {
		want, _ := boolInAnyCase(right.str)
		return want
	}
	return right.Bool()
}
