package assess

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// summer adds groups up.
type summer struct {
	run        *run
	result     *Result
	rules      []RuleResult
	tallies    []compliance.Tally // by number of an initiative's control
	scored     []int              // by rule: index among the scored, -1 for none
	scoring    []score.Recommendation
	scoredRule []int
	groups     []score.Group
	manual     map[string][]manualCheck // by STANDARD:CONTROL
	shifted    map[exemptControl]*compliance.Tally
	units      map[string]*unitSum // where they are asked for
	open       openItems
}

func (run *run) sum(rd *reading) (*Result, error) {
	s := &summer{run: run, shifted: map[exemptControl]*compliance.Tally{}, units: map[string]*unitSum{}, result: &Result{
		Coverage:  Coverage{Reasons: map[posture.Reason]int{}},
		Resources: map[posture.State]int{}, Seen: rd.seen(), Duplicates: int(run.known.duplicates.Load()),
		NotEvaluated: run.book.notEvaluated, Warnings: run.book.warnings, Scopes: run.known.tree.All(),
	}}
	placer := newPlacer(run.book, run.known)
	run.tellStatements()
	run.tellUnended()
	s.tellUnseen(rd, placer)
	s.result.Duplicates += run.tellOld(rd)
	s.result.Problems = slices.Concat(run.known.problems.list(), run.known.notices.list(), run.options.Unread)
	s.prepare()
	s.findNotRead(placer)
	groups := run.collectGroups(rd, func(rule int) bool { return s.scored[rule] >= 0 || run.options.ByUnit })
	for i := range groups.groups {
		s.add(&groups.groups[i])
		s.addToUnit(&groups.groups[i])
	}
	for state, count := range groups.states {
		if count > 0 {
			s.result.Resources[posture.State(state)] = count
		}
	}
	s.result.Total, s.result.Selected = groups.total, groups.total
	idle, empty := run.idle(rd, placer)
	s.result.Warnings, s.result.Empty = slices.Concat(s.result.Warnings, run.tellChangeFaults(rd, placer), idle), empty
	s.reject(run.rejected(rd) + len(run.options.Unread))
	for unit, met := range groups.units {
		if met && s.run.unitName(int32(unit)) != "" {
			s.result.Units++
		}
	}
	s.addManual()
	run.unjudged = slices.DeleteFunc(run.book.allUnjudged(), func(u unjudged) bool { return u.givesNone() })
	if len(run.unjudged) > 0 {
		run.standing = run.standings(rd, placer)
		s.open = run.openItems("")
	}
	s.finish()
	return s.result, nil
}

// reject counts what could not be read as checks that are unknown.
func (s *summer) reject(records int) {
	if records == 0 {
		return
	}
	c := &s.result.Coverage
	c.Rejected = records
	c.Unknown += records
	c.Reasons[posture.Failed] += records
}

// addManual counts the checks of manual controls, which belong to no rule.
func (s *summer) addManual() {
	s.run.manual = s.run.manualChecks()
	s.manual = map[string][]manualCheck{}
	for _, c := range s.run.manual {
		s.manual[c.control] = append(s.manual[c.control], c)
		s.cover(c.state, posture.NoReason, c.exempt, 1)
		if c.state == posture.Unhealthy {
			s.result.ControlsUnhealthy++
		}
	}
}

func (s *summer) prepare() {
	book := s.run.book
	s.rules = make([]RuleResult, len(book.rules))
	s.scored = make([]int, len(book.rules))
	s.tallies = make([]compliance.Tally, len(book.controls))
	for i := range book.rules {
		r := &book.rules[i]
		s.rules[i] = RuleResult{
			ID: r.id, Title: r.title, Recommendation: r.recommendation, Severity: r.severity,
			ParametersHash: r.hash, Reasons: map[posture.Reason]int{}, Cloud: posture.Azure,
		}
		s.scored[i] = -1
		if r.recommendation != nil {
			s.rules[i].Cloud = r.recommendation.Cloud
		}
		if r.control == "" {
			continue
		}
		if c, ok := s.run.options.BuiltIn.Control(r.control); ok {
			s.rules[i].Control = c.Name
		}
		if r.scored {
			s.scored[i] = len(s.scoring)
			s.scoredRule = append(s.scoredRule, i)
			s.scoring = append(s.scoring, score.Recommendation{
				ID: r.id, Controls: []string{r.control}, Severity: r.severity,
			})
		}
	}
}

