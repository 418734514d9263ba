package function

import "github.com/bartizan-dev/bartizan/kql/data"

// Helpers for scalar functions: reading arguments and making results.

// integerArg is an optional whole-number argument; given is false where it is
// missing or null.
func integerArg(args []data.Value, i int) (n int64, given bool) {
	if i >= len(args) {
		return 0, false
	}
	v := data.Convert(args[i], data.Long)
	return v.Long(), !v.IsNull()
}

// constText is a constant argument as text.
func constText(args []Arg, i int) (string, bool) {
	if i >= len(args) || args[i].Const == nil {
		return "", false
	}
	return args[i].Const.String(), true
}

// arrayArg is an argument that must be an array; nil where it is none.
func arrayArg(v data.Value) *data.Node {
	if n := v.Node(); n != nil && n.Kind() == data.KindArray {
		return n
	}
	return nil
}

func bagArg(v data.Value) *data.Node {
	if n := v.Node(); n != nil && n.Kind() == data.KindBag {
		return n
	}
	return nil
}

// arrayOf is an array as a value.
func arrayOf(items []*data.Node) data.Value { return data.OfNode(data.NodeOfArray(items)) }

// typeArg is the type that an argument such as typeof(long) names.
func typeArg(args []Arg, i int, otherwise data.Type) data.Type {
	if i < len(args) && len(args[i].Schema) == 1 {
		return args[i].Schema[0].Type
	}
	return otherwise
}

// textColumn reads a column of any type as strings, without asking for constants
// at every row: a constant has one text and step 0.
type textColumn struct {
	all  []string
	step int
}

func textsOf(v *data.Vector) textColumn {
	if v.Const {
		return textColumn{all: []string{v.Value(0).String()}}
	}
	return textColumn{all: data.ConvertVector(v, data.String).Texts, step: 1}
}

func (t textColumn) at(i int) string { return t.all[i*t.step] }

// cutTexts puts the parts of a buffer that are not empty into out.
func cutTexts(out []string, buf string, ends []int) {
	start := 0
	for i, end := range ends {
		if end > start {
			out[i] = buf[start:end]
		}
		start = end
	}
}

// textVector is a column of strings.
func textVector(all []string) *data.Vector {
	return &data.Vector{Type: data.String, Len: len(all), Texts: all}
}

func longVector(all []int64) *data.Vector {
	return &data.Vector{Type: data.Long, Len: len(all), Longs: all}
}

func boolVector(all []bool) *data.Vector {
	return &data.Vector{Type: data.Bool, Len: len(all), Bools: all}
}

// mapTexts makes a kernel of a function from text to text.
func mapTexts(f func(string) string) func([]Arg) Kernel {
	return growTexts(func(_ *Context, s string) string { return f(s) })
}

// growTexts is mapTexts for results that may be larger than the texts.
func growTexts(f func(*Context, string) string) func([]Arg) Kernel {
	return func([]Arg) Kernel {
		return func(c *Context, n int, args []*data.Vector) *data.Vector {
			in := textsOf(args[0])
			if in.step == 0 {
				return data.Constant(data.OfString(f(c, in.at(0))), n)
			}
			out, grown := make([]string, n), 0
			for i, s := range in.all[:n] {
				out[i] = f(c, s)
				if more := len(out[i]) - len(s); more > 0 {
					grown += more
					c.refuse(grown, mostBytes)
				}
			}
			return textVector(out)
		}
	}
}

// textFunction makes an Eval of a function from text to text.
func textFunction(f func(string) string) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		return data.OfString(f(args[0].String()))
	}
}

// growing is textFunction for results that may be larger than the text.
func growing(f func(*Context, string) string) Eval {
	return func(c *Context, args []data.Value) data.Value {
		return data.OfString(f(c, args[0].String()))
	}
}

// countFunction makes an Eval of a function from text to number.
func countFunction(f func(string) int) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		return data.OfLong(int64(f(args[0].String())))
	}
}

func mapCounts(f func(string) int) func([]Arg) Kernel {
	return func([]Arg) Kernel {
		return func(_ *Context, n int, args []*data.Vector) *data.Vector {
			in := textsOf(args[0])
			if in.step == 0 {
				return data.Constant(data.OfLong(int64(f(in.at(0)))), n)
			}
			out := make([]int64, n)
			for i, s := range in.all[:n] {
				out[i] = int64(f(s))
			}
			return longVector(out)
		}
	}
}

// mapStrings makes a kernel where the first argument is a column of strings
// and the others are constant: prepared says what to do with each text.
func mapStrings(prepared func(args []Arg) func(*Context, string) string) func([]Arg) Kernel {
	return func(args []Arg) Kernel {
		f := prepared(args)
		if f == nil {
			return nil
		}
		return growTexts(f)(args)
	}
}
