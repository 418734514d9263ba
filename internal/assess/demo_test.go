package assess_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// contosoEstate is the demo estate as one input.
func contosoEstate(t testing.TB) assess.Input {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return content("contoso", b.Bytes())
}

// contosoFiles is the demo estate as the providers' tools export it.
func contosoFiles(t testing.TB) []assess.Input {
	t.Helper()
	var inputs []assess.Input
	for _, f := range contoso.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, content(f.Path, b.Bytes()))
	}
	return inputs
}

// states gives the verdict on each rule and resource.
func states(checks []*posture.Check) map[string]string {
	all := map[string]string{}
	for _, c := range checks {
		all[c.Rule+" "+strings.ToLower(c.Resource)] = c.State.String() + " " + c.Reason.String() + " in " + c.Unit
	}
	return all
}

// The demo's files give the same verdicts as the demo's estate, in whatever
// order they are read.
func TestContosoFilesGiveTheSameVerdicts(t *testing.T) {
	o := assess.Options{Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Now: now, Workers: 1}
	whole, checks := run(t, o)
	expected := states(checks)
	inputs := contosoFiles(t)
	orders := map[string][]assess.Input{"as_written": slices.Clone(inputs)}
	slices.Reverse(inputs)
	orders["reversed"] = slices.Clone(inputs)
	for i := range inputs {
		orders["first_"+inputs[i].Name] = append([]assess.Input{inputs[i]}, slices.Delete(slices.Clone(inputs), i, i+1)...)
	}
	for _, name := range slices.Sorted(maps.Keys(orders)) {
		t.Run(name, func(t *testing.T) {
			o.Inputs = orders[name]
			result, checks := run(t, o)
			if diff := cmp.Diff(expected, states(checks)); diff != "" {
				t.Errorf("verdicts of the estate and of its files (-estate +files):\n%s", diff)
			}
			if diff := cmp.Diff(whole.Score, result.Score); diff != "" || whole.Total != result.Total {
				t.Errorf("%d and %d resources; score (-estate +files):\n%s", whole.Total, result.Total, diff)
			}
			if diff := cmp.Diff(whole.Resources, result.Resources); diff != "" {
				t.Errorf("resources (-estate +files):\n%s", diff)
			}
		})
	}
}
