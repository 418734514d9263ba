package conformance

import (
	"testing"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// TestEverythingHasCases: every function, aggregate, plug-in and operator that
// is there has at least two cases, under its own heading or in others.
func TestEverythingHasCases(t *testing.T) {
	var queries []string
	for _, s := range subjects(t) {
		for _, e := range s.Entries {
			for _, c := range e.Cases {
				queries = append(queries, c.Query)
			}
		}
	}
	atLeast := func(n int, kind, name, text string) {
		found := 0
		for _, q := range queries {
			if Uses(q, text) {
				found++
			}
		}
		if found < n {
			t.Errorf("%s %s has %d cases, want %d", kind, name, found, n)
		}
	}
	for _, f := range function.Scalars() {
		if f.Refused == "" && !f.Hidden {
			atLeast(2, "function", f.Name, f.Name+"(")
		}
	}
	for _, f := range function.Aggregates() {
		if f.Refused == "" && !f.Hidden {
			atLeast(1, "aggregate", f.Name, f.Name+"(")
		}
	}
	for _, f := range function.Plugins() {
		if f.Refused == "" {
			atLeast(1, "plug-in", f.Name, "evaluate "+f.Name+"(")
		}
	}
	for _, op := range plan.OperatorDocs() {
		atLeast(2, "operator", op.Name, op.Name+" ")
	}
}
