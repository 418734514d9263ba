package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// partition runs a subquery for each value of a column, in the order in which
// the values first appear.
func (c *compiler) partition(n *plan.Partition) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	by, err := c.computing(n.By)
	if err != nil {
		return nil, err
	}
	sub, err := c.repeated(n.Sub)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		keys, held, err := by.over(e, table)
		defer func() { e.meter.release(held) }()
		if err != nil {
			return err
		}
		groups, bytes, err := parts(e, table.Len, keys)
		held += bytes
		if err != nil {
			return err
		}
		for _, rows := range groups {
			if err := e.ctx.Err(); err != nil {
				return err
			}
			part := table.Gather(rows)
			inner := e.with(n.Subject, &part)
			ready := sub
			if ready == nil {
				var err error
				if ready, err = c.inside(inner).node(n.Sub); err != nil {
					return err
				}
			}
			if err := ready.run(inner)(out); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// parts groups the rows of a table by keys, groups and rows in input order.
// It counts what they take until it is released, also with an error.
func parts(e *env, n int, keys []*data.Vector) (out [][]int32, held int64, err error) {
	if n == 0 {
		return nil, 0, nil
	}
	hold := func(bytes int64) {
		held += bytes
		if err = e.hold(bytes); err == nil {
			err = e.ctx.Err()
		}
	}
	types := make([]data.Type, len(keys))
	for i, key := range keys {
		types[i] = key.Type
	}
	const rowBytes, groupBytes = 4 + 4, 24 + 4 // a number and a place; a slice and a count
	if hold(int64(n) * rowBytes); err != nil {
		return nil, held, err
	}
	g := newGrouping(types)
	ids := make([]uint32, n)
	for from := 0; from < n; from += batchSize {
		to := min(from+batchSize, n)
		some := make([]*data.Vector, len(keys))
		for i, key := range keys {
			some[i] = key.Slice(from, to)
		}
		before := g.bytes()
		g.number(some, ids[from:to])
		if hold(g.bytes() - before); err != nil {
			return nil, held, err
		}
	}
	if hold(int64(g.len()) * groupBytes); err != nil {
		return nil, held, err
	}
	counts := make([]int32, g.len())
	for _, id := range ids {
		counts[id]++
	}
	out = make([][]int32, g.len())
	rows := make([]int32, n)
	for id, count := range counts {
		out[id], rows = rows[:0:count], rows[count:]
	}
	for i, id := range ids {
		out[id] = append(out[id], int32(i))
	}
	return out, held, nil
}

// sample takes random rows, which stay in input order.
func (c *compiler) sample(n *plan.Sample) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	rows, err := c.howMany(n.Rows)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		return inOrder(e, table, chosen(table.Len, rows, e.call.Random), out)
	}), nil
}

// chosen takes each row with the chance that fills the number wanted.
func chosen(n, wanted int, random func() float64) []int32 {
	var rows []int32
	for i := range n {
		if random()*float64(n-i) < float64(wanted-len(rows)) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}
