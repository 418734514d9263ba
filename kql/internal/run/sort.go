package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// orderBy is an input with the program of its keys.
func (c *compiler) orderBy(from plan.Node, keys []plan.Key) (*step, *computing, error) {
	input, err := c.node(from)
	if err != nil {
		return nil, nil, err
	}
	exprs := make([]plan.Expr, len(keys))
	for i, key := range keys {
		exprs[i] = key.Value
	}
	p, err := c.computing(exprs...)
	return input, p, err
}

func (c *compiler) keyProgram(keys []plan.Key) (*program, error) {
	exprs := make([]plan.Expr, len(keys))
	for i, key := range keys {
		exprs[i] = key.Value
	}
	return c.program(exprs...)
}

func (c *compiler) sort(n *plan.Sort) (runner, error) {
	input, p, err := c.orderBy(n.From[0], n.Keys)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		if err := e.ctx.Err(); err != nil || table.Len == 0 {
			return err
		}
		order, bytes, err := sorted(e, n.Keys, p, table)
		defer e.meter.release(bytes)
		if err != nil {
			return err
		}
		return inOrder(e, table, order, out)
	}), nil
}

// bytesToSort is what a row takes beside the table while it is put in order:
// its number, its key with the number, twice, and the start of a run.
const bytesToSort = 4 + 2*16 + 8

// sorted is the order of a table's rows. It counts what it takes until it is
// released, also with an error.
func sorted(e *env, keys []plan.Key, p *computing, table *data.Batch) (order []int32, held int64, err error) {
	held = int64(table.Len) * bytesToSort
	if err := e.hold(held); err != nil {
		return nil, held, err
	}
	values, bytes, err := p.over(e, table)
	held += bytes
	if err != nil {
		return nil, held, err
	}
	return ordered(e.call.Ask, keys, values, table.Len), held, nil
}

// inOrder hands out a table's rows in some order, batch by batch. Workers
// gather them: a batch on its way to them is only the numbers of its rows.
func inOrder(e *env, table *data.Batch, rows []int32, out emit) error {
	gather := stage(func(_ *env, c *chunk) (*chunk, error) {
		piece := c.base.Columns[0].Longs
		b := table.Gather(rows[piece[0]:piece[1]])
		return wholeChunk(&b), nil
	})
	p := &parallel{env: e, first: []stage{gather}, workers: e.workers, out: out}
	p.more = func() ([]stage, error) { return p.first, nil }
	return p.run(func(out emit) error {
		for from := 0; from < len(rows); from += batchSize {
			if err := e.ctx.Err(); err != nil {
				return err
			}
			ends := []int64{int64(from), int64(min(from+batchSize, len(rows)))}
			if err := out(&data.Batch{Len: 1, Columns: []*data.Vector{{Type: data.Long, Len: 1, Longs: ends}}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *compiler) top(n *plan.Top) (runner, error) {
	input, p, err := c.orderBy(n.From[0], n.Keys)
	if err != nil {
		return nil, err
	}
	rows, err := c.howMany(n.Rows)
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			if rows == 0 {
				return nil
			}
			t := &topRows{env: e, keys: n.Keys, prog: p, columns: n.Cols, rows: rows, lent: input.lent}
			defer func() { e.meter.release(t.held) }()
			if err := input.run(e)(t.add); err != nil {
				return err
			}
			if err := t.prune(); err != nil || t.best == nil {
				return err
			}
			return sliced(t.best, out)
		}
	}, nil
}

// topRows keeps the first rows of an order. Batches are gathered until they
// are many, then pruned; after that only rows that come before the last one
// kept are looked at.
type topRows struct {
	env     *env
	keys    []plan.Key
	prog    *computing
	columns []data.Column
	rows    int
	best    *data.Batch // in order
	bestKey []*data.Vector
	waiting []*data.Batch
	waits   int
	lent    []bool
	held    int64
}

func (t *topRows) add(b *data.Batch) error {
	if t.best != nil && t.best.Len == t.rows {
		keys, bytes, err := t.prog.over(t.env, b)
		if err != nil {
			return err
		}
		rows := t.ahead(keys, b.Len)
		t.env.meter.release(bytes)
		if len(rows) == 0 {
			return t.env.ctx.Err()
		}
		kept := b.Gather(rows)
		b = &kept
	}
	t.waiting = append(t.waiting, b)
	t.waits += b.Len
	bytes := bytesOf(b, t.lent)
	t.held += bytes
	if err := t.env.hold(bytes); err != nil {
		return err
	}
	if t.waits >= max(2*batchSize, t.rows) {
		return t.prune()
	}
	return nil
}

// ahead are the rows that come before the last row kept.
func (t *topRows) ahead(keys []*data.Vector, n int) []int32 {
	last := int32(t.best.Len - 1)
	first := t.keys[0]
	v, w := keys[0].Expand(), t.bestKey[0]
	var rows []int32
	for i := range int32(n) {
		c := compareRows(first, v, i, w, last)
		for k := 1; c == 0 && k < len(keys); k++ {
			c = compareRows(t.keys[k], keys[k].Expand(), i, t.bestKey[k], last)
		}
		if c < 0 {
			rows = append(rows, i)
		}
	}
	return rows
}

func (t *topRows) prune() error {
	if t.waits == 0 {
		return t.env.ctx.Err()
	}
	all := t.waiting
	if t.best != nil {
		all = append([]*data.Batch{t.best}, all...)
	}
	table, err := joined(t.env, t.columns, all)
	if err != nil {
		return err
	}
	order, bytes, err := sorted(t.env, t.keys, t.prog, table)
	defer t.env.meter.release(bytes)
	if err != nil {
		return err
	}
	best := table.Gather(order[:min(t.rows, len(order))])
	t.best = &best
	keys, now, err := t.prog.over(t.env, &best)
	if err != nil {
		return err
	}
	t.env.meter.release(now) // counted below, with the rows
	t.bestKey = keys
	for i, v := range t.bestKey {
		t.bestKey[i] = v.Expand()
	}
	t.waiting, t.waits = nil, 0
	now += bytesOf(&best, t.lent)
	grown := now - t.held
	t.held = now
	return t.env.hold(grown)
}
