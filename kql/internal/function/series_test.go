package function

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func TestSeries(t *testing.T) {
	const monthly = "dynamic [80,139,87,110,68,54,50,51,53,133,86,141,97,156,94,149,95,140,77,61,50,54,47,133,72,152,94,148,105,162,101,160,87,63,53,55,54,151,103,189,108,183,113,175,113,178,90,71,62,62,65,165,109,181,115,182,121,178,114,170]"
	runScalarTests(t, map[string]scalarTest{
		"abs_mixed":          {"series_abs", "dynamic [-6.5,0,8.2]", "dynamic [6.5,0.0,8.2]"},
		"sign_whole":         {"series_sign", "dynamic [-6,0,8]", "dynamic [-1,0,1]"},
		"ceiling":            {"series_ceiling", "dynamic [-1.5,1,2.5]", "dynamic [-1.0,1.0,3.0]"},
		"log":                {"series_log", "dynamic [1,2,3]", "dynamic [0.0,0.6931471805599453,1.0986122886681096]"},
		"not_a_series":       {"series_log", "dynamic 5", "dynamic null"},
		"add":                {"series_add", "dynamic [1,2,4]; dynamic [4,2,1]", "dynamic [5,4,5]"},
		"add_null":           {"series_add", "dynamic [1,null,4,'a']; dynamic [4,2]", "dynamic [5.0,null,null,null]"},
		"multiply_number":    {"series_multiply", "dynamic [1,2]; long 3", "dynamic [3,6]"},
		"divide":             {"series_divide", "dynamic [1,2,4]; dynamic [4,2,1]", "dynamic [0.25,1.0,4.0]"},
		"pow":                {"series_pow", "dynamic [1,2,3,4]; dynamic [1,2,3,0.5]", "dynamic [1.0,4.0,27.0,2.0]"},
		"greater_equals":     {"series_greater_equals", "dynamic [1,2,4]; dynamic [4,2,1]", "dynamic [false,true,true]"},
		"less_number":        {"series_less", "dynamic [1,2,null]; real 1.5", "dynamic [true,false,null]"},
		"dot_product":        {"series_dot_product", "dynamic [1,2,4]; dynamic [4,2,1]", "real 12"},
		"dot_product_number": {"series_dot_product", "dynamic [1,2,4]; long 1", "real 7"},
		"cosine":             {"series_cosine_similarity", "dynamic [0.1,0.2,0.1,0.2]; dynamic [1,2,3,4]", "real 0.9237604307034012"},
		"pearson":            {"series_pearson_correlation", "dynamic [1,2,3]; dynamic [3,5,7]", "real 1"},
		"sum":                {"series_sum", "dynamic [1,2,3.5]", "real 6.5"},
		"magnitude":          {"series_magnitude", "dynamic [3,4]", "real 5"},
		"product":            {"series_product", "dynamic [3,4]", "real 12"},
		"fill_forward":       {"series_fill_forward", "dynamic [null,36,null,16,null,null]", "dynamic [null,36,36,16,16,16]"},
		"fill_backward":      {"series_fill_backward", "dynamic [0,36,0,16,0]; long 0", "dynamic [36,36,16,16,0]"},
		"fill_const":         {"series_fill_const", "dynamic [111,null,36]; real 0", "dynamic [111,0.0,36]"},
		"fill_linear_whole":  {"series_fill_linear", "dynamic [null,111,null,36,41,null,null,16,61,33,null,null]", "dynamic [111,111,73,36,41,32,24,16,61,33,33,33]"},
		"fill_linear_inside": {"series_fill_linear", "dynamic [null,1.0,null,2.0,null]; real null; bool false", "dynamic [null,1.0,1.5,2.0,null]"},
		"fill_linear_empty":  {"series_fill_linear", "dynamic [null,null]; real null; bool true; real 3.14159", "dynamic [3.14159,3.14159]"},
		"fit_line":           {"series_fit_line", "dynamic [1,3,5]", "dynamic [1.0,2.0,4.0,0.0,-1.0,[1.0,3.0,5.0]]"},
		"fit_line_dynamic":   {"series_fit_line_dynamic", "dynamic [1,3,5]", `dynamic {"rsquare":1.0,"slope":2.0,"variance":4.0,"rvariance":0.0,"interception":-1.0,"line_fit":[1.0,3.0,5.0]}`},
		"fit_line_of_nulls":  {"series_fit_line", "dynamic [1,null]", "dynamic [null,null,null,null,null,null]"},
		"fit_2lines": {
			"series_fit_2lines", "dynamic [1,2,3,4,4,3,2,1]",
			"dynamic [1.0,4,1.4285714285714286,0.0,[1.0,2.0,3.0,4.0,4.0,3.0,2.0,1.0],1.0,-1.0,5.0,1.6666666666666667,0.0,1.0,1.0,0.0,1.6666666666666667,0.0]",
		},
		"fit_poly":            {"series_fit_poly", "dynamic [1,2,3]", "dynamic [1.0,[1.0,0.0],1.0,0.0,[1.0,2.0,3.0]]"},
		"stats":               {"series_stats_dynamic", "dynamic [23,46,23,87,4,8,3,75,2,56,13,75,32,16,29]", `dynamic {"min":2.0,"min_idx":8,"max":87.0,"max_idx":3,"avg":32.8,"stdev":28.503633853548266,"variance":812.4571428571428,"sum":492.0,"len":15}`},
		"stats_with_null":     {"series_stats", "dynamic [1,null]", "dynamic [null,null,null,null,null,null,null]"},
		"stats_ignore_null":   {"series_stats", "dynamic [1,null,3]; bool true", "dynamic [1.0,0,3.0,2,2.0,1.4142135623730951,2.0]"},
		"outliers":            {"series_outliers", "dynamic [1,2,3,4,5,100,null]; string tukey", "dynamic [-0.5,-0.1,0.0,0.0,0.1,38.1,0.0]"},
		"fir":                 {"series_fir", "dynamic [0,0,10,0]; dynamic [1,1]", "dynamic [0.0,0.0,5.0,5.0]"},
		"fir_center":          {"series_fir", "dynamic [0,0,9,0]; dynamic [1,1,1]; bool true; bool true", "dynamic [0.0,3.0,3.0,3.0]"},
		"fir_difference":      {"series_fir", "dynamic [1,3,6]; dynamic [1,-1]", "dynamic [1.0,2.0,3.0]"},
		"iir_running_sum":     {"series_iir", "dynamic [1,2,3,4]; dynamic [1]; dynamic [1,-1]", "dynamic [1.0,3.0,6.0,10.0]"},
		"fft":                 {"series_fft", "dynamic [1,1,1,1]", "dynamic [[4.0,0.0,0.0,0.0],[0.0,0.0,0.0,0.0]]"},
		"seasonal_detected":   {"series_seasonal", "dynamic [8,12,14,12,10,10,12,14,12,10,10,12,14,12,10,10,12,14,12,10]", "dynamic [10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0]"},
		"seasonal_of_six":     {"series_seasonal", "dynamic [2,5,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1]", "dynamic [1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0]"},
		"seasonal_too_short":  {"series_seasonal", "dynamic [1,3,5,2,4,6,1,3,5,2,4,6]", "dynamic [0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]"},
		"seasonal_forced":     {"series_seasonal", "dynamic [1,3,5,2,4,6,1,3,5,2,4,6]; long 3", "dynamic [1.5,3.5,5.5,1.5,3.5,5.5,1.5,3.5,5.5,1.5,3.5,5.5]"},
		"periods_detect":      {"series_periods_detect", monthly + "; real 0; real 50; long 2", "dynamic [[14.0,0.0],[0.9805927376562978,0.0]]"},
		"periods_validate":    {"series_periods_validate", monthly + "; real 14; real 10", "dynamic [[14.0,10.0],[0.9805927376562978,0.0]]"},
		"decompose_none":      {"series_decompose", "dynamic [1,2,3]; long 0; string linefit", "dynamic [[1.0,2.0,3.0],[0.0,0.0,0.0],[1.0,2.0,3.0],[0.0,0.0,0.0]]"},
		"forecast":            {"series_decompose_forecast", "dynamic [1,2,3,null]; long 1; long 0; string linefit", "dynamic [[1.0,2.0,3.0,4.0],[0.0,0.0,0.0,0.0],[1.0,2.0,3.0,4.0],[0.0,0.0,0.0,null]]"},
		"anomalies":           {"series_decompose_anomalies", "dynamic [1,2,1,2,1,90,1,2,1,2,1]; real 1.5; long 0", "dynamic [[0,0,0,0,0,1,0,0,0,0,0],[0.0,0.0,0.0,0.0,0.0,88.0,0.0,0.0,0.0,0.0,0.0],[9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455,9.454545454545455]]"},
		"dcount_of_no_hll":    {"dcount_hll", "dynamic [1]", "long null"},
		"percentile_tdigest":  {"percentile_tdigest", `dynamic ["tdigest","long",[1.0,3.0],[2,1]]; real 100`, "dynamic 3"},
		"percentiles_tdigest": {"percentiles_array_tdigest", `dynamic ["tdigest","long",[1.0,3.0],[2,1]]; dynamic [50,100]`, "dynamic [1,3]"},
		"rank_tdigest":        {"rank_tdigest", `dynamic ["tdigest","long",[1.0,3.0],[2,1]]; long 1`, "real 2"},
		"percentrank_tdigest": {"percentrank_tdigest", `dynamic ["tdigest","long",[1.0,3.0],[3,1]]; long 1`, "real 75"},
	})
}

