package operator

import "github.com/bartizan-dev/bartizan/kql/data"

// zip fills out with f of the two sides; a constant side has one value.
func zip[A, B, R any](out []R, left []A, leftConst bool, right []B, rightConst bool, f func(A, B) R) {
	switch {
	case rightConst && leftConst:
		for i := range out {
			out[i] = f(left[0], right[0])
		}
	case rightConst:
		b := right[0]
		for i, a := range left[:len(out)] {
			out[i] = f(a, b)
		}
	case leftConst:
		a := left[0]
		for i, b := range right[:len(out)] {
			out[i] = f(a, b)
		}
	default:
		right = right[:len(out)]
		for i, a := range left[:len(out)] {
			out[i] = f(a, right[i])
		}
	}
}

// perRow computes value by value, for the types that have no faster way.
func perRow(result data.Type, f func(a, b data.Value) data.Value) Kernel {
	return func(n int, left, right *data.Vector) *data.Vector {
		out := data.NewVector(result, n)
		for i := range n {
			out.Put(i, f(left.Value(i), right.Value(i)))
		}
		return out
	}
}

// size is how many values a vector's slice has for n rows.
func size(v *data.Vector, n int) int {
	if v.Const {
		return 1
	}
	return n
}

// like is a new vector of another type with the rows, constness and nulls of v.
func like(v *data.Vector, t data.Type, n int) *data.Vector {
	out := data.NewVector(t, size(v, n))
	out.Len, out.Const = n, v.Const
	out.Nulls = v.Nulls
	return out
}

// asReals reads numbers, truth values and ticks as reals.
func asReals(v *data.Vector, n int) *data.Vector {
	if v.Type == data.Real {
		return v
	}
	out := like(v, data.Real, n)
	for i := range out.Reals {
		switch v.Type {
		case data.Bool:
			out.Reals[i] = float64(oneIf(v.Bools[i]))
		case data.Decimal:
			out.Reals[i] = realOfDecimal(v.Texts[i])
		default:
			out.Reals[i] = float64(v.Longs[i])
		}
	}
	return out
}

// asLongs reads truth values as numbers; all else with Longs is as it is.
func asLongs(v *data.Vector, n int) *data.Vector {
	if v.Type != data.Bool {
		return v
	}
	out := like(v, data.Long, n)
	for i := range out.Longs {
		out.Longs[i] = oneIf(v.Bools[i])
	}
	return out
}

func oneIf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
