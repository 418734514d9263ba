package function

import "github.com/bartizan-dev/bartizan/kql/data"

func nullFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "isnull",
			Signatures: []string{"(expression:Scalar) → bool"},
			Doc:        "Tells whether a value is null; a text never is.", Eval: testWith(isNull, true), Kernel: nullKernel(false, true),
		},
		{
			Name:       "isnotnull",
			Signatures: []string{"(expression:Scalar) → bool"},
			Doc:        "Tells whether a value is not null.", Eval: testWith(isNull, false), Kernel: nullKernel(false, false),
		},
		{
			Name: "notnull", Hidden: true, Obsolete: "isnotnull",
			Signatures: []string{"(expression:Scalar) → bool"},
			Doc:        "Tells whether a value is not null.", Eval: testWith(isNull, false), Kernel: nullKernel(false, false),
		},
		{
			Name:       "isempty",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Tells whether a value is null or an empty text.", Eval: testWith(isEmptyDeep, true), Kernel: nullKernel(true, true),
		},
		{
			Name:       "isnotempty",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Tells whether a value is neither null nor an empty text.",
			Eval:       testWith(isEmptyDeep, false), Kernel: nullKernel(true, false),
		},
		{
			Name: "notempty", Hidden: true, Obsolete: "isnotempty",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Tells whether a value is neither null nor an empty text.",
			Eval:       testWith(isEmptyDeep, false), Kernel: nullKernel(true, false),
		},
	}
}

func isNull(v data.Value) bool { return v.IsNull() }

// isEmptyDeep looks for an empty text in dynamic too.
func isEmptyDeep(v data.Value) bool {
	if v.Type() == data.Dynamic && !v.IsNull() {
		return v.Node().Kind() == data.KindString && v.Node().Text() == ""
	}
	return isEmpty(v)
}

func testWith(test func(data.Value) bool, want bool) Eval {
	return func(_ *Context, args []data.Value) data.Value { return data.OfBool(test(args[0]) == want) }
}

// nullKernel tests a column for null, or for null and empty texts.
func nullKernel(empty, want bool) func([]Arg) Kernel {
	test := isNull
	if empty {
		test = isEmptyDeep
	}
	return func([]Arg) Kernel {
		return func(_ *Context, n int, in []*data.Vector) *data.Vector {
			v := in[0]
			if v.Const {
				return data.Constant(data.OfBool(test(v.Value(0)) == want), n)
			}
			out := make([]bool, n)
			switch {
			case v.Type == data.String:
				for i, s := range v.Texts[:n] {
					out[i] = (empty && s == "") == want
				}
			case v.Type == data.Dynamic:
				for i, node := range v.Nodes[:n] {
					out[i] = test(data.OfNode(node)) == want
				}
			default:
				for i := range out {
					out[i] = v.Nulls.Has(i) == want
				}
			}
			return boolVector(out)
		}
	}
}
