package assess

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/policy"
)

// libraryBook adds what a library has to a rule book.
type libraryBook struct {
	*ruleBook
	library  *policy.Library
	chosen   *choice
	assigned map[*policy.Definition]bool
	// assignedSets are the initiatives that some assignment puts to work.
	assignedSets map[*policy.Initiative]bool
}

// addLibrary adds what is assigned and what is chosen; without either, all
// definitions are judged everywhere. What is chosen and assigned is judged as
// it is assigned.
func (b *ruleBook) addLibrary(l *policy.Library, chosen *choice) {
	lb := &libraryBook{b, l, chosen, map[*policy.Definition]bool{}, map[*policy.Initiative]bool{}}
	assignments := append(slices.Clone(l.Assignments), b.options.Assignments...)
	if len(assignments) > 0 {
		b.set.Assigned()
	}
	for _, a := range assignments {
		b.assigning = a
		lb.addAssignment(a)
	}
	b.assigning = nil
	for _, s := range slices.Concat(chosen.initiatives, chosen.told.initiatives) {
		if !lb.assignedSets[s] && !slices.Contains(lb.initiatives, s) {
			lb.addInitiative(s, nil)
		}
	}
	lb.addEverywhere(slices.DeleteFunc(slices.Clone(l.Definitions), func(d *policy.Definition) bool {
		return (!chosen.definitions[d] || lb.assigned[d]) && (chosen.any || len(assignments) > 0)
	}))
	b.unlinkTold()
}

// unlinkTold takes the links from rules that are judged for such initiatives alone.
func (b *ruleBook) unlinkTold() {
	by := map[int]bool{} // by rule: something else has it judged
	for i := range b.references {
		for _, v := range b.references[i].variants {
			by[v.rule] = by[v.rule] || !b.references[i].told
		}
	}
	for n, elsewhere := range by {
		if n >= 0 && !elsewhere && !b.rules[n].everywhere {
			b.rules[n].links = nil
		}
	}
}

// isToldOnly reports whether a reference is of an initiative that is judged because
// compliance with it is asked for. What it alone has judged is no evidence for standards:
// telling of one more changes no control of another.
func (b *libraryBook) isToldOnly(s *policy.Initiative, a *policy.Assignment) bool {
	return s != nil && a == nil && !slices.Contains(b.chosen.initiatives, s)
}

// linksOf gives the controls of standards for which a member would be evidence.
func (b *libraryBook) linksOf(d *policy.Definition, s *policy.Initiative, a *policy.Assignment) []catalog.StandardRef {
	if b.isToldOnly(s, a) {
		return nil
	}
	return b.ownPolicies[d]
}

// knows reports whether there is a policy, initiative or recommendation of a
// name, id or title, chosen or not.
func knows(o *Options, name string) bool {
	_, recommendation := o.BuiltIn.Named(name)
	return recommendation || len(definitionsNamed(o.Library, name)) > 0 || len(initiativesNamed(o.Library, name)) > 0
}

func (b *libraryBook) addAssignment(a *policy.Assignment) {
	if s, ok := b.library.Initiative(a.DefinitionID); ok {
		b.addInitiative(s, a)
		return
	}
	d, ok := b.library.Definition(a.DefinitionID)
	if !ok {
		if !b.chosen.any {
			b.leaveOut(a.DefinitionID, a.DisplayName, "assigned by "+cmp.Or(a.ID, a.Name)+", but not in the catalog")
		}
		return
	}
	if !b.chosen.wants(d, nil) {
		return
	}
	b.assigned[d] = true
	b.pin("assignment "+a.Name, a.DefinitionVersion, d.Version, d.Name)
	resolved, problems := policy.CheckParameters(d.Parameters, a.Parameters)
	bound := bindPolicy(d, resolved)
	if b.refuse("assignment "+a.Name, d.ID, d.DisplayName, problems) {
		b.couldNot(unjudged{id: cmp.Or(d.ID, d.Name), why: problems.Err().Error(), bound: bound, links: b.ownPolicies[d], assignment: a})
		return
	}
	b.addReference(reference{assignment: a}, d, bound)
}

// refuse reports parameters that do not fit, of an assignment or from the user.
func (b *ruleBook) refuse(who, id, title string, problems policy.Problems) bool {
	for _, p := range problems.Warnings() {
		b.warnings = append(b.warnings, who+": "+p.Error())
	}
	if err := problems.Err(); err != nil {
		b.leaveOut(id, title, who+": "+err.Error())
		return true
	}
	return false
}

