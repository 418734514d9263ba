package index

import (
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// controlState is the state of a resource in one secure-score control, by the
// scored checks of one tuple.
type controlState struct {
	control uint32
	state   posture.State
	checks  uint32 // healthy and unhealthy ones
	cell    uint32 // number of the cell, 0 if it is not unhealthy
}

// cells are the ways in which a control can see a resource as unhealthy, by
// number from 1.
type cells struct {
	all     []score.Cell
	numbers map[string]uint32
	key     []byte // scratch
}

// number gives that of a cell.
func (c *cells) number(of score.Cell) uint32 {
	c.key = binary.AppendUvarint(c.key[:0], uint64(of.Control)<<1)
	if of.Unknown {
		c.key[0] |= 1
	}
	for _, rule := range of.Unhealthy {
		c.key = binary.AppendUvarint(c.key, uint64(rule))
	}
	n, ok := c.numbers[string(c.key)]
	if !ok {
		if c.numbers == nil {
			c.numbers, c.all = map[string]uint32{}, []score.Cell{{}}
		}
		n = uint32(len(c.all))
		c.all = append(c.all, of)
		c.numbers[string(c.key)] = n
	}
	return n
}

// unitCount is what the score of a unit is computed from.
type unitCount struct {
	controls []score.Count // by control
	weight   int
	cells    map[uint32]int // resources by cell; nil until asked for
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
	u.add(states, len(x.rules.content.Controls), by)
}

// add counts resources of a tuple in or, below zero, out.
func (u *unitCount) add(states []controlState, controls, by int) {
	if len(states) == 0 {
		return
	}
	if u.controls == nil {
		u.controls = make([]score.Count, controls)
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
		if c.cell != 0 && u.cells != nil {
			u.cells[c.cell] += by
		}
	}
}

// controlStates gives the states of a tuple in the controls of the score.
func (t *tuples) controlStates(n uint32, rules *rules) []controlState {
	for len(t.controls) < t.len() {
		t.controls = append(t.controls, t.controlStatesOf(t.of(uint32(len(t.controls))), rules))
	}
	return t.controls[n]
}

func (t *tuples) controlStatesOf(verdicts []Verdict, rules *rules) []controlState {
	var all []controlState
	var found []score.Cell // beside all
	for _, v := range verdicts {
		number := rules.number(v.Evaluation)
		if number < 0 { // nobody has such a tuple any more
			continue
		}
		rule := &rules.content.Rules[number]
		control, ok := rules.controls[rule.Control]
		if !ok || !rule.Scored {
			continue
		}
		judged := v.State == posture.Healthy || v.State == posture.Unhealthy
		if !judged && v.State != posture.Unknown {
			continue
		}
		at := slices.IndexFunc(all, func(c controlState) bool { return c.control == uint32(control) })
		if at < 0 {
			at = len(all)
			all, found = append(all, controlState{control: uint32(control), state: v.State}), append(found, score.Cell{Control: control})
		}
		switch {
		case v.State == posture.Unhealthy:
			found[at].Unhealthy = append(found[at].Unhealthy, number)
		case !judged:
			found[at].Unknown = true
		}
		if judged {
			all[at].checks++
		}
		all[at].state = worse(all[at].state, v.State)
	}
	for i := range all {
		if all[i].state == posture.Unhealthy {
			all[i].cell = t.cells.number(found[i])
		}
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
	if int(n) >= len(x.score) {
		return x.scoreOf(x.units.texts[n], &unitCount{})
	}
	return x.scoreOf(x.units.texts[n], &x.score[n])
}

// scoreOf is the score that counts of a unit come to.
func (x *Index) scoreOf(unit string, u *unitCount) score.Unit { return x.rules.scoreOf(unit, u) }

func (r *rules) scoreOf(unit string, u *unitCount) score.Unit {
	controls := r.content.Controls
	counts := map[string]score.Count{}
	for i, c := range u.controls {
		if c != (score.Count{}) {
			counts[controls[i].ID] = c
		}
	}
	return score.OfCounts(controls, unit, counts, u.weight)
}

// ScoreModel prepares what a selection of resources has for questions about its
// score and what mending would gain. A rule's number is that among the content's
// rules.
func (s *Selection) ScoreModel() *score.Model { return s.scoreModel(s.index.scored()) }

// scored are the rules as the score knows them.
func (x *Index) scored() []score.Recommendation {
	recommendations := make([]score.Recommendation, len(x.rules.content.Rules))
	for i, r := range x.rules.content.Rules {
		recommendations[i] = score.Recommendation{ID: r.ID, Severity: r.Severity}
		if r.Scored {
			recommendations[i].Controls = []string{r.Control}
		}
	}
	return recommendations
}

func (s *Selection) scoreModel(recommendations []score.Recommendation) *score.Model {
	x := s.index
	var units []score.UnitCells
	s.eachUnit(x.unitCells, func(n uint32, counted unitCount) {
		u := score.UnitCells{Scope: x.units.texts[n], Weight: counted.weight, Counts: counted.controls}
		for _, number := range slices.Sorted(maps.Keys(counted.cells)) {
			if count := counted.cells[number]; count > 0 {
				c := x.tuples.cells.all[number]
				c.Count = count
				u.Cells = append(u.Cells, c)
			}
		}
		units = append(units, u)
	})
	return score.OfCells(x.rules.content.Controls, recommendations, units)
}

// Score is the score of what a selection of resources has. Of units as a whole it is
// kept, so that nothing is counted for it.
func (s *Selection) Score() score.Score {
	x := s.index
	var units []score.UnitCells
	s.eachUnit(x.unitCount, func(n uint32, counted unitCount) {
		units = append(units, score.UnitCells{Scope: x.units.texts[n], Weight: counted.weight, Counts: counted.controls})
	})
	return score.OfCells(x.rules.content.Controls, nil, units).Score()
}

// eachUnit calls with the units of which the selection has a resource with a scored
// check that is not exempt, and what their scores are computed from. Whole gives that
// of a unit that it has as a whole.
func (s *Selection) eachUnit(whole func(unit uint32) unitCount, call func(unit uint32, counted unitCount)) {
	x := s.index
	uncounted := sync.OnceValue(x.uncounted)
	for _, n := range s.unitsMet() {
		members := x.sets.units.at(n)
		var counted unitCount
		switch common := s.common(members); {
		case common == 0:
			continue
		case common == int(members.GetCardinality()):
			counted = whole(n)
		default:
			counted = x.countOf(and(s.resources, members))
		}
		switch {
		case counted.counts():
		case n == 0, !and(s.resources, members).Intersects(uncounted()): // what stands above units is none
			continue
		}
		call(n, counted)
	}
}

// counts reports whether a resource counts in a control.
func (u *unitCount) counts() bool {
	return slices.ContainsFunc(u.controls, func(c score.Count) bool { return c != score.Count{} })
}

// uncounted are the resources with a scored check in a state that no control counts.
func (x *Index) uncounted() *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for e := range x.rules.of_ {
		rule := x.rules.of(uint32(e))
		if rule == nil || !rule.Scored {
			continue
		}
		if _, known := x.rules.controls[rule.Control]; !known {
			continue
		}
		for _, state := range []posture.State{posture.Manual, posture.NotApplicable} {
			if set := x.sets.checks.at(uint32(e)*statesEach + uint32(state)); !set.IsEmpty() {
				sets = append(sets, set)
			}
		}
	}
	return roaring.FastOr(sets...)
}

// unitCount gives what a unit's score is computed from.
func (x *Index) unitCount(unit uint32) unitCount {
	if int(unit) >= len(x.score) {
		return unitCount{}
	}
	u := &x.score[unit]
	return unitCount{controls: u.controls, weight: u.weight}
}

// unitCells gives what a unit's score is computed from, with its cells.
func (x *Index) unitCells(unit uint32) unitCount {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	if int(unit) >= len(x.score) {
		return unitCount{}
	}
	u := &x.score[unit]
	if u.cells == nil {
		u.cells = x.counted(x.sets.units.at(unit)).cells
	}
	return *u
}

// countOf is what the score of some resources of a unit is computed from.
func (x *Index) countOf(members *roaring.Bitmap) unitCount {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	return x.counted(members)
}

func (x *Index) counted(members *roaring.Bitmap) unitCount {
	perTuple := map[uint32]int{}
	each(members, func(n uint32) { perTuple[x.resources.laid[n]]++ })
	u := unitCount{cells: map[uint32]int{}}
	for tuple, count := range perTuple {
		u.add(x.tuples.controlStates(tuple, x.rules), len(x.rules.content.Controls), count)
	}
	return u
}
