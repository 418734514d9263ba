package function

import "github.com/bartizan-dev/bartizan/kql/data"

// caseKernel decides for each row which argument it takes, then copies.
func caseKernel(args []Arg) Kernel {
	t := commonType(valueTypes(args))
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		choice := make([]int16, n)
		last := int16(len(in) - 1)
		for i := range choice {
			choice[i] = last
		}
		for k := len(in) - 3; k >= 0; k -= 2 {
			chooseWhereTrue(choice, in[k], int16(k+1))
		}
		return takeChosen(t, n, choice, in)
	}
}

func chooseWhereTrue(choice []int16, condition *data.Vector, k int16) {
	if condition.Type != data.Bool {
		for i := range choice {
			if v := data.Convert(condition.Value(i), data.Bool); v.Bool() && !v.IsNull() {
				choice[i] = k
			}
		}
		return
	}
	if condition.Const {
		for i := range choice {
			if condition.Bools[0] && !condition.Nulls.Has(0) {
				choice[i] = k
			}
		}
		return
	}
	for i, yes := range condition.Bools[:len(choice)] {
		if yes && !condition.Nulls.Has(i) {
			choice[i] = k
		}
	}
}

func coalesceKernel(args []Arg) Kernel {
	t := commonType(argTypes(args))
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		choice := make([]int16, n)
		for i := range choice {
			for k, v := range in {
				choice[i] = int16(k)
				if !missingAt(v, i) {
					break
				}
			}
		}
		return takeChosen(t, n, choice, in)
	}
}

func missingAt(v *data.Vector, i int) bool {
	if v.Type != data.String {
		return v.Null(i)
	}
	if v.Const {
		i = 0
	}
	return v.Texts[i] == ""
}

// takeChosen is for each row the value of the chosen argument.
func takeChosen(t data.Type, n int, choice []int16, in []*data.Vector) *data.Vector {
	out := data.NewVector(t, n)
	for _, k := range chosen(choice, len(in)) {
		if v := in[k]; v.Type != t {
			for i, c := range choice {
				if c == k {
					out.Put(i, asType(v.Value(i), t))
				}
			}
			continue
		}
		copyChosen(out, in[k], choice, k)
	}
	return out
}

// chosen lists the arguments that any row takes.
func chosen(choice []int16, arguments int) []int16 {
	taken := make([]bool, arguments)
	for _, c := range choice {
		taken[c] = true
	}
	var list []int16
	for k, yes := range taken {
		if yes {
			list = append(list, int16(k))
		}
	}
	return list
}

func copyChosen(out, from *data.Vector, choice []int16, k int16) {
	step := 1
	if from.Const {
		step = 0
	}
	switch out.Type {
	case data.Bool:
		copyWhere(out.Bools, from.Bools, choice, k, step)
	case data.Real:
		copyWhere(out.Reals, from.Reals, choice, k, step)
	case data.String, data.Decimal, data.GUID:
		copyWhere(out.Texts, from.Texts, choice, k, step)
	case data.Dynamic:
		copyWhere(out.Nodes, from.Nodes, choice, k, step)
	default:
		copyWhere(out.Longs, from.Longs, choice, k, step)
	}
	if from.Nulls == nil {
		return
	}
	for i, c := range choice {
		if c == k && from.Nulls.Has(i*step) {
			out.Put(i, data.Null(out.Type))
		}
	}
}

func copyWhere[T any](to, from []T, choice []int16, k int16, step int) {
	for i, c := range choice {
		if c == k {
			to[i] = from[i*step]
		}
	}
}
