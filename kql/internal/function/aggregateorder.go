package function

import "github.com/bartizan-dev/bartizan/kql/data"

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// asReal is a number as a real, false for what is no number or null.
func asReal(v data.Value) (float64, bool) {
	if v.IsNull() {
		return 0, false
	}
	switch v.Type() {
	case data.Int, data.Long:
		return float64(v.Long()), true
	case data.Real:
		return v.Real(), true
	case data.Decimal:
		f := data.Convert(v, data.Real)
		return f.Real(), !f.IsNull()
	case data.Dynamic:
		return nodeReal(v.Node())
	}
	return 0, false
}

// nodeReal is the number in a dynamic, false where it is none.
func nodeReal(n *data.Node) (float64, bool) {
	switch n.Kind() {
	case data.KindInt, data.KindLong, data.KindReal, data.KindDecimal:
		return n.Real(), true
	}
	return 0, false
}

// toReals is a column of numbers as reals; what is no number is null. Ticks
// are numbers here: statistics of them are in ticks.
func toReals(v *data.Vector) *data.Vector {
	if v = flat(v); v.Type == data.Real {
		return v
	}
	out := data.NewVector(data.Real, v.Len)
	if longStored(v.Type) {
		out.Nulls = v.Nulls
		for i, n := range v.Longs[:v.Len] {
			out.Reals[i] = float64(n)
		}
		return out
	}
	for i := range v.Len {
		x := v.Value(i)
		if f, ok := asReal(x); ok {
			out.Reals[i] = f
		} else {
			out.Put(i, data.Null(data.Real))
		}
	}
	return out
}
