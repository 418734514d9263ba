package function

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func windowPlugins() []Plugin {
	return []Plugin{
		{
			Name: "rolling_percentile", Signatures: []string{"(ValueColumn:Summable{Column}, Percentile:Number{Constant}, IndexColumn:Summable{Column}, BinSize:Summable, BinsPerWindow:Integer{Constant}, Dimension:NotDynamic{Column}×0..n) → Custom"},
			Doc: "Gives a percentile of the values of the last bins.", Columns: rollingColumns, Run: rolling,
		},
		{
			Name: "dcount_intersect", Signatures: []string{"(hll:DynamicArray×2..n) → Custom"},
			Doc: "Counts what several results of hll have in common.", Keeps: true, Columns: intersectColumns, Run: intersect,
		},
	}
}

// A roll is the arguments of rolling_percentile.
type roll struct {
	timeline
	value      int
	percentile float64
	width      int64
	name       string
}

func readRoll(input []data.Column, args []PluginArg) (roll, error) {
	r := roll{}
	var err error
	if r.value, err = columnArg(args, 0); err != nil {
		return r, err
	}
	p, err := constantArg(args, 1)
	if err != nil {
		return r, err
	}
	r.percentile, _ = asReal(p)
	if r.time, err = columnArg(args, 2); err != nil {
		return r, err
	}
	size, err := constantArg(args, 3)
	if err != nil {
		return r, err
	}
	if r.bins, err = readBins(size, 0); err != nil {
		return r, err
	}
	if r.width, err = ticksArg(args, 4); err != nil {
		return r, err
	}
	if !(r.percentile >= 0 && r.percentile <= 100) || r.width < 1 || r.width > mostBins || r.bins.step > far/r.width {
		return r, errors.New("want a percentile from 0 to 100 of at least one bin")
	}
	for _, a := range args[5:] {
		if a.Column < 0 {
			return r, fmt.Errorf("want columns behind the number of bins")
		}
		r.dims = append(r.dims, a.Column)
	}
	digits := strings.ReplaceAll(strconv.FormatFloat(r.percentile, 'f', -1, 64), ".", "_")
	r.name = fmt.Sprintf("rolling_%d_percentile_%s_%s", r.width, input[r.value].Name, digits)
	return r, r.check(input)
}

func (r roll) columns(input []data.Column) []data.Column {
	return r.timeline.columns(input, data.Column{Name: r.name, Type: percentileType(input[r.value].Type)})
}

func rollingColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	r, err := readRoll(input, args)
	if err != nil {
		return nil, false, err
	}
	return r.columns(input), false, nil
}

func rolling(c *Context, input Table, args []PluginArg) (Table, error) {
	r, err := readRoll(input.Columns, args)
	if err != nil {
		return Table{}, err
	}
	out := newTableBuilder(c, r.columns(input.Columns))
	r.id = r.time
	for _, s := range r.strands(input, math.MinInt64, math.MaxInt64) {
		low := 0
		for i := 0; i < len(s.events); {
			c.mustSpend(0, 0)
			bin := r.bins.of(s.events[i].time)
			end := r.bins.next(bin)
			for i < len(s.events) && s.events[i].time < end {
				i++
			}
			for from := end - r.width*(end-bin); s.events[low].time < from; {
				low++
			}
			values := []data.Value{whole(input.Columns[r.time].Type, bin)}
			for _, d := range r.dims {
				values = append(values, input.Vectors[d].Value(int(s.first)))
			}
			out.add(append(values, r.of(input, s.events[low:i]))...)
		}
	}
	return out.table(), nil
}

// of is the percentile of the events' values.
func (r roll) of(input Table, events []event) data.Value {
	var values []data.Value
	for _, e := range events {
		if v := input.Vectors[r.value].Value(int(e.row)); !v.IsNull() {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return data.Null(input.Columns[r.value].Type)
	}
	slices.SortFunc(values, data.Compare)
	return values[nearestRank(len(values), r.percentile)]
}

func intersectColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	out := slices.Clone(input)
	used := namesOf(out)
	for i := range args {
		if _, err := columnArg(args, i); err != nil {
			return nil, false, err
		}
		out = append(out, data.Column{Name: freeName("s"+strconv.Itoa(i), used), Type: data.Long})
	}
	return out, false, nil
}

func intersect(_ *Context, input Table, args []PluginArg) (Table, error) {
	columns, _, err := intersectColumns(input.Columns, args)
	if err != nil {
		return Table{}, err
	}
	out := Table{Columns: columns, Rows: input.Rows, Vectors: slices.Clone(input.Vectors)}
	for i := range args {
		v := data.NewVector(data.Long, input.Rows)
		for row := range input.Rows {
			var sketches []*sketch
			for _, a := range args[:i+1] {
				sketches = append(sketches, readSketch(input.Vectors[a.Column].Value(row).Node()))
			}
			v.Put(row, countCommon(sketches))
		}
		out.Vectors = append(out.Vectors, v)
	}
	return out, nil
}

// countCommon takes the union, looks how much of it all have, and scales.
func countCommon(sketches []*sketch) data.Value {
	if slices.Contains(sketches, nil) {
		return data.Null(data.Long)
	}
	union := newSketch(sketches[0].room)
	for _, s := range sketches {
		union.merge(s)
	}
	common := 0
	for hash := range union.has {
		inAll := true
		for _, s := range sketches {
			_, ok := s.has[hash]
			inAll = inAll && ok
		}
		common += b2i(inAll)
	}
	if len(union.hashes) < union.room {
		return long(common)
	}
	return data.OfLong(union.count() * int64(common) / int64(len(union.hashes)))
}
