package cli

import (
	"context"
	"io"
	"time"
)

// endingWriter writes to something that may not be read any more: where its context
// ends while a write waits, it gives up.
type endingWriter struct {
	ctx context.Context
	w   io.Writer
	// strict writes nothing after the context's end; else what is at hand may be
	// closed in good order.
	strict bool
	grace  time.Duration // that a write has after the end of the context
	stuck  bool          // a write was given up, and may still be under way
}

func (e *endingWriter) Write(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil && (e.strict || e.stuck) {
		return 0, err
	}
	type written struct {
		n   int
		err error
	}
	done := make(chan written, 1)
	go func() {
		n, err := e.w.Write(p)
		done <- written{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-e.ctx.Done():
	}
	select {
	case r := <-done:
		return r.n, r.err
	case <-time.After(e.grace):
		e.stuck = true
		return 0, e.ctx.Err()
	}
}
