package estate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// CheckReferences says what is wrong with the assignment and the members that an
// exemption names, as [govern.Problems], and gives what its author should look at. The
// assignment is then called as it is kept. May reports whether the document may name one.
func (e *Estate) CheckReferences(d govern.Document, may func(assignment *govern.Policy) bool) (warnings []string, err error) {
	x, ok := d.(*govern.Exemption)
	if !ok || x.Assignment == "" {
		return nil, nil
	}
	policies := e.Policies()
	p, ok := policies.Find(ledger.Assignment, x.Assignment)
	if !ok || !may(p) {
		var known []string
		for _, other := range policies.Of(ledger.Assignment) {
			if may(other) {
				known = append(known, other.ID)
			}
		}
		return nil, govern.Problems{{Path: "assignment", Want: fmt.Sprintf("there is no assignment %q%s", x.Assignment, spelling.Meant(x.Assignment, known))}}
	}
	x.Assignment = p.ID
	wrong := membersOf(x, p, policies)
	places := e.Scopes(d)
	e.mu.Lock()
	covers := access.NewTree(e.tree.all()).Covers
	e.mu.Unlock()
	scope := p.Assignment.Scope
	met := func(scope string) bool {
		return slices.ContainsFunc(places, func(at string) bool { return covers(scope, at) || covers(at, scope) })
	}
	switch outside := fmt.Sprintf("the assignment is for %s, outside of which nothing is exempt", scope); {
	case met(scope):
		for _, not := range p.Assignment.NotScopes {
			if !slices.ContainsFunc(places, func(at string) bool { return !covers(not, at) }) {
				warnings = append(warnings, fmt.Sprintf("scope: the assignment is not for %s, so that nothing is exempt there", not))
			}
		}
	case x.AssignmentScopeValidation == "DoNotValidate":
		warnings = append(warnings, "scope: "+outside)
	default:
		wrong = append(wrong, govern.Problem{Path: "scope", Want: outside + "; want a scope in it or around it"})
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return warnings, nil
}

// membersOf says what is wrong with the members that an exemption names of an
// assignment.
func membersOf(x *govern.Exemption, p *govern.Policy, policies *govern.Policies) (wrong govern.Problems) {
	s, several := policies.Find(ledger.Initiative, p.Assignment.DefinitionID)
	_, alone := policies.Find(ledger.Definition, p.Assignment.DefinitionID)
	switch {
	case !several && !alone:
		return govern.Problems{{Path: "assignment", Want: fmt.Sprintf("%s assigns %s, which makes no checks of its own; name recommendations instead", p.ID, p.Assignment.DefinitionID)}}
	case !several && len(x.Members) > 0:
		return govern.Problems{{Path: "members", Want: fmt.Sprintf("%s assigns a definition alone, which has none; leave them out", p.ID)}}
	case !several:
		return nil
	}
	var ids []string
	for _, m := range s.Initiative.Members {
		ids = append(ids, m.ReferenceID)
	}
	for i, name := range x.Members {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, name) }) {
			wrong = append(wrong, govern.Problem{Path: fmt.Sprintf("members[%d]", i), Want: fmt.Sprintf("initiative %s has no member %q%s", s.ID, name, spelling.Meant(name, ids))})
		}
	}
	return wrong
}
