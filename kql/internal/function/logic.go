package function

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func logicFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "iff",
			Signatures: []string{"(if:bool, then:CommonScalarOrDynamic, else:CommonScalarOrDynamic) → CommonNonDynamic"},
			Doc:        "Gives one of two values, depending on a condition.", Prepare: choosing, Kernel: caseKernel,
		},
		{
			Name:       "iif",
			Signatures: []string{"(if:bool, then:CommonScalarOrDynamic, else:CommonScalarOrDynamic) → CommonNonDynamic"},
			Doc:        "Gives one of two values, depending on a condition.", Prepare: choosing, Kernel: caseKernel,
		},
		{
			Name:       "case",
			Signatures: []string{"(predicate:bool×1..n, then:CommonScalarOrDynamic×1..n, else:CommonScalarOrDynamic) → CommonNonDynamic"},
			Doc:        "Gives the value behind the first condition that is true, else the last value.", Prepare: choosing, Kernel: caseKernel,
		},
		{
			Name:       "coalesce",
			Signatures: []string{"(arg:CommonScalar×2..64) → Common"},
			Doc:        "Gives the first value that is neither null nor an empty text.", Prepare: coalesce, Kernel: coalesceKernel,
		},
		{
			Name:       "max_of",
			Signatures: []string{"(arg:CommonOrderable×2..64) → Common"},
			Doc:        "Gives the largest of several values; nulls do not count.", Prepare: extremeOf(1),
		},
		{
			Name:       "min_of",
			Signatures: []string{"(arg:CommonOrderable×2..64) → Common"},
			Doc:        "Gives the smallest of several values; nulls do not count.", Prepare: extremeOf(-1),
		},
		{
			Name:       "not",
			Signatures: []string{"(expression:bool) → bool"},
			Doc:        "Turns true into false and false into true.", Eval: not, Kernel: notKernel,
		},
		{
			Name:       "assert",
			Signatures: []string{"(predicate:bool, message:string) → bool"},
			Doc:        "Ends the query with a message if a constant condition is false.", Prepare: assertTrue,
		},
	}
}

// commonType is the type of a result that is one of several values: that of
// all of them, the widest of numbers, else dynamic. Values that are dynamic
// take the type of the others.
func commonType(types []data.Type) data.Type {
	var common data.Type
	for _, t := range types {
		switch {
		case t == data.Dynamic || t == common:
		case common == 0:
			common = t
		case widths[t] > 0 && widths[common] > 0:
			if widths[t] > widths[common] {
				common = t
			}
		default:
			return data.Dynamic
		}
	}
	if common == 0 {
		return data.Dynamic
	}
	return common
}

var widths = map[data.Type]int{data.Int: 1, data.Long: 2, data.Real: 3, data.Decimal: 4}

// valueTypes are the types of the values among the arguments of case and iff.
func valueTypes(args []Arg) []data.Type {
	var types []data.Type
	for i, a := range args {
		if i%2 == 1 || i == len(args)-1 {
			types = append(types, a.Type)
		}
	}
	return types
}

func argTypes(args []Arg) []data.Type {
	types := make([]data.Type, len(args))
	for i, a := range args {
		types[i] = a.Type
	}
	return types
}

// asType brings a value to a result's type. In dynamic a text stays a text.
func asType(v data.Value, t data.Type) data.Value {
	if t == data.Dynamic && v.Type() == data.String {
		return data.OfNode(data.NodeOfString(v.Text()))
	}
	return data.Convert(v, t)
}

func choosing(args []Arg) (Eval, error) {
	t := commonType(valueTypes(args))
	return func(_ *Context, args []data.Value) data.Value {
		for i := 0; i+1 < len(args); i += 2 {
			if !args[i].IsNull() && args[i].Bool() {
				return asType(args[i+1], t)
			}
		}
		return asType(args[len(args)-1], t)
	}, nil
}

func coalesce(args []Arg) (Eval, error) {
	t := commonType(argTypes(args))
	return func(_ *Context, args []data.Value) data.Value {
		for _, v := range args {
			if !isEmpty(v) {
				return asType(v, t)
			}
		}
		return asType(args[len(args)-1], t)
	}, nil
}

func isEmpty(v data.Value) bool { return v.IsNull() || v.Type() == data.String && v.Text() == "" }

func extremeOf(sign int) func(args []Arg) (Eval, error) {
	return func(args []Arg) (Eval, error) {
		t := commonType(argTypes(args))
		return func(_ *Context, args []data.Value) data.Value {
			best := data.Null(t)
			for i, v := range args {
				v = asType(v, t)
				if !v.IsNull() && (i == 0 || best.IsNull() || sign*data.Compare(v, best) > 0) {
					best = v
				}
			}
			return best
		}, nil
	}
}

func not(_ *Context, args []data.Value) data.Value {
	v := data.Convert(args[0], data.Bool)
	if v.IsNull() {
		return v
	}
	return data.OfBool(!v.Bool())
}

func notKernel(args []Arg) Kernel {
	if args[0].Type != data.Bool {
		return nil
	}
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		if in[0].Const {
			return data.Constant(not(nil, []data.Value{in[0].Value(0)}), n)
		}
		out := boolVector(make([]bool, n))
		out.Nulls = in[0].Nulls
		for i, b := range in[0].Bools[:n] {
			out.Bools[i] = !b
		}
		return out
	}
}

func realArg(v data.Value) float64 { return data.Convert(v, data.Real).Real() }

func assertTrue(args []Arg) (Eval, error) {
	if c := args[0].Const; c != nil && !c.Bool() {
		text, _ := constText(args, 1)
		return nil, fmt.Errorf("assertion failed: %s", strings.TrimSpace(text))
	}
	return func(_ *Context, args []data.Value) data.Value { return args[0] }, nil
}
