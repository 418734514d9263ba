package resourcegraph

import (
	"context"
	"iter"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// queuedBatches is how many batches are made ahead of who reads them.
const queuedBatches = 8

// queue hands batches of rows about checks from the goroutine that reads the
// checks to the one that wants them. It grows without limit only while another
// reading waits, because the one who waits may be who should take the batches.
type queue struct {
	from    *assessed // whose lock guards all
	batches []*data.Batch
	err     error
	ended   bool
	left    bool // nobody takes any more
}

// push is false when nobody takes any more.
func (q *queue) push(b *data.Batch) bool {
	q.from.mu.Lock()
	defer q.from.mu.Unlock()
	for len(q.batches) >= queuedBatches && q.from.waiting == 0 && !q.left {
		q.from.changed.Wait()
	}
	q.batches = append(q.batches, b)
	q.from.changed.Broadcast()
	return !q.left
}

// next gives a batch; nil at the end.
func (q *queue) next() (*data.Batch, error) {
	q.from.mu.Lock()
	defer q.from.mu.Unlock()
	for len(q.batches) == 0 && !q.ended {
		q.from.changed.Wait()
	}
	if len(q.batches) == 0 {
		return nil, q.err
	}
	b := q.batches[0]
	q.batches = q.batches[1:]
	q.from.changed.Broadcast()
	return b, nil
}

func (q *queue) end(err error) {
	q.from.mu.Lock()
	defer q.from.mu.Unlock()
	q.err, q.ended = err, true
	q.from.changed.Broadcast()
}

// leave waits until the other goroutine has ended.
func (q *queue) leave() {
	q.from.mu.Lock()
	defer q.from.mu.Unlock()
	q.left = true
	q.from.changed.Broadcast()
	for !q.ended {
		q.from.changed.Wait()
	}
}

// rowsOfChecks yields batches of the rows that add makes of every check.
func (a *assessed) rowsOfChecks(ctx context.Context, want *wanted, add func(*rowSink, *posture.Check, *standing)) iter.Seq2[*data.Batch, error] {
	if a.direct != nil {
		return a.directRows(ctx, want, add)
	}
	return func(yield func(*data.Batch, error) bool) {
		q := &queue{from: a}
		go func() {
			s := want.sink(q.push)
			err := a.tell(ctx, func(c *posture.Check) bool {
				add(s, c, nil)
				return !s.done
			})
			s.flush()
			q.end(err)
		}()
		defer q.leave()
		for {
			b, err := q.next()
			if b == nil && err == nil || !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// dearRows is how many rows a batch has where each costs much, so that who wants
// few can stop.
const dearRows = 64

// directRows makes rows in the goroutine that wants them.
func (a *assessed) directRows(ctx context.Context, want *wanted, add func(*rowSink, *posture.Check, *standing)) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		s := want.sink(func(b *data.Batch) bool { return yield(b, nil) })
		if a.dear {
			s.most = dearRows
		}
		err := a.direct(ctx, want, func(c *posture.Check, kept *standing) bool {
			add(s, c, kept)
			return !s.done
		})
		if s.flush(); err != nil && !s.done {
			yield(nil, err)
		}
	}
}
