package function

import (
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// strict is an Eval whose result is null where an argument is.
func strict(to data.Type, f func(args []data.Value) data.Value) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		for _, a := range args {
			if a.IsNull() {
				return data.Null(to)
			}
		}
		return f(args)
	}
}

// longStored tells the types that a vector holds in Longs.
func longStored(t data.Type) bool {
	switch t {
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return true
	}
	return false
}

// whole makes a value of a type that is stored as a whole number.
func whole(t data.Type, n int64) data.Value {
	switch t {
	case data.Int:
		return data.OfInt(int32(n))
	case data.Long:
		return data.OfLong(n)
	case data.DateTime:
		return data.OfDateTime(n)
	default:
		return data.OfTimeSpan(n)
	}
}

// A wholeFunc computes a whole number from one; false is null.
type wholeFunc func(int64) (int64, bool)

// wholeEval is the Eval of a wholeFunc.
func wholeEval(to data.Type, f wholeFunc) Eval {
	return strict(to, func(args []data.Value) data.Value {
		if n, ok := f(args[0].Long()); ok {
			return whole(to, n)
		}
		return data.Null(to)
	})
}

// wholeKernel is the kernel of a wholeFunc of the first argument.
func wholeKernel(to data.Type, f wholeFunc) func([]Arg) Kernel {
	return func(args []Arg) Kernel {
		if !longStored(args[0].Type) {
			return nil
		}
		return func(_ *Context, n int, in []*data.Vector) *data.Vector { return mapWhole(to, n, in[0], f) }
	}
}

// blank is a vector to fill for rows 0 to its slice's length, with the nulls
// and the constancy of v.
func blank(t data.Type, n int, v *data.Vector) *data.Vector {
	if v.Const {
		out := data.NewVector(t, 1)
		out.Len, out.Const, out.Nulls = n, true, v.Nulls
		return out
	}
	out := data.NewVector(t, n)
	out.Nulls = v.Nulls
	return out
}

// setNull marks a row of a vector whose Nulls may be shared with its input.
func setNull(out, in *data.Vector, row int) {
	if out.Nulls == nil {
		out.Nulls = data.NewBits(max(1, out.Len))
	} else if in.Nulls != nil && &out.Nulls[0] == &in.Nulls[0] {
		out.Nulls = append(data.Bits(nil), out.Nulls...)
	}
	out.Nulls.Set(row)
}

func mapWhole(to data.Type, n int, v *data.Vector, f wholeFunc) *data.Vector {
	out := blank(to, n, v)
	for i := range out.Longs {
		y, ok := f(v.Longs[i])
		out.Longs[i] = y
		if !ok && !v.Nulls.Has(i) {
			setNull(out, v, i)
		}
	}
	return out
}

// mapReals is a kernel over reals.
func mapReals(n int, v *data.Vector, f func(float64) float64) *data.Vector {
	out := blank(data.Real, n, v)
	for i := range out.Reals {
		out.Reals[i] = f(v.Reals[i])
	}
	return out
}

// floorDiv is a / b rounded down, b > 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func itoa(n int) string { return strconv.Itoa(n) }
