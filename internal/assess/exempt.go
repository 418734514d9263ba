package assess

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// inForce takes over the exemptions and attestations that have not expired.
func (p *placer) inForce(o *Options) {
	exemptions, attestations := o.people()
	for _, e := range exemptions {
		if e.InForce(p.now) {
			p.exemptions = append(p.exemptions, timedOf(e))
		}
	}
	p.exemptNames = shortByName(p.exemptions)
	p.about, p.links = map[about]map[int][]int{}, map[int][]catalog.StandardRef{}
	p.attestations = slices.DeleteFunc(attestations, func(a *policy.Attestation) bool { return !a.InForce(p.now) })
	p.attestNames = map[string][]*policy.Attestation{}
	for _, a := range p.attestations {
		if a.AssignmentID == "" {
			p.attestNames[foldName(a.ReferenceID)] = append(p.attestNames[foldName(a.ReferenceID)], a)
		}
	}
}

// people gives all exemptions and attestations, expired ones too. Of two with one
// id the first counts, as in a library.
func (o *Options) people() ([]*policy.Exemption, []*policy.Attestation) {
	var l policy.Library
	if o.Library != nil {
		l = *o.Library
	}
	exemptions, _ := firstOfEach(func(e *policy.Exemption) string { return e.ID }, o.Exemptions, l.Exemptions)
	attestations, _ := firstOfEach(func(a *policy.Attestation) string { return a.ID }, o.Attestations, l.Attestations)
	return exemptions, attestations
}

// firstOfEach joins lists and leaves out what has the id of one before it. Those
// without an id all stay.
func firstOfEach[T any](id func(T) string, lists ...[]T) (kept, repeated []T) {
	known := map[string]bool{}
	for _, item := range slices.Concat(lists...) {
		key := strings.ToLower(id(item))
		if key != "" && known[key] {
			repeated = append(repeated, item)
			continue
		}
		known[key] = true
		kept = append(kept, item)
	}
	return kept, repeated
}

// repeated tells of the assignments, exemptions and attestations that were left
// out, as another one has the same id.
func (o *Options) repeated() []string {
	l := o.Library
	if l == nil {
		return nil
	}
	var all []string
	for _, p := range l.Repeated {
		all = append(all, fmt.Sprintf("%s: %s", placed(p.File, p.Pos), p.Text))
	}
	_, exemptions := firstOfEach(func(e *policy.Exemption) string { return e.ID }, o.Exemptions, l.Exemptions)
	for _, e := range exemptions {
		all = append(all, toldExemption(e)+" is left out: another one has the same id")
	}
	_, attestations := firstOfEach(func(a *policy.Attestation) string { return a.ID }, o.Attestations, l.Attestations)
	for _, a := range attestations {
		all = append(all, toldAttestation(a)+" is left out: another one has the same id")
	}
	return all
}

// exemptionsOf finds the exemptions of a reference, or, without one, of a rule as
// such. Those of a control are neither: see ofReference.
func (p *placer) exemptionsOf(ref *reference, number int, r *place) (all []*timed) {
	candidates := p.candidates(ref, number)
	if len(candidates) == 0 {
		return nil
	}
	var here []int
	for _, scope := range p.in(r) {
		here = append(here, candidates[scope]...)
	}
	slices.Sort(here)
	for _, i := range here {
		if e := p.exemptions[i]; e.Covers(p.placeOf(r)).True() {
			all = append(all, e)
		}
	}
	return all
}

// about is what exemptions may be about: a rule, or a reference to it.
type about struct {
	ref    *reference
	number int
}

// candidates lists the exemptions of a reference, or of a rule as such, in their
// order, by the number of their scope. There are many places, and they ask again
// and again.
func (p *placer) candidates(ref *reference, number int) map[int][]int {
	key := about{ref, number}
	found, known := p.about[key]
	if known {
		return found
	}
	found = map[int][]int{}
	for i, e := range p.exemptions {
		is := ref.isMember(e.AssignmentID, e.ReferenceIDs)
		if e.AssignmentID == "" {
			is = p.book.rules[number].isRule(e.ReferenceIDs)
		}
		if is {
			scope := p.scopes.numbers[e.Scope]
			found[scope] = append(found[scope], i)
		}
	}
	p.about[key] = found
	return found
}

// isAbout reports whether an attestation's subject is a reference, or a rule as
// such. The short form names no assignment: its subject is the rule, however it is
// referred to, or a group of an initiative. A control of a standard has a check of
// its own, see manualCheck, and says nothing of the rules that give evidence for it.
func (p *placer) isAbout(assignment string, members []string, ref *reference, number int) bool {
	if assignment == "" {
		rule := &p.book.rules[number]
		return slices.ContainsFunc(members, func(name string) bool { return rule.isRule([]string{name}) || ref.inControl(name) })
	}
	return ref.isMember(assignment, members)
}

