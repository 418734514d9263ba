package estate

import (
	"context"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// moves are what one commit does to the scores of units: their counts, and what
// each cause did to them.
type moves struct {
	estate  *Estate
	weighs  bool                  // effects tell what causes did to weights as well
	units   map[string]*unitMoves // by folded unit
	effects []ledger.Effect       // in the order in which causes came
}

// unitMoves are those of one unit.
type unitMoves struct {
	unit    string
	percent float64 // so far
	weight  int     // so far
	now     ledger.UnitScore
}

func (e *Estate) moves() *moves { return &moves{estate: e, units: map[string]*unitMoves{}} }

// step takes it that a cause led a unit to a score. The first one leads from the
// score that is kept.
func (m *moves) step(now score.Unit, cause ledger.CauseKind, object string) {
	folded := posture.Fold(now.Scope)
	u := m.units[folded]
	if u == nil {
		before := m.estate.unitScore(now.Scope)
		u = &unitMoves{unit: now.Scope, percent: before.Percent, weight: before.Weight}
		m.units[folded] = u
	}
	effect := ledger.Effect{Unit: u.unit, Cause: cause, Object: object, Points: now.Percent - u.percent}
	if m.weighs {
		effect.Weight = now.Weight - u.weight
	}
	if effect.Points != 0 || effect.Weight != 0 {
		m.effects = append(m.effects, effect)
	}
	u.percent, u.weight, u.now = now.Percent, now.Weight, countsOf(now)
}

// stepAll takes it that a cause led the units of some resources to the scores that
// the index has.
func (m *moves) stepAll(x *index.Index, units []string, cause ledger.CauseKind, object string) {
	for _, unit := range units {
		m.step(x.UnitScore(unit), cause, object)
	}
}

// countsOf is a unit's score as it is kept.
func countsOf(u score.Unit) ledger.UnitScore {
	kept := ledger.UnitScore{Unit: u.Scope, Weight: uint32(u.Weight)}
	for _, c := range u.Controls {
		if c.Healthy+c.Unhealthy+c.Unknown > 0 {
			kept.Controls = append(kept.Controls, ledger.ControlCount{
				Control: c.ID, Healthy: uint32(c.Healthy), Unhealthy: uint32(c.Unhealthy), Unknown: uint32(c.Unknown),
			})
		}
	}
	return kept
}

func (m *moves) write(ctx context.Context, tx ledger.Tx) error {
	var scores []ledger.UnitScore
	for _, folded := range slices.Sorted(maps.Keys(m.units)) {
		scores = append(scores, m.units[folded].now)
	}
	if err := tx.SetUnitScores(ctx, scores); err != nil {
		return err
	}
	return tx.AddEffects(ctx, m.effects)
}

// learn takes what was committed as known.
func (m *moves) learn() {
	for folded, u := range m.units {
		m.estate.scores[folded] = u.now
	}
}

// unitsOf lists the units of resources, by id.
func unitsOf(x *index.Index, resources []uint32) []string {
	units := map[string]string{}
	for _, n := range resources {
		unit := x.UnitOf(n)
		units[posture.Fold(unit)] = unit
	}
	return slices.SortedFunc(maps.Values(units), compareText)
}

// turn is how the verdicts of resources of one type change: tuples of the index
// with what lies over them, 0 for none.
type turn struct {
	kind        string
	before, now uint32
}

// between gives the verdicts with those changes only that are not between
// unknown and judged.
func between[V shownVerdict](old, now []V) []V {
	if len(old) == 0 || len(now) == 0 {
		return now
	}
	before := map[uint32]V{}
	for _, v := range old {
		before[verdictOf(v).Evaluation] = v
	}
	all := make([]V, len(now))
	for i, v := range now {
		is := verdictOf(v)
		if o, ok := before[is.Evaluation]; ok && (verdictOf(o).State == posture.Unknown) != (is.State == posture.Unknown) {
			v = o
		}
		all[i] = v
	}
	return all
}

// shownVerdict is a verdict, with or without how the check stands under references.
type shownVerdict interface{ index.Verdict | index.Shown }

func verdictOf[V shownVerdict](v V) index.Verdict {
	switch v := any(v).(type) {
	case index.Shown:
		return v.Verdict
	case index.Verdict:
		return v
	}
	return index.Verdict{}
}

// writeScore takes the change into the index, and writes the unit's counts and what
// moved its score: first what happened to resources, by type, then what became
// known or unknown.
func (w *unitWriting) writeScore(ctx context.Context, tx ledger.Tx) error {
	x, err := w.estate.posture(ctx)
	if err != nil {
		return err
	}
	counter := x.Counter(w.change.unit)
	before := counter.Score()
	turns, err := w.apply(x, tx.Number())
	if err != nil {
		return err
	}
	m := w.estate.moves()
	m.step(before, ledger.Rules, "catalogue") // by which nothing was judged since
	kinds := map[string][]turn{}
	for t := range turns {
		kinds[t.kind] = append(kinds[t.kind], t)
	}
	isNew := !before.HasScore
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, t := range kinds[kind] {
			counter.Tuple(t.before, -turns[t])
			counter.Verdicts(between(x.Tuple(t.before), x.Tuple(t.now)), turns[t])
		}
		if !isNew {
			m.step(counter.Score(), ledger.Estate, kind)
		}
	}
	if isNew {
		m.step(counter.Score(), ledger.Scope, w.change.unit)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, t := range kinds[kind] {
			counter.Verdicts(between(x.Tuple(t.before), x.Tuple(t.now)), -turns[t])
			counter.Tuple(t.now, turns[t])
		}
		m.step(counter.Score(), ledger.Coverage, kind)
	}
	w.moves = m
	return m.write(ctx, tx)
}

