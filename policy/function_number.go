package policy

import (
	"errors"
	"math"
)

// numberFunctions calculate.
var numberFunctions = []function{
	{signature: "add(a, b)", least: 2, most: 2, call: arithmetic(addInts, func(a, b float64) float64 { return a + b }), summary: "The sum of two numbers."},
	{signature: "sub(a, b)", least: 2, most: 2, call: arithmetic(subInts, func(a, b float64) float64 { return a - b }), summary: "The second number taken from the first."},
	{signature: "mul(a, b)", least: 2, most: 2, call: arithmetic(mulInts, func(a, b float64) float64 { return a * b }), summary: "The product of two numbers."},
	{signature: "div(a, b)", least: 2, most: 2, call: division(func(a, b int64) int64 { return a / b }), summary: "The whole quotient of two numbers, without the fraction."},
	{signature: "mod(a, b)", least: 2, most: 2, call: division(func(a, b int64) int64 { return a % b }), summary: "The remainder of a division; it has the sign of the first number."},
	{signature: "min(number, …)", least: 1, most: -1, call: extreme(-1), summary: "The least of some numbers, or of an array of numbers."},
	{signature: "max(number, …)", least: 1, most: -1, call: extreme(1), summary: "The greatest of some numbers, or of an array of numbers."},
	{signature: "int(value)", least: 1, most: 1, call: callInt, summary: "A number or numeric text as an integer, without its fraction."},
	{signature: "float(value)", least: 1, most: 1, call: callFloat, summary: "A number or numeric text as a number."},
}

var (
	errRange = errors.New("result is out of range")
	errZero  = errors.New("division by zero")
)

func arithmetic(ints func(a, b int64) (int64, bool), floats func(a, b float64) float64) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		a, b := args[0], args[1]
		for i, arg := range args {
			if arg.kind != Int && arg.kind != Float {
				return Value{}, unfit(i, arg, "a number")
			}
		}
		if a.kind == Int && b.kind == Int {
			n, ok := ints(a.Int(), b.Int())
			if !ok {
				return Value{}, errRange
			}
			return IntValue(n), nil
		}
		f := floats(a.Float(), b.Float())
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return Value{}, errRange
		}
		return FloatValue(f), nil
	}
}

func addInts(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

func subInts(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0)
}

func mulInts(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	overflow := c/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64
	return c, !overflow
}

func division(whole func(a, b int64) int64) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		a, err := countArg(args, 0)
		if err != nil {
			return Value{}, err
		}
		b, err := countArg(args, 1)
		switch {
		case err != nil:
			return Value{}, err
		case b == 0:
			return Value{}, errZero
		case a == math.MinInt64 && b == -1:
			return Value{}, errRange
		}
		return IntValue(whole(a, b)), nil
	}
}

// extreme is min for -1 and max for 1.
func extreme(sign int) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		if len(args) == 1 && args[0].kind == Array {
			args = args[0].unfolded()
		}
		var best Value
		for i, arg := range args {
			if arg.kind != Int && arg.kind != Float {
				return Value{}, unfit(i, arg, "a number")
			}
			if best.kind == Missing || compareNumbers(arg, best) == sign {
				best = arg
			}
		}
		if best.kind == Missing {
			return Value{}, errors.New("argument 1: array is empty, want at least one number")
		}
		return best, nil
	}
}

func callInt(args []Value) (Value, error) {
	n, err := numberOf(args[0])
	if err != nil || n.kind == Int {
		return n, err
	}
	if !n.isInRange() {
		return Value{}, unfit(0, args[0], "a number within 64 bits")
	}
	return IntValue(n.Int()), nil
}

func callFloat(args []Value) (Value, error) {
	n, err := numberOf(args[0])
	if err != nil {
		return Value{}, err
	}
	return FloatValue(n.Float()), nil
}

// numberOf is a number, or the number that a text is.
func numberOf(v Value) (Value, error) {
	switch v.kind {
	case Int, Float:
		return v, nil
	case String:
		if n, ok := parseNumber(v.str); ok {
			return n, nil
		}
	}
	return Value{}, unfit(0, v, "a number or a text that is one")
}