// isMember reports whether a reference is one of an assignment's, or of some of
// its members.
func (r *reference) isMember(assignment string, members []string) bool {
	if r == nil || r.assignment == nil || !strings.EqualFold(r.assignment.ID, assignment) {
		return false
	}
	return len(members) == 0 || slices.ContainsFunc(members, func(m string) bool { return strings.EqualFold(m, r.member) })
}

// named reports whether name is the rule's id, name or title, or a control of
// a standard that the rule gives evidence for.
func (r *rule) named(name string) bool {
	if r.isRule([]string{name}) {
		return true
	}
	return slices.ContainsFunc(r.links, func(ref catalog.StandardRef) bool {
		return strings.EqualFold(name, ref.Standard+":"+ref.Control)
	})
}

// inControl reports whether name is INITIATIVE:CONTROL of one of a reference's
// controls.
func (r *reference) inControl(name string) bool {
	return r != nil && slices.ContainsFunc(r.controls, func(c initiativeControl) bool { return isAny(name, c.name) })
}

// attestation finds the newest valid attestation of a rule; nil if there is
// none, or if it leaves the state open. Where they are of several assignments or
// members the newest of each counts, and of those one that is not compliant before one
// that leaves the state open.
func (p *placer) attestation(number int, r *place, m *mark) *attested {
	var meant []*policy.Attestation
	for _, a := range p.attestations {
		if a.Covers(p.placeOf(r)) && p.attests(a, number, m) {
			meant = append(meant, a)
		}
	}
	var worst *attested
	open := false
	for _, of := range referencesOf(meant) {
		switch newest := p.newest(r, slices.DeleteFunc(slices.Clone(meant), func(a *policy.Attestation) bool { return !of.has(a) })); {
		case newest == nil:
			open = true
		case worst == nil || worst.healthy && !newest.healthy:
			worst = newest
		}
	}
	if open && worst != nil && worst.healthy {
		return nil
	}
	return worst
}

// attestedReference is what an attestation of Azure is of; zero for one in another form.
type attestedReference struct{ assignment, member string }

func referenceOf(a *policy.Attestation) attestedReference {
	if !posture.IsARM(a.AssignmentID) {
		return attestedReference{}
	}
	return attestedReference{posture.Fold(a.AssignmentID), strings.ToLower(a.ReferenceID)}
}

// has reports whether an attestation is about a reference: one in another form, and one
// of no member, is about each.
func (r attestedReference) has(a *policy.Attestation) bool {
	of := referenceOf(a)
	return of.assignment == "" || of.assignment == r.assignment && (of.member == "" || of.member == r.member)
}

// referencesOf lists what some attestations are of.
func referencesOf(all []*policy.Attestation) (of []attestedReference) {
	for _, a := range all {
		if r := referenceOf(a); r.assignment != "" && !slices.Contains(of, r) {
			of = append(of, r)
		}
	}
	if len(of) == 0 {
		return []attestedReference{{}}
	}
	return of
}

// newest gives what the newest of some attestations that cover a place says. Of
// several of one time the last counts.
func (p *placer) newest(r *place, meant []*policy.Attestation) *attested {
	var newest *policy.Attestation
	var at time.Time
	for _, a := range meant {
		if !a.Covers(p.placeOf(r)) {
			continue
		}
		if t, _ := policy.ParseInstant(a.AssessmentDate); newest == nil || !t.Before(at) {
			newest, at = a, t
		}
	}
	if newest == nil {
		return nil
	}
	if !settles(newest) {
		return nil
	}
	return &attested{healthy: attestedAs(newest) == "compliant", by: newest}
}

// settles reports whether an attestation says one thing or the other.
func settles(a *policy.Attestation) bool {
	state := attestedAs(a)
	return state == "compliant" || state == "noncompliant"
}

func attestedAs(a *policy.Attestation) string {
	return strings.ReplaceAll(strings.ToLower(a.State), "-", "")
}

func (p *placer) attests(a *policy.Attestation, number int, m *mark) bool {
	var members []string
	if a.ReferenceID != "" {
		members = []string{a.ReferenceID}
	}
	if m == nil || len(m.own) == 0 {
		return p.isAbout(a.AssignmentID, members, nil, number)
	}
	return slices.ContainsFunc(m.own, func(i int) bool {
		return p.isAbout(a.AssignmentID, members, &p.book.references[i], number)
	})
}
