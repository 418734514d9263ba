package kql

import (
	"context"
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// A budget is what reading, binding and rewriting a query may take.
type budget struct {
	ctx   context.Context // of the one call that prepares the query
	limit int64           // bytes; below 1: none
	held  int64
	steps int
}

// stepsPerAsk is how many steps are made before the context is asked again.
const stepsPerAsk = 256

// spend ends the work by a panic where the context has ended, or where more is
// held than may be.
func (b *budget) spend(bytes int) {
	if b.held += int64(bytes); b.limit > 0 && b.held > b.limit {
		panic(&function.Halt{Err: fmt.Errorf("what the query says takes more than %s in memory; shorten its lists and tables, or its steps", function.Size(b.limit))})
	}
	if b.steps++; b.steps%stepsPerAsk == 0 {
		b.ask()
	}
}

func (b *budget) ask() {
	if err := b.ctx.Err(); err != nil {
		panic(&function.Halt{Err: err})
	}
}
