package compliance_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/compliance"
)

func TestRollup_gives_a_control_its_state(t *testing.T) {
	gap := []compliance.Unevaluated{{Rule: "r", Why: "unknown alias x"}}
	tests := map[string]struct {
		node compliance.Node
		want compliance.State
	}{
		"failed_before_all":               {compliance.Node{Tally: compliance.Tally{Healthy: 9, Unhealthy: 1, Unknown: 9, Manual: 9, Exempt: 9, NotApplicable: 9}}, compliance.Failed},
		"unknown_before_manual":           {compliance.Node{Tally: compliance.Tally{Healthy: 9, Unknown: 1, Manual: 9}}, compliance.Unknown},
		"manual_before_passed":            {compliance.Node{Tally: compliance.Tally{Healthy: 9, Manual: 1}}, compliance.Manual},
		"passed":                          {compliance.Node{Tally: compliance.Tally{Healthy: 1, Exempt: 9, NotApplicable: 9}}, compliance.Passed},
		"exempt_only":                     {compliance.Node{Tally: compliance.Tally{Exempt: 9}}, compliance.NotApplicable},
		"exempt_and_not_evaluated":        {compliance.Node{Tally: compliance.Tally{Exempt: 9}, Unevaluated: gap}, compliance.Unknown},
		"not_applicable_only":             {compliance.Node{Tally: compliance.Tally{NotApplicable: 1}}, compliance.NotApplicable},
		"covered_without_any_resource":    {compliance.Node{Covered: true}, compliance.NotApplicable},
		"nothing":                         {compliance.Node{}, compliance.NotCovered},
		"manual_mark_without_unit":        {compliance.Node{Manual: true}, compliance.Manual},
		"manual_mark_attested":            {compliance.Node{Manual: true, Tally: compliance.Tally{Healthy: 1}}, compliance.Passed},
		"manual_mark_attested_in_part":    {compliance.Node{Manual: true, Tally: compliance.Tally{Healthy: 1, Manual: 1}}, compliance.Manual},
		"manual_mark_attested_as_bad":     {compliance.Node{Manual: true, Tally: compliance.Tally{Unhealthy: 1}}, compliance.Failed},
		"not_evaluated_before_passed":     {compliance.Node{Tally: compliance.Tally{Healthy: 9}, Unevaluated: gap}, compliance.Unknown},
		"not_evaluated_before_manual":     {compliance.Node{Manual: true, Unevaluated: gap}, compliance.Unknown},
		"not_evaluated_alone":             {compliance.Node{Unevaluated: gap}, compliance.Unknown},
		"failed_before_not_evaluated":     {compliance.Node{Tally: compliance.Tally{Unhealthy: 1}, Unevaluated: gap}, compliance.Failed},
		"manual_mark_with_rules_and_gaps": {compliance.Node{Manual: true, Covered: true, Tally: compliance.Tally{Unknown: 1, Manual: 1}}, compliance.Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := compliance.Rollup("s", "S", []compliance.Node{test.node})
			if got := r.Nodes[0]; got.State != test.want || got.Group {
				t.Errorf("got %v (group %v), want %v and no group", got.State, got.Group, test.want)
			} else if wholly := got.State == compliance.NotApplicable && got.Tally.Exempt > 0; got.WhollyExempt() != wholly {
				t.Errorf("wholly exempt: got %v, want %v", !wholly, wholly)
			}
		})
	}
}

var tallyOf = map[compliance.State]compliance.Node{
	compliance.Failed:        {Tally: compliance.Tally{Unhealthy: 1}},
	compliance.Unknown:       {Tally: compliance.Tally{Unknown: 1}},
	compliance.Manual:        {Manual: true},
	compliance.Passed:        {Tally: compliance.Tally{Healthy: 1}},
	compliance.NotApplicable: {Covered: true},
	compliance.NotCovered:    {},
}

func TestRollup_gives_a_group_the_first_state_beneath(t *testing.T) {
	type states = []compliance.State
	tests := map[string]struct {
		beneath states
		want    compliance.State
	}{
		"failed":            {states{compliance.Passed, compliance.Manual, compliance.Unknown, compliance.Failed}, compliance.Failed},
		"unknown":           {states{compliance.Passed, compliance.Manual, compliance.Unknown}, compliance.Unknown},
		"manual":            {states{compliance.Manual, compliance.Passed, compliance.NotCovered}, compliance.Manual},
		"passed":            {states{compliance.NotCovered, compliance.NotApplicable, compliance.Passed}, compliance.Passed},
		"not_applicable":    {states{compliance.NotCovered, compliance.NotApplicable}, compliance.NotApplicable},
		"not_covered_alone": {states{compliance.NotCovered}, compliance.NotCovered},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			nodes := []compliance.Node{{ID: "domain"}, {ID: "group", Parent: "domain"}}
			for i, s := range test.beneath {
				n := tallyOf[s]
				n.ID, n.Parent = string(rune('a'+i)), "group"
				nodes = append(nodes, n)
			}
			r := compliance.Rollup("s", "S", nodes)
			for _, got := range r.Nodes[:2] {
				if got.State != test.want || !got.Group {
					t.Errorf("%s: got %v (group %v), want the group %v", got.ID, got.State, got.Group, test.want)
				}
			}
		})
	}
}

