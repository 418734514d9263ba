package function

import (
	"errors"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

const (
	activityArgs = "IdColumn:NotDynamic{Column}, TimelineColumn:Summable{Column}, "
	dimensions   = ", Dimension:NotDynamic{Column}×0..n) → Custom"
	startAndEnd  = "Start:Summable{Constant}, End:Summable{Constant}, "
)

// longColumns are result columns of numbers.
func longColumns(names ...string) []data.Column {
	var out []data.Column
	for _, name := range names {
		out = append(out, data.Column{Name: name, Type: data.Long})
	}
	return out
}

func realColumns(names ...string) []data.Column {
	out := longColumns(names...)
	for i := range out {
		out[i].Type = data.Real
	}
	return out
}

// An activityPlugin reads its arguments into a timeline and computes results.
type activityPlugin struct {
	name, doc  string
	signatures []string
	more       []data.Column
	read       func(args []PluginArg) (timeline, []int64, error)
	run        func(t timeline, extra []int64, input Table, args []PluginArg) []binned
}

func (p activityPlugin) plugin() Plugin {
	return Plugin{
		Name: p.name, Doc: p.doc, Signatures: p.signatures,
		Columns: func(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
			t, _, err := p.read(args)
			if err == nil {
				err = t.check(input)
			}
			if err != nil {
				return nil, false, err
			}
			return t.columns(input, p.more...), false, nil
		},
		Run: func(c *Context, input Table, args []PluginArg) (Table, error) {
			t, extra, err := p.read(args)
			if err != nil {
				return Table{}, err
			}
			t.context = c
			return t.tableOf(input, p.run(t, extra, input, args), p.more...), nil
		},
	}
}

func activityPlugins() []Plugin {
	window := "LookbackWindow:Summable{Constant}, "
	step := "Step:Summable{Constant}"
	all := []activityPlugin{
		{
			name: "active_users_count", doc: "Counts ids that were active in enough periods of the time before.",
			signatures: []string{"(" + activityArgs + startAndEnd + window + "Period:Summable{Constant}, ActivePeriods:Summable{Constant}, " + step + dimensions},
			more:       longColumns("dcount"), read: readSteps(7, 8), run: activeUsers,
		},
		{
			name: "activity_counts_metrics", doc: "Counts events, ids, new ids and ids so far in each bin.",
			signatures: []string{"(" + activityArgs + startAndEnd + step + dimensions},
			more:       longColumns("count", "dcount", "new_dcount", "aggregated_dcount"), read: readSteps(4, 5), run: countsMetrics,
		},
		{
			name: "sliding_window_counts", doc: "Counts events and ids in a window before the end of each bin.",
			signatures: []string{"(" + activityArgs + startAndEnd + "LookBackWindow:Summable{Constant}, " + step + dimensions},
			more:       longColumns("Count", "Dcount"), read: readSteps(5, 6), run: slidingCounts,
		},
		{
			name: "session_count", doc: "Counts sessions: events whose id was not there in the time before.",
			signatures: []string{"(" + activityArgs + startAndEnd + "Bin:Summable{Constant}, LookBackWindow:Summable{Constant}" + dimensions},
			more:       longColumns("count_sessions"), read: readSteps(4, 6), run: sessions,
		},
		{
			name: "activity_engagement", doc: "Compares the ids of a short and of a long window.",
			signatures: []string{
				"(" + activityArgs + "InnerActivityWindow:Summable{Constant}, OuterActivityWindow:Summable{Constant}) → Custom",
				"(" + activityArgs + startAndEnd + "InnerActivityWindow:Summable{Constant}, OuterActivityWindow:Summable{Constant}" + dimensions,
			},
			more: append(longColumns("dcount_activities_inner", "dcount_activities_outer"), realColumns("activity_ratio")...),
			read: readEngagement, run: engagement,
		},
		{
			name: "activity_metrics", doc: "Compares the ids of each bin with those of the bin before.",
			signatures: []string{
				"(IdColumn:Scalar{Column}, TimelineColumn:Summable{Column}, " + startAndEnd + step + dimensions,
				"(IdColumn:Scalar{Column}, TimelineColumn:Summable{Column}, Start:Summable{Constant}?, End:Summable{Constant}?) → Custom",
			},
			more: append(longColumns("dcount_values", "dcount_newvalues"), realColumns("retention_rate", "churn_rate")...),
			read: readMetrics, run: metrics,
		},
	}
	out := []Plugin{newActivityPlugin()}
	for _, p := range all {
		out = append(out, p.plugin())
	}
	return out
}

// readSteps reads start and end as arguments 2 and 3, then numbers, and the
// size of bins as argument step; dims follow from an argument on. The other
// numbers are handed over.
func readSteps(step, dims int) func(args []PluginArg) (timeline, []int64, error) {
	return func(args []PluginArg) (timeline, []int64, error) {
		t, err := readTimeline(args, dims)
		if err != nil {
			return t, nil, err
		}
		var extra []int64
		for i := 2; i < dims; i++ {
			if i == step { // may be a word
				continue
			}
			n, err := ticksArg(args, i)
			if err != nil {
				return t, nil, err
			}
			extra = append(extra, n)
		}
		t.start, t.end = extra[0], extra[1]
		v, err := constantArg(args, step)
		if err != nil {
			return t, nil, err
		}
		if t.bins, err = readBins(v, t.start); err != nil {
			return t, nil, err
		}
		for _, n := range extra[2:] {
			if n < 0 || n > far {
				return t, nil, errors.New("want windows that are not negative")
			}
		}
		return t, extra[2:], t.limit(mostBins)
	}
}

// activeUsers counts, at each event, the periods in which its id was there in
// the window that ends with the event.
func activeUsers(t timeline, n []int64, input Table, _ []PluginArg) []binned {
	window, period, least := n[0], max(n[1], 1), n[2]
	var out []binned
	for _, s := range t.strands(input, t.start-window, t.end) {
		past := map[uint32][]int64{}
		active := map[int64]idSet{}
		for _, e := range s.events {
			past[e.id] = append(past[e.id], e.time)
			if e.time < t.start || periodsWithin(past[e.id], e.time-window, period) < least {
				continue
			}
			bin := t.bins.of(e.time)
			if active[bin] == nil {
				active[bin] = idSet{}
			}
			active[bin].add(e.id)
		}
		for bin, ids := range active {
			out = append(out, binned{bin, s.first, []data.Value{long(len(ids))}})
		}
	}
	return out
}

func periodsWithin(times []int64, after, period int64) (n int64) {
	last := int64(math.MinInt64)
	for _, t := range times {
		if p := floorDiv(t, period); t > after && p != last {
			n, last = n+1, p
		}
	}
	return n
}

func countsMetrics(t timeline, _ []int64, input Table, _ []PluginArg) []binned {
	var out []binned
	for _, s := range t.strands(input, t.start, t.end) {
		seen := idSet{}
		for _, b := range s.cut(t.bins) {
			fresh := 0
			for id := range b.ids {
				fresh += b2i(seen.add(id))
			}
			out = append(out, binned{b.start, s.first, []data.Value{long(b.events), long(len(b.ids)), long(fresh), long(len(seen))}})
		}
	}
	return out
}

// slidingCounts counts the events of the bins that start within the window up to each bin.
func slidingCounts(t timeline, n []int64, input Table, _ []PluginArg) []binned {
	window := n[0]
	var out []binned
	for _, s := range t.strands(input, t.start-window, math.MaxInt64) {
		bins := s.cut(t.bins)
		low, high := 0, 0 // bins[low:high] are within the window
		for bin := t.bins.of(t.start); bin <= t.end; bin = t.bins.next(bin) {
			for high < len(bins) && bins[high].start <= bin {
				high++
			}
			for low < high && bins[low].start <= bin-window {
				low++
			}
			t.context.mustSpend(0, 0)
			if events, ids := together(bins[low:high]); events > 0 {
				t.context.mustSpend(1, binnedBytes)
				out = append(out, binned{bin, s.first, []data.Value{long(events), long(len(ids))}})
			}
		}
	}
	return out
}

// binnedBytes is what a binned takes with some values.
const binnedBytes = 256

// together is how many events bins have, and the ids of all.
func together(bins []binOf) (events int, ids idSet) {
	ids = idSet{}
	for _, b := range bins {
		events += b.events
		for id := range b.ids {
			ids.add(id)
		}
	}
	return events, ids
}

func sessions(t timeline, n []int64, input Table, _ []PluginArg) []binned {
	window := n[0]
	var out []binned
	for _, s := range t.strands(input, t.start, t.end) {
		last, counts := map[uint32]int64{}, map[int64]int{}
		for _, e := range s.events {
			before, known := last[e.id]
			counts[t.bins.of(e.time)] += b2i(!known || e.time-before > window)
			last[e.id] = e.time
		}
		for bin, count := range counts {
			if count > 0 {
				out = append(out, binned{bin, s.first, []data.Value{long(count)}})
			}
		}
	}
	return out
}
