package run

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// A Panic is a bug that was caught: one bad function must not end a server.
type Panic struct {
	Cause any
	Stack []byte
}

// Error says what the panic said.
func (p *Panic) Error() string { return fmt.Sprintf("internal error: %v", p.Cause) }

// guarded turns a panic into an error.
func guarded(do func() error) error { return (&reader{}).guarded(do) }

// A reader is the caller's loop over the batches. What panics there is the
// caller's own, and goes on to it.
type reader struct{ busy bool }

// take lets the reader have a batch.
func (r *reader) take(yield func() bool) bool {
	r.busy = true
	more := yield()
	r.busy = false
	return more
}

// guarded turns a panic into an error, unless it is the reader's.
func (r *reader) guarded(do func() error) (err error) {
	defer func() {
		switch p := recover(); {
		case p == nil:
		case r.busy:
			panic(p)
		default:
			err = caught(p)
		}
	}()
	return do()
}

// caught is the error of a panic; one that came from another goroutine keeps
// its stack. A value that is too large is no bug but a limit.
func caught(p any) error {
	switch known := p.(type) {
	case *Panic:
		return known
	case *function.TooLarge:
		return known
	case *function.Halt:
		return known.Err
	}
	return &Panic{Cause: p, Stack: debug.Stack()}
}

// together runs do(0) … do(n-1) at the same time. A panic of one is the caller's.
func together(n int, do func(i int)) {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			errs[i] = guarded(func() error { do(i); return nil })
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
}
