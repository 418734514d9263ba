package kql

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// Explain shows the plan as a tree: each step above what it reads, and for each
// table what was pushed down to it.
func (q *Query) Explain() string {
	return strings.Join(plan.Explain(q.plan), "\n") + "\n"
}