func (s *summer) add(g *group) {
	var checks []score.Check
	s.run.views(g.final, g.at, func(v view) {
		s.count(&v, g.count)
		if n := s.scored[v.rule]; n >= 0 && v.state != posture.Exempt && !s.run.book.isToldOnly(&v) {
			checks = append(checks, score.Check{Recommendation: n, State: v.state})
		}
	})
	if g.unit == anyUnit || len(checks) == 0 {
		return
	}
	if unit := s.run.unitName(g.unit); unit != "" {
		s.groups = append(s.groups, score.Group{Unit: unit, Count: g.count, Checks: checks})
	}
}

// count adds one check of a number of resources.
func (s *summer) count(v *view, count int) {
	r := &s.rules[v.rule]
	*r.count(v.state) += count
	if exempt := v.exemptMark(); v.state == posture.Exempt && exempt.Category == mitigated {
		r.Mitigated += count
	}
	if v.state == posture.Unknown {
		r.Reasons[v.reason] += count
	}
	s.cover(v.state, v.reason, v.exemptMark(), count)
	if v.mark == nil {
		return
	}
	if s.run.book.isToldOnly(v) {
		s.leave(v, count)
	} else {
		s.shift(v, count)
	}
	for _, c := range v.mark.counted {
		state := v.judged
		switch {
		case state == posture.NotApplicable:
		case c.exempt != nil:
			state = posture.Exempt
		case c.doubt != posture.NoReason:
			state = posture.Unknown
		}
		addState(&s.tallies[c.control], state, c.exempt.mark(), count)
	}
}

// mitigated is the category of what is exempt because something else protects it.
const mitigated = "mitigated"

// cover counts checks for the coverage.
func (s *summer) cover(state posture.State, reason posture.Reason, exempt *posture.ExemptMark, count int) {
	c := &s.result.Coverage
	switch state {
	case posture.Healthy, posture.Unhealthy:
		c.Judged += count
	case posture.Unknown:
		c.Unknown += count
		c.Reasons[reason] += count
	case posture.Manual:
		c.Manual += count
	case posture.Exempt:
		c.Exempt += count
		if exempt.Category == mitigated {
			c.Mitigated += count
		}
	}
}

func (r *RuleResult) count(state posture.State) *int {
	switch state {
	case posture.Healthy:
		return &r.Healthy
	case posture.Unhealthy:
		return &r.Unhealthy
	case posture.Unknown:
		return &r.Unknown
	case posture.Manual:
		return &r.Manual
	case posture.Exempt:
		return &r.Exempt
	}
	return &r.NotApplicable
}

// addState counts checks of one state.
func addState(t *compliance.Tally, state posture.State, exempt *posture.ExemptMark, count int) {
	*tallied(t, state) += count
	if state == posture.Exempt && exempt.Category == mitigated {
		t.Mitigated += count
	}
}

func tallied(t *compliance.Tally, state posture.State) *int {
	switch state {
	case posture.Healthy:
		return &t.Healthy
	case posture.Unhealthy:
		return &t.Unhealthy
	case posture.Unknown:
		return &t.Unknown
	case posture.Manual:
		return &t.Manual
	case posture.Exempt:
		return &t.Exempt
	}
	return &t.NotApplicable
}

func (s *summer) finish() {
	s.covered()
	model := score.New(s.controls(), s.scoring, s.groups)
	s.result.Score = model.Score()
	if s.result.Slice = s.run.slice(); s.result.Slice {
		withoutPoints(&s.result.Score)
	}
	for n, i := range s.scoredRule {
		s.rules[i].Gain = model.Gain(n).Percent
	}
	s.comply(func(*catalog.Standard) bool { return true })
	s.list()
	s.fixes(model)
	s.result.ByUnit = s.byUnit()
}

// withoutPoints leaves a score its percentages.
func withoutPoints(s *score.Score) {
	s.Current, s.Max = 0, 0
	for i := range s.Units {
		u := &s.Units[i]
		u.Current, u.Max = 0, 0
		for c := range u.Controls {
			u.Controls[c].Current, u.Controls[c].Max = 0, 0
		}
	}
}

func (s *summer) controls() []score.Control {
	var all []score.Control
	if b := s.run.options.BuiltIn; b != nil {
		for _, c := range b.Controls() {
			all = append(all, score.Control{ID: c.ID, Name: c.Name, Max: c.Max})
		}
	}
	return all
}
