package operator

import "github.com/bartizan-dev/bartizan/kql/data"

// logic is and, or with three values: false and null is false, true or null is true.
func logic(op string, left, right data.Type) Kernel {
	decides := op == "or" // the value of one side that decides alone
	return func(n int, left, right *data.Vector) *data.Vector {
		l, r := asTruth(left, n), asTruth(right, n)
		out := data.NewVector(data.Bool, n)
		if decides {
			zip(out.Bools, l.Bools, l.Const, r.Bools, r.Const, func(a, b bool) bool { return a || b })
		} else {
			zip(out.Bools, l.Bools, l.Const, r.Bools, r.Const, func(a, b bool) bool { return a && b })
		}
		if l.Nulls != nil || r.Nulls != nil {
			settleLogic(out, l, r, decides)
		}
		return out
	}
}

func settleLogic(out, left, right *data.Vector, decides bool) {
	is := func(v *data.Vector, i int) (value, null bool) {
		if v.Const {
			i = 0
		}
		return v.Bools[i], v.Nulls.Has(i)
	}
	for i := range out.Len {
		a, aNull := is(left, i)
		b, bNull := is(right, i)
		switch {
		case !aNull && a == decides, !bNull && b == decides:
			out.Bools[i] = decides
		case aNull || bNull:
			out.Bools[i] = false
			setNull(out, i)
		}
	}
}

// asTruth reads a dynamic as the truth value that it holds.
func asTruth(v *data.Vector, n int) *data.Vector {
	if v.Type == data.Bool {
		return v
	}
	return held(v, data.Bool, n)
}
