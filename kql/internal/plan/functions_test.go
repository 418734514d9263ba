package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// A listed function is one of the reference, or one of ours.
type listed struct {
	Signatures []string
	Column     string
	Refused    bool
}

// ours finds what there is of a function: in the tables, or in the binder.
func ours(kind, name string) (listed, bool) {
	switch kind {
	case "aggregate":
		if f, ok := function.FindAggregate(name); ok {
			return listed{f.Signatures, f.Column, f.Refused != ""}, true
		}
	case "plugin":
		if f, ok := function.FindPlugin(name); ok {
			return listed{f.Signatures, "", f.Refused != ""}, true
		}
	default:
		if f, ok := function.FindScalar(name); ok {
			return listed{f.Signatures, f.Column, f.Refused != ""}, true
		}
	}
	return listed{}, false
}

// unnamed is the rule; "None" and what it is followed by name no column.
func unnamed(rule string) string {
	if strings.HasPrefix(rule, "None") {
		return ""
	}
	return rule
}

// TestReferenceFunctions holds the function tables against the analyser's:
// every function is there with the same signatures and the same rule for its
// column's name, or is refused with a reason.
func TestReferenceFunctions(t *testing.T) {
	want := map[[2]string]*listed{}
	for _, row := range reference(t, "functions.tsv") {
		key := [2]string{row[0], row[1]}
		if want[key] == nil {
			want[key] = &listed{Column: unnamed(row[3])}
		}
		want[key].Signatures = append(want[key].Signatures, row[2])
	}
	for key, w := range want {
		got, ok := ours(key[0], key[1])
		if !ok {
			t.Errorf("%s %s is missing", key[0], key[1])
			continue
		}
		if got.Refused {
			continue
		}
		got.Column = unnamed(got.Column)
		if key[0] == "plugin" {
			w.Column = ""
		}
		slices.Sort(w.Signatures)
		slices.Sort(got.Signatures)
		if diff := cmp.Diff(*w, got); diff != "" {
			t.Errorf("%s %s: %s", key[0], key[1], diff)
		}
	}
}

// TestWindowSignatures keeps the binder's own signatures the same as the tables'.
func TestWindowSignatures(t *testing.T) {
	for name, signatures := range windows {
		got, ok := ours("scalar", name)
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		if diff := cmp.Diff(signatures, got.Signatures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
