package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// idle lists what the options name and nothing answers to: scopes and types of
// the filter, scopes of --complete, exemptions and attestations. A check is
// right without them, but it is not what was meant. Empty are the filter's scopes
// among them.
func (run *run) idle(rd *reading, p *placer) (all, empty []string) {
	f := &run.options.Filter
	places := rd.allPlaces()
	scopes := newScopeSet(p, places)
	tag := 0
	for _, scope := range f.Scopes {
		found := false
		if isTag(scope) {
			found = slices.ContainsFunc(places, func(at *place) bool { return at.tags[tag] == '1' })
			tag++
		} else {
			found = scopes.has(scope)
		}
		if !found {
			empty = append(empty, scope)
			all = append(all, fmt.Sprintf("filter: no resource of the input is in scope %q", scope))
		}
	}
	for _, name := range f.ResourceTypes {
		if !run.hasType(rd, name) {
			all = append(all, fmt.Sprintf("filter: no resource of the input is of type %q", name))
		}
	}
	for _, c := range run.options.Complete {
		if !c.All && !run.knowsScope(c.Scope) {
			all = append(all, fmt.Sprintf("--complete: no resource of the input is in scope %q", c.Scope))
		}
	}
	return slices.Concat(all, run.withoutAccount(rd), run.idleAssignments(scopes, places),
		run.options.repeated(), run.expired(p), run.idlePeople(p, scopes)), empty
}

// idleAssignments lists assignments that are for nothing of the input, parts of
// the others that are, and those that nothing can be judged by as there are no
// definitions at all.
func (run *run) idleAssignments(scopes scopeSet, places []*place) []string {
	var all []string
	for _, a := range run.options.Assignments {
		switch {
		case run.options.Library == nil:
			all = append(all, fmt.Sprintf("assignment %q: there are no definitions; give them with --catalog", a.Name))
		case len(scopes) == 0 || !run.puts(a):
		case !scopes.has(strings.TrimRight(a.Scope, "/")) && a.Scope != "/":
			all = append(all, fmt.Sprintf("assignment %q: no resource of the input is in scope %q", a.Name, a.Scope))
		default:
			all = append(all, run.idleParts(a, scopes, places)...)
		}
	}
	return all
}

// puts reports whether an assignment puts something to work.
func (run *run) puts(a *policy.Assignment) bool {
	return slices.ContainsFunc(run.book.references, func(r reference) bool { return r.assignment == a })
}

// idlePeople lists exemptions and attestations in force that hold for nothing.
func (run *run) idlePeople(p *placer, scopes scopeSet) []string {
	var all []string
	tell := func(what, name, assignment string, members []string, scope string) {
		for _, why := range run.idleSubject(assignment, members) {
			all = append(all, fmt.Sprintf("%s %q: %s", what, name, why))
		}
		if !scopes.has(scope) {
			all = append(all, fmt.Sprintf("%s %q: no resource of the input is in scope %q", what, name, scope))
		}
	}
	for _, e := range p.exemptions {
		tell("exemption", nameOfExemption(e), e.AssignmentID, e.ReferenceIDs, e.Scope)
	}
	for _, a := range p.attestations {
		var members []string
		if a.ReferenceID != "" {
			members = []string{a.ReferenceID}
		}
		name := nameOfAttestation(a)
		if why := run.idleAttestation(a); why != "" {
			all = append(all, fmt.Sprintf("attestation %q: %s", name, why))
		}
		tell("attestation", name, a.AssignmentID, members, a.Scope)
	}
	return all
}

// idleAttestation says why an attestation attests nothing: what it names is
// there, but is judged by what was read.
func (run *run) idleAttestation(a *policy.Attestation) string {
	if a.AssignmentID != "" {
		return run.idleAttested(a)
	}
	control, manual := run.control(a.ReferenceID)
	known := control
	for i := range run.book.rules {
		if r := &run.book.rules[i]; r.named(a.ReferenceID) {
			known, manual = true, manual || strings.EqualFold(r.bound.Effect, "manual")
		}
	}
	if !known || manual {
		return ""
	}
	return fmt.Sprintf("%q is not manual; only what is can be attested", a.ReferenceID)
}

