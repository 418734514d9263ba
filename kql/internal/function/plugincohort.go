package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func newActivityPlugin() Plugin {
	return Plugin{
		Name: "new_activity_metrics", Doc: "Tells of the ids that were new in each bin how many come back in later ones.",
		Signatures: []string{"(" + activityArgs + startAndEnd + "Window:Scalar, Cohort:Scalar{Constant}?, Dimension:NotDynamic{Column}×0..n, lookback:Tabular?) → Custom"},
		Columns: func(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
			c, err := readCohorts(args)
			if err == nil {
				err = c.check(input)
			}
			if err != nil {
				return nil, false, err
			}
			return c.columns(input), false, nil
		},
		Run: func(world *Context, input Table, args []PluginArg) (Table, error) {
			c, err := readCohorts(args)
			if err != nil {
				return Table{}, err
			}
			c.context = world
			return c.run(input), nil
		},
	}
}

// cohorts are the arguments of new_activity_metrics; only is the one cohort
// that is asked for, lookback has ids that are not new.
type cohorts struct {
	timeline
	only     int64
	lookback *Table
}

func readCohorts(args []PluginArg) (cohorts, error) {
	c := cohorts{only: math.MinInt64}
	dims := 5
	if len(args) > 5 && args[5].Column < 0 && args[5].Table == nil {
		dims = 6
	}
	var err error
	if c.timeline, err = readTimeline(args, dims); err != nil {
		return c, err
	}
	n, err := ticksArgs(args, 2, 2)
	if err != nil {
		return c, err
	}
	c.start, c.end = n[0], n[1]
	v, err := constantArg(args, 4)
	if err != nil {
		return c, err
	}
	if c.bins, err = readBins(v, c.start); err != nil {
		return c, err
	}
	if err := c.limit(mostCohorts); err != nil {
		return c, err
	}
	if dims == 6 {
		if c.only, err = ticksArg(args, 5); err != nil {
			return c, err
		}
	}
	if last := args[len(args)-1]; last.Table != nil {
		c.lookback = last.Table
	}
	return c, nil
}

func (c cohorts) columns(input []data.Column) []data.Column {
	t := input[c.time]
	out := []data.Column{{Name: "from_" + t.Name, Type: t.Type}, {Name: "to_" + t.Name, Type: t.Type}}
	for _, d := range c.dims {
		out = append(out, input[d])
	}
	out = append(out, longColumns("dcount_new_values", "dcount_retained_values", "dcount_churn_values")...)
	return append(out, realColumns("retention_rate", "churn_rate")...)
}

func (c cohorts) run(input Table) Table {
	out := newTableBuilder(c.context, c.columns(input.Columns))
	old := c.oldIDs(input)
	for _, s := range c.strands(input, c.start, c.end) {
		bins := c.allBins(s)
		seen := idSet{} // before the cohort
		for id := range old {
			seen.add(id)
		}
		for i, b := range bins {
			cohort := b.without(seen)
			if c.only == math.MinInt64 || c.bins.of(c.only) == b.start {
				c.follow(out, input, s, bins[i:], cohort, seen)
			}
			for id := range b.ids {
				seen.add(id)
			}
		}
	}
	return out.table()
}

// allBins are the bins from start to end, also those without events.
func (c cohorts) allBins(s strand) []binOf {
	cut := s.cut(c.bins)
	var out []binOf
	for start := c.bins.of(c.start); start <= c.end; start = c.bins.next(start) {
		b := binOf{start: start, ids: idSet{}}
		if len(cut) > 0 && cut[0].start == start {
			b, cut = cut[0], cut[1:]
		}
		out = append(out, b)
	}
	return out
}

func (b binOf) without(seen idSet) idSet {
	out := idSet{}
	for id := range b.ids {
		if _, ok := seen[id]; !ok {
			out.add(id)
		}
	}
	return out
}

// follow writes what becomes of a cohort in its own and all later bins. New
// there are ids that were seen neither before nor in the cohort's bin.
func (c cohorts) follow(out *tableBuilder, input Table, s strand, bins []binOf, cohort, seen idSet) {
	of := input.Columns[c.time].Type
	for i, b := range bins {
		fresh := len(cohort)
		if i > 0 {
			fresh = 0
			for id := range b.without(seen) {
				_, ok := bins[0].ids[id]
				fresh += b2i(!ok)
			}
		}
		kept := b.ids.common(cohort)
		rate := float64(kept) / float64(len(cohort))
		values := []data.Value{whole(of, bins[0].start), whole(of, b.start)}
		for _, d := range c.dims {
			values = append(values, input.Vectors[d].Value(int(s.first)))
		}
		out.add(append(values, long(fresh), long(kept), long(len(cohort)-kept), data.OfReal(rate), data.OfReal(1-rate))...)
	}
}

// oldIDs are the ids of the lookback table: of its column with the id's name,
// or else its last one of the id's type.
func (c cohorts) oldIDs(input Table) idSet {
	old := idSet{}
	if c.lookback == nil {
		return old
	}
	at := -1
	for i, col := range c.lookback.Columns {
		if col.Name == input.Columns[c.id].Name {
			at = i
			break
		}
		if col.Type == input.Columns[c.id].Type {
			at = i
		}
	}
	if at < 0 {
		return old
	}
	ids, first := c.context.rowGroups(input, []int{c.id})
	numbers := map[string]uint32{}
	for _, row := range first {
		numbers[string(data.AppendKey(nil, input.Vectors[c.id].Value(int(row))))] = ids[row]
	}
	for row := range c.lookback.Rows {
		if id, ok := numbers[string(data.AppendKey(nil, c.lookback.Vectors[at].Value(row)))]; ok {
			old.add(id)
		}
	}
	return old
}
