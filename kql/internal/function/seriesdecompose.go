package function

import "github.com/bartizan-dev/bartizan/kql/data"

func seriesDecomposeScalars() []Scalar {
	array := data.Dynamic
	parts := []field{{"baseline", array}, {"seasonal", array}, {"trend", array}, {"residual", array}}
	flags := []field{{"ad_flag", array}, {"ad_score", array}, {"baseline", array}}
	return []Scalar{
		several("series_decompose", "series:DynamicArray, period:Integer?, trend:string?, test_points:Integer?, seasonality_threshold:Number?",
			"Splits a series into what repeats, the trend, and the rest.", parts, decomposeNodes),
		several("series_decompose_anomalies",
			"series:DynamicArray, threshold:Number?, period:Integer?, trend:string?, test_points:Integer?, method:string?, seasonality_threshold:Number?",
			"Finds elements that differ from what repeats and the trend.", flags, anomalyNodes),
		several("series_decompose_forecast",
			"series:DynamicArray, test_points:Integer, period:Integer?, trend:string?, seasonality_threshold:Number?",
			"Continues what repeats and the trend over the last points of a series.", parts, forecastNodes),
	}
}

// A decomposition is baseline = seasonal + trend, and residual = x - baseline.
type decomposition struct{ baseline, seasonal, trend, residual []float64 }

// how says how to decompose: period -1 is found, 0 is none.
type how struct {
	period    int
	trend     string
	test      int
	threshold float64
}

func decompose(x []float64, h how) decomposition {
	test := max(0, min(h.test, len(x)-1))
	learned := len(x) - test
	if h.period < 0 {
		h.period = bestPeriod(x[:learned], h.threshold)
	}
	d := decomposition{seasonal: seasonalPart(x, h.period, test), baseline: make([]float64, len(x)), residual: make([]float64, len(x))}
	rest := make([]float64, len(x))
	for i, v := range x {
		rest[i] = v - d.seasonal[i]
	}
	d.trend = trendOf(rest, learned, h.trend)
	for i, v := range x {
		d.baseline[i] = d.seasonal[i] + d.trend[i]
		d.residual[i] = v - d.baseline[i]
	}
	return d
}

// trendOf learns from the first elements.
func trendOf(x []float64, learned int, kind string) []float64 {
	out := make([]float64, len(x))
	var line lineFit
	switch kind {
	case "linefit":
		line = fitLine(x[:learned])
	case "avg":
		line.start = sumOf(x[:learned]) / float64(learned)
	}
	for i := range out {
		out[i] = line.at(i)
	}
	return out
}

func (d decomposition) nodes() []*data.Node {
	return []*data.Node{realsNode(d.baseline), realsNode(d.seasonal), realsNode(d.trend), realsNode(d.residual)}
}

func decomposeNodes(args []data.Value) []*data.Node {
	x, ok := finiteSeries(args[0])
	if !ok {
		return nil
	}
	return decompose(x, how{
		period: int(optionalReal(args, 1, -1)), trend: optionalText(args, 2, "avg"),
		test: int(optionalReal(args, 3, 0)), threshold: optionalReal(args, 4, 0.6),
	}).nodes()
}

func forecastNodes(args []data.Value) []*data.Node {
	s, ok := readSeries(args[0])
	if !ok || len(s.x) == 0 {
		return nil
	}
	h := how{
		test: int(optionalReal(args, 1, 0)), period: int(optionalReal(args, 2, -1)), trend: optionalText(args, 3, "avg"),
		threshold: optionalReal(args, 4, 0.6),
	}
	for i, x := range s.x { // what is to be forecast may be missing
		if i < len(s.x)-h.test && !isFinite(x) {
			return nil
		}
	}
	return decompose(s.x, h).nodes()
}

func anomalyNodes(args []data.Value) []*data.Node {
	x, ok := finiteSeries(args[0])
	if !ok {
		return nil
	}
	threshold := optionalReal(args, 1, 1.5)
	h := how{
		period: int(optionalReal(args, 2, -1)), trend: optionalText(args, 3, "avg"), test: int(optionalReal(args, 4, 0)),
		threshold: optionalReal(args, 6, 0.6),
	}
	d := decompose(x, h)
	low, high := 0.1, 0.9
	if optionalText(args, 5, "ctukey") == "tukey" {
		low, high = 0.25, 0.75
	}
	scores := tukey(d.residual, low, high, h.test)
	flags := series{x: make([]float64, len(x)), whole: true}
	for i, score := range scores {
		flags.x[i] = float64(b2i(score > threshold) - b2i(score < -threshold))
	}
	return []*data.Node{flags.node(), realsNode(scores), realsNode(d.baseline)}
}
