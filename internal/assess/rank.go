package assess

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/score"
)

// list sorts the rules for printing: built-in first, then worst first.
func (s *summer) list() {
	for i := range s.rules {
		if s.run.book.set.Broken(i) == "" {
			s.result.Recommendations = append(s.result.Recommendations, s.rules[i])
		}
	}
	slices.SortStableFunc(s.result.Recommendations, func(a, b RuleResult) int {
		return cmp.Or(
			-compareBool(a.Recommendation != nil, b.Recommendation != nil),
			-cmp.Compare(a.Severity, b.Severity), -cmp.Compare(a.Unhealthy, b.Unhealthy),
			strings.Compare(a.ID, b.ID), strings.Compare(a.ParametersHash, b.ParametersHash),
		)
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// fixes picks the five that are worth most: by gain, then severity, then id.
func (s *summer) fixes(model *score.Model) {
	numbers := map[string]int{}
	for n, r := range s.scoring {
		numbers[r.ID] = n
	}
	var worth []*RuleResult
	for i := range s.result.Recommendations {
		if r := &s.result.Recommendations[i]; r.Recommendation != nil && r.Gain > 0 {
			worth = append(worth, r)
		}
	}
	slices.SortStableFunc(worth, func(a, b *RuleResult) int {
		return cmp.Or(-cmp.Compare(a.Gain, b.Gain), -cmp.Compare(a.Severity, b.Severity), strings.Compare(a.ID, b.ID))
	})
	var together []int
	for _, r := range worth[:min(5, len(worth))] {
		n := numbers[r.ID]
		gain := model.Gain(n)
		if s.result.Slice {
			gain.Points = 0
		}
		s.result.Fixes = append(s.result.Fixes, Fix{Rule: r, Gain: gain.Percent, Points: gain.Points, Resources: r.Unhealthy})
		together = append(together, n)
	}
	s.result.Together = model.Together(together).Percent
}
