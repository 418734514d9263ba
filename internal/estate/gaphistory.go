package estate

import (
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// openings adds to what a step does to the counts the gaps that came to be open or were
// closed, as resources of a type came or went, or a policy was disabled somewhere.
func (w *complianceWalk) openings(s *follow.Step, stages []stage) []stage {
	asked := w.counts.asked
	if len(asked.Gaps) == 0 {
		return stages
	}
	was, is := w.counts.open, OpenGapsIn(asked.Gaps, s.Index.Select(asked.Filter))
	turned := map[string][]OpenGap{} // by type
	note := func(some, others []OpenGap) {
		for _, g := range some {
			if !slices.ContainsFunc(others, g.same) {
				turned[g.Type] = append(turned[g.Type], g)
			}
		}
	}
	note(was, is)
	note(is, was)
	for _, kind := range slices.Sorted(maps.Keys(turned)) {
		toggle := func(c *complianceCounts) { c.open = toggled(c.open, turned[kind]) }
		cause := w.causeOfOpening(s, kind)
		at := slices.IndexFunc(stages, func(st stage) bool { return st.cause.Kind == cause.Kind && st.cause.Object == cause.Object })
		if at < 0 {
			stages = append(stages, stage{cause, toggle})
			continue
		}
		do := stages[at].do
		stages[at].do = func(c *complianceCounts) {
			do(c)
			toggle(c)
		}
	}
	return stages
}

func (g OpenGap) same(other OpenGap) bool { return g.Of == other.Of }

// toggled opens those of some gaps that are not open, and closes the others.
func toggled(open, some []OpenGap) (now []OpenGap) {
	for _, g := range open {
		if !slices.ContainsFunc(some, g.same) {
			now = append(now, g)
		}
	}
	for _, g := range some {
		if !slices.ContainsFunc(open, g.same) {
			now = append(now, g)
		}
	}
	return now
}

// causeOfOpening is that of what an import did to resources of a type, or of the unit
// that came or went with it; else that of the commit.
func (w *complianceWalk) causeOfOpening(s *follow.Step, kind string) ComplianceCause {
	c := s.Change.Commit
	unit := c.Object
	switch {
	case len(s.Change.Scopes) > 0:
		return ComplianceCause{Kind: ledger.Scope, Object: unit}
	case c.Kind != ledger.Import:
		return ComplianceCause{Kind: usualCause(c), Object: c.Object}
	case unit != "" && w.lives[posture.Fold(unit)] != s.Index.Lives(unit):
		return ComplianceCause{Kind: ledger.Scope, Object: unit, Unit: unit}
	}
	return ComplianceCause{Kind: ledger.Estate, Object: kind, Unit: unit}
}
