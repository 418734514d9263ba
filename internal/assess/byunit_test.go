package assess_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// What is told of the units adds up to what is told of all.
func TestByUnit(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	o := assess.Options{Inputs: contosoFiles(t), BuiltIn: builtIn(t), Now: now, ByUnit: true}
	result, _ := run(t, o)
	sum, all := map[string][6]int{}, map[string][6]int{}
	for _, r := range result.Recommendations {
		all[r.ID] = countsOf(&r)
	}
	for _, u := range result.ByUnit {
		for _, r := range u.Recommendations {
			counts := sum[r.ID]
			for i, n := range countsOf(&r) {
				counts[i] += n
			}
			sum[r.ID] = counts
		}
	}
	if diff := cmp.Diff(all, sum); diff != "" {
		t.Errorf("rules (-all +sum of units):\n%s", diff)
	}
	controls, parts := map[string]compliance.Tally{}, map[string]compliance.Tally{}
	for _, c := range result.Compliance {
		for _, n := range c.Nodes {
			controls[c.Standard+":"+n.ID] = n.Tally
		}
	}
	for _, u := range result.ByUnit {
		for _, c := range u.Compliance {
			for _, n := range c.Nodes {
				tally := parts[c.Standard+":"+n.ID]
				tally.Healthy += n.Tally.Healthy
				tally.Unhealthy += n.Tally.Unhealthy
				tally.Unknown += n.Tally.Unknown
				tally.Manual += n.Tally.Manual
				tally.Exempt += n.Tally.Exempt
				tally.NotApplicable += n.Tally.NotApplicable
				parts[c.Standard+":"+n.ID] = tally
			}
		}
	}
	if diff := cmp.Diff(controls, parts); diff != "" {
		t.Errorf("controls (-all +sum of units):\n%.2000s", diff)
	}
}

func countsOf(r *assess.RuleResult) (counts [6]int) {
	for i, state := range posture.States {
		counts[i] = r.Count(state)
	}
	return counts
}

// Checks that are read bare are the same ones, without what they cost.
func TestBare(t *testing.T) {
	o := assess.Options{Inputs: contosoFiles(t), BuiltIn: builtIn(t), Now: now, Evidence: true}
	_, whole := run(t, o)
	o.Evidence, o.Bare = false, true
	_, bare := run(t, o)
	for i := range whole {
		whole[i].Evidence, whole[i].Detail, whole[i].Conflict = nil, "", false
	}
	for i := range bare {
		bare[i].Detail = ""
	}
	if diff := cmp.Diff(whole, bare); diff != "" {
		t.Errorf("(-whole +bare):\n%.2000s", diff)
	}
}
