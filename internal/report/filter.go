package report

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Filter chooses rows and checks by what they say. Empty lists choose
// everything. Score, coverage and compliance are of all that was judged.
type Filter struct {
	Severities []posture.Severity
	States     []posture.State
}

// Only gives the run with the rules, fixes and checks that the filter chooses;
// the run itself stays as it is.
func (r *Run) Only(f Filter) *Run {
	if len(f.Severities)+len(f.States) == 0 {
		return r
	}
	chosen, result := *r, *r.Result
	result.Recommendations, result.Fixes = nil, nil
	for i := range r.Result.Recommendations {
		if rule := &r.Result.Recommendations[i]; f.rule(rule) {
			result.Recommendations = append(result.Recommendations, *rule)
		}
	}
	if !f.has(posture.NotRated, func(s posture.State) bool { return s == posture.Unhealthy }) {
		result.ControlsUnhealthy = 0
	}
	for _, fix := range r.Result.Fixes {
		if f.rule(fix.Rule) {
			result.Fixes = append(result.Fixes, fix)
		}
	}
	if len(result.Fixes) < len(r.Result.Fixes) {
		result.Together = 0 // is of all of them
	}
	chosen.Result, chosen.Checks = &result, f.checks(r.Checks)
	return &chosen
}

func (f Filter) checks(all assess.Checks) assess.Checks {
	if all == nil {
		return nil
	}
	return func(yield func(*posture.Check, error) bool) {
		for check, err := range all {
			if (err != nil || f.has(check.Severity, func(s posture.State) bool { return s == check.State })) && !yield(check, err) {
				return
			}
		}
	}
}

func (f Filter) rule(r *assess.RuleResult) bool {
	return f.has(r.Severity, func(s posture.State) bool { return r.Count(s) > 0 })
}

func (f Filter) has(severity posture.Severity, state func(posture.State) bool) bool {
	return (len(f.Severities) == 0 || slices.Contains(f.Severities, severity)) &&
		(len(f.States) == 0 || slices.ContainsFunc(f.States, state))
}
