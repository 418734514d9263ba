package kql

import (
	"errors"
	"runtime/debug"
	"slices"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
	"github.com/bartizan-dev/bartizan/kql/internal/run"
)

// A Bug is an error of this package, not of the query: a part of it panicked.
// The process goes on, and so may the caller; please report it.
type Bug struct {
	// Query is the text that led to it.
	Query string
	// Cause is what the panic said.
	Cause any
	// Stack is where it was, for a log.
	Stack []byte
}

// Error names the cause and the query, but not the stack.
func (b *Bug) Error() string {
	return (&run.Panic{Cause: b.Cause}).Error() + "; the query is " + strconv.Quote(shortened(b.Query))
}

const longestQuoted = 500

func shortened(text string) string {
	if len(text) <= longestQuoted {
		return text
	}
	return text[:longestQuoted] + "…"
}

// told adds the query's text to what run reports of a panic, and the places in it
// to what is wrong with a part that could be bound only when its columns were known.
func told(text string, err error) error {
	if late, ok := errors.AsType[*plan.LateError](err); ok {
		return newError(text, slices.Clone(late.Problems))
	}
	if p, ok := errors.AsType[*run.Panic](err); ok {
		return &Bug{Query: text, Cause: p.Cause, Stack: p.Stack}
	}
	return err
}

// catch turns a panic into a Bug; it is deferred.
func catch(text string, err *error) {
	switch r := recover().(type) {
	case nil:
	case *function.Halt:
		*err = r.Err
	default:
		*err = &Bug{Query: text, Cause: r, Stack: debug.Stack()}
	}
}
