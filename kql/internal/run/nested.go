package run

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A nesting is top-nested: the best values of the first level, for each of
// them the best of the second, and so on.
type nesting struct {
	env    *env
	levels []*nestedLevel
	out    []*data.Builder
	types  []data.Type
	held   int64 // of the rows in out
}

type nestedLevel struct {
	plan   plan.TopLevel
	agg    *aggregation
	value  *computing
	rows   int
	others *data.Value
	values *data.Vector
	table  *data.Batch
}

func (c *compiler) topNested(n *plan.TopNested) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	levels := make([]nestedLevel, len(n.Levels))
	for i, level := range n.Levels {
		ready, err := c.nestedLevel(level, input.lent)
		if err != nil {
			return nil, err
		}
		levels[i] = ready
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		x := &nesting{env: e}
		defer func() { e.meter.release(x.held) }()
		b, err := x.nest(n, slices.Clone(levels), table)
		if err != nil {
			return err
		}
		return sliced(b, out)
	}), nil
}

func (c *compiler) nestedLevel(level plan.TopLevel, lent []bool) (nestedLevel, error) {
	ready := nestedLevel{plan: level, rows: 1 << 40}
	var err error
	if level.Rows != nil {
		if ready.rows, err = c.howMany(level.Rows); err != nil {
			return ready, err
		}
	}
	if level.Others != nil {
		value, err := c.value(level.Others)
		if err != nil {
			return ready, err
		}
		ready.others = &value
	}
	if ready.value, err = c.computing(level.Of); err != nil {
		return ready, err
	}
	ready.agg, err = c.aggregation(nil, []plan.Aggregation{level.By}, lent)
	return ready, err
}

func (x *nesting) nest(n *plan.TopNested, levels []nestedLevel, table *data.Batch) (*data.Batch, error) {
	for _, column := range n.Cols {
		x.out = append(x.out, data.NewBuilder(column.Type, 64))
		x.types = append(x.types, column.Type)
	}
	rows := make([]int32, table.Len)
	for i := range rows {
		rows[i] = int32(i)
	}
	for i := range levels {
		levels[i].table = table
		values, held, err := levels[i].value.over(x.env, table)
		x.held += held
		if err != nil {
			return nil, err
		}
		levels[i].values = values[0]
		x.levels = append(x.levels, &levels[i])
	}
	if table.Len > 0 {
		if err := x.level(0, rows, nil); err != nil {
			return nil, err
		}
	}
	b := &data.Batch{Len: x.out[0].Len()}
	for _, builder := range x.out {
		b.Columns = append(b.Columns, builder.Build())
	}
	return b, nil
}

// A nestedGroup is one value of a level with its rows.
type nestedGroup struct {
	value data.Value
	by    data.Value
	rows  []int32
}

// groupBytes is what a nestedGroup takes beside its rows.
const groupBytes = 160

func (x *nesting) level(k int, rows []int32, before []data.Value) error {
	if k == len(x.levels) {
		bytes := int64(0)
		for i, builder := range x.out {
			builder.Append(ofType(before[i], x.types[i]))
			bytes += 16
		}
		x.held += bytes
		if err := x.env.hold(bytes); err != nil {
			return err
		}
		return x.env.ctx.Err()
	}
	l := x.levels[k]
	groups, held, err := x.groups(l, rows)
	defer x.env.meter.release(held)
	if err != nil {
		return err
	}
	best := min(l.rows, len(groups))
	for _, g := range groups[:best] {
		if err := x.level(k+1, g.rows, append(before[:2*k:2*k], g.value, g.by)); err != nil {
			return err
		}
	}
	if l.others == nil || best == len(groups) {
		return nil
	}
	var rest []int32
	for _, g := range groups[best:] {
		rest = append(rest, g.rows...)
	}
	slices.Sort(rest)
	return x.rest(k, rest, before)
}

// rest is the row of all others: the levels below have only others too.
func (x *nesting) rest(k int, rows []int32, before []data.Value) error {
	for ; k < len(x.levels); k++ {
		l := x.levels[k]
		by, err := x.aggregate(l, rows)
		if err != nil {
			return err
		}
		value := data.Null(x.types[2*k])
		if l.others != nil {
			value = *l.others
		}
		before = append(before[:2*k:2*k], value, by)
	}
	return x.level(k, rows, before)
}

// groups are the values of a level in some rows, in order. It counts what they
// take until it is released, also with an error.
func (x *nesting) groups(l *nestedLevel, rows []int32) (groups []nestedGroup, held int64, err error) {
	held = int64(len(rows)) * rowBytes([]data.Column{{Type: l.values.Type}})
	if err = x.env.hold(held); err != nil {
		return nil, held, err
	}
	values := l.values.Gather(rows)
	all, bytes, err := parts(x.env, len(rows), []*data.Vector{values})
	held += bytes
	if err != nil {
		return nil, held, err
	}
	bytes = int64(len(all)) * groupBytes
	held += bytes
	if err = x.env.hold(bytes); err != nil {
		return nil, held, err
	}
	groups = make([]nestedGroup, len(all))
	for k, part := range all {
		if k&255 == 0 && x.env.ctx.Err() != nil {
			return nil, held, x.env.ctx.Err()
		}
		g := nestedGroup{value: values.Value(int(part[0])), rows: part}
		for i, at := range part {
			part[i] = rows[at]
		}
		if g.by, err = x.aggregate(l, g.rows); err != nil {
			return nil, held, err
		}
		groups[k] = g
	}
	work := operator.Work{Ask: x.env.call.Ask}
	slices.SortStableFunc(groups, func(a, b nestedGroup) int {
		work.Add(1)
		if a.by.IsNull() || b.by.IsNull() {
			return cmp.Compare(oneIf(a.by.IsNull()), oneIf(b.by.IsNull()))
		}
		if l.plan.Descending {
			return data.Compare(b.by, a.by)
		}
		return data.Compare(a.by, b.by)
	})
	return groups, held, nil
}

func (x *nesting) aggregate(l *nestedLevel, rows []int32) (data.Value, error) {
	g, err := l.agg.start()
	if err != nil {
		return data.Value{}, err
	}
	defer func() { x.env.meter.release(g.held) }()
	if err := g.add(x.env, &chunk{base: l.table, rows: rows, n: len(rows)}); err != nil {
		return data.Value{}, err
	}
	return g.accs[0].Results(1)[0].Value(0), nil
}
