package function

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A funnelling is the arguments of funnel_sequence and funnel_sequence_completion.
type funnelling struct {
	timeline
	window   int64
	state    int
	sequence []string
	periods  []*data.Node
}

func readFunnel(args []PluginArg, window, step, state int) (funnelling, error) {
	f := funnelling{}
	var err error
	if f.timeline, err = readTimeline(args, len(args)); err != nil {
		return f, err
	}
	n, err := ticksArgs(args, 2, 2)
	if err != nil {
		return f, err
	}
	f.start, f.end = n[0], n[1]
	if window > 0 {
		if f.window, err = ticksArg(args, window); err != nil {
			return f, err
		}
	}
	v, err := constantArg(args, step)
	if err != nil {
		return f, err
	}
	if f.bins, err = readBins(v, f.start); err != nil {
		return f, err
	}
	if err := f.limit(mostBins); err != nil {
		return f, err
	}
	if f.state, err = columnArg(args, state); err != nil {
		return f, err
	}
	return f, f.readSequence(args, state+1)
}

func (f *funnelling) readSequence(args []PluginArg, at int) error {
	v, err := constantArg(args, at)
	if err != nil {
		return err
	}
	for _, item := range v.Node().Items() {
		f.sequence = append(f.sequence, data.Convert(item.Value(), data.String).Text())
	}
	if len(f.sequence) == 0 {
		return fmt.Errorf("argument %d: want an array of states", at+1)
	}
	return nil
}

func funnelColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	f, err := readFunnel(args, 4, 5, 6)
	if err == nil {
		err = f.check(input)
	}
	if err != nil {
		return nil, false, err
	}
	return f.funnelColumns(input), false, nil
}

func (f funnelling) funnelColumns(input []data.Column) []data.Column {
	return []data.Column{
		input[f.time],
		{Name: "prev", Type: data.String},
		{Name: "next", Type: data.String},
		{Name: "dcount", Type: data.Long},
		{Name: "samples", Type: data.Dynamic},
	}
}

// A visit is that an id was in a state; equal states in a row are one visit.
type visit struct {
	state       string
	first, last int64
}

// visitBytes is what an event takes as a visit, with who came.
const visitBytes = 128

// visits are those of each id, in order of time.
func (f funnelling) visits(input Table) map[uint32][]visit {
	out := map[uint32][]visit{}
	for _, s := range f.strands(input, f.start, f.end) {
		for _, e := range s.events {
			state := data.Convert(input.Vectors[f.state].Value(int(e.row)), data.String).Text()
			f.context.mustSpend(1, visitBytes)
			mine := out[e.id]
			if n := len(mine); n > 0 && mine[n-1].state == state {
				mine[n-1].last = e.time
				continue
			}
			out[e.id] = append(mine, visit{state, e.time, e.time})
		}
	}
	return out
}

// A passage is one row of the result.
type passage struct {
	bin        int64
	prev, next string
}

// funnel gives the first of Kusto's three tables: the others are sums of it.
func funnel(c *Context, input Table, args []PluginArg) (Table, error) {
	f, err := readFunnel(args, 4, 5, 6)
	if err != nil {
		return Table{}, err
	}
	f.context = c
	ids := map[passage][]uint32{}
	all := f.visits(input)
	for _, id := range sortedIDs(all) {
		seen := map[passage]bool{}
		for i := range all[id] {
			if p, ok := f.passes(all[id], i); ok && !seen[p] {
				seen[p] = true
				ids[p] = append(ids[p], id)
			}
		}
	}
	return f.passageTable(c, input, ids), nil
}

