package function

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func sequencePlugins() []Plugin {
	const state = "StateColumn:NotDynamic{Column}, Sequence:DynamicArray{Constant}"
	return []Plugin{
		{Name: "sequence_detect", Signatures: []string{"(TimelineColumn:Summable{Column}, MaxSeqeunceStepWindow:Summable{Constant}, MaxSequenceSpan:Summable{Constant}, Expr:bool×1..n, Dimension:NotDynamic{Column}×0..n) → Custom"},
			Doc: "Finds rows that meet conditions one after the other within a time.", Columns: detectColumns, Run: detectSequences},
		{Name: "funnel_sequence", Signatures: []string{"(" + activityArgs + startAndEnd + "MaxWindowSizeBetweenSteps:Summable{Constant}, Step:Summable{Constant}, " + state + ") → Custom"},
			Doc: "Counts ids that went through states, by the state before and after.", Columns: funnelColumns, Run: funnel},
		{Name: "funnel_sequence_completion", Signatures: []string{"(" + activityArgs + startAndEnd + "BinSize:Summable{Constant}, " + state + ", MaxSequencePeriods:DynamicArray{Constant}) → Custom"},
			Doc: "Counts ids that got as far as each of some states within periods.", Columns: completionColumns, Run: completion},
	}
}

// A detection is the arguments of sequence_detect.
type detection struct {
	time           int
	maxStep, total int64
	steps          []PluginArg
	dims           []int
}

func readDetection(input []data.Column, args []PluginArg) (detection, error) {
	d := detection{}
	var err error
	if d.time, err = columnArg(args, 0); err != nil {
		return d, err
	}
	if err = (timeline{time: d.time}).check(input); err != nil {
		return d, err
	}
	n, err := ticksArgs(args, 1, 2)
	if err != nil {
		return d, err
	}
	d.maxStep, d.total = n[0], n[1]
	for i, a := range args[3:] {
		switch {
		case a.Type == data.Bool && len(d.dims) == 0:
			d.steps = append(d.steps, a)
		case a.Column >= 0:
			d.dims = append(d.dims, a.Column)
		default:
			return d, fmt.Errorf("argument %d: want a condition or a column", i+4)
		}
	}
	if len(d.steps) == 0 {
		return d, errors.New("want at least one condition")
	}
	return d, nil
}

func detectColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	d, err := readDetection(input, args)
	if err != nil {
		return nil, false, err
	}
	return d.columns(input), false, nil
}

func (d detection) columns(input []data.Column) []data.Column {
	var out []data.Column
	for _, c := range d.dims {
		out = append(out, input[c])
	}
	t := input[d.time]
	used := namesOf(out)
	for _, s := range d.steps {
		out = append(out, data.Column{Name: freeName(s.Name+"_"+t.Name, used), Type: t.Type})
	}
	span := t.Type
	if span == data.DateTime {
		span = data.TimeSpan
	}
	return append(out, data.Column{Name: freeName("Duration", used), Type: span})
}

// mostSequences keeps a query that fits everywhere from filling the memory.
const mostSequences = 1_000_000

// A search is one run of sequence_detect over the rows of one combination of dims.
type search struct {
	detection
	input  Table
	events []event
	found  []int32 // rows chosen so far
	out    *tableBuilder
}

func detectSequences(_ *Context, input Table, args []PluginArg) (Table, error) {
	d, err := readDetection(input.Columns, args)
	if err != nil {
		return Table{}, err
	}
	s := search{detection: d, input: input, out: newTableBuilder(d.columns(input.Columns))}
	t := timeline{id: d.time, time: d.time, dims: d.dims}
	for _, strand := range t.strands(input, 0, 1<<62) {
		s.events = strand.events
		for i := range s.events {
			s.extend(i, 0)
		}
		if s.out.rows > mostSequences {
			return Table{}, fmt.Errorf("more than %d sequences", mostSequences)
		}
	}
	return s.out.table(), nil
}

// extend takes event i as step k, if it may be, and goes on with the events after it.
func (s *search) extend(i, k int) {
	row := int(s.events[i].row)
	if v := s.steps[k].Values.Value(row); v.IsNull() || !v.Bool() || s.out.rows > mostSequences {
		return
	}
	s.found = append(s.found, s.events[i].row)
	defer func() { s.found = s.found[:len(s.found)-1] }()
	if k == len(s.steps)-1 {
		s.write()
		return
	}
	first := s.input.Vectors[s.time].Longs[s.found[0]]
	for j := i + 1; j < len(s.events); j++ {
		at := s.events[j].time
		if at-s.events[i].time > s.maxStep || at-first > s.total {
			return
		}
		s.extend(j, k+1)
	}
}

func (s *search) write() {
	var values []data.Value
	for _, c := range s.dims {
		values = append(values, s.input.Vectors[c].Value(int(s.found[0])))
	}
	times := s.input.Vectors[s.time]
	for _, row := range s.found {
		values = append(values, times.Value(int(row)))
	}
	span := times.Longs[s.found[len(s.found)-1]] - times.Longs[s.found[0]]
	s.out.add(append(values, whole(s.out.columns[len(values)].Type, span))...)
}

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
	return []data.Column{input[f.time], {Name: "prev", Type: data.String}, {Name: "next", Type: data.String},
		{Name: "dcount", Type: data.Long}, {Name: "samples", Type: data.Dynamic}}
}

// A visit is that an id was in a state; equal states in a row are one visit.
type visit struct {
	state       string
	first, last int64
}

// visits are those of each id, in order of time.
func (f funnelling) visits(input Table) map[uint32][]visit {
	out := map[uint32][]visit{}
	for _, s := range f.strands(input, f.start, f.end) {
		for _, e := range s.events {
			state := data.Convert(input.Vectors[f.state].Value(int(e.row)), data.String).Text()
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
func funnel(_ *Context, input Table, args []PluginArg) (Table, error) {
	f, err := readFunnel(args, 4, 5, 6)
	if err != nil {
		return Table{}, err
	}
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
	return f.passageTable(input, ids), nil
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

func (f funnelling) passageTable(input Table, ids map[passage][]uint32) Table {
	var rows []passage
	for p := range ids {
		rows = append(rows, p)
	}
	slices.SortFunc(rows, func(a, b passage) int {
		return cmp.Or(cmp.Compare(a.bin, b.bin), cmp.Compare(len(ids[b]), len(ids[a])), cmp.Compare(a.prev, b.prev), cmp.Compare(a.next, b.next))
	})
	_, first := rowGroups(input, []int{f.id})
	out := newTableBuilder(f.funnelColumns(input.Columns))
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
	return []data.Column{input[f.time], {Name: input[f.state].Name, Type: input[f.state].Type}, {Name: "Period", Type: period},
		{Name: "dcount", Type: data.Long}}
}

func completion(_ *Context, input Table, args []PluginArg) (Table, error) {
	f, err := readCompletion(args)
	if err != nil {
		return Table{}, err
	}
	out := newTableBuilder(f.completionColumns(input.Columns))
	of := input.Columns[f.time].Type
	byID := map[uint32][]event{}
	for _, s := range f.strands(input, f.start, f.end) {
		for _, e := range s.events {
			byID[e.id] = append(byID[e.id], e)
		}
	}
	for bin := f.bins.of(f.start); bin <= f.end; bin = f.bins.next(bin) {
		for _, p := range f.periods {
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
