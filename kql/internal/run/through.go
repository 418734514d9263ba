package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// through runs a chunk through stages. What comes out may be several chunks:
// where a stage makes many rows of few, and where the rows of a chunk make too
// much to be computed at once, which is then done for one half after the other.
func through(e *env, stages []stage, c *chunk, out func(*chunk) error) error {
	inner := *e // stages put their words into it
	for i, s := range stages {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		next, heavy, err := attempt(&inner, s, c)
		if heavy && c.n < 2 {
			return e.later(len(stages)-i, c)
		}
		if heavy {
			half := c.n / 2
			if err := through(e, stages[i:], c.part(0, half), out); err != nil {
				return err
			}
			return through(e, stages[i:], c.part(half, c.n), out)
		}
		if err != nil || next == nil {
			return err
		}
		if next.more != nil {
			return throughAll(e, stages[i+1:], next, out)
		}
		if next.n == 0 {
			return nil
		}
		c = next
	}
	return out(c)
}

// throughAll is through for a chunk and those behind it.
func throughAll(e *env, stages []stage, c *chunk, out func(*chunk) error) error {
	for c != nil {
		more := c.more
		if c.n > 0 {
			if err := through(e, stages, c, out); err != nil {
				return err
			}
		}
		if err := e.ctx.Err(); err != nil || more == nil {
			return err
		}
		var err error
		if c, err = more(); err != nil {
			return err
		}
	}
	return nil
}

// tooHeavy is what an evaluator panics with where fewer rows would do.
type tooHeavy struct{}

// attempt runs a stage; heavy tells that the chunk must be halved.
func attempt(e *env, s stage, c *chunk) (next *chunk, heavy bool, err error) {
	heavy = e.divided(c.n, func(e *env) { next, err = s(e, c) })
	return next, heavy, err
}

// divided computes something for n rows; heavy tells that it made too much and
// must be done for fewer of them, or, where it is one row, later. The env is the
// caller's own.
func (e *env) divided(n int, do func(e *env)) (heavy bool) {
	if n < 2 && e.later == nil {
		defer e.nameStep()
		do(e)
		return false
	}
	defer func(was bool) { e.divides = was }(e.divides)
	e.divides = true
	defer func() {
		switch p := recover().(type) {
		case nil:
		case tooHeavy, *function.TooLarge:
			heavy = true
		default:
			panic(p)
		}
	}()
	do(e)
	return false
}

// share is which part of a run's memory a step may fill for a chunk that can be
// halved, or left for later.
const share = 16

// most is how many bytes a step may make at once.
func (e *env) most() int {
	if e.divides && e.meter.limit > 0 {
		return int(e.meter.limit / share)
	}
	if e.divides {
		return noLimit / share
	}
	return e.meter.room()
}

// tooMuch ends what makes more than [env.most].
func (e *env) tooMuch(bytes int) {
	if e.divides {
		panic(tooHeavy{})
	}
	defer e.nameStep()
	panic(&function.TooLarge{Bytes: bytes, Most: e.most()})
}

// nameStep is deferred: it puts the step's word before what was too large.
func (e *env) nameStep() {
	switch p := recover().(type) {
	case nil:
	case *function.TooLarge:
		if e.word == "" {
			panic(p)
		}
		panic(&function.Halt{Err: fmt.Errorf("%s: %w", e.word, p)})
	default:
		panic(p)
	}
}
