package function

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A listed function is what Microsoft's analyser says of it.
type listed struct {
	Signatures []string
	Column     string
	Hidden     bool
	Obsolete   string
}

// listedFunctions reads functions.tsv: kind → name → function.
func listedFunctions(t *testing.T) map[string]map[string]listed {
	t.Helper()
	text, err := os.ReadFile("../../../../shared/reference/kql/functions.tsv")
	if err != nil {
		t.Skipf("the reference beside the repository is not there: %v", err)
	}
	out := map[string]map[string]listed{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if out[f[0]] == nil {
			out[f[0]] = map[string]listed{}
		}
		l := out[f[0]][f[1]]
		l.Signatures, l.Column = append(l.Signatures, f[2]), f[3]
		l.Hidden = strings.Contains(f[4], "hidden")
		if _, use, ok := strings.Cut(f[4], "obsolete, use "); ok {
			l.Obsolete, _, _ = strings.Cut(use, ";")
		}
		out[f[0]][f[1]] = l
	}
	return out
}

func checkListed(t *testing.T, name string, want, got listed) {
	t.Helper()
	slices.Sort(want.Signatures)
	slices.Sort(got.Signatures)
	if got.Column == "" {
		got.Column = "None"
	}
	if want.Column == "" {
		want.Column = "None"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-analyser +ours):\n%s", name, diff)
	}
}

func TestAggregatesAreAsListed(t *testing.T) {
	all := listedFunctions(t)["aggregate"]
	for name, want := range all {
		if f, ok := FindAggregate(name); !ok {
			t.Errorf("aggregate %s is missing", name)
		} else {
			checkListed(t, name, want, listed{slices.Clone(f.Signatures), f.Column, f.Hidden, f.Obsolete})
		}
	}
	for _, f := range Aggregates() {
		if _, ok := all[f.Name]; !ok {
			t.Errorf("aggregate %s is not in the list", f.Name)
		}
	}
}

// TestScalarsAreAsListed holds for what is there; TestEveryFunctionIsThere asks for the rest.
func TestScalarsAreAsListed(t *testing.T) {
	all := listedFunctions(t)["scalar"]
	for _, f := range Scalars() {
		if f.Refused != "" {
			continue // nobody calls it
		}
		if want, ok := all[f.Name]; ok {
			checkListed(t, f.Name, want, listed{slices.Clone(f.Signatures), f.Column, f.Hidden, f.Obsolete})
		} else {
			t.Errorf("function %s is not in the list", f.Name)
		}
	}
}

func TestEveryFunctionHasOneTask(t *testing.T) {
	for _, f := range Scalars() {
		tasks := 0
		for _, has := range []bool{f.Eval != nil, f.Prepare != nil, f.Refused != ""} {
			tasks += b2i(has)
		}
		if tasks != 1 {
			t.Errorf("%s: wants exactly one of Eval, Prepare and Refused", f.Name)
		}
		if f.Refused == "" && (!strings.HasSuffix(f.Doc, ".") || strings.Contains(f.Doc, "\n")) {
			t.Errorf("%s: wants one sentence of description, has %q", f.Name, f.Doc)
		}
		for _, s := range f.Signatures {
			if _, err := ParseSignature(s); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestNoFunctionIsThereTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range scalarTables {
		for _, f := range table() {
			if seen[f.Name] {
				t.Errorf("function %s is in two tables", f.Name)
			}
			seen[f.Name] = true
		}
	}
}

func TestPluginsAreAsListed(t *testing.T) {
	all := listedFunctions(t)["plugin"]
	for name, want := range all {
		f, ok := FindPlugin(name)
		if !ok {
			t.Errorf("plug-in %s is missing", name)
			continue
		}
		if (f.Refused == "") != (f.Run != nil) {
			t.Errorf("%s: wants exactly one of Run and Refused", name)
		}
		if f.Refused == "" {
			checkListed(t, name, listed{Signatures: want.Signatures}, listed{Signatures: slices.Clone(f.Signatures)})
		}
	}
}

func TestEveryFunctionIsThere(t *testing.T) {
	for name := range listedFunctions(t)["scalar"] {
		if _, ok := FindScalar(name); !ok {
			t.Errorf("function %s is neither there nor refused with a reason", name)
		}
	}
}
