package function

import (
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func seriesStatsScalars() []Scalar {
	real := data.Real
	fields := []field{{"min", real}, {"min_idx", data.Long}, {"max", real}, {"max_idx", data.Long}, {"avg", real}, {"stdev", real}, {"variance", real}}
	const signature = "series:DynamicArray, ignore_nonfinite:bool{Constant}?"
	return []Scalar{
		several("series_stats", signature, "Gives minimum, maximum, mean and spread of a series.", fields,
			func(args []data.Value) []*data.Node {
				if n := statsNodes(args); n != nil {
					return n[:7]
				}
				return nil
			}),
		inBag("series_stats_dynamic", signature, "Gives minimum, maximum, mean, spread, sum and length of a series in a bag.",
			append(fields, field{"sum", real}, field{"len", data.Long}), statsNodes),
		{
			Name: "series_outliers", Signatures: []string{
				"(series:DynamicArray, kind:string, ignore_val:real, min_percentile:real, max_percentile:real?, test_points:Integer?) → Parameter0",
				"(series:DynamicArray, kind:string?, ignore_val:Number?) → Parameter0",
			}, Column: "FirstArgument",
			Doc: "Scores how far elements lie outside of what is usual: above 1.5 or below -1.5 is an anomaly.", Eval: evalOutliers,
		},
	}
}

func statsNodes(args []data.Value) []*data.Node {
	s, ok := readSeries(args[0])
	if !ok || len(s.x) == 0 {
		return nil
	}
	ignore := optionalBool(args, 1, false)
	low, high, n, sum := -1, -1, 0, 0.0
	for i, x := range s.x {
		switch {
		case isFinite(x):
		case ignore:
			continue
		default:
			return nil
		}
		if low < 0 || x < s.x[low] {
			low = i
		}
		if high < 0 || x > s.x[high] {
			high = i
		}
		n, sum = n+1, sum+x
	}
	if n == 0 {
		return nil
	}
	variance := spreadOf(s.x, sum/float64(n), n)
	return []*data.Node{
		data.NodeOfReal(s.x[low]), data.NodeOfLong(int64(low)), data.NodeOfReal(s.x[high]), data.NodeOfLong(int64(high)),
		data.NodeOfReal(sum / float64(n)), data.NodeOfReal(math.Sqrt(variance)), data.NodeOfReal(variance),
		data.NodeOfReal(sum), data.NodeOfLong(int64(n)),
	}
}

func spreadOf(x []float64, mean float64, n int) (variance float64) {
	if n < 2 {
		return 0
	}
	for _, v := range x {
		if isFinite(v) {
			variance += (v - mean) * (v - mean)
		}
	}
	return variance / float64(n-1)
}

// quantile interpolates between the neighbours in a sorted series.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

func evalOutliers(_ *Context, args []data.Value) data.Value {
	s, ok := readSeries(args[0])
	if !ok {
		return nullDynamic()
	}
	low, high := 25.0, 75.0
	if optionalText(args, 1, "ctukey") == "ctukey" {
		low, high = optionalReal(args, 3, 10), optionalReal(args, 4, 90)
	}
	if !(low >= 2 && low <= high && high <= 98) { // NaN too
		return nullDynamic()
	}
	ignored := optionalReal(args, 2, math.NaN())
	for i, x := range s.x {
		if x == ignored {
			s.x[i] = math.NaN()
		}
	}
	return series{x: tukey(s.x, low/100, high/100, int(optionalReal(args, 5, 0)))}.value()
}

// tukey scores the distance from the range between two quantiles of all but
// the last test elements, in lengths of that range.
func tukey(x []float64, low, high float64, test int) []float64 {
	var sorted []float64
	for _, v := range x[:max(0, len(x)-max(0, test))] {
		if isFinite(v) {
			sorted = append(sorted, v)
		}
	}
	scores := make([]float64, len(x))
	if len(sorted) == 0 {
		return scores
	}
	slices.Sort(sorted)
	from, to := quantile(sorted, low), quantile(sorted, high)
	width := math.Max(to-from, 1e-9) // a constant series has no range
	for i, v := range x {
		switch {
		case v > to:
			scores[i] = (v - to) / width
		case v < from:
			scores[i] = (v - from) / width
		}
	}
	return scores
}
