package function

import (
	"errors"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// readEngagement reads the form with start and end, and the one without.
func readEngagement(args []PluginArg) (timeline, []int64, error) {
	constants := 0
	for constants+2 < len(args) && args[constants+2].Column < 0 {
		constants++
	}
	if constants != 2 && constants != 4 {
		return timeline{}, nil, errors.New("want start, end, and two windows, or only the windows")
	}
	t, err := readTimeline(args, 2+constants)
	if err != nil {
		return t, nil, err
	}
	n, err := ticksArgs(args, 2, constants)
	if err != nil {
		return t, nil, err
	}
	t.start, t.end = math.MinInt64, math.MaxInt64
	if constants == 4 {
		t.start, t.end = n[0], n[1]
		if err := t.limit(mostBins); err != nil {
			return t, nil, err
		}
	}
	n = n[constants-2:]
	if n[0] <= 0 || n[1] <= 0 || max(n[0], n[1]) > far {
		return t, nil, errors.New("want windows greater than zero")
	}
	t.bins = stepsFrom(max(t.start, 0), n[0])
	return t, n, nil
}

func engagement(t timeline, n []int64, input Table, _ []PluginArg) []binned {
	var out []binned
	from := t.start
	if from != math.MinInt64 {
		from -= n[1]
	}
	for _, s := range t.strands(input, from, t.end) {
		bins := s.cut(t.bins)
		low := 0
		for i, b := range bins {
			for bins[low].start <= b.start+n[0]-1-n[1] && low < i {
				low++
			}
			if b.start < t.start && t.start != math.MinInt64 {
				continue
			}
			t.context.mustSpend(1, binnedBytes)
			_, outer := together(bins[low : i+1])
			out = append(out, binned{b.start, s.first, []data.Value{
				long(len(b.ids)), long(len(outer)),
				data.OfReal(float64(len(b.ids)) / float64(len(outer))),
			}})
		}
	}
	return out
}

// readMetrics reads the form with start and end, and the one with a window only.
func readMetrics(args []PluginArg) (timeline, []int64, error) {
	at := 4
	if len(args) < 5 {
		at = len(args) - 1
	}
	t, err := readTimeline(args, at+1)
	if err != nil {
		return t, nil, err
	}
	t.start, t.end = math.MinInt64, math.MaxInt64
	if at == 4 {
		n, err := ticksArgs(args, 2, 2)
		if err != nil {
			return t, nil, err
		}
		t.start, t.end = n[0], n[1]
	}
	v, err := constantArg(args, at)
	if err != nil {
		return t, nil, err
	}
	t.bins, err = readBins(v, max(t.start, 0))
	return t, nil, err
}

func metrics(t timeline, _ []int64, input Table, _ []PluginArg) []binned {
	var out []binned
	for _, s := range t.strands(input, t.start, t.end) {
		before := binOf{ids: idSet{}, start: math.MinInt64}
		for _, b := range s.cut(t.bins) {
			if before.start == math.MinInt64 || t.bins.next(before.start) != b.start {
				before.ids = idSet{}
			}
			kept := b.ids.common(before.ids)
			rate := float64(kept) / float64(len(before.ids)) // NaN where nobody was there before
			out = append(out, binned{b.start, s.first, []data.Value{long(len(b.ids)), long(len(b.ids) - kept), data.OfReal(rate), data.OfReal(1 - rate)}})
			before = b
		}
	}
	return out
}
