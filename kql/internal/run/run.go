package run

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// Limits bound one run.
type Limits struct {
	// Memory is the most that a run may hold in bytes; 0: no limit.
	Memory int64
	// Held is what stands in memory when the run begins, as the plan does.
	Held int64
	// Peak is told the most that the run held so far, in bytes; nil for nobody.
	Peak *atomic.Int64
	// Workers is how many goroutines compute; 0: one a core.
	Workers int
}

// World is the clock and chance of a run.
type World struct {
	Now    int64
	Random func() float64
}

// Run computes a plan. Columns are known after the first batch of an open
// plan, before it otherwise; the columns callback is called once, before the
// first batch. Every goroutine has ended when the iteration ends.
func Run(ctx context.Context, p *plan.Plan, w World, l Limits, columns func([]data.Column)) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		stopped, reader := false, &reader{}
		err := reader.guarded(func() error {
			c := newCompiler(ctx, w, l)
			root, err := c.open(p.Root)
			if err != nil {
				return err
			}
			if columns != nil {
				columns(root.columns)
			}
			return root.run(c.env)(func(b *data.Batch) error {
				if b.Len == 0 {
					return nil
				}
				if !reader.take(func() bool { return yield(b, nil) }) {
					stopped = true
					return errStop
				}
				return ctx.Err()
			})
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}
