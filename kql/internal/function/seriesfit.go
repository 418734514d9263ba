package function

import (
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func seriesFitScalars() []Scalar {
	real, array := data.Real, data.Dynamic
	line := []field{{"rsquare", real}, {"slope", real}, {"variance", real}, {"rvariance", real}, {"interception", real}, {"line_fit", array}}
	lines := []field{{"rsquare", real}, {"split_idx", data.Long}, {"variance", real}, {"rvariance", real}, {"line_fit", array}}
	for _, side := range []string{"right", "left"} {
		for _, f := range []string{"rsquare", "slope", "interception", "variance", "rvariance"} {
			lines = append(lines, field{side + "_" + f, real})
		}
	}
	poly := []field{{"rsquare", real}, {"coefficients", array}, {"variance", real}, {"rvariance", real}, {"poly_fit", array}}
	return []Scalar{
		several("series_fit_line", "series:DynamicArray", "Fits a straight line to a series.", line, fitLineNodes),
		inBag("series_fit_line_dynamic", "series:DynamicArray", "Fits a straight line to a series; the result is a bag.", line, fitLineNodes),
		several("series_fit_2lines", "array:DynamicArray", "Fits two straight lines to the parts of a series before and after the best split.",
			lines, fitTwoLinesNodes),
		{
			Name: "series_fit_2lines_dynamic", Signatures: []string{"(series:DynamicArray) → Custom"}, Column: "None",
			Doc: "Fits two straight lines to a series; the result is a bag.", Type: func([]Arg) data.Type { return data.Dynamic },
			Eval: evalTwoLinesBag,
		},
		several("series_fit_poly", "y_series:DynamicArray, x_series:DynamicArray?, degree:int?", "Fits a polynomial to a series.", poly, fitPolyNodes),
	}
}

// A lineFit is y = slope*x + start for x = 1, 2, …, from which Kusto counts.
type lineFit struct {
	slope, start float64
	// squares is what the line leaves: the sum of the squares of differences; total that around the mean.
	squares, total float64
	n              int
}

func fitLine(y []float64) lineFit {
	f := lineFit{n: len(y)}
	n := float64(len(y))
	meanX, meanY := (n+1)/2, sumOf(y)/n
	var xx, xy float64
	for i, v := range y {
		dx, dy := float64(i+1)-meanX, v-meanY
		xx, xy, f.total = xx+dx*dx, xy+dx*dy, f.total+dy*dy
	}
	if xx > 0 {
		f.slope = xy / xx
	}
	f.start = meanY - f.slope*meanX
	for i, v := range y {
		d := v - f.at(i)
		f.squares += d * d
	}
	return f
}

// at is the line's value for element i, counted from 0.
func (f lineFit) at(i int) float64 { return f.start + f.slope*float64(i+1) }

func (f lineFit) line() []float64 {
	out := make([]float64, f.n)
	for i := range out {
		out[i] = f.at(i)
	}
	return out
}

// quality gives r², the variance, and the variance that is left.
func quality(squares, total float64, n int) (rsquare, variance, left float64) {
	if n > 1 {
		variance, left = total/float64(n-1), squares/float64(n-1)
	}
	if total == 0 {
		return 1, variance, left
	}
	return 1 - squares/total, variance, left
}

func fitLineNodes(args []data.Value) []*data.Node {
	y, ok := finiteSeries(args[0])
	if !ok {
		return nil
	}
	f := fitLine(y)
	r, variance, left := quality(f.squares, f.total, f.n)
	return []*data.Node{
		data.NodeOfReal(r), data.NodeOfReal(f.slope), data.NodeOfReal(variance), data.NodeOfReal(left),
		data.NodeOfReal(f.start), realsNode(f.line()),
	}
}

// fitTwoLines finds the split with the least squares left; both sides have two points.
func fitTwoLines(y []float64) (split int, left, right lineFit) {
	before, after := leftBefore(y), leftBefore(reversed(y))
	n, best := len(y), math.Inf(1)
	for i := 2; i <= n-2; i++ {
		best = min(best, before[i]+after[n-i])
	}
	same := 1e-12 * before[n] // splits that differ by less are equally good: the first counts
	for split = 2; split < n-2 && before[split]+after[n-split] > best+same; {
		split++
	}
	return split, fitLine(y[:split]), fitLine(y[split:])
}

// leftBefore is for each element what a line through those before it leaves:
// the sum of the squares of the differences, from sums that grow element by element.
func leftBefore(y []float64) []float64 {
	out := make([]float64, len(y)+1)
	mean := sumOf(y) / float64(len(y)) // smaller numbers lose fewer digits
	var sum, squares, withX float64
	for i, v := range y {
		v -= mean
		x, n := float64(i), float64(i+1)
		sum, squares, withX = sum+v, squares+v*v, withX+v*x
		xx, xy := n*(n*n-1)/12, withX-sum*(n-1)/2
		out[i+1] = squares - sum*sum/n
		if xx > 0 {
			out[i+1] -= xy * xy / xx
		}
		out[i+1] = max(out[i+1], 0)
	}
	return out
}

func reversed(y []float64) []float64 {
	out := slices.Clone(y)
	slices.Reverse(out)
	return out
}

func fitTwoLinesNodes(args []data.Value) []*data.Node {
	y, ok := finiteSeries(args[0])
	if !ok || len(y) < 4 {
		return nil
	}
	split, left, right := fitTwoLines(y)
	r, variance, rest := quality(left.squares+right.squares, fitLine(y).total, len(y))
	out := []*data.Node{
		data.NodeOfReal(r), data.NodeOfLong(int64(split)), data.NodeOfReal(variance), data.NodeOfReal(rest),
		realsNode(append(left.line(), right.line()...)),
	}
	for _, side := range []lineFit{right, left} {
		r, variance, rest := quality(side.squares, side.total, side.n)
		for _, x := range []float64{r, side.slope, side.start, variance, rest} {
			out = append(out, data.NodeOfReal(x))
		}
	}
	return out
}

// evalTwoLinesBag holds the sides' numbers in bags of their own.
func evalTwoLinesBag(_ *Context, args []data.Value) data.Value {
	n := fitTwoLinesNodes(args)
	if n == nil {
		return nullDynamic()
	}
	side := []string{"rsquare", "slope", "interception", "variance", "rvariance"}
	return data.OfNode(data.NodeOfBag(
		[]string{"rsquare", "split_idx", "variance", "rvariance", "line_fit", "right", "left"},
		append(n[:5:5], data.NodeOfBag(side, n[5:10:10]), data.NodeOfBag(side, n[10:]))))
}

func fitPolyNodes(args []data.Value) []*data.Node {
	y, ok := finiteSeries(args[0])
	if !ok {
		return nil
	}
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i + 1)
	}
	if len(args) > 1 && !args[1].IsNull() {
		if x, ok = finiteSeries(args[1]); !ok || len(x) != len(y) {
			return nil
		}
	}
	degree := int(optionalReal(args, 2, 1))
	if degree < 1 || degree >= len(y) || degree > 100 {
		return nil
	}
	return polyNodes(x, y, fitPoly(x, y, degree))
}

