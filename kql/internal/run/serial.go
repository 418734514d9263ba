package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// serial computes columns over all rows at once, for functions that look at
// the rows before and after.
func (c *compiler) serial(n *plan.Project) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	p, err := c.program(n.Exprs...)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		if table.Len == 0 {
			return nil
		}
		return sliced(&data.Batch{Len: table.Len, Columns: p.run(e, wholeChunk(table))}, out)
	}), nil
}

// window compiles a function over the serialised rows.
func (c *exprCompiler) window(e *plan.Window) (evaluator, error) {
	args, err := c.exprs(e.Args...)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector {
		vectors := make([]*data.Vector, len(args))
		for i, arg := range args {
			vectors[i] = arg(f)
		}
		w := &windowCall{name: e.Name, of: e.Of, args: vectors, n: f.n}
		return w.run()
	}, nil
}

type windowCall struct {
	name string
	of   data.Type
	args []*data.Vector
	n    int
}

func (w *windowCall) run() *data.Vector {
	switch w.name {
	case "prev":
		return w.shifted(-1)
	case "next":
		return w.shifted(1)
	case "row_cumsum":
		return w.sums()
	case "row_rank_dense", "row_rank_min":
		return w.ranks()
	case "row_window_session":
		return w.sessions()
	}
	return w.numbers()
}

// restarts tells whether argument k is true in row i.
func (w *windowCall) restarts(k, i int) bool {
	if k >= len(w.args) {
		return false
	}
	v := w.args[k].Value(i)
	return !v.IsNull() && v.Bool()
}

func (w *windowCall) numbers() *data.Vector {
	out := data.NewVector(data.Long, w.n)
	start := int64(1)
	if len(w.args) > 0 {
		if v := w.args[0].Value(0); !v.IsNull() {
			start = v.Long()
		}
	}
	at := start
	for i := range w.n {
		if w.restarts(1, i) {
			at = start
		}
		out.Longs[i] = at
		at++
	}
	return out
}

// shifted is prev and next: the value offset rows away, or the default.
func (w *windowCall) shifted(sign int) *data.Vector {
	out := data.NewVector(w.of, w.n)
	for i := range w.n {
		offset := 1
		if len(w.args) > 1 {
			offset = int(w.args[1].Value(i).Long())
		}
		value := data.Null(w.of)
		if at := i + sign*offset; at >= 0 && at < w.n {
			value = w.args[0].Value(at)
		} else if len(w.args) > 2 {
			value = w.args[2].Value(i)
		}
		out.Put(i, ofType(value, w.of))
	}
	return out
}

func (w *windowCall) sums() *data.Vector {
	out := data.NewVector(w.of, w.n)
	long, real := int64(0), 0.0
	for i := range w.n {
		if w.restarts(1, i) {
			long, real = 0, 0
		}
		v := w.args[0].Value(i)
		switch {
		case v.IsNull():
		case v.Type() == data.Real || v.Type() == data.Decimal:
			real += data.Convert(v, data.Real).Real()
		default:
			long += v.Long()
		}
		if w.args[0].Type == data.Real || w.args[0].Type == data.Decimal {
			out.Put(i, data.Convert(data.OfReal(real), w.of))
		} else {
			out.Longs[i] = long
		}
	}
	return out
}

// ranks counts the different values so far, or, for row_rank_min, is the number
// of the row in which the value first stood.
func (w *windowCall) ranks() *data.Vector {
	out := data.NewVector(data.Long, w.n)
	rank, row := int64(0), int64(0)
	for i := range w.n {
		first := i == 0 || w.restarts(1, i)
		if first {
			rank, row = 0, 0
		}
		row++
		if first || !data.EqualValues(w.args[0].Value(i), w.args[0].Value(i-1)) {
			rank++
			if w.name == "row_rank_min" {
				rank = row
			}
		}
		out.Longs[i] = rank
	}
	return out
}

// sessions gives each time the first time of its session.
func (w *windowCall) sessions() *data.Vector {
	out := data.NewVector(w.of, w.n)
	var start, before data.Value
	begun := false
	for i := range w.n {
		at := w.args[0].Value(i)
		fromFirst, between := w.args[1].Value(i), w.args[2].Value(i)
		switch {
		case at.IsNull():
			begun = false
			out.Put(i, at)
			continue
		case !begun || w.restarts(3, i),
			at.Long() >= start.Long()+fromFirst.Long(),
			at.Long() >= before.Long()+between.Long():
			start, begun = at, true
		}
		before = at
		out.Put(i, start)
	}
	return out
}