// idleAttested is idleAttestation for one of an assignment.
func (run *run) idleAttested(a *policy.Attestation) string {
	known := false
	for i := range run.book.references {
		ref := &run.book.references[i]
		if ref.assignment == nil || !strings.EqualFold(ref.assignment.ID, a.AssignmentID) || a.ReferenceID != "" && !strings.EqualFold(ref.member, a.ReferenceID) {
			continue
		}
		for _, v := range ref.variants {
			if v.rule < 0 {
				continue
			}
			if known = true; strings.EqualFold(run.book.rules[v.rule].bound.Effect, "manual") {
				return ""
			}
		}
	}
	if !known {
		return ""
	}
	subject := fmt.Sprintf("assignment %q", a.AssignmentID)
	if a.ReferenceID != "" {
		subject = fmt.Sprintf("member %q of %s", a.ReferenceID, subject)
	}
	return subject + " is not manual; only what is can be attested"
}

// control reports whether a name is that of a standard's control, and whether
// it is manual.
func (run *run) control(name string) (known, manual bool) {
	for _, s := range slices.Concat(run.book.known, run.options.OwnStandards) {
		id, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(s.ID)+":")
		for _, n := range s.Nodes {
			if ok && strings.EqualFold(n.ID, id) {
				return true, n.Manual
			}
		}
	}
	return false, false
}

// idleSubject says what an exemption or attestation names that there is not.
func (run *run) idleSubject(assignment string, members []string) []string {
	if assignment != "" {
		return run.idleAssignment(assignment, members)
	}
	var all []string
	for _, name := range members {
		if !run.judges(name) {
			all = append(all, fmt.Sprintf("no policy or control %q is judged", name))
		}
	}
	return all
}

func (run *run) idleAssignment(assignment string, members []string) []string {
	assigned := slices.Clone(run.options.Assignments)
	if l := run.options.Library; l != nil {
		assigned = append(assigned, l.Assignments...)
	}
	if !slices.ContainsFunc(assigned, func(a *policy.Assignment) bool { return strings.EqualFold(a.ID, assignment) }) {
		return []string{fmt.Sprintf("there is no assignment %q", assignment)}
	}
	known := map[string]bool{}
	any := false
	for i := range run.book.references {
		if ref := &run.book.references[i]; ref.assignment != nil && strings.EqualFold(ref.assignment.ID, assignment) {
			known[strings.ToLower(ref.member)], any = true, true
		}
	}
	var all []string
	for _, name := range members {
		if any && !known[strings.ToLower(name)] {
			all = append(all, fmt.Sprintf("assignment %q has no member %q", assignment, name))
		}
	}
	return all
}

// judges reports whether a name is that of a rule or of a control, chosen or not.
func (run *run) judges(name string) bool {
	if knows(run.options, name) ||
		slices.ContainsFunc(run.book.rules, func(r rule) bool { return r.named(name) }) ||
		slices.ContainsFunc(run.book.references, func(r reference) bool { return r.inControl(name) }) {
		return true
	}
	known, _ := run.control(name)
	return known
}

// scopeSet holds, folded, every scope that a resource lies in, as
// [placer.within] has it. Exemptions are many, and so are places.
type scopeSet map[string]bool

func newScopeSet(p *placer, places []*place) scopeSet {
	s, units := scopeSet{}, map[string]bool{}
	for _, at := range places {
		s["/"] = true
		s.add(posture.Fold(at.id))
		if at.unit == "" || units[at.unit] {
			continue
		}
		units[at.unit] = true
		s.add(posture.Fold(at.unit))
		for _, above := range p.tree.Ancestors(at.unit) {
			s[posture.Fold(above)] = true
		}
	}
	return s
}

// add adds an id and what stands above it by its text.
func (s scopeSet) add(id string) {
	for at := len(id); at > 0 && !s[id[:at]]; at = strings.LastIndexByte(id[:at], '/') {
		s[id[:at]] = true
	}
}

func (s scopeSet) has(scope string) bool { return s[posture.Fold(scope)] }

// allPlaces lists the places of all resources, if places matter.
func (rd *reading) allPlaces() []*place {
	var all []*place
	for _, w := range rd.workers {
		all = append(all, w.places...)
	}
	return all
}

func (run *run) hasType(rd *reading, name string) bool {
	found := false
	rd.records(func(_ *worker, r *record) bool {
		found = strings.EqualFold(run.book.set.TypeName(int(r.typeNumber)), name)
		return !found
	})
	return found
}
