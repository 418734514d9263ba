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
	by, err := c.program(n.By)
	if err != nil {
		return nil, err
	}
	sub, err := c.repeated(n.Sub)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		for _, rows := range parts(table.Len, by.run(e, wholeChunk(table))) {
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
func parts(n int, keys []*data.Vector) [][]int32 {
	types := make([]data.Type, len(keys))
	for i, key := range keys {
		types[i] = key.Type
	}
	g := newGrouping(types)
	ids := make([]uint32, n)
	g.number(keys, ids)
	out := make([][]int32, g.len())
	for i, id := range ids {
		out[id] = append(out[id], int32(i))
	}
	if n == 0 {
		return nil
	}
	return out
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
