package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// SetContent says what judges from now on: rules may have come, gone, and got
// other severities or controls. What verdicts say does not change by it; those of
// rules that there are no more do not show, and show again when there are. The
// work is that of the rules; only where a rule with verdicts came, went or counts
// otherwise in the score it is that of the resources. What exemptions of references
// make of verdicts may change, where rules are assigned in other ways: it gives the
// resources of which that is so.
func (x *Index) SetContent(c Content) []Relaid {
	before := x.rules.content
	if !slices.Equal(before.Rules, c.Rules) || !slices.Equal(before.Controls, c.Controls) {
		x.setRules(c)
	}
	if sameReferences(before.References, c.References) {
		return nil
	}
	x.moment.Store(nil)
	x.rules.content.References = c.References
	if !x.cover.refers {
		return nil
	}
	was := x.cover
	x.cover = x.coverOf(was.layings)
	of := func(i int) bool { return was.layings[i].isOf() }
	return x.relay(was, of, of)
}

// setRules is SetContent but for the references, which stay.
func (x *Index) setRules(c Content) {
	x.moment.Store(nil)
	c.References = x.rules.content.References
	before, after := x.rules, newRules(c)
	after.recall(before.names)
	turned := x.tuples.turned(before, after)
	touched := x.judgedAs(turned)
	for _, n := range touched {
		x.sets.remove(x, n)
	}
	x.rules = after
	anew := x.tuples.show(turned, after)
	if !countsAlike(before, after) {
		x.tuples.controls, x.tuples.cells = nil, cells{}
		for i := range x.score {
			x.score[i].cells = nil
		}
	}
	if !scoresAlike(before, after) {
		x.score = nil
		each(x.sets.here, func(n uint32) { x.score.count(x, n, 1) })
	}
	for _, n := range touched {
		x.resources.judged[n] = anew[x.resources.judged[n]]
		x.resources.laid[n] = x.laidOver(n)
		x.sets.add(x, n)
	}
}

// judgedAs lists the resources that have one of some tuples as judged.
func (x *Index) judgedAs(tuples map[uint32]bool) []uint32 {
	if len(tuples) == 0 {
		return nil
	}
	var found []uint32
	each(x.sets.here, func(n uint32) {
		if tuples[x.resources.judged[n]] {
			found = append(found, n)
		}
	})
	return found
}

// countsAlike reports whether what is kept of tuples for the score stays true:
// rules that count have the same numbers.
func countsAlike(before, after *rules) bool {
	if !scoresAlike(before, after) {
		return false
	}
	for i, r := range after.content.Rules {
		if was, ok := before.byID[r.ID]; r.Scored && (!ok || was != i) {
			return false
		}
	}
	return true
}

// scoresAlike reports whether the rules that there still are count in the score as
// before.
func scoresAlike(before, after *rules) bool {
	if !slices.Equal(before.content.Controls, after.content.Controls) {
		return false
	}
	for _, r := range before.content.Rules {
		if now, ok := after.byID[r.ID]; ok && (after.content.Rules[now].Control != r.Control || after.content.Rules[now].Scored != r.Scored) {
			return false
		}
	}
	return true
}

// forgotten is the store's number of a tuple that nobody has any more.
const forgotten = -1

// turned finds the tuples of the store that show other verdicts with other rules.
func (t *tuples) turned(before, after *rules) map[uint32]bool {
	other := map[uint32]bool{} // evaluations
	for e := range before.of_ {
		if (before.of_[e] < 0) != (after.of_[e] < 0) {
			other[uint32(e)] = true
		}
	}
	if len(other) == 0 {
		return nil
	}
	found := map[uint32]bool{}
	for n, stored := range t.stored {
		if stored > 0 && slices.ContainsFunc(t.whole(uint32(n)), func(v Verdict) bool { return other[v.Evaluation] }) {
			found[uint32(n)] = true
		}
	}
	return found
}

// whole gives the verdicts of a stored tuple with those that do not show.
func (t *tuples) whole(n uint32) []Verdict {
	if all, cut := t.cut[n]; cut {
		return all
	}
	return t.of(n)
}

