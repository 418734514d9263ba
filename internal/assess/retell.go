package assess

import (
	"context"
	"errors"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// telling is a part of the inputs whose checks are made by one of several tellers and
// yielded in its turn.
type telling struct {
	tell   func(*teller, inventory.Sink)
	checks []posture.Check
	done   chan struct{}
}

// retell decodes all inputs once more, each chunk by the teller that is free, and
// yields the checks in the order of the inputs. At most twice as many chunks as there
// are tellers are under way.
func (run *run) retell(ctx context.Context, tellers []*teller, yield func(*posture.Check) bool) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	inOrder, todo := make(chan *telling, len(tellers)-1), make(chan *telling)
	merger := run.merger()
	var working sync.WaitGroup
	defer working.Wait()
	defer stop(errStop)
	for _, t := range tellers {
		sink := merger.Sink(t)
		working.Go(func() {
			for next := range todo {
				next.tell(t, sink)
				next.checks, t.told = t.told, nil
				close(next.done)
			}
		})
	}
	var failed error
	working.Go(func() {
		defer close(inOrder)
		defer close(todo)
		failed = run.chunks(ctx, func(tell func(*teller, inventory.Sink)) error {
			next := &telling{tell: tell, done: make(chan struct{})}
			for _, to := range []chan<- *telling{inOrder, todo} {
				select {
				case to <- next:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		})
	})
	for next := range inOrder {
		select {
		case <-next.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for i := range next.checks {
			if !yield(&next.checks[i]) {
				return errStop
			}
		}
	}
	if failed != nil {
		return failed
	}
	merger.Flush(tellers[0])
	for i := range tellers[0].told {
		if !yield(&tellers[0].told[i]) {
			return errStop
		}
	}
	return run.tellManual(yield)
}

// chunks sends what decodes each chunk of the inputs, in their order.
func (run *run) chunks(ctx context.Context, send func(func(*teller, inventory.Sink)) error) error {
	for i := range run.options.Inputs {
		in := &run.options.Inputs[i]
		stream, err := in.open()
		if err != nil {
			return err
		}
		err = inventory.Split(stream, in.Name, func(c inventory.Chunk) error {
			return send(func(t *teller, sink inventory.Sink) {
				t.decoder.Decode(c, sink)
				t.reading.progress("checks", int64(c.Bytes()))
				c.Release()
			})
		})
		stream.Close()
		if err != nil && (errors.Is(err, errStop) || ctx.Err() != nil) {
			return err
		}
		// Anything else was told as a problem of the input by the first reading.
	}
	return nil
}

// tellManual tells the checks that manual controls of standards have.
func (run *run) tellManual(yield func(*posture.Check) bool) error {
	for _, m := range run.manual {
		c := m.check()
		if !yield(&c) {
			return errStop
		}
	}
	return nil
}