// leaveOut tells once why a policy makes no checks.
func (b *ruleBook) leaveOut(id, title, why string) {
	entry := NotEvaluated{id, title, why}
	by, told := b.leftOut[entry]
	if !told {
		b.notEvaluated = append(b.notEvaluated, entry)
	}
	if b.assigning != nil && !slices.Contains(by, b.assigning) {
		by = append(by, b.assigning)
	}
	b.leftOut[entry] = by
}

// pin warns where an older version is asked for than the one there is.
func (b *ruleBook) pin(who, wanted, have, name string) {
	if wanted == "" || have == "" || versionFits(wanted, have) {
		return
	}
	warning := fmt.Sprintf("%s asks for version %s of %s; the newest body, %s, is judged", who, wanted, name, have)
	if !slices.Contains(b.warnings, warning) {
		b.warnings = append(b.warnings, warning)
	}
}

// versionFits compares 1.*.* with 1.2.3; what stands behind a hyphen, such as
// -preview, belongs to the version.
func versionFits(wanted, have string) bool {
	wantedNumbers, wantedSuffix, _ := strings.Cut(wanted, "-")
	numbers, suffix, _ := strings.Cut(have, "-")
	w, h := strings.Split(wantedNumbers, "."), strings.Split(numbers, ".")
	for i := range w {
		if w[i] != "*" && (i >= len(h) || w[i] != h[i]) {
			return false
		}
	}
	return strings.EqualFold(wantedSuffix, suffix)
}

// addInitiative adds the members of an initiative, assigned or chosen, that
// are wanted. Compliance with one that is asked for is told also where there is
// none.
func (b *libraryBook) addInitiative(s *policy.Initiative, a *policy.Assignment) {
	wanted := make([]*policy.Definition, len(s.Members)) // nil: not wanted
	any, told, judged := false, slices.Contains(b.told.initiatives, s), b.judged()
	for i := range s.Members {
		d, ok := b.library.Definition(s.Members[i].DefinitionID)
		switch {
		case ok && (b.chosen.wants(d, s) || told && judged[d]):
			wanted[i], any = d, true
		case !ok && b.twinOf(s.Members[i].DefinitionID) >= 0:
			any = true
		case !ok && b.chosen.wants(nil, s):
			m := &s.Members[i]
			b.leaveOut(m.DefinitionID, m.ReferenceID, "member of "+s.Name+", but not in the catalog")
		}
	}
	if !any && !told {
		return
	}
	resolved, ok := b.initiativeParameters(s, a)
	if !ok {
		return
	}
	if !slices.Contains(b.initiatives, s) {
		b.initiatives = append(b.initiatives, s)
		b.tellRepeated(s)
		for i, d := range wanted {
			if _, there := b.library.Definition(s.Members[i].DefinitionID); d != nil || told || !there {
				b.members[s] = append(b.members[s], &s.Members[i])
			}
		}
	}
	for i, d := range wanted {
		m := &s.Members[i]
		if d != nil {
			b.addMember(s, m, a, d, resolved)
		} else if _, there := b.library.Definition(m.DefinitionID); !there {
			b.addTwin(s, m, a, resolved)
		}
	}
}

// judged gives the definitions that something has judged already.
func (b *libraryBook) judged() map[*policy.Definition]bool {
	found := map[*policy.Definition]bool{}
	for i := range b.rules {
		if b.rules[i].recommendation == nil {
			found[b.rules[i].bound.Definition] = true
		}
	}
	return found
}

// tellRepeated warns of other initiatives with the id of one that is told, which
// the library left out.
func (b *libraryBook) tellRepeated(s *policy.Initiative) {
	for _, other := range b.library.RepeatedInitiatives {
		if strings.EqualFold(cmp.Or(other.ID, other.Name), cmp.Or(s.ID, s.Name)) && placeOf(other) != placeOf(s) {
			b.warnings = append(b.warnings, fmt.Sprintf("initiative %s of %s is left out; the one in %s has the same id", s.Name, placeOf(other), placeOf(s)))
		}
	}
}

// initiativeParameters settles the parameters of an initiative. One that is
// chosen and not assigned may lack some: its members tell what they need.
func (b *libraryBook) initiativeParameters(s *policy.Initiative, a *policy.Assignment) (resolved map[string]policy.Value, ok bool) {
	if a == nil {
		given := b.givenFor(s.Parameters, s.Name, s.ID, s.DisplayName)
		return defaultsWith(s.Parameters, given), true
	}
	b.assignedSets[s] = true
	b.pin("assignment "+a.Name, a.DefinitionVersion, s.Version, s.Name)
	resolved, problems := policy.CheckParameters(s.Parameters, a.Parameters)
	return resolved, !b.refuse("assignment "+a.Name, s.ID, s.DisplayName, problems)
}

