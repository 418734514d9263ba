package function

import (
	"math"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// mostPlaces is more than any number has digits on one side of its point.
const mostPlaces = 6200

// exactPowers is up to which power of ten reals hold them exactly.
const exactPowers = 22

// roundReal rounds to places digits after the point, halves away from zero.
func roundReal(x float64, places int) float64 {
	switch {
	case math.IsInf(x, 0) || x != x:
		return x
	case places < -exactPowers || places > exactPowers:
		return roundDigits(x, places)
	case places < 0:
		scale := math.Pow10(-places)
		return math.Round(x/scale) * scale
	}
	scale := math.Pow10(places)
	if y := x * scale; math.Abs(y) < wholeReals {
		return math.Round(y) / scale
	}
	return x // places are finer than what tells reals here apart
}

// roundDigits rounds the digits that a real prints: powers of ten that reals do
// not hold exactly, or at all, do no harm to them.
func roundDigits(x float64, places int) float64 {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(math.Abs(x), 'e', -1, 64), "e")
	first, err := strconv.Atoi(exponent)
	if err != nil {
		return x
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	last := first - len(digits) + 1 // the power of ten of the last digit
	switch {
	case places >= -last:
		return x
	case places < -first-1:
		return 0
	}
	kept := first + places + 1
	whole, err := strconv.Atoi("0" + digits[:kept])
	if err != nil {
		return x
	}
	if digits[kept] >= '5' {
		whole++
	}
	// What is too large for a real is infinite.
	rounded, _ := strconv.ParseFloat(strconv.Itoa(whole)+"e"+strconv.Itoa(-places), 64)
	return math.Copysign(rounded, x)
}

// roundLong rounds to ten to the power of zeros; it fails where the result is no long.
func roundLong(x int64, zeros int) (int64, bool) {
	if zeros > 19 {
		return 0, true
	}
	half := int64(5)
	for range zeros - 1 {
		half *= 10
	}
	if zeros == 19 { // its unit is no long
		return 0, -half < x && x < half
	}
	unit := 2 * half
	rest := x % unit
	out := x - rest
	switch {
	case rest >= half:
		return out + unit, out <= math.MaxInt64-unit
	case rest <= -half:
		return out - unit, out >= math.MinInt64+unit
	}
	return out, true
}

func places(args []data.Value) (int, bool) {
	if len(args) < 2 {
		return 0, true
	}
	return clampPlaces(args[1].Long()), !args[1].IsNull()
}

// clampPlaces keeps a number of places where no decimal has further digits.
func clampPlaces(n int64) int { return int(min(max(n, -mostPlaces), mostPlaces)) }

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
		x, ok := roundLong(args[0].Long(), -n)
		if !ok || t == data.Int && x != int64(int32(x)) {
			return data.Null(t)
		}
		return whole(t, x)
	}
}

// roundDecimal goes half a unit of the last place away from zero and cuts.
func roundDecimal(v data.Value, n int) data.Value {
	unit := "1e" + itoa(-n)
	half := "5e" + itoa(-n-1)
	if strings.HasPrefix(v.Text(), "-") {
		half = "-" + half
	}
	unit, ok := data.ParseDecimal(unit)
	if !ok && n < 0 { // larger than any decimal
		return data.OfDecimal("0")
	}
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
		n = clampPlaces(args[1].Const.Long())
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
