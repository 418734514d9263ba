package index

import (
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// controlState is the state of a resource in one secure-score control, by the
// scored checks of one tuple.
type controlState struct {
	control uint32
	state   posture.State
	checks  uint32 // healthy and unhealthy ones
}

// unitCount is what the score of a unit is computed from.
type unitCount struct {
	controls []score.Count // by control
	weight   int
	groups   []score.Group // the unit's resources by their scored checks; nil until asked for
	grouped  bool
}

// scores are the units' counts, by unit.
type scores []unitCount

// count counts a resource in or, by -1, out.
func (s *scores) count(x *Index, n uint32, by int) {
	states := x.tuples.controlStates(x.resources.laid[n], x.rules)
	unit := x.resources.unit[n]
	for int(unit) >= len(*s) {
		*s = append(*s, unitCount{})
	}
	u := &(*s)[unit]
	u.groups, u.grouped = nil, false
	if len(states) == 0 {
		return
	}
	if u.controls == nil {
		u.controls = make([]score.Count, len(x.rules.content.Controls))
	}
	for _, c := range states {
		at := &u.controls[c.control]
		switch c.state {
		case posture.Healthy:
			at.Healthy += by
		case posture.Unhealthy:
			at.Unhealthy += by
		case posture.Unknown:
			at.Unknown += by
		}
		u.weight += by * int(c.checks)
	}
}

// controlStates gives the states of a tuple in the controls of the score.
func (t *tuples) controlStates(n uint32, rules *rules) []controlState {
	for len(t.controls) < t.len() {
		t.controls = append(t.controls, controlStatesOf(t.of(uint32(len(t.controls))), rules))
	}
	return t.controls[n]
}

func controlStatesOf(verdicts []Verdict, rules *rules) []controlState {
	var all []controlState
	for _, v := range verdicts {
		rule := rules.of(v.Evaluation)
		control, ok := rules.controls[rule.Control]
		if !ok || !rule.Scored {
			continue
		}
		judged := v.State == posture.Healthy || v.State == posture.Unhealthy
		if !judged && v.State != posture.Unknown {
			continue
		}
		at := -1
		for i := range all {
			if all[i].control == uint32(control) {
				at = i
			}
		}
		if at < 0 {
			at = len(all)
			all = append(all, controlState{uint32(control), v.State, 0})
		}
		if judged {
			all[at].checks++
		}
		all[at].state = worse(all[at].state, v.State)
	}
	return all
}

// worse gives the state that counts of two scored checks of one resource.
func worse(a, b posture.State) posture.State {
	for _, s := range posture.States {
		if a == s || b == s {
			return s
		}
	}
	return a
}

// UnitScore is the score of one unit.
func (x *Index) UnitScore(unit string) score.Unit {
	n, ok := x.units.find(unit)
	if !ok {
		return score.Unit{Scope: unit}
	}
	return x.unitScore(n)
}

func (x *Index) unitScore(n uint32) score.Unit {
	controls := x.rules.content.Controls
	counts := map[string]score.Count{}
	weight := 0
	if int(n) < len(x.score) {
		weight = x.score[n].weight
		for i, c := range x.score[n].controls {
			if c != (score.Count{}) {
				counts[controls[i].ID] = c
			}
		}
	}
	return score.OfCounts(controls, x.units.texts[n], counts, weight)
}

// ScoreModel prepares what a selection of resources has for questions about its
// score and what mending would gain. A rule's number is that among the content's
// rules.
func (s *Selection) ScoreModel() *score.Model {
	x := s.index
	recommendations := make([]score.Recommendation, len(x.rules.content.Rules))
	for i, r := range x.rules.content.Rules {
		recommendations[i] = score.Recommendation{ID: r.ID, Severity: r.Severity}
		if r.Scored {
			recommendations[i].Controls = []string{r.Control}
		}
	}
	var groups []score.Group
	for unit := range x.units.texts {
		members := x.sets.units.at(uint32(unit))
		switch {
		case members.IsEmpty():
		case s.all || s.resources.AndCardinality(members) == members.GetCardinality():
			groups = append(groups, x.unitGroups(uint32(unit))...)
		default:
			groups = append(groups, x.groupsOf(uint32(unit), and(s.resources, members))...)
		}
	}
	return score.New(x.rules.content.Controls, recommendations, groups)
}

// unitGroups gives the resources of a unit by their scored checks.
func (x *Index) unitGroups(unit uint32) []score.Group {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	u := &x.score[unit]
	if !u.grouped {
		u.groups, u.grouped = x.groupsOf(unit, x.sets.units.at(unit)), true
	}
	return u.groups
}
