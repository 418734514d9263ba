package run

import (
	"fmt"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// maxBins is the longest series that Kusto makes.
const maxBins = 1 << 20

// A seriesMaker is make-series: groups of the keys, in each of them bins of the
// axis, in each bin the aggregates. Bins are counted from the low end of the
// axis where it is given, else from zero.
type seriesMaker struct {
	plan     *plan.MakeSeries
	env      *env
	agg      *aggregation // over keys and bins
	axis     *program
	defaults []data.Value
	values   *program
	low      data.Value // null: where the data begins
	high     data.Value
	step     data.Value
	origin   data.Value // where bin 0 begins
	steps    steps
	first    int64 // the bin of low
	last     int64 // the bin of high, the last that the axis has
	held     int64 // of the series made
	axes     map[[2]int64]*data.Node
}

func (c *compiler) makeSeries(n *plan.MakeSeries) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	m := &seriesMaker{plan: n}
	if err := c.seriesAxis(m); err != nil {
		return nil, err
	}
	if err := c.seriesValues(m); err != nil {
		return nil, err
	}
	// The bin is one more key: its column stands behind the input's.
	bin := &plan.Column{Index: len(input.columns), Of: data.Long}
	if m.agg, err = c.aggregation(append(append([]plan.Expr{}, n.Keys...), bin), n.Aggregates, input.lent); err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			run := *m
			run.env = e
			g, err := m.agg.start()
			if err != nil {
				return err
			}
			defer func() { e.meter.release(g.held) }()
			if err := input.run(e)(func(b *data.Batch) error { return run.add(g, b) }); err != nil {
				return err
			}
			defer func() { e.meter.release(run.held) }()
			b, err := run.result(g)
			if err != nil {
				return err
			}
			return sliced(b, out)
		}
	}, nil
}

func (c *compiler) seriesAxis(m *seriesMaker) error {
	var err error
	if m.axis, err = c.program(m.plan.On); err != nil {
		return err
	}
	t := m.plan.On.Type()
	for _, end := range []struct {
		from plan.Expr
		into *data.Value
	}{{m.plan.Low, &m.low}, {m.plan.High, &m.high}, {m.plan.Step, &m.step}} {
		if end.from == nil {
			*end.into = data.Null(t)
			continue
		}
		value, err := c.value(end.from)
		if err != nil {
			return err
		}
		*end.into = value
	}
	if size := data.Convert(m.step, data.Real).Real(); m.step.IsNull() || size <= 0 || math.IsNaN(size) {
		return fmt.Errorf("make-series: the step is %s; want more than zero", m.step)
	}
	m.origin = data.OfLong(0)
	if !m.low.IsNull() && !m.plan.Inclusive {
		m.origin = m.low
	}
	m.steps = stepsOf(t, m.origin, m.step)
	return m.seriesEnds()
}

// seriesEnds finds the first and last bin where the query says them.
func (m *seriesMaker) seriesEnds() error {
	var ok bool
	if !m.low.IsNull() {
		if m.first, ok = m.steps.bin(m.low); !ok {
			return m.tooFar(m.low)
		}
	}
	if !m.high.IsNull() {
		if m.last, ok = m.steps.bin(m.high); !ok {
			return m.tooFar(m.high)
		}
		if !m.plan.Inclusive && data.Compare(m.steps.start(m.last), m.high) >= 0 {
			m.last--
		}
	}
	return nil
}

func (c *compiler) seriesValues(m *seriesMaker) error {
	for _, e := range m.plan.Defaults {
		value := data.OfLong(0)
		if e != nil {
			var err error
			if value, err = c.value(e); err != nil {
				return err
			}
		}
		m.defaults = append(m.defaults, value)
	}
	var err error
	if m.plan.Values != nil {
		m.values, err = c.program(m.plan.Values...)
	}
	return err
}

// place is the bin of a value; in is false where it belongs to none of the axis.
// The old form with range() asks for the bin of a value, the new one for the value.
func (m *seriesMaker) place(v data.Value) (bin int64, in bool, err error) {
	if v.IsNull() || v.Type() == data.Real && math.IsNaN(v.Real()) {
		return 0, false, nil
	}
	bin, ok := m.steps.bin(v)
	below := !m.low.IsNull() && data.Compare(v, m.low) < 0
	above := !m.high.IsNull() && data.Compare(v, m.high) >= 0
	if m.plan.Inclusive && ok {
		below = !m.low.IsNull() && bin < m.first
		above = !m.high.IsNull() && bin > m.last
	}
	if below || above {
		return 0, false, nil
	}
	if !ok {
		return 0, false, m.tooFar(v)
	}
	return bin, true, nil
}

func (m *seriesMaker) tooFar(v data.Value) error {
	return fmt.Errorf("make-series: %s lies too many steps of %s from %s", v, m.step, m.origin)
}

