package conformance

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

//go:generate go test -run _is_fresh$ . -update

var update = flag.Bool("update", false, "write docs/kql.md")

// TestPage_is_fresh: docs/kql.md says what the tables and cases say.
func TestPage_is_fresh(t *testing.T) {
	want, err := Page(subjects(t))
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/kql.md"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/kql.md is stale; run go generate ./kql/conformance (-file +cases):\n%s", cmp.Diff(string(got), want))
	}
}

// TestNames: what has a heading is there, and every function has one.
func TestNames(t *testing.T) {
	named := map[string]bool{}
	for _, s := range subjects(t) {
		for _, e := range s.Entries {
			for _, name := range e.Names {
				named[name] = true
			}
		}
	}
	for _, f := range function.Scalars() {
		if !f.Hidden && f.Refused == "" && !named[f.Name] {
			t.Errorf("function %s has no heading", f.Name)
		}
	}
	for _, f := range function.Plugins() {
		if f.Refused == "" && !named[f.Name] {
			t.Errorf("plug-in %s has no heading", f.Name)
		}
	}
	for _, f := range function.Aggregates() {
		if !f.Hidden && f.Refused == "" && !named[f.Name] && !named[f.Name+"()"] {
			t.Errorf("aggregate %s has no heading", f.Name)
		}
	}
	p := &page{byFile: map[string]Subject{}}
	for _, s := range subjects(t) {
		p.byFile[s.File] = s
	}
	for _, op := range plan.OperatorDocs() {
		if _, ok := p.entry(op.Name); !ok {
			t.Errorf("operator %s has no heading", op.Name)
		}
	}
}
