package assess

import (
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// saying is what exemptions and attestations have in common: a person says
// something about a subject in a scope.
type saying struct {
	told       string // what it is, and which, for messages
	scope      string
	assignment string   // "" in the short form
	members    []string // of the assignment; in the short form a rule or a control
	selectors  []policy.ResourceSelector

	// about reports whether it is about a rule as it is judged at a place.
	about func(number int, m *mark) bool
	// instead names the one that counts where this one does not, "" for none.
	instead func(v *view) string
	// inUnit is instead for a manual control.
	inUnit  func(c *manualCheck) string
	attests bool // only what is manual
	// void says why it can never say anything, "" if it can.
	void string
}

func (p *placer) ofExemption(e *policy.Exemption) *saying {
	s := &saying{told: toldExemption(e), scope: e.Scope, assignment: e.AssignmentID, members: e.ReferenceIDs, selectors: e.ResourceSelectors}
	s.about = func(number int, m *mark) bool {
		rule := &p.book.rules[number]
		if e.AssignmentID == "" && slices.ContainsFunc(e.ReferenceIDs, rule.named) {
			return true
		}
		return m != nil && slices.ContainsFunc(m.own, func(i int) bool {
			ref := &p.book.references[i]
			return ref.isMember(e.AssignmentID, e.ReferenceIDs) || e.AssignmentID == "" && slices.ContainsFunc(e.ReferenceIDs, ref.inControl)
		})
	}
	s.instead = func(v *view) string {
		if by := makesIdle(e, v.mark.by); by != nil {
			return toldExemption(by)
		}
		for _, c := range v.mark.controls {
			if !isAny(c.name, e.ReferenceIDs...) {
				continue
			}
			if by := makesIdle(e, c.exempt.by); by != nil {
				return toldExemption(by)
			}
		}
		return ""
	}
	s.inUnit = func(c *manualCheck) string {
		if by := makesIdle(e, c.by); by != nil {
			return toldExemption(by)
		}
		return ""
	}
	return s
}

func (p *placer) ofAttestation(a *policy.Attestation) *saying {
	s := &saying{told: toldAttestation(a), scope: a.Scope, assignment: a.AssignmentID, attests: true}
	if a.ReferenceID != "" {
		s.members = []string{a.ReferenceID}
	}
	if !settles(a) {
		s.void = fmt.Sprintf("state %q leaves open what it is about; want Compliant or NonCompliant", a.State)
	}
	s.about = func(number int, m *mark) bool { return p.attests(a, number, m) }
	s.instead = func(v *view) string {
		if !v.attested || v.mark.attested.by == a {
			return ""
		}
		return toldAttestation(v.mark.attested.by)
	}
	s.inUnit = func(c *manualCheck) string {
		if c.attested == nil || c.attested == a {
			return ""
		}
		return toldAttestation(c.attested)
	}
	return s
}

// found is what there is in the scope of a saying that changes nothing.
type found struct {
	clouds        map[posture.Cloud]bool // of the resources
	selected      bool                   // the selectors admit a resource
	notApplicable bool                   // a check that does not apply
	check         bool                   // a check that does
	instead       string                 // what counts for it
	above         string                 // the resource of a check that the scope is a part of
}

func (run *run) lookAround(s *saying, spots *spotIndex) *found {
	p, f := spots.placer, &found{clouds: map[posture.Cloud]bool{}}
	for spot := range spots.around(s.scope) {
		at := spot.at
		within := p.placeOf(at).Within(s.scope)
		selected := p.selected(s.selectors, at)
		if within {
			f.clouds[posture.CloudOfUnit(at.unit)] = true
			f.selected = f.selected || selected
		}
		spot.views(run, p, func(v view) {
			switch {
			case !s.about(v.rule, v.mark):
			case !within && v.judged != posture.NotApplicable:
				f.above = at.id
			case !within || !selected:
			case v.judged == posture.NotApplicable:
				f.notApplicable = true
			default:
				f.see(s, &v)
			}
		})
	}
	return f
}

func (f *found) see(s *saying, v *view) {
	f.check = true
	if v.mark != nil && f.instead == "" {
		f.instead = s.instead(v)
	}
}

// lookAtUnits is lookAround for the check of a manual control.
func (run *run) lookAtUnits(s *saying, control string, p *placer, f *found) {
	for _, c := range run.manualOf(p, func(name string) bool { return isAny(control, name) }) {
		switch at := (&place{id: c.unit, unit: c.unit}); {
		case p.within(at, s.scope):
			f.check = true
			if f.instead == "" {
				f.instead = s.inUnit(&c)
			}
		case posture.Within(s.scope, c.unit):
			f.above = c.unit
		}
	}
}
