package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// distinct is a summarize without aggregates. It gives each row of keys as soon
// as it first appears, so that who has enough of them can end the input.
func (c *compiler) distinct(n *plan.Summarize) (runner, error) {
	source, nodes, alone, err := c.grouped(n)
	if err != nil {
		return nil, err
	}
	word := wordOf(n)
	more := func() ([]stage, error) {
		stages, err := c.stages(nodes)
		if err != nil {
			return nil, err
		}
		keys, err := c.project(n.Keys)
		return append(stages, func(e *env, c *chunk) (*chunk, error) {
			e.word = word
			return keys(e, c)
		}), err
	}
	first, err := more()
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			d := &distinct{env: e, plan: n, first: first, more: more, alone: alone, out: out}
			d.seen = d.sieve()
			return d.run(source(e))
		}
	}, nil
}

// A distinct is one run. Workers compute keys and, where few rows differ, leave
// out what they gave before; the reader leaves out what came of any of them.
type distinct struct {
	env           *env
	plan          *plan.Summarize
	first         []stage
	more          func() ([]stage, error)
	alone         bool
	out           emit
	seen          *sieve
	sieves        []*sieve
	batches, rows int
	pipe          *parallel
}

func (d *distinct) run(source stream) error {
	defer func() {
		for _, s := range d.sieves {
			d.env.meter.release(s.held)
		}
	}()
	defer func() {
		if d.pipe != nil {
			d.pipe.stop()
		}
	}()
	err := source(d.take)
	if err == nil && d.pipe != nil {
		err = d.pipe.drain()
	}
	return err
}

func (d *distinct) take(b *data.Batch) error {
	if d.batches == warming && !d.alone && d.env.workers > 1 {
		if err := d.spread(); err != nil {
			return err
		}
	}
	d.batches++
	d.rows += b.Len
	if d.pipe != nil {
		return d.pipe.push(b)
	}
	return through(d.env, d.first, wholeChunk(b), func(c *chunk) error { return d.unseen(c.batch()) })
}

// spread gives the rest to workers.
func (d *distinct) spread() (err error) {
	more := d.more
	if d.seen.grouping.len()*8 < d.rows {
		more = d.sieved
	}
	d.pipe = &parallel{env: d.env, more: more, workers: d.env.workers, out: d.unseen}
	d.pipe.first, err = more()
	return err
}

// sieved are the stages with a sieve behind them.
func (d *distinct) sieved() ([]stage, error) {
	stages, err := d.more()
	s := d.sieve()
	return append(stages, func(e *env, c *chunk) (*chunk, error) {
		rows, err := s.fresh(e, c.batch())
		return &chunk{base: c.batch(), rows: rows, n: len(rows)}, err
	}), err
}

// unseen hands on the rows that no batch had before.
func (d *distinct) unseen(b *data.Batch) error {
	rows, err := d.seen.fresh(d.env, b)
	if err != nil || len(rows) == 0 {
		return err
	}
	made := &data.Batch{Len: len(rows)}
	for i, column := range d.plan.Cols {
		made.Columns = append(made.Columns, data.ConvertVector(b.Columns[i].Gather(rows), column.Type))
	}
	return sliced(made, d.out)
}

func (d *distinct) sieve() *sieve {
	types := make([]data.Type, len(d.plan.Keys))
	for i, key := range d.plan.Keys {
		types[i] = key.Type()
	}
	s := &sieve{grouping: newGrouping(types)}
	d.sieves = append(d.sieves, s)
	return s
}

// A sieve knows the rows that it has seen.
type sieve struct {
	grouping *grouping
	ids      []uint32
	held     int64
}

// fresh are the rows of a batch that are new, the first of those that are alike.
func (s *sieve) fresh(e *env, b *data.Batch) ([]int32, error) {
	known := s.grouping.len()
	s.ids = room(s.ids, b.Len)
	s.grouping.number(b.Columns, s.ids)
	rows := make([]int32, 0, s.grouping.len()-known)
	for i := 0; i < b.Len && known+len(rows) < s.grouping.len(); i++ {
		if int(s.ids[i]) == known+len(rows) {
			rows = append(rows, int32(i))
		}
	}
	// Tables of groups grow by being copied: see [groups.weigh].
	now := s.grouping.bytes()
	now += now / 4
	grown := now - s.held
	s.held = now
	return rows, e.hold(grown)
}