// TestFourier holds the fast transform against its definition, for lengths that are powers of two and others.
func TestFourier(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 8, 12, 31} {
		x := make([]complex128, n)
		for i := range x {
			x[i] = complex(float64(i*i%7), float64(i%3))
		}
		got := fft(x)
		for k := range x {
			want := complex(0, 0)
			for i, v := range x {
				angle := -2 * math.Pi * float64(i*k) / float64(n)
				want += v * complex(math.Cos(angle), math.Sin(angle))
			}
			if d := got[k] - want; math.Hypot(real(d), imag(d)) > 1e-9 {
				t.Errorf("n %d: element %d is %v, want %v", n, k, got[k], want)
			}
		}
	}
}

// TestHillsAreHighest holds the scores of periods against their definition.
func TestHillsAreHighest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		like := make([]float64, n+2)
		for i := range like {
			like[i] = float64(random.IntN(9)) / 7 // many are equally high, some are above 1
		}
		scores, noise := hills(like), 2/math.Sqrt(float64(2*len(like)-2))
		for period, score := range scores {
			want := min(like[period], 1)
			near := like[period-period/4 : min(period+period/4+1, len(like))]
			if period < leastPeriod || period+1 >= len(like) || like[period] < noise || slices.Max(near) > like[period] {
				want = 0
			}
			if score != want {
				t.Errorf("%v: period %d scores %g, want %g", like, period, score, want)
			}
		}
	}
}

