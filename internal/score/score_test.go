package score_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

const (
	healthy   = posture.Healthy
	unhealthy = posture.Unhealthy
	unknown   = posture.Unknown
	manual    = posture.Manual
	exempt    = posture.Exempt
	none      = posture.NotApplicable
)

// of makes a group whose n-th state is that of recommendation n.
func of(unit string, count int, states ...posture.State) score.Group {
	g := score.Group{Unit: unit, Count: count}
	for r, s := range states {
		if s != 0 {
			g.Checks = append(g.Checks, score.Check{Recommendation: r, State: s})
		}
	}
	return g
}

// one control of max points with n recommendations.
func one(max float64, n int) ([]score.Control, []score.Recommendation) {
	recs := make([]score.Recommendation, n)
	for i := range recs {
		recs[i] = score.Recommendation{ID: string(rune('a' + i)), Controls: []string{"c"}}
	}
	return []score.Control{{ID: "c", Name: "Control", Max: max}}, recs
}

// The vectors are recorded answers of the service whose score this is.
func TestCompute_rounds_a_control_as_recorded(t *testing.T) {
	tests := map[string]struct {
		healthy, unhealthy       int
		max, current, percentage float64
	}{
		"73_of_78":   {73, 5, 4, 3.74, 0.935},
		"11_of_18":   {11, 7, 3, 1.83, 0.61},
		"3_of_55":    {3, 52, 1, 0.05, 0.05},
		"1_of_18":    {1, 17, 2, 0.11, 0.055},
		"11_of_18_b": {11, 7, 6, 3.67, 0.6117},
		"14_of_68":   {14, 54, 4, 0.82, 0.205},
		"16_of_17":   {16, 1, 8, 7.53, 0.9412}, // 0.94125: half goes to even
		"4_of_78":    {4, 74, 6, 0.31, 0.0517},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			controls, recs := one(test.max, 1)
			got := score.Compute(controls, recs, []score.Group{
				of("u", test.healthy, healthy), of("u", test.unhealthy, unhealthy),
			})
			want := score.ControlScore{
				ID: "c", Name: "Control", Max: test.max, Current: test.current, Percentage: test.percentage,
				Healthy: test.healthy, Unhealthy: test.unhealthy, Weight: test.healthy + test.unhealthy,
			}
			if diff := cmp.Diff(want, got.Units[0].Controls[0]); diff != "" {
				t.Errorf("control (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGain_of_the_recorded_control_is_what_was_left(t *testing.T) {
	controls, recs := one(6, 1)
	m := score.New(controls, recs, []score.Group{of("u", 4, healthy), of("u", 74, unhealthy)})
	if got := m.Gain(0).Points; got != 5.69 {
		t.Errorf("points to gain: got %v, want 5.69", got)
	}
}

// A recorded subscription: 31.75 of 56 points were 0.567.
func TestCompute_adds_rounded_controls_to_a_unit(t *testing.T) {
	controls := []score.Control{{ID: "x", Max: 50}, {ID: "y", Max: 6}, {ID: "empty", Max: 2}}
	recs := []score.Recommendation{{ID: "x", Controls: []string{"x"}}, {ID: "y", Controls: []string{"y"}}, {ID: "e", Controls: []string{"empty"}}}
	got := score.Compute(controls, recs, []score.Group{
		of("u", 635, healthy), of("u", 365, unhealthy), // 31.75 of 50
		of("u", 7, 0, unhealthy),       // 0 of 6
		of("u", 3, 0, 0, none, manual), // not effective
	})
	want := score.Score{
		Percent: 56.7, HasScore: true, Current: 31.75, Max: 56,
		Units: []score.Unit{{
			Scope: "u", HasScore: true, Percent: 56.7, Current: 31.75, Max: 56, Weight: 1007,
			Controls: []score.ControlScore{
				{ID: "x", Max: 50, Current: 31.75, Percentage: 0.635, Healthy: 635, Unhealthy: 365, Weight: 1000},
				{ID: "y", Max: 6, Unhealthy: 7, Weight: 7},
				{ID: "empty"},
			},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("score (-want +got):\n%s", diff)
	}
}

func TestCompute_rolls_a_resource_up_in_a_control(t *testing.T) {
	type counts struct{ Healthy, Unhealthy, Unknown, Weight int } // Weight: the unit's, in checks
	tests := map[string]struct {
		states []posture.State
		want   counts
	}{
		"unhealthy_before_unknown":      {[]posture.State{healthy, unknown, unhealthy}, counts{Unhealthy: 1, Weight: 2}},
		"unknown_before_healthy":        {[]posture.State{healthy, unknown, exempt}, counts{Unknown: 1, Weight: 1}},
		"healthy_only_on_all":           {[]posture.State{healthy, healthy, healthy}, counts{Healthy: 1, Weight: 3}},
		"three_of_four_mended_is_not":   {[]posture.State{healthy, healthy, healthy, unhealthy}, counts{Unhealthy: 1, Weight: 4}},
		"exempt_leaves":                 {[]posture.State{exempt}, counts{}},
		"exempt_beside_healthy":         {[]posture.State{exempt, healthy}, counts{Healthy: 1, Weight: 1}},
		"manual_leaves":                 {[]posture.State{manual}, counts{}},
		"not_applicable_leaves":         {[]posture.State{none, manual, exempt}, counts{}},
		"not_applicable_beside_unknown": {[]posture.State{none, unknown}, counts{Unknown: 1}},
		"no_checks":                     {nil, counts{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			controls, recs := one(4, 4)
			s := score.Compute(controls, recs, []score.Group{of("u", 1, test.states...)})
			c := s.Units[0].Controls[0]
			got := counts{c.Healthy, c.Unhealthy, c.Unknown, s.Units[0].Weight}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("resources (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompute_counts_a_resource_once_in_each_of_its_controls(t *testing.T) {
	controls := []score.Control{{ID: "x", Max: 4}, {ID: "y", Max: 2}, {ID: "zero"}}
	recs := []score.Recommendation{
		{ID: "in_both", Controls: []string{"x", "y", "x", "elsewhere"}},
		{ID: "in_x", Controls: []string{"x"}},
		{ID: "unscored", Controls: []string{"elsewhere"}},
		{ID: "best_practice", Controls: []string{"zero"}},
	}
	got := score.Compute(controls, recs, []score.Group{of("u", 2, healthy, unhealthy, unhealthy, healthy)})
	want := []score.ControlScore{
		{ID: "x", Max: 4, Unhealthy: 2, Weight: 2},
		{ID: "y", Max: 2, Current: 2, Percentage: 1, Healthy: 2, Weight: 2},
		{ID: "zero", Healthy: 2, Weight: 2}, // keeps its weight, has no points
	}
	if diff := cmp.Diff(want, got.Units[0].Controls); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	if got.Units[0].Weight != 6 {
		t.Errorf("weight: got %d, want 6 checks: the one without a control does not count", got.Units[0].Weight)
	}
	if got.Percent != 33.33 {
		t.Errorf("percent: got %v, want 33.33", got.Percent)
	}
}

func TestCompute_weighs_units_by_checks(t *testing.T) {
	controls := []score.Control{{ID: "c", Max: 3}, {ID: "zero"}}
	recs := []score.Recommendation{
		{ID: "a", Controls: []string{"c"}},
		{ID: "b", Controls: []string{"c"}},
		{ID: "z", Controls: []string{"zero"}},
	}
	tests := map[string]struct {
		groups []score.Group
		want   score.Score // Units left out
	}{
		"two_checks_weigh_double": {
			// b: 100 % with weight 2; a: 0 % with weight 1.
			[]score.Group{of("b", 1, healthy, healthy), of("a", 1, unhealthy)},
			score.Score{Percent: 66.67, HasScore: true},
		},
		"rounded_per_unit_then_not_until_the_end": {
			// a: 1/7 of 3 = 0.43, 0.1433; b: 0.67 of 3 = 0.2233. Weights 7 and 9.
			[]score.Group{of("a", 1, healthy), of("a", 6, unhealthy), of("b", 2, healthy), of("b", 7, unhealthy)},
			score.Score{Percent: 18.83, HasScore: true}, // (1433×7 + 2233×9) / 16 / 100 = 18.83
		},
		"units_of_weight_0_and_without_points_are_left_out": {
			[]score.Group{of("a", 1, healthy), of("a", 1, unhealthy), of("b", 5, unknown), of("c", 9, 0, 0, unhealthy)},
			score.Score{Percent: 50, HasScore: true, Current: 1.5, Max: 3},
		},
		"nothing_judged":         {[]score.Group{of("a", 1, unknown)}, score.Score{}},
		"no_group":               {nil, score.Score{}},
		"groups_of_nobody_leave": {[]score.Group{of("a", 0, unhealthy), of("b", 1, healthy)}, score.Score{Percent: 100, HasScore: true, Current: 3, Max: 3}},
		"an_index_outside_is_ignored": {
			[]score.Group{{Unit: "a", Count: 1, Checks: []score.Check{{Recommendation: 3, State: unhealthy}, {Recommendation: -1, State: unhealthy}, {State: healthy}}}},
			score.Score{Percent: 100, HasScore: true, Current: 3, Max: 3},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := score.Compute(controls, recs, test.groups)
			for i := 1; i < len(got.Units); i++ {
				if got.Units[i-1].Scope >= got.Units[i].Scope {
					t.Errorf("units out of order: %q before %q", got.Units[i-1].Scope, got.Units[i].Scope)
				}
			}
			got.Units = nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("score (-want +got):\n%s", diff)
			}
		})
	}
}