func (m *seriesMaker) add(g *groups, b *data.Batch) error {
	on := m.axis.one(m.env, wholeChunk(b))
	bins := data.NewVector(data.Long, b.Len)
	var rows []int32
	for i := range b.Len {
		bin, in, err := m.place(on.Value(i))
		if err != nil {
			return err
		}
		if in {
			bins.Longs[i] = bin
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	wide := &data.Batch{Len: b.Len, Columns: append(append([]*data.Vector{}, b.Columns...), bins)}
	return g.add(m.env, &chunk{base: wide, rows: rows, n: len(rows)})
}

// result makes a row for each group of the keys.
func (m *seriesMaker) result(g *groups) (*data.Batch, error) {
	keys := g.grouping.keys()
	bins := keys[len(keys)-1].Longs
	keys = keys[:len(keys)-1]
	cells := m.cells(g)
	out := &data.Batch{Columns: make([]*data.Vector, len(m.plan.Cols))}
	all, held, err := parts(m.env, len(bins), keys)
	defer m.env.meter.release(held)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 && len(keys) == 0 && m.plan.NonEmpty && !m.low.IsNull() && !m.high.IsNull() {
		all = [][]int32{nil}
	}
	out.Len = len(all)
	first := make([]int32, len(all))
	for i, rows := range all {
		if len(rows) > 0 {
			first[i] = rows[0]
		}
	}
	for i, key := range keys {
		out.Columns[i] = key.Gather(first)
	}
	for i := len(keys); i < len(out.Columns); i++ {
		out.Columns[i] = data.NewVector(data.Dynamic, len(all))
	}
	m.axes = map[[2]int64]*data.Node{}
	for i, rows := range all {
		if err := m.row(out, i, len(keys), rows, bins, cells); err != nil {
			return nil, err
		}
	}
	return out, m.env.ctx.Err()
}

// cells are the series' values, one row for each bin of each group.
func (m *seriesMaker) cells(g *groups) []*data.Vector {
	size := g.grouping.len()
	var cells []*data.Vector
	for _, acc := range g.accs {
		cells = append(cells, acc.Results(size)...)
	}
	if m.values != nil {
		cells = m.values.run(m.env, wholeChunk(&data.Batch{Len: size, Columns: cells}))
	}
	return cells
}

func (m *seriesMaker) row(out *data.Batch, at, width int, rows []int32, bins []int64, cells []*data.Vector) error {
	low, high := m.ends(rows, bins)
	var n int64
	if low <= high {
		if apart := uint64(high - low); apart >= maxBins {
			return fmt.Errorf("make-series: a series would have %d values; want at most %d", apart+1, maxBins)
		}
		n = high - low + 1
	}
	where := make(map[int64]int32, len(rows))
	for _, row := range rows {
		where[bins[row]] = row
	}
	bytes := 8*n*int64(len(cells)) + nodeBytes*int64(len(rows)*len(cells))
	axis := m.axes[[2]int64{low, n}]
	if axis == nil {
		bytes += (nodeBytes + 8) * n
	}
	m.held += bytes
	if err := m.env.hold(bytes); err != nil {
		return err
	}
	if err := m.env.ctx.Err(); err != nil {
		return err
	}
	for k, cell := range cells {
		series := make([]*data.Node, n)
		missing := data.NodeOf(m.defaultOf(k, cell.Type))
		for i := range n {
			series[i] = missing
			if row, ok := where[low+i]; ok {
				series[i] = data.NodeOf(cell.Value(int(row)))
			}
		}
		out.Columns[width+k].Nodes[at] = data.NodeOfArray(series)
	}
	if axis == nil {
		axis = m.axisOf(low, n)
		m.axes[[2]int64{low, n}] = axis
	}
	out.Columns[width+len(cells)].Nodes[at] = axis
	return nil
}

// nodeBytes is what a value takes in an array beside its place there.
const nodeBytes = 64

// axisOf is where n bins begin; series of equal length share it.
func (m *seriesMaker) axisOf(low, n int64) *data.Node {
	axis := make([]*data.Node, n)
	for i := range axis {
		axis[i] = data.NodeOf(m.steps.start(low + int64(i)))
	}
	return data.NodeOfArray(axis)
}

func (m *seriesMaker) defaultOf(k int, t data.Type) data.Value {
	if k >= len(m.defaults) {
		return data.Convert(data.OfLong(0), t)
	}
	given := m.defaults[k]
	if as := ofType(given, t); data.Compare(ofType(as, given.Type()), given) == 0 {
		return as
	}
	return given // the type does not hold it: 1.5 among longs
}

// ends are the first and last bin of a series: those of the axis where it says
// so, else those with data.
func (m *seriesMaker) ends(rows []int32, bins []int64) (low, high int64) {
	low, high = math.MaxInt64, math.MinInt64
	for _, row := range rows {
		low, high = min(low, bins[row]), max(high, bins[row])
	}
	if !m.low.IsNull() {
		low = m.first
	}
	if !m.high.IsNull() {
		high = m.last
	}
	return low, high
}
