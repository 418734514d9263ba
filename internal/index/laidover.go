package index

import "github.com/bartizan-dev/bartizan/internal/posture"

// Laid is what makes of what a rule judged of a resource the verdict that shows.
type Laid struct {
	// Exempt are lists of exemptions, in their order: of each list one has to hold for
	// the check to be exempt, and does. There are several where exemptions are of
	// references.
	Exempt [][]*Laying
	// Attested is the attestation that counts, nil for none.
	Attested *Laying
}

// LaidOver gives what lies over a verdict of a resource.
func (x *Index) LaidOver(n uint32, v Verdict) (laid Laid) {
	rule, c := x.rules.of(v.Evaluation), x.cover
	if v.Mark == NoMark || rule == nil || v.State == posture.NotApplicable {
		return laid
	}
	var of []*Laying // the rule
	over := x.over(c, n, x.means)
	for _, at := range over {
		if at >= len(c.layings) {
			break
		}
		l := &c.layings[at]
		switch {
		case l.Mark == NoMark, l.isOf(), l.Rules != nil && !rule.isAny(l.Rules):
		case l.Mark == Attested:
			laid.Attested = l
		default:
			of = append(of, l)
		}
	}
	if laid.Attested != nil && !x.wasManual(n, v.Evaluation) {
		laid.Attested = nil
	}
	if v.Mark > Attested {
		laid.Exempt = c.exempting(rule, over, of)
	}
	return laid
}

// exempting gives the exemptions of a check that is exempt: of its rule, and of each
// reference that judges it.
func (c *cover) exempting(rule *Rule, over []int, of []*Laying) (all [][]*Laying) {
	references := c.referencesTo(rule, over)
	if len(references) == 0 || rule.Policy == "" {
		all = append(all, of)
	}
	for _, r := range references {
		var own []*Laying
		for _, at := range over {
			if at >= len(c.layings) {
				break
			}
			switch l := &c.layings[at]; {
			case l.isOf() && l.refersTo(r), !l.isOf() && l.Mark > Attested && (l.Rules == nil || rule.isAny(l.Rules)):
				own = append(own, l)
			}
		}
		all = append(all, own)
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
