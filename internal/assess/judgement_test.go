package assess_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// What a store keeps are the judged states of all checks, under the names that
// reports have for them.
func TestJudge_gives_the_judged_states_of_all_checks(t *testing.T) {
	assigned, problems := policy.ParseAssignment("assignments.json", []byte(assignment(
		"here", unitA, "policyDefinitions/mine", "")))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	own := library(t, definition("mine", `"if":{"field":"type","equals":"Microsoft.Storage/storageAccounts"},"then":{"effect":"audit"}`, ""))
	for name, o := range map[string]assess.Options{
		"demo":           {Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t)},
		"with exemption": {Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Exemptions: exemption(t, `{"recommendation":"storage-secure-transfer","scope":"/"}`)},
		"assigned in one subscription": {
			Inputs: []assess.Input{text("in.jsonl", places...)}, Library: own, Assignments: []*policy.Assignment{assigned},
		},
	} {
		o.Now, o.Bare, o.Workers = now, true, 2
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, checks := run(t, o)
			want := map[string]int{}
			for _, c := range checks {
				if c.Type != "unit" { // a manual control's
					want[verdictName(c.Rule, c.ParametersHash, c.Judged, c.Reason)]++
				}
			}
			j, err := assess.Judge(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			got, places := map[string]int{}, map[[2]int]bool{}
			for _, r := range j.Resources() {
				if at := [2]int{r.Input, r.Line}; places[at] || r.Line == 0 {
					t.Errorf("two resources at %v", at)
				}
				places[[2]int{r.Input, r.Line}] = true
				for _, v := range j.Tuples()[r.Tuple] {
					rule := j.Rules()[v.Rule]
					got[verdictName(rule.ID, rule.ParametersHash, v.State, v.Reason)]++
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
				t.Errorf("%d verdicts (-checks +judgement):\n%s", len(got), diff)
			}
			for i, tuple := range j.Tuples() {
				if slices.ContainsFunc(j.Tuples()[:i], func(other []assess.Verdict) bool { return slices.Equal(other, tuple) }) {
					t.Errorf("tuple %d occurs twice", i)
				}
			}
		})
	}
}

func verdictName(rule, hash string, state posture.State, reason posture.Reason) string {
	return fmt.Sprint(rule, " ", hash, " ", state, " ", reason)
}
