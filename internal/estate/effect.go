package estate

import (
	"context"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// counting is how many resources of a unit have which verdicts. Verdicts that
// are equal need not be one entry.
type counting struct {
	rules  *rules
	groups map[string]*tupleCount
}

type tupleCount struct {
	verdicts []ledger.Verdict
	count    int
}

func tupleKey(verdicts []ledger.Verdict) string {
	key := make([]byte, 0, 6*len(verdicts))
	for _, v := range verdicts {
		key = append(key, byte(v.Evaluation), byte(v.Evaluation>>8), byte(v.Evaluation>>16), byte(v.Evaluation>>24), byte(v.State), byte(v.Reason))
	}
	return string(key)
}

// add counts resources with the verdicts of one in or, below zero, out.
func (c *counting) add(verdicts []ledger.Verdict, count int) {
	if len(verdicts) == 0 {
		return
	}
	key := tupleKey(verdicts)
	g := c.groups[key]
	if g == nil {
		g = &tupleCount{verdicts: verdicts}
		c.groups[key] = g
	}
	g.count += count
}

// score is the unit's score as counted.
func (c *counting) score(unit string) score.Unit {
	var groups []score.Group
	for _, key := range slices.Sorted(maps.Keys(c.groups)) {
		g := c.groups[key]
		var checks []score.Check
		for _, v := range g.verdicts {
			if n, ok := c.rules.scored[v.Evaluation]; ok {
				checks = append(checks, score.Check{Recommendation: n, State: v.State})
			}
		}
		if g.count > 0 && len(checks) > 0 {
			groups = append(groups, score.Group{Unit: unit, Count: g.count, Checks: checks})
		}
	}
	units := score.Compute(c.rules.controls, c.rules.scoring, groups).Units
	if len(units) == 0 {
		return score.Unit{Scope: unit}
	}
	return units[0]
}

// turn is a resource whose verdicts change.
type turn struct {
	kind     string
	old, new []ledger.Verdict // none: it was not there, or is gone
}

// between gives the verdicts with those changes only that are not between
// unknown and judged.
func (t *turn) between() []ledger.Verdict {
	if t.old == nil || t.new == nil {
		return t.new
	}
	before := map[uint32]ledger.Verdict{}
	for _, v := range t.old {
		before[v.Evaluation] = v
	}
	all := make([]ledger.Verdict, len(t.new))
	for i, v := range t.new {
		if o, ok := before[v.Evaluation]; ok && (o.State == posture.Unknown) != (v.State == posture.Unknown) {
			v = o
		}
		all[i] = v
	}
	return all
}

// writeScore writes the unit's counts, and what moved its score: first what
// happened to resources, by type, then what became known or unknown.
func (w *unitWriting) writeScore(ctx context.Context, tx ledger.Tx) error {
	turns, counted, err := w.turns(ctx)
	if err != nil || len(turns) == 0 && len(w.learnt) == 0 {
		return err
	}
	unit := w.change.unit
	before := counted.score(unit)
	isNew := !before.HasScore
	var effects []ledger.Effect
	at := before.Percent
	step := func(cause ledger.CauseKind, object string) score.Unit {
		now := counted.score(unit)
		if now.Percent != at {
			effects = append(effects, ledger.Effect{Unit: unit, Cause: cause, Object: object, Points: now.Percent - at})
		}
		at = now.Percent
		return now
	}
	kinds := map[string][]turn{}
	for _, t := range turns {
		kinds[t.kind] = append(kinds[t.kind], t)
	}
	now := before
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for i := range kinds[kind] {
			t := &kinds[kind][i]
			counted.add(t.old, -1)
			counted.add(t.between(), 1)
		}
		if !isNew {
			now = step(ledger.Estate, kind)
		}
	}
	if isNew {
		now = step(ledger.Scope, unit)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for i := range kinds[kind] {
			t := &kinds[kind][i]
			counted.add(t.between(), -1)
			counted.add(t.new, 1)
		}
		now = step(ledger.Coverage, kind)
	}
	w.score, w.scored = ledger.UnitScore{Unit: unit, Weight: uint32(now.Weight)}, true
	for _, c := range now.Controls {
		if c.Healthy+c.Unhealthy+c.Unknown > 0 {
			w.score.Controls = append(w.score.Controls, ledger.ControlCount{
				Control: c.ID, Healthy: uint32(c.Healthy), Unhealthy: uint32(c.Unhealthy), Unknown: uint32(c.Unknown),
			})
		}
	}
	if err := tx.SetUnitScores(ctx, []ledger.UnitScore{w.score}); err != nil {
		return err
	}
	return tx.AddEffects(ctx, effects)
}

// turns lists the resources whose verdicts change, and counts all of the unit as
// they were.
func (w *unitWriting) turns(ctx context.Context) ([]turn, *counting, error) {
	e := w.estate
	rules := *e.rules
	rules.scored = maps.Clone(e.rules.scored)
	for _, fresh := range w.learnt {
		if n, ok := rules.scoredAs(fresh); ok {
			rules.scored[fresh.Number] = n
		}
	}
	counted := &counting{rules: &rules, groups: map[string]*tupleCount{}}
	var members []uint32
	if w.change.number >= 0 {
		members = e.known.members[w.change.number]
	}
	if err := w.meet(ctx, members); err != nil {
		return nil, nil, err
	}
	var turns []turn
	for _, n := range members {
		r := &e.known.resources[n]
		old := w.known[r.tuple]
		counted.add(old, 1)
		if w.change.gone[n] {
			turns = append(turns, turn{e.known.types.texts[r.kind], old, nil})
		} else if tuple, ok := w.tuples[n]; ok {
			turns = append(turns, turn{e.known.types.texts[r.kind], old, w.known[tuple]})
		}
	}
	for i, f := range w.change.found {
		if !w.change.changes[w.numbers[i]] {
			turns = append(turns, turn{f.Type, nil, w.known[w.tuples[w.numbers[i]]]})
		}
	}
	return turns, counted, nil
}

// meet reads the tuples that resources have now.
func (w *unitWriting) meet(ctx context.Context, members []uint32) error {
	var lacking []int64
	asked := map[int64]bool{}
	for _, n := range members {
		tuple := w.estate.known.resources[n].tuple
		if _, ok := w.known[tuple]; !ok && tuple != 0 && !asked[tuple] {
			asked[tuple] = true
			lacking = append(lacking, tuple)
		}
	}
	found, err := w.estate.store.TuplesOf(ctx, lacking)
	if err != nil {
		return err
	}
	for _, t := range found {
		w.known[t.Number] = t.Verdicts
	}
	return nil
}