// apply takes the change into the index. It gives the turns with how many
// resources take them.
func (w *unitWriting) apply(x *index.Index, n ledger.Number) (map[turn]int, error) {
	before := map[uint32]uint32{}
	for _, number := range w.numbers {
		before[number] = x.Laid(number)
	}
	for number := range w.change.gone {
		before[number] = x.Laid(number)
	}
	for number := range w.tuples {
		before[number] = x.Laid(number)
	}
	if _, err := x.Apply(w.asChange(n), w.contents()); err != nil {
		return nil, err
	}
	turns := map[turn]int{}
	for number, was := range before {
		if now := x.Laid(number); now != was {
			turns[turn{x.TypeOf(number), was, now}]++
		}
	}
	return turns, nil
}

// asChange is the commit as others read it.
func (w *unitWriting) asChange(n ledger.Number) *ledger.Change {
	known := w.estate.known
	c := &ledger.Change{Commit: ledger.Commit{Number: n}}
	begins, ends := ledger.Interval{Since: n, Until: ledger.Open}, ledger.Interval{Until: n}
	for i, f := range w.change.found {
		if !known.numbersOne(w.numbers[i]) {
			c.Resources = append(c.Resources, f.Resource)
		}
		c.Versions = append(c.Versions, ledger.Version{Resource: w.numbers[i], Interval: begins, Facts: w.facts[i]})
	}
	slices.SortFunc(c.Resources, func(a, b ledger.Resource) int { return int(a.Number) - int(b.Number) })
	for number := range w.change.gone {
		c.Versions = append(c.Versions, ledger.Version{Resource: number, Interval: ends})
		c.Judged = append(c.Judged, ledger.Judged{Resource: number, Interval: ends})
	}
	for number, tuple := range w.tuples {
		c.Judged = append(c.Judged, ledger.Judged{Resource: number, Interval: begins, Tuple: tuple})
	}
	return c
}

// contents are what the change refers to.
func (w *unitWriting) contents() index.Contents {
	c := index.Contents{Evaluations: w.learnt, Tuples: w.met, Facts: make(map[int64]ledger.Facts, len(w.facts))}
	for i, number := range w.facts {
		c.Facts[number] = w.change.found[i].Facts
	}
	return c
}
