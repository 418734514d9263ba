package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A series is a dynamic array of numbers. What is no number in it is NaN.
type series struct {
	x     []float64
	whole bool // all numbers are whole: results of whole operations are longs
}

// readSeries reads an array; false for what is none. Times count as ticks.
func readSeries(v data.Value) (series, bool) {
	if v.Type() != data.Dynamic || v.Node().Kind() != data.KindArray {
		return series{}, false
	}
	items := v.Node().Items()
	s := series{x: make([]float64, len(items)), whole: len(items) > 0}
	for i, item := range items {
		switch item.Kind() {
		case data.KindLong, data.KindInt:
			s.x[i] = item.Real()
		case data.KindReal, data.KindDecimal:
			s.x[i], s.whole = item.Real(), false
		case data.KindDateTime, data.KindTimeSpan:
			s.x[i] = float64(item.Long())
		case data.KindNull:
			s.x[i] = math.NaN()
		default:
			s.x[i], s.whole = math.NaN(), false
		}
	}
	return s, true
}

// finiteSeries reads an array that holds nothing but finite numbers, at least one.
func finiteSeries(v data.Value) ([]float64, bool) {
	s, ok := readSeries(v)
	if !ok || len(s.x) == 0 {
		return nil, false
	}
	for _, x := range s.x {
		if !isFinite(x) {
			return nil, false
		}
	}
	return s.x, true
}

// node writes the series; NaN is null.
func (s series) node() *data.Node {
	items := make([]*data.Node, len(s.x))
	for i, x := range s.x {
		switch {
		case x != x:
		case s.whole:
			items[i] = data.NodeOfLong(int64(x))
		default:
			items[i] = data.NodeOfReal(x)
		}
	}
	return data.NodeOfArray(items)
}

func (s series) value() data.Value { return data.OfNode(s.node()) }

func realsNode(x []float64) *data.Node { return series{x: x}.node() }

func nullDynamic() data.Value { return data.Null(data.Dynamic) }

func realNode(x float64) *data.Node {
	if x != x {
		return nil
	}
	return data.NodeOfReal(x)
}

// A field is one column of a function's several, or one key of its bag.
type field struct {
	name string
	of   data.Type
}

// fieldColumns names the columns: series_stats_x_min.
func fieldColumns(function string, fields []field) func(args []Arg) []data.Column {
	return func(args []Arg) []data.Column {
		out := make([]data.Column, len(fields))
		for i, f := range fields {
			out[i] = data.Column{Name: function + "_" + args[0].Name + "_" + f.name, Type: f.of}
		}
		return out
	}
}

// fieldsEval is the Eval of a function with several columns; nil is nulls.
func fieldsEval(n int, f func(args []data.Value) []*data.Node) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		items := f(args)
		if items == nil {
			items = make([]*data.Node, n)
		}
		return data.OfNode(data.NodeOfArray(items))
	}
}

// bagEval is the Eval of its _dynamic form.
func bagEval(fields []field, f func(args []data.Value) []*data.Node) Eval {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.name
	}
	return func(_ *Context, args []data.Value) data.Value {
		items := f(args)
		if items == nil {
			return nullDynamic()
		}
		return data.OfNode(data.NodeOfBag(keys, items))
	}
}

// Optional arguments: the value at a place, or what stands for a missing or null one.

func optionalReal(args []data.Value, at int, missing float64) float64 {
	if at < len(args) {
		if x, ok := asReal(args[at]); ok {
			return x
		}
	}
	return missing
}

func optionalText(args []data.Value, at int, missing string) string {
	if at < len(args) && args[at].Text() != "" {
		return args[at].Text()
	}
	return missing
}

func optionalBool(args []data.Value, at int, missing bool) bool {
	if at < len(args) && !args[at].IsNull() {
		return args[at].Bool()
	}
	return missing
}
