package estate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// ErrOtherCatalogue says that what is kept was judged by another catalogue than
// this process has. Whoever begins to serve or import calls [Estate.Rejudge].
var ErrOtherCatalogue = errors.New("the catalogue of another version of Bartizan judges what is kept; stop that version, and start this one anew")

// pending reports whether another catalogue judged than the one there is.
func (e *Estate) pending() bool {
	return e.judging.kept != nil && !e.judging.kept.equal(e.judges.own)
}

// Rejudge judges by the catalogue what another one judged: rules that came, changed
// or went, one unit a commit. Scores tell of each recommendation what it did to
// them. Progress, which may be nil, is told how many of the units are done, none at
// first; nothing is told where there is nothing to do. One that ends early goes on when
// it is repeated.
func (e *Estate) Rejudge(ctx context.Context, progress func(done, total int64)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	from := e.judging.kept
	if from.equal(e.judges.own) || from == nil && e.known.isEmpty() {
		return nil // the first import says who judged it
	}
	if from == nil { // nobody kept who judged
		from = &catalogue{Rules: slices.Clone(e.judges.own.Rules), Controls: e.judges.own.Controls}
		for i := range from.Rules {
			from.Rules[i].Rule = ""
		}
	}
	next, err := e.judges.judging(e.judging.policies, e.judges.own)
	if err != nil {
		return err
	}
	if at := e.now(); e.over.due(at) { // by the one that judged
		if err := e.end(ctx, at); err != nil {
			return err
		}
	}
	r := &rejudging{estate: e, from: from, next: next, both: next.content.And(from.content())}
	if err := r.run(ctx, progress); err != nil {
		return fmt.Errorf("judging by another catalogue: %w", err)
	}
	return nil
}

// rejudging goes from one catalogue to another.
type rejudging struct {
	estate       *Estate
	from         *catalogue
	next         *judging
	both         index.Content // rules that come, and those that go
	judge, count []string      // see catalogue.differences
	differ       []string      // both, by id
	types        []string      // of what is to be judged, in lower case
	allTypes     bool
}

func (r *rejudging) run(ctx context.Context, progress func(done, total int64)) error {
	e := r.estate
	r.judge, r.count = e.judges.own.differences(r.from)
	r.differ = slices.Sorted(slices.Values(slices.Concat(r.judge, r.count)))
	r.differ = slices.Compact(r.differ)
	if err := r.readTypes(); err != nil {
		return err
	}
	units := e.unitsBeneath([]string{"/"})
	if progress != nil {
		progress(0, int64(len(units)))
	}
	for n, unit := range units {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.unit(ctx, unit); err != nil {
			return fmt.Errorf("%s: %w", unit, err)
		}
		if progress != nil {
			progress(int64(n+1), int64(len(units)))
		}
	}
	return r.finish(ctx)
}

// readTypes finds out which resources have to be read.
func (r *rejudging) readTypes() error {
	for _, id := range r.judge {
		if r.estate.judges.own.find(id) == nil {
			continue // it went
		}
		rec, err := r.estate.judges.catalog.Recommendation(id)
		if err != nil {
			return err
		}
		if len(rec.Brief.Types) == 0 {
			r.allTypes = true
		}
		r.types = append(r.types, rec.Brief.Types...)
		if rec.Brief.Target != "" {
			r.types = append(r.types, rec.Brief.Target)
		}
	}
	return nil
}

// posture gives the index with the rules of both catalogues.
func (r *rejudging) posture(ctx context.Context) (*index.Index, error) {
	e := r.estate
	if e.index == nil {
		layings, _ := e.over.layings()
		x, err := follow.Load(ctx, e.store, r.both, e.head, layings)
		if err != nil {
			return nil, err
		}
		e.index = x
	}
	e.index.SetContent(r.both)
	return e.index, nil
}

