package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// seriesElementScalars compute each element of one series.
func seriesElementScalars() []Scalar {
	var all []Scalar
	for _, e := range []struct {
		name, result, what string
		keeps              bool // whole numbers stay whole
		f                  func(float64) float64
	}{
		{"abs", "Parameter0", "the absolute value", true, math.Abs},
		{"acos", "dynamic", "the arc cosine", false, math.Acos},
		{"asin", "dynamic", "the arc sine", false, math.Asin},
		{"atan", "dynamic", "the arc tangent", false, math.Atan},
		{"ceiling", "Parameter0", "the next greater whole number", false, math.Ceil},
		{"cos", "dynamic", "the cosine", false, math.Cos},
		{"exp", "dynamic", "e to the power", false, math.Exp},
		{"floor", "dynamic", "the next smaller whole number", false, math.Floor},
		{"log", "dynamic", "the natural logarithm", false, math.Log},
		{"sign", "dynamic", "the sign", true, signOf},
		{"sin", "dynamic", "the sine", false, math.Sin},
		{"tan", "dynamic", "the tangent", false, math.Tan},
	} {
		all = append(all, Scalar{
			Name: "series_" + e.name, Signatures: []string{"(series:DynamicArray) → " + e.result}, Column: "None",
			Doc: "Gives " + e.what + " of each element.", Eval: elementEval(e.keeps, e.f),
		})
	}
	return all
}

func elementEval(keeps bool, f func(float64) float64) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		s, ok := readSeries(args[0])
		if !ok {
			return nullDynamic()
		}
		out := series{x: make([]float64, len(s.x)), whole: s.whole && keeps}
		for i, x := range s.x {
			out.x[i] = f(x)
		}
		return out.value()
	}
}

// pairOf reads two series, or a series and a number that stands for each
// element; n is the longer length, short the other.
func pairOf(args []data.Value) (a, b series, n int, ok bool) {
	a, aSeries := readSeries(args[0])
	b, bSeries := readSeries(args[1])
	switch {
	case aSeries && bSeries:
		n = max(len(a.x), len(b.x))
	case aSeries:
		n = len(a.x)
		b, ok = repeated(args[1], n)
		return a, b, n, ok
	case bSeries:
		n = len(b.x)
		a, ok = repeated(args[0], n)
		return a, b, n, ok
	default:
		return a, b, 0, false
	}
	return a, b, n, true
}

func repeated(v data.Value, n int) (series, bool) {
	x, ok := asReal(v)
	if !ok {
		return series{}, false
	}
	s := series{x: make([]float64, n), whole: v.Type() == data.Int || v.Type() == data.Long}
	for i := range s.x {
		s.x[i] = x
	}
	return s, true
}

// at is element i, NaN past the end.
func (s series) at(i int) float64 {
	if i >= len(s.x) {
		return math.NaN()
	}
	return s.x[i]
}

func pairSignatures(result string) []string {
	return []string{
		"(series1:DynamicArray, series2:DynamicArray) → " + result,
		"(series1:DynamicArray, series2:Number) → " + result, "(series1:Number, series2:DynamicArray) → " + result,
	}
}

// seriesPairScalars compute each element of two series.
func seriesPairScalars() []Scalar {
	var all []Scalar
	for _, p := range []struct {
		name, doc string
		keeps     bool
		f         func(a, b float64) float64
	}{
		{"add", "Adds two series element by element.", true, func(a, b float64) float64 { return a + b }},
		{"subtract", "Subtracts two series element by element.", true, func(a, b float64) float64 { return a - b }},
		{"multiply", "Multiplies two series element by element.", true, func(a, b float64) float64 { return a * b }},
		{"divide", "Divides two series element by element.", false, func(a, b float64) float64 { return a / b }},
		{"pow", "Raises each element to the power of the other series' element.", false, math.Pow},
	} {
		all = append(all, Scalar{
			Name: "series_" + p.name, Signatures: pairSignatures("dynamic"), Column: "None", Doc: p.doc,
			Eval: pairEval(p.keeps, p.f),
		})
	}
	return append(all, seriesCompareScalars()...)
}

func pairEval(keeps bool, f func(a, b float64) float64) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		a, b, n, ok := pairOf(args)
		if !ok {
			return nullDynamic()
		}
		out := series{x: make([]float64, n), whole: keeps && a.whole && b.whole}
		for i := range out.x {
			out.x[i] = f(a.at(i), b.at(i))
		}
		return out.value()
	}
}

