package function

import (
	"math"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// roundReal rounds to places digits after the point, halves away from zero.
func roundReal(x float64, places int) float64 {
	if places == 0 || math.IsInf(x, 0) || x != x {
		return math.Round(x)
	}
	scale := math.Pow(10, math.Abs(float64(places)))
	if places < 0 {
		return math.Round(x/scale) * scale
	}
	if y := x * scale; math.Abs(y) < wholeReals {
		return math.Round(y) / scale
	}
	return x // places are finer than what tells reals here apart
}

func places(args []data.Value) (int, bool) {
	if len(args) < 2 {
		return 0, true
	}
	return int(args[1].Long()), !args[1].IsNull()
}

func evalRound(_ *Context, args []data.Value) data.Value {
	n, ok := places(args)
	if !ok || args[0].IsNull() {
		return data.Null(args[0].Type())
	}
	switch t := args[0].Type(); t {
	case data.Real:
		return data.OfReal(roundReal(args[0].Real(), n))
	case data.Decimal:
		return roundDecimal(args[0], n)
	default:
		if n >= 0 {
			return args[0]
		}
		return whole(t, int64(roundReal(float64(args[0].Long()), n)))
	}
}

// roundDecimal goes half a unit of the last place away from zero and cuts.
func roundDecimal(v data.Value, n int) data.Value {
	unit := "1e" + itoa(-n)
	half := "5e" + itoa(-n-1)
	if strings.HasPrefix(v.Text(), "-") {
		half = "-" + half
	}
	unit, _ = data.ParseDecimal(unit)
	half, _ = data.ParseDecimal(half)
	moved, ok1 := data.AddDecimals(v.Text(), half)
	rest, ok2 := data.RemDecimals(moved, unit)
	out, ok3 := data.SubDecimals(moved, rest)
	if !ok1 || !ok2 || !ok3 {
		return v
	}
	return data.OfDecimal(out)
}

func roundKernel(args []Arg) Kernel {
	n := 0
	if len(args) > 1 {
		if args[1].Const == nil || args[1].Const.IsNull() {
			return nil
		}
		n = int(args[1].Const.Long())
	}
	switch {
	case args[0].Type == data.Real:
		return func(_ *Context, rows int, in []*data.Vector) *data.Vector {
			return mapReals(rows, in[0], func(x float64) float64 { return roundReal(x, n) })
		}
	case longStored(args[0].Type) && n >= 0:
		return func(_ *Context, _ int, in []*data.Vector) *data.Vector { return in[0] }
	}
	return nil
}

func evalCeiling(_ *Context, args []data.Value) data.Value {
	v := args[0]
	switch {
	case v.IsNull():
		return v
	case v.Type() == data.Real:
		return data.OfReal(math.Ceil(v.Real()))
	case v.Type() == data.Decimal:
		rest, ok := data.RemDecimals(v.Text(), "1")
		if !ok || data.CompareDecimals(rest, "0") == 0 {
			return v
		}
		out, _ := data.SubDecimals(v.Text(), rest)
		if data.CompareDecimals(rest, "0") > 0 {
			out, _ = data.AddDecimals(out, "1")
		}
		return data.OfDecimal(out)
	}
	return v
}

func ceilingKernel(args []Arg) Kernel {
	switch {
	case args[0].Type == data.Real:
		return func(_ *Context, n int, in []*data.Vector) *data.Vector { return mapReals(n, in[0], math.Ceil) }
	case longStored(args[0].Type):
		return func(_ *Context, _ int, in []*data.Vector) *data.Vector { return in[0] }
	}
	return nil
}

// absType is long for whole numbers.
func absType(t data.Type) data.Type {
	if t == data.Int {
		return data.Long
	}
	return t
}

func evalAbs(_ *Context, args []data.Value) data.Value {
	v := args[0]
	to := absType(v.Type())
	switch {
	case v.IsNull():
		return data.Null(to)
	case to == data.Real:
		return data.OfReal(math.Abs(v.Real()))
	case to == data.Decimal:
		return data.OfDecimal(strings.TrimPrefix(v.Text(), "-"))
	}
	if v.Long() == math.MinInt64 {
		return data.Null(to)
	}
	return whole(to, max(v.Long(), -v.Long()))
}

func absKernel(args []Arg) Kernel {
	switch t := args[0].Type; {
	case t == data.Real:
		return func(_ *Context, n int, in []*data.Vector) *data.Vector { return mapReals(n, in[0], math.Abs) }
	case longStored(t):
		return wholeKernel(absType(t), func(x int64) (int64, bool) { return max(x, -x), x != math.MinInt64 })(args)
	}
	return nil
}
