package index

import "github.com/bartizan-dev/bartizan/internal/posture"

// CountedUnder are checks of a rule, by its number among the content's, that are alike
// as such and under each of their references.
type CountedUnder struct {
	Rule  int
	State posture.State // as such, exempt too
	Mark  Mark          // Waived or Mitigated where it is exempt, else NoMark
	under uint32
}

// UnderOf gives how the checks that are counted stand under each of their references.
func (t *Tally) UnderOf(c CountedUnder) []Under { return t.Unders[c.under-1] }

func (t *Tally) countUnder(rule int, v Shown, all *unders, by int) {
	if v.Under == 0 {
		return
	}
	if t.Under == nil {
		t.Under = map[CountedUnder]int{}
	}
	t.Unders = all.lists
	key := CountedUnder{Rule: rule, State: v.State, under: v.Under}
	if v.State == posture.Exempt {
		key.Mark = v.Mark
	}
	if t.Under[key] += by; t.Under[key] == 0 {
		delete(t.Under, key)
	}
}

// addUnder counts one stand of a tuple that so many resources have.
func (t *Tally) addUnder(r *rules, of *tuples, n uint32, s stand, count int) {
	for _, v := range of.of(n) {
		if rule := r.number(v.Evaluation); v.Evaluation == s.evaluation && rule >= 0 {
			t.countUnder(rule, Shown{v, s.under}, &of.unders, count)
		}
	}
}

// tallyUnder counts how the checks stand under references, where some stand otherwise
// than as such.
func (s *Selection) tallyUnder(t *Tally) {
	x := s.index
	some := false
	for n := range x.tuples.stands {
		some = some || x.tuples.stands[n] > 0 && n < len(x.sets.perTuple) && x.sets.perTuple[n] > 0
	}
	if !some {
		return
	}
	s.eachTuple(func(n, count uint32) {
		for _, st := range x.tuples.standing(n) {
			for _, v := range x.tuples.of(n) {
				if v.Evaluation == st.evaluation && s.wants(v) {
					t.addUnder(x.rules, x.tuples, n, st, int(count))
				}
			}
		}
	})
}

// Clone gives a tally that goes on by itself.
func (t *Tally) Clone() Tally {
	own := *t
	own.Rules, own.Mitigated = append([]Counts(nil), t.Rules...), append([]int(nil), t.Mitigated...)
	own.Under = nil
	for key, n := range t.Under {
		if own.Under == nil {
			own.Under = make(map[CountedUnder]int, len(t.Under))
		}
		own.Under[key] = n
	}
	return own
}