// show gives tuples other numbers, under which they have the verdicts of the rules
// that there are. What they were is forgotten.
func (t *tuples) show(turned map[uint32]bool, rules *rules) (anew map[uint32]uint32) {
	anew = make(map[uint32]uint32, len(turned))
	for _, n := range sortedNumbers(turned) {
		all, stored := slices.Clone(t.whole(n)), t.stored[n]
		t.stored[n] = forgotten
		delete(t.cut, n)
		anew[n] = t.putShown(all, stored, rules)
		if t.numbers != nil {
			t.numbers[stored] = anew[n]
		}
	}
	return anew
}

// putShown puts a stored tuple, of which the verdicts show whose rules there are.
func (t *tuples) putShown(all []Verdict, stored int64, rules *rules) uint32 {
	shown := make([]Verdict, 0, len(all))
	for _, v := range all {
		if rules.number(v.Evaluation) >= 0 {
			shown = append(shown, v)
		}
	}
	n := t.put(shown, stored)
	if len(shown) < len(all) {
		if t.cut == nil {
			t.cut = map[uint32][]Verdict{}
		}
		t.cut[n] = all
	}
	return n
}

func sortedNumbers(set map[uint32]bool) []uint32 {
	all := make([]uint32, 0, len(set))
	for n := range set {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// Judged gives the verdicts of a resource as they were judged, without what lies
// over them, by number of evaluation. They are not to be changed.
func (x *Index) Judged(n uint32) []Verdict {
	if !x.sets.here.Contains(n) {
		return nil
	}
	return x.tuples.of(x.resources.judged[n])
}

// Evaluations is the highest number of an evaluation that the index knows.
func (x *Index) Evaluations() int { return len(x.rules.names) - 1 }

// asJudged is a verdict that nothing lies over.
func asJudged(evaluation uint32, state posture.State, reason posture.Reason) Verdict {
	return Verdict{Evaluation: evaluation, State: state, Judged: state, Reason: reason}
}

// Try shows what an index would be after a commit by which other rules judge, and
// takes it back. Tuples and evaluations of the change that the index does not know
// have numbers that no others have. Look is given the resources of which the content
// alone shows other verdicts, as their rules are assigned in other ways.
func (x *Index) Try(content Content, c *ledger.Change, contents Contents, look func(relaid []Relaid)) error {
	before, names, tuples, commit := x.rules.content, len(x.rules.names), x.tuples.len(), x.commit
	back := &ledger.Change{Commit: ledger.Commit{Number: c.Commit.Number + 1}}
	for _, j := range c.Judged {
		row := ledger.Judged{Resource: j.Resource, Interval: ledger.Interval{Until: back.Commit.Number}}
		if stored := x.tuples.stored[x.resources.judged[j.Resource]]; stored > 0 {
			row.Interval, row.Tuple = ledger.Interval{Since: back.Commit.Number}, stored
		}
		back.Judged = append(back.Judged, row)
	}
	both := content.And(before)
	relaid := x.SetContent(both)
	_, err := x.Apply(c, contents)
	x.SetContent(content)
	if err == nil {
		look(relaid)
	}
	x.SetContent(both)
	if _, failed := x.Apply(back, Contents{}); err == nil {
		err = failed
	}
	x.SetContent(before)
	x.commit = commit
	x.rules.names, x.rules.of_ = x.rules.names[:names], x.rules.of_[:names]
	x.tuples.forget(tuples, contents.Tuples, x.sets.perTuple)
	return err
}

// forget forgets tuples that were tried, and what was laid over them: those from a
// number on that nothing has.
func (t *tuples) forget(from int, tried []ledger.Tuple, have []uint32) {
	for _, tuple := range tried {
		if n, ok := t.find(tuple.Number); ok && int(n) >= from {
			t.stored[n] = forgotten
			delete(t.cut, n)
			delete(t.numbers, tuple.Number)
		}
	}
	for n := from; n < t.len(); n++ {
		if t.stored[n] == 0 && (n >= len(have) || have[n] == 0) {
			t.stored[n] = forgotten
		}
	}
	t.contents, t.layered = nil, nil
}
