package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// mathScalars are the functions of numbers.
func mathScalars() []Scalar {
	all := roundScalars()
	for _, table := range [][]Scalar{realScalars(), bitScalars(), testScalars(), statisticScalars()} {
		all = append(all, table...)
	}
	return all
}

// realFunc is a function of one real.
type realFunc struct {
	name, param, column, doc string
	f                        func(float64) float64
	// domain says where the result is null; nil: nowhere.
	domain func(float64) bool
}

func realScalars() []Scalar {
	unit := func(x float64) bool { return x >= -1 && x <= 1 || x != x }
	positive := func(x float64) bool { return x >= 0 || x != x }
	var all []Scalar
	for _, r := range []realFunc{
		{"acos", "number", "FirstArgument", "Gives the angle whose cosine is the number.", math.Acos, unit},
		{"asin", "number", "FirstArgument", "Gives the angle whose sine is the number.", math.Asin, unit},
		{"atan", "number", "FirstArgument", "Gives the angle whose tangent is the number.", math.Atan, nil},
		{"cos", "number", "FirstArgument", "Gives the cosine of an angle in radians.", math.Cos, nil},
		{"cot", "number", "None", "Gives the cotangent of an angle in radians.", func(x float64) float64 { return 1 / math.Tan(x) }, nil},
		{"degrees", "radians", "None", "Turns radians into degrees.", func(x float64) float64 { return x * 180 / math.Pi }, nil},
		{"erf", "number", "FirstArgument", "Gives the error function.", math.Erf, nil},
		{"erfc", "number", "FirstArgument", "Gives one minus the error function.", math.Erfc, nil},
		{"exp", "number", "FirstArgument", "Raises e to the number.", math.Exp, nil},
		{"exp10", "number", "FirstArgument", "Raises 10 to the number.", func(x float64) float64 { return math.Pow(10, x) }, nil},
		{"exp2", "number", "FirstArgument", "Raises 2 to the number.", math.Exp2, nil},
		{"gamma", "number", "FirstArgument", "Gives the gamma function.", math.Gamma, nil},
		{"log", "number", "FirstArgument", "Gives the natural logarithm.", math.Log, positive},
		{"log10", "number", "FirstArgument", "Gives the logarithm to the base 10.", math.Log10, positive},
		{"log2", "number", "FirstArgument", "Gives the logarithm to the base 2.", math.Log2, positive},
		{"loggamma", "number", "FirstArgument", "Gives the natural logarithm of the gamma function.", logGamma, nil},
		{"radians", "degrees", "None", "Turns degrees into radians.", func(x float64) float64 { return x * math.Pi / 180 }, nil},
		{"sign", "number", "None", "Tells whether a number is negative (-1), zero (0) or positive (1).", signOf, nil},
		{"sin", "number", "FirstArgument", "Gives the sine of an angle in radians.", math.Sin, nil},
		{"sqrt", "number", "FirstArgument", "Gives the square root; null for negative numbers.", math.Sqrt, positive},
		{"tan", "number", "FirstArgument", "Gives the tangent of an angle in radians.", math.Tan, nil},
	} {
		all = append(all, r.scalar())
	}
	return append(all, pairScalars()...)
}

func (r realFunc) scalar() Scalar {
	return Scalar{
		Name: r.name, Signatures: []string{"(" + r.param + ":Number) → real"}, Column: r.column, Doc: r.doc,
		Eval: realsEval(func(x []float64) (float64, bool) {
			return r.f(x[0]), r.domain == nil || r.domain(x[0])
		}), Kernel: r.kernel,
	}
}

func (r realFunc) kernel(args []Arg) Kernel {
	switch args[0].Type {
	case data.Real:
		return func(_ *Context, n int, in []*data.Vector) *data.Vector { return mapRealFunc(r, n, in[0], in[0].Reals) }
	case data.Int, data.Long:
		return func(_ *Context, n int, in []*data.Vector) *data.Vector { return mapRealFunc(r, n, in[0], in[0].Longs) }
	}
	return nil
}

func mapRealFunc[T number](r realFunc, n int, v *data.Vector, xs []T) *data.Vector {
	out := blank(data.Real, n, v)
	for i := range out.Reals {
		x := float64(xs[i])
		if r.domain == nil || r.domain(x) {
			out.Reals[i] = r.f(x)
		} else if !v.Nulls.Has(i) {
			setNull(out, v, i)
		}
	}
	return out
}

// realsEval is an Eval of numbers; f tells by false that the result is null.
func realsEval(f func(x []float64) (float64, bool)) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		var room [6]float64
		x := room[:0]
		for _, a := range args {
			n, ok := asReal(a)
			if !ok {
				return data.Null(data.Real)
			}
			x = append(x, n)
		}
		if y, ok := f(x); ok {
			return data.OfReal(y)
		}
		return data.Null(data.Real)
	}
}

func logGamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	default:
		return x
	}
}

func pairScalars() []Scalar {
	return []Scalar{
		{
			Name: "atan2", Signatures: []string{"(y:Number, x:Number) → real"}, Column: "FirstArgument",
			Doc:  "Gives the angle between the x-axis and the line to (x, y).",
			Eval: realsEval(func(x []float64) (float64, bool) { return math.Atan2(x[0], x[1]), true }),
		},
		{
			Name: "pow", Signatures: []string{"(base:Number, exponent:Number) → real"}, Column: "FirstArgument",
			Doc:  "Raises a number to a power.",
			Eval: realsEval(func(x []float64) (float64, bool) { return math.Pow(x[0], x[1]), true }),
		},
		{
			Name: "pi", Signatures: []string{"() → real"}, Column: "None", Doc: "Gives the number pi.",
			Eval: func(*Context, []data.Value) data.Value { return data.OfReal(math.Pi) },
		},
		{
			Name: "rand", Signatures: []string{"(number:Integer?) → real"}, Column: "FirstArgument", Volatile: true,
			Doc: "Gives a random number from 0 up to but not including 1, or a whole one below a limit.", Eval: evalRand,
		},
	}
}

func evalRand(c *Context, args []data.Value) data.Value {
	x := c.Random()
	if len(args) == 0 {
		return data.OfReal(x)
	}
	if args[0].IsNull() {
		return data.Null(data.Real)
	}
	if n := args[0].Long(); n > 1 {
		return data.OfReal(math.Floor(x * float64(n)))
	}
	return data.OfReal(x)
}

func roundScalars() []Scalar {
	bins := []string{
		"(value:Number, roundTo:Number) → Widest", "(value:datetime, roundTo:datetime) → datetime",
		"(value:datetime, roundTo:timespan) → datetime", "(value:timespan, roundTo:timespan) → timespan",
	}
	binAuto := func(args []Arg) data.Type { return args[0].Type }
	return []Scalar{
		{
			Name: "abs", Signatures: []string{"(number:Integer) → long", "(number:Number) → Parameter0", "(number:timespan) → timespan"},
			Column: "FirstArgument", Doc: "Gives the absolute value.", Eval: evalAbs, Kernel: absKernel,
		},
		{
			Name: "bin", Signatures: bins, Column: "FirstArgument", Doc: "Rounds down to a multiple of a size.",
			Eval: evalBin, Kernel: binKernel,
		},
		{
			Name: "floor", Signatures: bins, Column: "FirstArgument", Doc: "Rounds down to a multiple of a size, as bin does.",
			Eval: evalBin, Kernel: binKernel,
		},
		{
			Name: "bin_at", Signatures: []string{
				"(value:Number, bin_size:Number, fixed_point:Number) → Widest",
				"(value:datetime, bin_size:Summable, fixed_point:datetime) → datetime",
				"(value:timespan, bin_size:Number, fixed_point:timespan) → timespan",
				"(value:timespan, bin_size:timespan, fixed_point:timespan) → timespan",
			}, Column: "FirstArgument",
			Doc: "Rounds down to a multiple of a size, counted from a fixed point.", Eval: evalBin, Kernel: binKernel,
		},
		{
			Name: "bin_auto", Hidden: true, Signatures: []string{"(value:Summable) → Custom"}, Column: "FirstArgument", Type: binAuto,
			Doc: "Rounds down to a multiple of what query_bin_auto_size says.", Prepare: prepareBinAuto, Kernel: binAutoKernel,
		},
		{
			Name: "ceiling", Signatures: []string{"(number:Number) → Parameter0"}, Column: "FirstArgument",
			Doc: "Rounds up to a whole number.", Eval: evalCeiling, Kernel: ceilingKernel,
		},
		{
			Name: "round", Signatures: []string{"(number:Number, precision:long{Constant}?) → Parameter0"}, Column: "FirstArgument",
			Doc: "Rounds to a number of digits after the point, halves away from zero.", Eval: evalRound, Kernel: roundKernel,
		},
	}
}

func testScalars() []Scalar {
	one := func(name, doc string, f func(float64) bool) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(number:real) → bool"}, Column: "None", Doc: doc,
			Eval: strict(data.Bool, func(args []data.Value) data.Value {
				x, ok := asReal(args[0])
				if !ok {
					return data.Null(data.Bool)
				}
				return data.OfBool(f(x))
			}),
		}
	}
	return []Scalar{
		one("isfinite", "Tells whether a number is neither infinite nor NaN.", isFinite),
		one("isinf", "Tells whether a number is infinite.", func(x float64) bool { return math.IsInf(x, 0) }),
		one("isnan", "Tells whether a number is NaN.", math.IsNaN),
	}
}

func isFinite(x float64) bool { return !math.IsInf(x, 0) && x == x }
