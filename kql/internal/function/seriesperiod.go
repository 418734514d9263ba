package function

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func seriesPeriodScalars() []Scalar {
	fields := []field{{"periods", data.Dynamic}, {"scores", data.Dynamic}}
	var seasonal []string
	for _, more := range []string{"", ", period:Integer", ", period:Integer, test_points:Integer"} {
		seasonal = append(seasonal, "(series:DynamicArray"+more+") → dynamic")
	}
	return []Scalar{
		several("series_periods_detect", "series:DynamicArray, min_period:Number, max_period:Number, num_periods:long",
			"Finds the periods after which a series repeats itself most.", fields, detectNodes),
		several("series_periods_validate", "series:DynamicArray, period:Number×1..16", "Scores how much a series repeats itself after periods.",
			fields, validateNodes),
		{Name: "series_seasonal", Signatures: seasonal, Column: "None", Doc: "Gives the part of a series that repeats itself.", Eval: evalSeasonal},
	}
}

// A seasonality is a period with its score from 0 to 1.
type seasonality struct{ period, score float64 }

// leastPeriod is the shortest period that is looked for.
const leastPeriod = 4

// autocorrelation tells how much the series without its trend is like itself
// moved by 0, 1, … elements, up to half of it.
func autocorrelation(x []float64) []float64 {
	n := len(x)
	trend, out := fitLine(x), make([]float64, n/2+1)
	if trend.squares/float64(n) < 1e-12 { // nothing is left
		return out
	}
	padded := make([]complex128, 1<<bits.Len(uint(2*n)))
	for i, v := range x {
		padded[i] = complex(v-trend.at(i), 0)
	}
	spectrum := powerFFT(padded)
	for i, c := range spectrum {
		spectrum[i] = complex(real(c)*real(c)+imag(c)*imag(c), 0)
	}
	product := powerFFT(spectrum) // its own inverse but for the length, since it is real and symmetric
	all := real(product[0]) / float64(n)
	for lag := range out {
		out[lag] = real(product[lag]) / float64(n-lag) / all
	}
	return out
}

// hills are the scores of all periods: how alike the series is there, where it
// is more so than at near periods (up to a quarter away) and than noise is; else 0.
func hills(like []float64) []float64 {
	scores, noise := make([]float64, len(like)), 2/math.Sqrt(float64(2*len(like)-2))
	var highest []int // of the near periods, falling; the first is the highest
	next := 0
	for period := leastPeriod; period+1 < len(like); period++ {
		for ; next < min(period+period/4+1, len(like)); next++ {
			for len(highest) > 0 && like[highest[len(highest)-1]] < like[next] {
				highest = highest[:len(highest)-1]
			}
			highest = append(highest, next)
		}
		for highest[0] < period-period/4 {
			highest = highest[1:]
		}
		if at := like[period]; at >= noise && at >= like[highest[0]] {
			scores[period] = min(at, 1)
		}
	}
	return scores
}

// detect finds periods, the best first. Multiples of one that is as good are left out.
func detect(x []float64, low, high float64) []seasonality {
	var found []seasonality
	for p, score := range hills(autocorrelation(x)) {
		if score > 0 && float64(p) >= low && float64(p) <= high {
			found = append(found, seasonality{float64(p), score})
		}
	}
	var kept []seasonality
	for _, f := range found { // the shortest first
		multiple := slices.ContainsFunc(kept, func(k seasonality) bool {
			times := math.Round(f.period / k.period)
			return math.Abs(f.period-times*k.period) <= times && k.score > f.score-0.1
		})
		if !multiple {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b seasonality) int { return cmp.Compare(b.score, a.score) })
	return kept
}

func detectNodes(args []data.Value) []*data.Node {
	x, ok := finiteSeries(args[0])
	n := int(optionalReal(args, 3, 0))
	if !ok || n < 1 || n > 1000 {
		return nil
	}
	periods, scores := make([]float64, n), make([]float64, n)
	for i, s := range detect(x, optionalReal(args, 1, 0), optionalReal(args, 2, math.Inf(1))) {
		if i < n {
			periods[i], scores[i] = s.period, s.score
		}
	}
	return []*data.Node{realsNode(periods), realsNode(scores)}
}

func validateNodes(args []data.Value) []*data.Node {
	x, ok := finiteSeries(args[0])
	if !ok {
		return nil
	}
	all := hills(autocorrelation(x))
	var periods, scores []float64
	for _, a := range args[1:] {
		p, _ := asReal(a)
		score := 0.0
		if at := math.Round(p); at >= 0 && at < float64(len(all)) {
			score = all[int(at)]
		}
		periods, scores = append(periods, p), append(scores, score)
	}
	return []*data.Node{realsNode(periods), realsNode(scores)}
}

// bestPeriod is the period of a series, 0 where no score is above the threshold.
func bestPeriod(x []float64, threshold float64) int {
	if found := detect(x, 0, math.Inf(1)); len(found) > 0 && found[0].score >= threshold {
		return int(found[0].period)
	}
	return 0
}

// seasonalPart repeats the medians of the elements that are a period apart;
// they are learned from all but the last test elements.
func seasonalPart(x []float64, period, test int) []float64 {
	out := make([]float64, len(x))
	learned := x[:len(x)-test]
	if period < 1 || len(learned) < period {
		return out
	}
	for phase := range period {
		var values []float64
		for i := phase; i < len(learned); i += period {
			values = append(values, learned[i])
		}
		slices.Sort(values)
		median := quantile(values, 0.5)
		for i := phase; i < len(out); i += period {
			out[i] = median
		}
	}
	return out
}

func evalSeasonal(_ *Context, args []data.Value) data.Value {
	x, ok := finiteSeries(args[0])
	if !ok {
		return nullDynamic()
	}
	test := max(0, min(int(optionalReal(args, 2, 0)), len(x)))
	period := int(optionalReal(args, 1, -1))
	if period == -1 {
		period = bestPeriod(x[:len(x)-test], 0.7)
	}
	return series{x: seasonalPart(x, period, test)}.value()
}