func (b *libraryBook) addMember(s *policy.Initiative, m *policy.Member, a *policy.Assignment, d *policy.Definition, resolved map[string]policy.Value) {
	if a != nil {
		b.assigned[d] = true
	}
	b.pin("member "+m.ReferenceID+" of "+s.Name, m.Version, d.Version, d.Name)
	values, err := m.Resolve(resolved)
	if err != nil {
		b.leaveOut(d.ID, d.DisplayName, fmt.Sprintf("member %s of %s: %v", m.ReferenceID, s.Name, err))
		b.couldNot(unjudged{
			id: cmp.Or(d.ID, d.Name), why: err.Error(), bound: bindPolicy(d, nil), links: b.linksOf(d, s, a),
			initiative: s, controls: controlsOf(m.Groups, m.ReferenceID), assignment: a,
		})
		return
	}
	bound := bindPolicy(d, values)
	missing := lacking(bound)
	if !b.leaveOutLacking(d, missing) {
		b.addReference(reference{assignment: a, initiative: s, member: m.ReferenceID, groups: m.Groups, told: b.isToldOnly(s, a)}, d, bound)
		return
	}
	if isDisabled(bound) {
		return
	}
	b.couldNot(unjudged{
		id: cmp.Or(d.ID, d.Name), why: lacks(missing), bound: bound, links: b.linksOf(d, s, a),
		initiative: s, controls: controlsOf(m.Groups, m.ReferenceID), assignment: a,
	})
}

// defaultsWith gives the defaults of parameters, overlaid with given values.
func defaultsWith(declared []policy.Parameter, given map[string]policy.Value) map[string]policy.Value {
	values := map[string]policy.Value{}
	for i := range declared {
		if d := declared[i].Default; d != nil {
			values[strings.ToLower(declared[i].Name)] = *d
		}
	}
	for name, v := range given {
		values[strings.ToLower(name)] = v
	}
	return values
}

// addReference adds a reference with one variant for each override that may
// hold. A reference that is disabled everywhere is told as not evaluated.
func (b *ruleBook) addReference(r reference, d *policy.Definition, bound *policy.Bound) {
	if why := r.misfit(bound); why != "" {
		b.leaveOut(cmp.Or(d.ID, d.Name), cmp.Or(d.DisplayName, d.Name), "assignment "+r.assignment.Name+": override: "+why)
		b.couldNot(unjudged{
			id: cmp.Or(d.ID, d.Name), why: "override: " + why, bound: bound, links: b.ownPolicies[d],
			initiative: r.initiative, controls: controlsOf(r.groups, r.member), assignment: r.assignment,
		})
		return
	}
	for o := range r.overrides("policyVersion") {
		b.pin("override of assignment "+r.assignment.Name, o.Value, d.Version, d.Name)
	}
	r.vary(func(o *policy.Override) int {
		as := bound
		if o != nil {
			as = bound.WithEffect(o.Value)
		}
		if isDisabled(as) {
			return -1
		}
		return b.number(d, as, as.Hash())
	})
	b.references = append(b.references, r)
	if !slices.ContainsFunc(r.variants, func(v variant) bool { return v.rule >= 0 }) {
		disabled := bound.WithEffect("Disabled")
		b.number(d, disabled, disabled.Hash()) // which tells it
	}
}

// overrides yields the overrides of a kind that the assignment has for the member.
func (r *reference) overrides(kind string) iter.Seq[*policy.Override] {
	return func(yield func(*policy.Override) bool) {
		if r.assignment == nil {
			return
		}
		for i := range r.assignment.Overrides {
			o := &r.assignment.Overrides[i]
			if strings.EqualFold(o.Kind, kind) && o.IsAbout(r.member) && !yield(o) {
				return
			}
		}
	}
}

// vary settles the variants: rule gives the rule's number under an override, nil
// for none, and -1 where that disables it.
func (r *reference) vary(rule func(o *policy.Override) int) {
	for o := range r.overrides("policyEffect") {
		r.variants = append(r.variants, variant{o, rule(o)})
		if !looksAtResource(o.Selectors) {
			return // it holds whatever the resource, so that nothing after it counts
		}
	}
	r.variants = append(r.variants, variant{nil, rule(nil)})
}

// misfit says which override of the assignment cannot be, "" if all can.
func (r *reference) misfit(bound *policy.Bound) string {
	for o := range r.overrides("policyEffect") {
		if why := bound.WhyNot(o.Value); why != "" {
			return why
		}
	}
	return ""
}

// looksAtResource reports whether some selector asks for more than the member.
func looksAtResource(selectors []policy.Selector) bool {
	return slices.ContainsFunc(selectors, func(s policy.Selector) bool {
		return !strings.EqualFold(s.Kind, "policyDefinitionReferenceId")
	})
}

func isDisabled(b *policy.Bound) bool { return strings.EqualFold(b.Effect, "Disabled") }