func polyNodes(x, y, coefficients []float64) []*data.Node {
	fit, squares := make([]float64, len(x)), 0.0
	for i := range x {
		for _, c := range coefficients {
			fit[i] = fit[i]*x[i] + c
		}
		squares += (y[i] - fit[i]) * (y[i] - fit[i])
	}
	r, variance, left := quality(squares, fitLine(y).total, len(y))
	return []*data.Node{realNode(r), realsNode(coefficients), realNode(variance), realNode(left), realsNode(fit)}
}

// fitPoly gives the coefficients from the highest power down: least squares by
// orthogonal columns, which keeps more digits than the normal equations.
func fitPoly(x, y []float64, degree int) []float64 {
	n := degree + 1
	columns, r := make([][]float64, n), make([][]float64, n)
	rest, c := append([]float64(nil), y...), make([]float64, n)
	for j := range columns {
		columns[j], r[j] = powers(x, degree-j), make([]float64, n)
	}
	for j := range columns {
		r[j][j] = math.Sqrt(dot(columns[j], columns[j]))
		scale(columns[j], 1/r[j][j])
		for k := j + 1; k < n; k++ {
			r[j][k] = dot(columns[j], columns[k])
			subtract(columns[k], columns[j], r[j][k])
		}
		c[j] = dot(columns[j], rest)
		subtract(rest, columns[j], c[j])
	}
	for j := n - 1; j >= 0; j-- {
		for k := j + 1; k < n; k++ {
			c[j] -= r[j][k] * c[k]
		}
		c[j] /= r[j][j]
	}
	return c
}

func powers(x []float64, n int) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Pow(v, float64(n))
	}
	return out
}

func scale(x []float64, by float64) {
	for i := range x {
		x[i] *= by
	}
}

func subtract(from, x []float64, times float64) {
	for i := range from {
		from[i] -= times * x[i]
	}
}
