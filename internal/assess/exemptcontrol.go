package assess

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// exemptControl is a control of a standard or initiative in which a check is
// exempt although it is not exempt as such, nor under the whole reference.
type exemptControl struct {
	rule      int // -1 in an initiative
	reference int // of the rule book, -1 in a standard
	name      string
}

// controlExemption is a control with the exemption.
type controlExemption struct {
	exemptControl
	exempt *policy.Exemption
	// instead is what the reference is exempt by, of all its controls; nil where
	// the check counts as it was judged.
	instead *policy.Exemption
}

// controls are the names that a reference's controls have in exemptions.
func (r *reference) controls() []string {
	if r.initiative == nil {
		return nil
	}
	names := r.groups
	if len(names) == 0 {
		names = []string{r.member}
	}
	var all []string
	for _, name := range names {
		if name = r.initiative.Name + ":" + name; !isAny(name, all...) {
			all = append(all, name)
		}
	}
	return all
}

// shortByName collects exemptions in the short form by what they are of.
func shortByName(exemptions []*policy.Exemption) map[string][]*policy.Exemption {
	found := map[string][]*policy.Exemption{}
	for _, e := range exemptions {
		if e.AssignmentID != "" {
			continue
		}
		for _, name := range e.ReferenceIDs {
			found[foldName(name)] = append(found[foldName(name)], e)
		}
	}
	return found
}

// ofControl finds the exemption in force of one control.
func (p *placer) ofControl(name string, r *place) *policy.Exemption {
	if len(p.exemptNames) == 0 {
		return nil
	}
	for _, e := range p.exemptNames[foldName(name)] {
		if e.Covers(p.placeOf(r)).True() {
			return e
		}
	}
	return nil
}

// ofReference finds the exemption of a reference, and in which controls it is
// exempt. One that is exempt in all its controls is exempt; in some of them
// only, they are noted in m.
func (p *placer) ofReference(at, number int, r *place, m *mark) (*policy.Exemption, []string) {
	ref := &p.book.references[at]
	if exempt := p.exemption(ref, number, r); exempt != nil {
		return exempt, ref.controls()
	}
	if len(p.exemptNames) == 0 {
		return nil, nil
	}
	var first *policy.Exemption
	var exempt []controlExemption
	var in []string
	controls := ref.controls()
	for _, name := range controls {
		if e := p.ofControl(name, r); e != nil {
			if first == nil {
				first = e
			}
			exempt = append(exempt, controlExemption{exemptControl{-1, at, foldName(name)}, e, nil})
			in = append(in, name)
		}
	}
	whole := len(exempt) == len(controls)
	for _, c := range exempt {
		if c.instead = first; !whole {
			c.instead = nil
		}
		m.controls = append(m.controls, c)
	}
	if !whole {
		return nil, in
	}
	return first, in
}

// markControls notes in which controls of standards a recommendation's check
// is exempt. It is judged on its own account, so that it is not so as such.
func (p *placer) markControls(found *placement, number int, r *place) {
	if len(p.exemptNames) == 0 {
		return
	}
	for _, ref := range p.exemptLinks(number) {
		name := ref.Standard + ":" + ref.Control
		e := p.ofControl(name, r)
		if e == nil {
			continue
		}
		m := found.mark(number)
		m.controls = append(m.controls, controlExemption{exemptControl{number, -1, foldName(name)}, e, nil})
		m.references = append(m.references, posture.Reference{Assignment: ref.Standard, Member: ref.Control, Exempt: true, Category: exemptMark(e).Category, ExemptIn: []string{name}})
	}
}

// exemptLinks lists the controls that a rule gives evidence for, and that some
// exemption names.
func (p *placer) exemptLinks(number int) []catalog.StandardRef {
	found, known := p.links[number]
	if known {
		return found
	}
	for _, ref := range p.book.rules[number].links {
		if len(p.exemptNames[foldName(ref.Standard+":"+ref.Control)]) > 0 {
			found = append(found, ref)
		}
	}
	p.links[number] = found
	return found
}

// shift counts the checks of a view as exempt in the controls where they are.
func (s *summer) shift(v *view, count int) {
	for _, c := range v.mark.controls {
		if v.judged == posture.NotApplicable || c.reference < 0 && v.state == posture.Exempt {
			continue
		}
		t := s.shifted[c.exemptControl]
		if t == nil {
			t = &compliance.Tally{}
			s.shifted[c.exemptControl] = t
		}
		if c.instead != nil {
			addState(t, posture.Exempt, exemptMark(c.instead), -count)
		} else {
			addState(t, v.judged, nil, -count)
		}
		addState(t, posture.Exempt, exemptMark(c.exempt), count)
	}
}

// addShifted adds to a control what is exempt in it alone.
func (s *summer) addShifted(t *compliance.Tally, rule, reference int, name string) {
	if more := s.shifted[exemptControl{rule, reference, foldName(name)}]; more != nil {
		t.Add(*more)
	}
}

// isRule reports whether an exemption in the short form is of a rule as such.
func (r *rule) isRule(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return isAny(name, r.id, r.title, r.bound.Definition.Name) })
}
