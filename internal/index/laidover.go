package index

import "github.com/bartizan-dev/bartizan/internal/posture"

// LaidOver gives the layings that make of what a rule judged of a resource the verdict
// that shows: the exemptions in their order, then the attestation that counts.
func (x *Index) LaidOver(n uint32, v Verdict) (all []*Laying) {
	rule := x.rules.of(v.Evaluation)
	if v.Mark == NoMark || rule == nil || v.State == posture.NotApplicable {
		return nil
	}
	var attested *Laying
	for _, at := range x.placed(x.cover, n) {
		l := &x.cover.layings[at]
		switch {
		case l.Mark == NoMark, l.Rules != nil && !rule.isAny(l.Rules), !x.means(x.cover.selectors[at], n):
		case l.Mark == Attested:
			attested = l
		default:
			all = append(all, l)
		}
	}
	if attested != nil && x.wasManual(n, v.Evaluation) {
		all = append(all, attested)
	}
	return all
}

// means is selects for readers, of whom there are many at a time: it remembers nothing.
func (x *Index) means(s *selector, n uint32) bool {
	if s == nil {
		return true
	}
	own := *s
	own.meets = map[uint32]bool{}
	return x.selects(&own, n)
}

// wasManual reports whether an evaluation waits for a person beneath what lies over it.
func (x *Index) wasManual(n uint32, evaluation uint32) bool {
	for _, v := range x.tuples.of(x.resources.judged[n]) {
		if v.Evaluation == evaluation {
			return v.Judged == posture.Manual
		}
	}
	return false
}