// TestTwoLinesLeaveTheLeast tries all splits.
func TestTwoLinesLeaveTheLeast(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := 4; n < 100; n++ {
		y := make([]float64, n)
		for i := range y {
			y[i] = 1e6 + random.NormFloat64() + math.Abs(float64(i-n/3))
		}
		least := math.Inf(1)
		for i := 2; i <= n-2; i++ {
			least = min(least, fitLine(y[:i]).squares+fitLine(y[i:]).squares)
		}
		if split, left, right := fitTwoLines(y); left.squares+right.squares > least+1e-6 || left.n != split {
			t.Errorf("%v: split at %d leaves %g, want %g", y, split, left.squares+right.squares, least)
		}
	}
}

func TestSketchesCount(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 100000} {
		s := newSketch(sketchRoom[1])
		for i := range n {
			s.add(sketchHash(data.NodeOfLong(int64(i))))
		}
		got := readSketch(s.node()).count()
		if math.Abs(float64(got)-float64(n)) > 0.02*float64(n) {
			t.Errorf("%d distinct values are counted as %d", n, got)
		}
	}
}

func TestDigestsFindPercentiles(t *testing.T) {
	d := &digest{of: data.Long}
	for i := range 100000 {
		d.add(float64(i*7919%100000), 1)
	}
	d = readDigest(d.node())
	for _, p := range []float64{0, 1, 50, 99, 100} {
		if got, _ := d.percentile(p); math.Abs(got-p*1000) > 500 {
			t.Errorf("percentile %v is %v, want about %v", p, got, p*1000)
		}
	}
	if n := len(d.points); n > 2*digestRoom {
		t.Errorf("a digest has %d points", n)
	}
}