func seriesCompareScalars() []Scalar {
	var all []Scalar
	for _, p := range []struct {
		name, what string
		f          func(a, b float64) bool
	}{
		{"equals", "equals", func(a, b float64) bool { return a == b }},
		{"not_equals", "differs from", func(a, b float64) bool { return a != b }},
		{"less", "is less than", func(a, b float64) bool { return a < b }},
		{"less_equals", "is at most", func(a, b float64) bool { return a <= b }},
		{"greater", "is greater than", func(a, b float64) bool { return a > b }},
		{"greater_equals", "is at least", func(a, b float64) bool { return a >= b }},
	} {
		all = append(all, Scalar{
			Name: "series_" + p.name, Signatures: pairSignatures("dynamic"), Column: "None",
			Doc: "Tells for each element whether it " + p.what + " the other series' element.", Eval: compareEval(p.f),
		})
	}
	return all
}

func compareEval(f func(a, b float64) bool) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		a, b, n, ok := pairOf(args)
		if !ok {
			return nullDynamic()
		}
		items := make([]*data.Node, n)
		for i := range items {
			if x, y := a.at(i), b.at(i); x == x && y == y {
				items[i] = data.NodeOfBool(f(x, y))
			}
		}
		return data.OfNode(data.NodeOfArray(items))
	}
}

// seriesVectorScalars give one number of one or two series.
func seriesVectorScalars() []Scalar {
	one := func(name, doc string, f func(x []float64) float64) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(series:DynamicArray) → real"}, Column: "None", Doc: doc,
			Eval: func(_ *Context, args []data.Value) data.Value {
				if s, ok := readSeries(args[0]); ok {
					return orNull(f(s.x))
				}
				return data.Null(data.Real)
			},
		}
	}
	magnitude := func(x []float64) float64 { return math.Sqrt(dot(x, x)) }
	return []Scalar{
		one("series_sum", "Adds up the elements.", sumOf),
		{
			Name: "array_sum", Obsolete: "series_sum", Hidden: true, Signatures: []string{"(array:DynamicArray) → real"}, Column: "None",
			Doc: "Adds up the elements.", Eval: one("series_sum", "", sumOf).Eval,
		},
		one("series_product", "Multiplies the elements.", productOf),
		one("series_magnitude", "Gives the length of the series as a vector.", magnitude),
		{
			Name: "series_dot_product", Signatures: pairSignatures("real"), Column: "None",
			Doc: "Gives the dot product of two series.", Eval: vectorEval(dot),
		},
		{
			Name: "series_cosine_similarity", Signatures: []string{"(series1:DynamicArray, series2:DynamicArray, series1_magnitude:real?, series2_magnitude:real?) → real"},
			Column: "None", Doc: "Gives the cosine of the angle between two series as vectors.", Eval: evalCosine,
		},
		{
			Name: "series_pearson_correlation", Signatures: []string{"(series1:DynamicArray, series2:DynamicArray) → real"}, Column: "None",
			Doc: "Gives the correlation coefficient of two series.", Eval: evalPearson,
		},
	}
}

func orNull(x float64) data.Value {
	if x != x {
		return data.Null(data.Real)
	}
	return data.OfReal(x)
}

func sumOf(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

func productOf(x []float64) float64 {
	product := 1.0
	for _, v := range x {
		product *= v
	}
	return product
}

func vectorEval(f func(a, b []float64) float64) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		a, b, _, ok := pairOf(args)
		if !ok {
			return data.Null(data.Real)
		}
		n := min(len(a.x), len(b.x))
		return orNull(f(a.x[:n], b.x[:n]))
	}
}

// dot leaves out pairs with something that is no number.
func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		if y := b[i]; x == x && y == y {
			sum += x * y
		}
	}
	return sum
}

func evalCosine(_ *Context, args []data.Value) data.Value {
	a, b, _, ok := pairOf(args[:2])
	if !ok || len(a.x) == 0 || len(b.x) == 0 {
		return data.Null(data.Real)
	}
	n := min(len(a.x), len(b.x))
	x, y := a.x[:n], b.x[:n]
	lengths := optionalReal(args, 2, math.Sqrt(dot(x, x))) * optionalReal(args, 3, math.Sqrt(dot(y, y)))
	return orNull(dot(x, y) / lengths)
}

// evalPearson is null for series of different length.
func evalPearson(_ *Context, args []data.Value) data.Value {
	a, b, _, ok := pairOf(args)
	if !ok || len(a.x) != len(b.x) {
		return data.Null(data.Real)
	}
	return orNull(pearson(a.x, b.x))
}

func pearson(a, b []float64) float64 {
	n := float64(len(a))
	meanA, meanB := sumOf(a)/n, sumOf(b)/n
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-meanA, b[i]-meanB
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