func sortedIDs(all map[uint32][]visit) []uint32 {
	var out []uint32
	for id := range all {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// passes tells whether the sequence starts with visit i.
func (f funnelling) passes(v []visit, i int) (passage, bool) {
	end := i + len(f.sequence)
	if end > len(v) {
		return passage{}, false
	}
	for k, state := range f.sequence {
		if v[i+k].state != state || k > 0 && v[i+k].first-v[i+k-1].last > f.window {
			return passage{}, false
		}
	}
	p := passage{bin: f.bins.of(v[i].first)}
	if i > 0 && v[i].first-v[i-1].last <= f.window {
		p.prev = v[i-1].state
	}
	if end < len(v) && v[end].first-v[end-1].last <= f.window {
		p.next = v[end].state
	}
	return p, true
}

const mostSamples = 128

func (f funnelling) passageTable(c *Context, input Table, ids map[passage][]uint32) Table {
	var rows []passage
	for p := range ids {
		rows = append(rows, p)
	}
	slices.SortFunc(rows, func(a, b passage) int {
		return cmp.Or(cmp.Compare(a.bin, b.bin), cmp.Compare(len(ids[b]), len(ids[a])), cmp.Compare(a.prev, b.prev), cmp.Compare(a.next, b.next))
	})
	_, first := c.rowGroups(input, []int{f.id})
	out := newTableBuilder(c, f.funnelColumns(input.Columns))
	for _, p := range rows {
		var samples []*data.Node
		for _, id := range ids[p][:min(mostSamples, len(ids[p]))] {
			samples = append(samples, data.NodeOf(input.Vectors[f.id].Value(int(first[id]))))
		}
		out.add(whole(input.Columns[f.time].Type, p.bin), data.OfString(p.prev), data.OfString(p.next), long(len(ids[p])),
			data.OfNode(data.NodeOfArray(samples)))
	}
	return out.table()
}

func readCompletion(args []PluginArg) (funnelling, error) {
	f, err := readFunnel(args, 0, 4, 5)
	if err != nil {
		return f, err
	}
	v, err := constantArg(args, 7)
	if err != nil {
		return f, err
	}
	f.periods = v.Node().Items()
	return f, nil
}

func completionColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	f, err := readCompletion(args)
	if err == nil {
		err = f.check(input)
	}
	if err != nil {
		return nil, false, err
	}
	return f.completionColumns(input), false, nil
}

func (f funnelling) completionColumns(input []data.Column) []data.Column {
	period := input[f.time].Type
	if period == data.DateTime {
		period = data.TimeSpan
	}
	return []data.Column{
		input[f.time],
		{Name: input[f.state].Name, Type: input[f.state].Type},
		{Name: "Period", Type: period},
		{Name: "dcount", Type: data.Long},
	}
}

func completion(c *Context, input Table, args []PluginArg) (Table, error) {
	f, err := readCompletion(args)
	if err != nil {
		return Table{}, err
	}
	f.context = c
	out := newTableBuilder(c, f.completionColumns(input.Columns))
	of := input.Columns[f.time].Type
	byID := map[uint32][]event{}
	for _, s := range f.strands(input, f.start, f.end) {
		for _, e := range s.events {
			byID[e.id] = append(byID[e.id], e)
		}
	}
	for bin := f.bins.of(f.start); bin <= f.end; bin = f.bins.next(bin) {
		for _, p := range f.periods {
			c.mustSpend(0, 0)
			period := data.Convert(p.Value(), out.columns[2].Type)
			counts := f.reached(input, byID, bin, period.Long())
			for k, state := range f.sequence {
				if counts[0] > 0 {
					out.add(whole(of, bin), data.OfString(state), period, long(counts[k]))
				}
			}
		}
	}
	return out.table(), nil
}

// reached counts, for each state of the sequence, the ids that got to it within
// a period after they were in the first state, in a bin.
func (f funnelling) reached(input Table, byID map[uint32][]event, bin, period int64) []int {
	counts := make([]int, len(f.sequence))
	states := input.Vectors[f.state]
	is := func(e event, state string) bool {
		return data.Convert(states.Value(int(e.row)), data.String).Text() == state
	}
	for _, events := range byID {
		best := 0
		for i, e := range events {
			if f.bins.of(e.time) != bin || !is(e, f.sequence[0]) {
				continue
			}
			got := 1
			for _, later := range events[i+1:] {
				if got < len(f.sequence) && later.time-e.time <= period && is(later, f.sequence[got]) {
					got++
				}
			}
			best = max(best, got)
		}
		for k := range best {
			counts[k]++
		}
	}
	return counts
}
