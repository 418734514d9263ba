package assess

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
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
	exempt    *holding
	whole     bool // the reference is exempt so in all of its controls
}

// shortByName collects exemptions in the short form by what they are of.
func shortByName(exemptions []*timed) map[string][]*timed {
	found := map[string][]*timed{}
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

// ofControl finds the exemptions of one control.
func (p *placer) ofControl(name string, r *place) (all []*timed) {
	if len(p.exemptNames) == 0 {
		return nil
	}
	for _, e := range p.exemptNames[foldName(name)] {
		if e.Covers(p.placeOf(r)).True() {
			all = append(all, e)
		}
	}
	return all
}

// ofReference finds what exempts a reference, and in which controls it is exempt.
// One that is exempt in all its controls is exempt; an exemption of some of them says
// nothing of it as such. How the check counts in each of them is noted in m.
func (p *placer) ofReference(at, number int, doubt posture.Reason, r *place, m *mark) (whole *holding, in []string) {
	ref := &p.book.references[at]
	exempt := p.exemptionsOf(ref, number, r)
	noted := len(m.controls)
	var inAll *holding // of controls alone
	for i, c := range ref.controls {
		own := p.ofControl(c.name, r)
		inIt := together(slices.Concat(exempt, own))
		m.count(c.number, inIt, doubt)
		if own != nil {
			m.controls = append(m.controls, controlExemption{foldName(c.name), at, inIt, false})
		}
		if inIt != nil {
			in = append(in, c.name)
		}
		if i == 0 {
			inAll = together(own)
		} else {
			inAll = inAll.and(together(own))
		}
	}
	whole = together(exempt).or(inAll)
	if len(ref.controls) == 0 {
		return whole, nil
	}
	for i := range m.controls[noted:] {
		m.controls[noted+i].whole = whole != nil
	}
	return whole, in
}

// markControls notes in which controls of standards a recommendation's check
// is exempt. It is judged on its own account, so that it is not so as such.
func (p *placer) markControls(found *placement, number int, r *place) {
	if len(p.exemptNames) == 0 {
		return
	}
	for _, ref := range p.exemptLinks(number) {
		name := ref.Standard + ":" + ref.Control
		e := together(p.ofControl(name, r))
		if e == nil {
			continue
		}
		m := found.mark(number)
		m.controls = append(m.controls, controlExemption{foldName(name), -1, e, false})
		m.references = append(m.references, posture.Reference{Assignment: ref.Standard, Member: ref.Control, Exempt: true, Category: e.Category, ExemptIn: []string{name}})
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
	if v.judged == posture.NotApplicable {
		return
	}
	for _, c := range v.mark.controls {
		if c.reference >= 0 || v.state == posture.Exempt && c.exempt.Category != mitigated {
			continue
		}
		key := exemptControl{v.rule, c.name}
		t := s.shifted[key]
		if t == nil {
			t = &compliance.Tally{}
			s.shifted[key] = t
		}
		addState(t, v.state, v.exemptMark(), -count)
		addState(t, posture.Exempt, c.exempt.mark(), count)
	}
}

// isToldOnly reports whether a check is made for initiatives alone that compliance is
// told of: no other number is by it.
func (b *ruleBook) isToldOnly(v *view) bool {
	return v.mark != nil && len(v.mark.own) > 0 && !b.rules[v.rule].everywhere && !slices.ContainsFunc(v.mark.own, func(i int) bool { return !b.references[i].told })
}

// leave takes the checks of a view out of the controls of standards.
func (s *summer) leave(v *view, count int) {
	for _, ref := range s.run.book.rules[v.rule].links {
		key := exemptControl{v.rule, foldName(ref.Standard + ":" + ref.Control)}
		if s.shifted[key] == nil {
			s.shifted[key] = &compliance.Tally{}
		}
		addState(s.shifted[key], v.state, v.exemptMark(), -count)
	}
}

// addShifted adds to a control what is exempt in it alone, and what is no evidence for it.
func (s *summer) addShifted(t *compliance.Tally, rule int, name string) {
	if more := s.shifted[exemptControl{rule, foldName(name)}]; more != nil {
		t.Add(*more)
	}
}

// isRule reports whether an exemption in the short form is of a rule as such.
func (r *rule) isRule(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return isAny(name, r.id, r.title, r.bound.Definition.Name) })
}
