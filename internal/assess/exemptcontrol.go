package assess

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// exemptControl is a control of a standard for which a rule gives evidence.
type exemptControl struct {
	rule int
	name string // folded STANDARD:CONTROL
}

// controlExemption is one of a check in a control of a standard or initiative,
// without being one of the check as such.
type controlExemption struct {
	name      string // folded STANDARD:CONTROL or INITIATIVE:CONTROL
	reference int    // of the rule book, -1 in a standard
	exempt    *policy.Exemption
	whole     bool // the reference is exempt so in all of its controls
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
// exempt. One that is exempt in all its controls is exempt. How the check counts in
// each of them is noted in m.
func (p *placer) ofReference(at, number int, doubt posture.Reason, r *place, m *mark) (*policy.Exemption, []string) {
	ref := &p.book.references[at]
	exempt := p.exemption(ref, number, r)
	whole := exempt == nil && len(ref.controls) > 0
	var first *policy.Exemption
	var in []string
	noted := len(m.controls)
	for _, c := range ref.controls {
		inIt := exempt
		if exempt == nil {
			if inIt = p.ofControl(c.name, r); inIt != nil {
				m.controls = append(m.controls, controlExemption{foldName(c.name), at, inIt, false})
			}
		}
		m.count(c.number, exemptMark(inIt), doubt)
		if inIt == nil {
			whole = false
			continue
		}
		first = cmp.Or(first, inIt)
		in = append(in, c.name)
	}
	if !whole {
		return exempt, in
	}
	for i := range m.controls[noted:] {
		m.controls[noted+i].whole = true
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
		m.controls = append(m.controls, controlExemption{foldName(name), -1, e, false})
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

// shift counts the checks of a view as exempt in the controls of standards where
// they are.
func (s *summer) shift(v *view, count int) {
	if v.judged == posture.NotApplicable || v.state == posture.Exempt {
		return
	}
	for _, c := range v.mark.controls {
		if c.reference >= 0 {
			continue
		}
		key := exemptControl{v.rule, c.name}
		t := s.shifted[key]
		if t == nil {
			t = &compliance.Tally{}
			s.shifted[key] = t
		}
		addState(t, v.judged, nil, -count)
		addState(t, posture.Exempt, exemptMark(c.exempt), count)
	}
}

// addShifted adds to a control what is exempt in it alone.
func (s *summer) addShifted(t *compliance.Tally, rule int, name string) {
	if more := s.shifted[exemptControl{rule, foldName(name)}]; more != nil {
		t.Add(*more)
	}
}

// isRule reports whether an exemption in the short form is of a rule as such.
func (r *rule) isRule(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return isAny(name, r.id, r.title, r.bound.Definition.Name) })
}