func TestRollup_counts_controls_never_groups(t *testing.T) {
	got := compliance.Rollup("std", "Standard", []compliance.Node{
		{ID: "A", Title: "Domain"},
		{ID: "A-1", Parent: "A", Tally: compliance.Tally{Healthy: 3, Exempt: 2, Mitigated: 1}},
		// A control that has children: judged by its own checks, not by theirs.
		{ID: "A-2", Parent: "A", Tally: compliance.Tally{Healthy: 1}},
		{ID: "A-2.1", Parent: "A-2", Tally: compliance.Tally{Unhealthy: 2}},
		{ID: "A-3", Parent: "A", Manual: true, Tally: compliance.Tally{Manual: 2}},
		{ID: "B"},
		{ID: "C", Parent: "nowhere", Tally: compliance.Tally{Unknown: 1}},
		{ID: "D", Covered: true, Tally: compliance.Tally{Exempt: 1}},
		{ID: "E", Manual: true},
	})
	want := compliance.Result{
		Standard: "std", Title: "Standard",
		Rate: 2.0 / 3, HasRate: true,
		Controls: compliance.Controls{Passed: 2, Failed: 1, Unknown: 1, Manual: 2, NotApplicable: 1, NotCovered: 1, Exempt: 2, Mitigated: 1},
		Nodes: []compliance.NodeResult{
			{ID: "A", Title: "Domain", Group: true, State: compliance.Failed, RollUp: compliance.OfControls, Beneath: compliance.Controls{Passed: 2, Failed: 1, Manual: 1, Exempt: 1, Mitigated: 1}},
			{ID: "A-1", Parent: "A", State: compliance.Passed, RollUp: compliance.OfChecks, Tally: compliance.Tally{Healthy: 3, Exempt: 2, Mitigated: 1}},
			{ID: "A-2", Parent: "A", State: compliance.Passed, RollUp: compliance.OfChecks, Tally: compliance.Tally{Healthy: 1}},
			{ID: "A-2.1", Parent: "A-2", State: compliance.Failed, RollUp: compliance.OfChecks, Tally: compliance.Tally{Unhealthy: 2}},
			{ID: "A-3", Parent: "A", State: compliance.Manual, RollUp: compliance.OfChecks, Tally: compliance.Tally{Manual: 2}},
			{ID: "B", State: compliance.NotCovered},
			{ID: "C", Parent: "nowhere", State: compliance.Unknown, RollUp: compliance.OfChecks, Tally: compliance.Tally{Unknown: 1}},
			{ID: "D", State: compliance.NotApplicable, RollUp: compliance.OfChecks, Tally: compliance.Tally{Exempt: 1}},
			{ID: "E", State: compliance.Manual, RollUp: compliance.OfMark},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestRollup_without_judged_controls_has_no_rate(t *testing.T) {
	tests := map[string][]compliance.Node{
		"no_nodes":     nil,
		"only_unknown": {{ID: "a", Tally: compliance.Tally{Unknown: 1}}, {ID: "b", Manual: true}},
	}
	for name, nodes := range tests {
		t.Run(name, func(t *testing.T) {
			if r := compliance.Rollup("s", "S", nodes); r.HasRate || r.Rate != 0 {
				t.Errorf("rate %v (has one: %v), want none", r.Rate, r.HasRate)
			}
		})
	}
}

func TestState_has_its_published_word(t *testing.T) {
	got, err := json.Marshal([]compliance.State{
		compliance.Failed, compliance.Unknown, compliance.Manual,
		compliance.Passed, compliance.NotApplicable, compliance.NotCovered,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `["Failed","Unknown","Manual","Passed","Not applicable","Not covered"]`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRollup_counts_every_control_once(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var nodes []compliance.Node
		for i := range rapid.IntRange(0, 20).Draw(t, "nodes") {
			n := tallyOf[rapid.SampledFrom([]compliance.State{1, 2, 3, 4, 5, 6}).Draw(t, "state")]
			n.ID = string(rune('a' + i))
			if i > 0 {
				n.Parent = string(rune('a' + rapid.IntRange(-1, i-1).Draw(t, "parent")))
			}
			nodes = append(nodes, n)
		}
		r := compliance.Rollup("s", "S", nodes)
		controls := 0
		for _, n := range r.Nodes {
			if !n.Group {
				controls++
			}
			if n.State == 0 {
				t.Fatalf("node %s has no state", n.ID)
			}
		}
		if sum := r.Passed + r.Failed + r.Unknown + r.Manual + r.NotApplicable + r.NotCovered; sum != controls {
			t.Fatalf("counts add up to %d of %d controls", sum, controls)
		}
	})
}