// unit judges one unit, and commits what that changes.
func (r *rejudging) unit(ctx context.Context, unit string) error {
	e := r.estate
	a := &again{estate: e, next: r.next, rules: map[ledger.Evaluation]bool{}}
	for known := range e.rules.numbers {
		if _, differs := slices.BinarySearch(r.judge, known.Rule); differs {
			a.rules[known] = true
		}
	}
	u := unitAgain{number: e.known.units.numbers[posture.Fold(unit)]}
	if r.allTypes || e.known.has(u.number, r.types) {
		wanted := func(j assess.JudgedRule) bool {
			_, differs := slices.BinarySearch(r.judge, j.ID)
			return j.Recommendation && differs
		}
		found, err := e.judge(ctx, e.asItIs(unit, r.types, r.allTypes), r.next, wanted)
		if err != nil {
			return err
		}
		u.take(found, r.next)
	}
	a.units = []unitAgain{u}
	x, err := r.posture(ctx)
	if err != nil {
		return err
	}
	var m *moves
	c := ledger.Commit{Kind: ledger.Judge, Actor: access.System, Object: unit, Words: "judged by another catalogue"}
	commit, err := e.write(ctx, c, func(tx ledger.Tx) error {
		if err := a.write(ctx, tx, x); err != nil {
			return err
		}
		laid := e.laid(x, u.number)
		if _, err := x.Apply(a.change, a.contents()); err != nil {
			return err
		}
		m = e.moves()
		if len(a.change.Judged) == 0 && e.isKept(x.UnitScore(unit)) {
			return nil // it is done
		}
		if err := tx.Audit(ctx, ledger.AuditEntry{Action: "catalogue.judge", Scope: unit, Detail: r.numbers()}); err != nil {
			return err
		}
		r.tell(m, x, unit, r.turns(x, laid))
		return m.write(ctx, tx)
	})
	if err != nil {
		return err
	}
	if commit.Number != 0 {
		m.learn()
		a.learn()
	}
	return nil
}

// numbers are what the audit log tells of the other catalogue.
func (r *rejudging) numbers() []byte {
	return fmt.Appendf(nil, `{"judgeOtherwise":%d,"countOtherwise":%d}`, len(r.judge), len(r.count))
}

// isKept reports whether a unit's counts are those that are kept.
func (e *Estate) isKept(now score.Unit) bool {
	kept, ok := e.scores[posture.Fold(now.Scope)]
	counts := countsOf(now)
	byID := func(all []ledger.ControlCount) map[string]ledger.ControlCount {
		controls := map[string]ledger.ControlCount{}
		for _, c := range all {
			controls[c.Control] = c
		}
		return controls
	}
	return ok && kept.Weight == counts.Weight && maps.Equal(byID(kept.Controls), byID(counts.Controls)) || !ok && len(counts.Controls) == 0
}

// laid gives the tuples that show of a unit's resources.
func (e *Estate) laid(x *index.Index, unit int32) map[uint32]uint32 {
	laid := map[uint32]uint32{}
	for _, n := range e.known.members[unit] {
		laid[n] = x.Laid(n)
	}
	return laid
}

// turns counts resources by the tuples that showed and show.
func (r *rejudging) turns(x *index.Index, laid map[uint32]uint32) map[turn]int {
	turns := map[turn]int{}
	for n, before := range laid {
		turns[turn{before: before, now: x.Laid(n)}]++
	}
	return turns
}

// tell takes a unit's score from what it was by the one catalogue to what it is by
// the other, one recommendation after another. The points of controls are those of
// the one that judged until [rejudging.finish] says which one judges now.
func (r *rejudging) tell(m *moves, x *index.Index, unit string, turns map[turn]int) {
	points := r.from.content().Controls
	mix := newMixture(x, r, turns)
	m.step(mix.score(points, unit), ledger.Rules, "catalogue") // nothing, unless something else was not told
	for _, id := range r.differ {
		if mix.turn(id) {
			m.step(mix.score(points, unit), ledger.Rules, id)
		}
	}
	m.units[posture.Fold(unit)].now = countsOf(x.UnitScore(unit)) // with controls that are to come
}

// finish keeps which catalogue judged, and tells what its points of controls do.
func (r *rejudging) finish(ctx context.Context) error {
	e := r.estate
	x, err := r.posture(ctx)
	if err != nil {
		return err
	}
	document, err := e.judges.own.document()
	if err != nil {
		return err
	}
	words := fmt.Sprintf("%d recommendations judge otherwise, %d count otherwise", len(r.judge), len(r.count))
	m := e.moves()
	for _, folded := range slices.Sorted(maps.Keys(e.scores)) {
		m.step(ScoreOf(r.next.content.Controls, e.scores[folded]), ledger.Rules, "catalogue")
	}
	_, err = e.write(ctx, ledger.Commit{Kind: ledger.Judge, Actor: access.System, Object: "catalogue", Words: words}, func(tx ledger.Tx) error {
		if err := tx.AddEffects(ctx, m.effects); err != nil {
			return err
		}
		if err := tx.Audit(ctx, ledger.AuditEntry{Action: "catalogue.judge", Scope: access.Top, Detail: r.numbers()}); err != nil {
			return err
		}
		return tx.SetDocuments(ctx, []ledger.DocumentVersion{document})
	})
	if err != nil {
		return err
	}
	x.SetContent(r.next.content)
	e.judgeBy(r.next)
	return nil
}

