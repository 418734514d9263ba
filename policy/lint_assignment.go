package policy

import (
	"slices"
	"strings"
)

// initiative checks the members against their definitions.
func (l *linter) initiative(s *Initiative) {
	var uses parameterUses
	for _, m := range s.Members {
		for _, t := range m.Parameters {
			visitTerms(t, uses.term)
		}
		if d, ok := l.lib.Definition(m.DefinitionID); ok {
			l.member(s, m, d)
		} else {
			l.warn(s.Pos, "", "member %q: no definition %q", m.ReferenceID, m.DefinitionID)
		}
	}
	l.parameters(s.Parameters, uses)
}

// member checks what an initiative gives to one of its members.
func (l *linter) member(s *Initiative, m Member, d *Definition) {
	given := make(map[string]Value, len(m.Parameters))
	declared := make([]Parameter, len(d.Parameters))
	for i, p := range d.Parameters {
		declared[i] = p
		if t, ok := m.Parameters[strings.ToLower(p.Name)]; ok && !isLiteral(t) {
			declared[i].Default, declared[i].Type, declared[i].Allowed = &Value{}, "", nil // settled when assigned
		}
	}
	for name, t := range m.Parameters {
		given[name] = t.Const // Missing for an expression
	}
	_, problems := CheckParameters(declared, given)
	for _, p := range problems {
		if !p.Warning {
			l.warn(s.Pos, p.Suggestion, "member %q: %s", m.ReferenceID, p.Text)
		}
	}
}

// assignment checks that what is assigned exists and gets what it needs.
func (l *linter) assignment(a *Assignment) {
	var declared []Parameter
	if d, ok := l.lib.Definition(a.DefinitionID); ok {
		declared = d.Parameters
		if d.Deprecated {
			l.warn(a.Pos, "", "assignment %q is of definition %q, which is deprecated", a.Name, d.Name)
		}
		l.references(a, nil)
	} else if s, ok := l.lib.Initiative(a.DefinitionID); ok {
		declared = s.Parameters
		l.references(a, s)
	} else {
		l.warn(a.Pos, "", "assignment %q: no definition or initiative %q", a.Name, a.DefinitionID)
		return
	}
	_, problems := CheckParameters(declared, a.Parameters)
	for _, p := range problems {
		if !p.Warning {
			l.warn(a.Pos, p.Suggestion, "assignment %q: %s", a.Name, p.Text)
		}
	}
}

// references checks the members that an assignment names against those of its
// initiative, nil for that of a single definition.
func (l *linter) references(a *Assignment, s *Initiative) {
	for _, o := range a.Overrides {
		l.selected(a, s, "override", o.Selectors)
	}
	for _, r := range a.ResourceSelectors {
		l.selected(a, s, "resource selector", r.Selectors)
	}
	for _, m := range a.Messages {
		if m.ReferenceID != "" {
			l.reference(a, s, "message", m.ReferenceID)
		}
	}
}

func (l *linter) selected(a *Assignment, s *Initiative, what string, selectors []Selector) {
	for _, selector := range selectors {
		if strings.EqualFold(selector.Kind, "policyDefinitionReferenceId") {
			for _, id := range slices.Concat(selector.In, selector.NotIn) {
				l.reference(a, s, what, id)
			}
		}
	}
}

func (l *linter) reference(a *Assignment, s *Initiative, what, id string) {
	if s == nil {
		l.warn(a.Pos, "", "assignment %q: %s: selects member %q, and what is assigned is no initiative", a.Name, what, id)
		return
	}
	ids := make([]string, len(s.Members))
	for i, m := range s.Members {
		ids[i] = m.ReferenceID
	}
	if !slices.ContainsFunc(ids, func(known string) bool { return strings.EqualFold(known, id) }) {
		l.warn(a.Pos, nearest(id, slices.Values(ids)), "assignment %q: %s: no member %q in the initiative", a.Name, what, id)
	}
}

// assigned warns of an exemption or attestation for an assignment that is not
// there, if the library has any.
func (l *linter) assigned(at Position, id string) {
	if len(l.lib.Assignments) == 0 {
		return
	}
	if !slices.ContainsFunc(l.lib.Assignments, func(a *Assignment) bool { return strings.EqualFold(a.ID, id) }) {
		l.warn(at, "", "no assignment %q", id)
	}
}
