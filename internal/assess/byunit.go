package assess

import (
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnitResult is what an assessment says of one unit alone.
type UnitResult struct {
	Unit            string
	Recommendations []RuleResult // as in Result, without gains
	Compliance      []compliance.Result
	// Idle counts, by id of a secure-score control, the resources whose checks
	// there are neither healthy, unhealthy nor unknown.
	Idle map[string]int
	// Coverage is that of the unit, without what of the input could not be read:
	// nobody knows where that belongs.
	Coverage Coverage
}

// unitSum adds up the groups of one unit.
type unitSum struct {
	*summer
	idle map[string]int
}

// unitSum is that of a unit, made when its first group comes.
func (s *summer) unitSum(unit string) *unitSum {
	u := s.units[unit]
	if u == nil {
		part := &summer{run: s.run, shifted: map[exemptControl]*compliance.Tally{}, result: &Result{
			Coverage: Coverage{Reasons: map[posture.Reason]int{}},
		}}
		part.prepare()
		u = &unitSum{summer: part, idle: map[string]int{}}
		s.units[unit] = u
	}
	return u
}

// addToUnit counts a group for its unit, where that is asked for.
func (s *summer) addToUnit(g *group) {
	if !s.run.options.ByUnit || g.unit == anyUnit || s.run.unitName(g.unit) == "" {
		return
	}
	u := s.unitSum(s.run.units[g.unit])
	states := map[string]posture.State{} // by control
	s.run.views(g.final, g.at, func(v view) {
		u.count(&v, g.count)
		if s.scored[v.rule] < 0 || s.run.book.isToldOnly(&v) {
			return
		}
		control := s.run.book.rules[v.rule].control
		if best, met := states[control]; !met || v.state < best {
			states[control] = v.state
		}
	})
	for control, state := range states {
		if state > posture.Healthy {
			u.idle[control] += g.count
		}
	}
}

// covered is the coverage with its percentage.
func (s *summer) covered() Coverage {
	c := &s.result.Coverage
	c.Percent = 100
	if all := c.Judged + c.Unknown; all > 0 {
		c.Percent = 100 * float64(c.Judged) / float64(all)
	}
	return *c
}

// byUnit is the result of every unit that has a resource, by its id, then of those
// that have none and are known to.
func (s *summer) byUnit() []UnitResult {
	if !s.run.options.ByUnit {
		return nil
	}
	var all []UnitResult
	for _, unit := range slices.Sorted(slices.Values(s.run.namedUnits())) {
		if unit == "" {
			continue
		}
		u := s.unitSum(unit)
		u.manual = map[string][]manualCheck{}
		for control, checks := range s.manual {
			for _, c := range checks {
				if c.unit == unit {
					u.manual[control] = append(u.manual[control], c)
					u.cover(c.state, posture.NoReason, c.exempt, 1)
				}
			}
		}
		if len(s.run.unjudged) > 0 {
			u.open = s.run.openItems(unit)
		}
		u.comply(func(st *catalog.Standard) bool { return slices.Contains(st.Clouds, posture.CloudOfUnit(unit)) })
		u.list()
		all = append(all, UnitResult{Unit: unit, Recommendations: u.result.Recommendations, Compliance: u.result.Compliance, Idle: u.idle, Coverage: u.covered()})
	}
	return append(all, s.unseenUnits()...)
}

// unseenUnits are those of which read records say what was not read, and no input has
// a resource: all that is known of them is their coverage.
func (s *summer) unseenUnits() []UnitResult {
	var all []UnitResult
	for _, unit := range slices.Sorted(maps.Keys(s.units)) {
		if !slices.Contains(s.run.namedUnits(), unit) {
			all = append(all, UnitResult{Unit: unit, Coverage: s.units[unit].covered()})
		}
	}
	return all
}