// mixture counts what a unit's score is while some rules judge and count as by one
// catalogue, and others as by another.
type mixture struct {
	x         *index.Index
	rules     *rejudging
	turned    map[string]bool // rules that are as by the new one
	differ    map[string]bool
	groups    []mixedGroup
	byRule    map[string][]int // groups that have a verdict of a rule that differs
	counts    map[string]score.Count
	weight    int
	countedBy []map[string]posture.State // by group: what it adds now
	weighs    []int
}

// mixedGroup is resources with the same verdicts before and after.
type mixedGroup struct {
	before, now []index.Verdict
	count       int
}

func newMixture(x *index.Index, r *rejudging, turns map[turn]int) *mixture {
	m := &mixture{x: x, rules: r, turned: map[string]bool{}, differ: map[string]bool{}, byRule: map[string][]int{}, counts: map[string]score.Count{}}
	for _, id := range r.differ {
		m.differ[id] = true
	}
	for t, count := range turns {
		g := mixedGroup{x.Tuple(t.before), x.Tuple(t.now), count}
		at := len(m.groups)
		m.groups, m.countedBy, m.weighs = append(m.groups, g), append(m.countedBy, nil), append(m.weighs, 0)
		met := map[string]bool{}
		for _, v := range slices.Concat(g.before, g.now) {
			if id := x.RuleOf(v.Evaluation).ID; m.differ[id] && !met[id] {
				met[id] = true
				m.byRule[id] = append(m.byRule[id], at)
			}
		}
		m.countIn(at)
	}
	return m
}

// turn takes a rule from the one catalogue to the other, and reports whether any
// resource has a verdict of it.
func (m *mixture) turn(id string) bool {
	for _, at := range m.byRule[id] {
		m.add(at, -1)
	}
	m.turned[id] = true
	for _, at := range m.byRule[id] {
		m.countIn(at)
	}
	return len(m.byRule[id]) > 0
}

// countIn works out what a group adds, and adds it.
func (m *mixture) countIn(at int) {
	g := &m.groups[at]
	states := map[string]posture.State{}
	weighs := 0
	take := func(verdicts []index.Verdict, mine func(id string) bool) {
		for _, v := range verdicts {
			rule := m.x.RuleOf(v.Evaluation)
			if !mine(rule.ID) {
				continue
			}
			control, scored := m.counting(rule)
			judged := v.State == posture.Healthy || v.State == posture.Unhealthy
			if !scored || control == "" || !judged && v.State != posture.Unknown {
				continue
			}
			if judged {
				weighs++
			}
			states[control] = worst(states[control], v.State)
		}
	}
	take(g.before, func(id string) bool { return m.differ[id] && !m.turned[id] })
	take(g.now, func(id string) bool { return !m.differ[id] || m.turned[id] })
	m.countedBy[at], m.weighs[at] = states, weighs
	m.add(at, 1)
}

// counting says how a rule counts in the score so far.
func (m *mixture) counting(rule *index.Rule) (control string, scored bool) {
	if m.differ[rule.ID] && !m.turned[rule.ID] {
		if was := m.rules.from.find(rule.ID); was != nil {
			return was.Control, was.Scored
		}
	}
	return rule.Control, rule.Scored
}

func (m *mixture) add(at, sign int) {
	by := sign * m.groups[at].count
	for control, state := range m.countedBy[at] {
		c := m.counts[control]
		switch state {
		case posture.Healthy:
			c.Healthy += by
		case posture.Unhealthy:
			c.Unhealthy += by
		case posture.Unknown:
			c.Unknown += by
		}
		m.counts[control] = c
	}
	m.weight += by * m.weighs[at]
}

// worst gives the state that counts of two scored checks of one resource; 0 is
// none yet.
func worst(a, b posture.State) posture.State {
	for _, s := range posture.States {
		if a == s || b == s {
			return s
		}
	}
	return b
}

func (m *mixture) score(points []score.Control, unit string) score.Unit {
	counts := maps.Clone(m.counts)
	maps.DeleteFunc(counts, func(_ string, c score.Count) bool { return c == (score.Count{}) })
	return score.OfCounts(points, unit, counts, m.weight)
}
