package operator

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A Kernel computes n values of left op right.
type Kernel func(n int, left, right *data.Vector) *data.Vector

// Eval computes left op right. What Compile refuses is null.
func Eval(op string, left, right data.Value) data.Value { return EvalAsking(op, left, right, nil) }

// EvalAsking is Eval with what [Compile] asks.
func EvalAsking(op string, left, right data.Value, ask func()) data.Value {
	result, ok := Result(op, left.Type(), right.Type())
	if !ok {
		return data.Null(data.Bool)
	}
	kernel, err := Compile(op, left.Type(), right.Type(), &left, &right, ask)
	if err != nil {
		return data.Null(result)
	}
	return kernel(1, data.Constant(left, 1), data.Constant(right, 1)).Value(0)
}

// Compile chooses the kernel for two types. Constants are known before: a
// pattern is compiled, a search text folded, once. Where texts are searched,
// ask is called again and again, and may end it by a panic; it may be nil.
func Compile(op string, left, right data.Type, leftConst, rightConst *data.Value, ask func()) (Kernel, error) {
	result, ok := Result(op, left, right)
	if !ok {
		return nil, fmt.Errorf("operator %s: cannot be used between %s and %s", op, left, right)
	}
	kernel, err := choose(op, left, right, result, rightConst, ask)
	if err != nil {
		return nil, err
	}
	return onceForConstants(kernel), nil
}

func choose(op string, left, right, result data.Type, rightConst *data.Value, ask func()) (Kernel, error) {
	switch op {
	case "and", "or":
		return logic(op, left, right), nil
	case "+", "-", "*", "/", "%":
		return arithmetic(op, left, right, result), nil
	case "==", "!=", "<", "<=", ">", ">=":
		return comparison(op, left, right), nil
	case "in", "!in", "in~", "!in~", "has_any", "has_all":
		return choose(elementOp[op], left, right, result, rightConst, ask)
	case "matches regex":
		return regex(rightConst, ask)
	}
	if base, negated := strings.CutPrefix(op, "!"); negated {
		return textual(base, rightConst, true, ask), nil
	}
	return textual(op, rightConst, false, ask), nil
}

// elementOp is what the list operators ask of each element.
var elementOp = map[string]string{
	"in": "==", "!in": "!=", "in~": "=~", "!in~": "!~", "has_any": "has", "has_all": "has",
}

// onceForConstants computes one value where both sides are constant.
func onceForConstants(kernel Kernel) Kernel {
	return func(n int, left, right *data.Vector) *data.Vector {
		if !left.Const || !right.Const || n == 0 {
			return kernel(n, left, right)
		}
		one := *kernel(1, left, right)
		one.Const, one.Len = true, n
		return &one
	}
}
