package assess

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// idlePeople lists exemptions and attestations in force that change nothing, and
// why.
func (run *run) idlePeople(rd *reading, p *placer, scopes scopeSet, places []*place) []string {
	if len(p.exemptions)+len(p.attestations) == 0 {
		return nil
	}
	spots := run.spots(rd)
	used := run.used(spots, p)
	index := newSpotIndex(spots, p)
	var all []string
	tell := func(s *saying, used bool, why []string) {
		if !scopes.has(s.scope) {
			why = append(why, fmt.Sprintf("no resource of the input is in scope %q", s.scope))
		}
		if len(why) == 0 && !used {
			why = []string{run.whyIdle(s, index)}
		} else if used {
			all = append(all, idleSelectors(s, places)...)
			why = append(why, run.sharedID(s, index)...)
		}
		for _, w := range why {
			all = append(all, s.told+": "+w)
		}
	}
	for _, e := range p.exemptions {
		s := p.ofExemption(e.Exemption)
		tell(s, used.exemptions[e.Exemption], run.idleSubject(s))
	}
	for _, a := range p.attestations {
		s := p.ofAttestation(a)
		why := run.idleSubject(s)
		if idle := run.idleAttestation(a); idle != "" && len(why) == 0 {
			why = []string{idle}
		}
		tell(s, used.attestations[a], why)
	}
	return all
}

// idleAttestation says why an attestation attests nothing: what it names is
// there, but is judged by what was read.
func (run *run) idleAttestation(a *policy.Attestation) string {
	if a.AssignmentID != "" {
		return run.idleAttested(a)
	}
	known, manual := false, false
	if _, n := run.standardNode(a.ReferenceID); n != nil {
		known, manual = true, n.Manual
	}
	for i := range run.book.rules {
		if r := &run.book.rules[i]; r.named(a.ReferenceID) {
			known, manual = true, manual || r.isRule([]string{a.ReferenceID}) && strings.EqualFold(r.bound.Effect, "manual")
		}
	}
	for i := range run.book.references {
		ref := &run.book.references[i]
		if a.ReferenceID == "" || !ref.inControl(a.ReferenceID) {
			continue
		}
		for _, v := range ref.variants {
			known, manual = true, manual || v.rule >= 0 && strings.EqualFold(run.book.rules[v.rule].bound.Effect, "manual")
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

// idleSubject says what an exemption or attestation names that there is not.
func (run *run) idleSubject(s *saying) []string {
	if s.assignment != "" {
		return run.idleAssignment(s.assignment, s.members)
	}
	var all []string
	for _, name := range s.members {
		if why := run.whyNoName(name); why != "" {
			all = append(all, why)
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
	judged := map[string]bool{} // of those, what comes to a rule
	for i := range run.book.references {
		ref := &run.book.references[i]
		if ref.assignment != nil && strings.EqualFold(ref.assignment.ID, assignment) {
			known[strings.ToLower(ref.member)] = true
			judged[strings.ToLower(ref.member)] = judged[strings.ToLower(ref.member)] || run.evaluates(ref)
		}
	}
	if len(known) == 0 {
		return []string{fmt.Sprintf("nothing that assignment %q assigns is judged: it is not chosen, or not evaluated", assignment)}
	}
	var all []string
	for _, name := range members {
		switch member := strings.ToLower(name); {
		case !known[member]:
			all = append(all, fmt.Sprintf("assignment %q has no member %q that is judged", assignment, name))
		case !judged[member]:
			all = append(all, fmt.Sprintf("member %q of assignment %q is disabled, or not evaluated", name, assignment))
		}
	}
	if len(members) == 0 && !slices.Contains(slices.Collect(maps.Values(judged)), true) {
		return []string{fmt.Sprintf("assignment %q is disabled, or not evaluated", assignment)}
	}
	return all
}
