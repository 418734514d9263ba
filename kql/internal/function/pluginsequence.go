package function

import (
	"errors"
	"fmt"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func sequencePlugins() []Plugin {
	const state = "StateColumn:NotDynamic{Column}, Sequence:DynamicArray{Constant}"
	return []Plugin{
		{
			Name: "sequence_detect", Signatures: []string{"(TimelineColumn:Summable{Column}, MaxSeqeunceStepWindow:Summable{Constant}, MaxSequenceSpan:Summable{Constant}, Expr:bool×1..n, Dimension:NotDynamic{Column}×0..n) → Custom"},
			Doc: "Finds rows that meet conditions one after the other within a time.", Columns: detectColumns, Run: detectSequences,
		},
		{
			Name: "funnel_sequence", Signatures: []string{"(" + activityArgs + startAndEnd + "MaxWindowSizeBetweenSteps:Summable{Constant}, Step:Summable{Constant}, " + state + ") → Custom"},
			Doc: "Counts ids that went through states, by the state before and after.", Columns: funnelColumns, Run: funnel,
		},
		{
			Name: "funnel_sequence_completion", Signatures: []string{"(" + activityArgs + startAndEnd + "BinSize:Summable{Constant}, " + state + ", MaxSequencePeriods:DynamicArray{Constant}) → Custom"},
			Doc: "Counts ids that got as far as each of some states within periods.", Columns: completionColumns, Run: completion,
		},
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

func detectSequences(c *Context, input Table, args []PluginArg) (Table, error) {
	d, err := readDetection(input.Columns, args)
	if err != nil {
		return Table{}, err
	}
	s := search{detection: d, input: input, out: newTableBuilder(c, d.columns(input.Columns))}
	t := timeline{id: d.time, time: d.time, dims: d.dims}
	for _, strand := range t.strands(input, math.MinInt64, math.MaxInt64) {
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
