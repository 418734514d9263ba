package assess

import (
	"fmt"
	"slices"
	"strings"
	"sync"

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
		} else if several := p.sharedScope(scope, places); several != "" {
			all = append(all, "filter: "+several)
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
		if !isEvery(c.Type) && !run.looksFor(c.Type) {
			all = append(all, fmt.Sprintf("--complete: nothing that is judged looks for resources of type %q", c.Type))
		}
	}
	return slices.Concat(all, run.idleHierarchy(), run.idleStandards(), run.book.idleParameters(), run.withoutAccount(rd),
		run.idleAssignments(rd, p, scopes, places), run.outsideHome(p), run.options.repeated(), run.book.repeatedDefinitions(), run.expired(p), run.idlePeople(rd, p, scopes, places)), empty
}

// idleAssignments lists assignments that are for nothing of the input, parts of
// the others that are, and those that nothing can be judged by as there are no
// definitions at all.
func (run *run) idleAssignments(rd *reading, p *placer, scopes scopeSet, places []*place) []string {
	var all []string
	spots := sync.OnceValue(func() []spot { return run.spots(rd) })
	for _, a := range run.options.Assignments {
		switch {
		case run.options.Library == nil:
			all = append(all, fmt.Sprintf("assignment %q: there are no definitions; give them with --catalog", a.Name))
		case !run.puts(a):
			all = append(all, run.idleChoice(a)...)
		case len(scopes) == 0:
		case !scopes.has(strings.TrimRight(a.Scope, "/")) && a.Scope != "/":
			all = append(all, fmt.Sprintf("assignment %q: no resource of the input is in scope %q", a.Name, a.Scope))
		default:
			if p.emptied(a, places) {
				all = append(all, fmt.Sprintf("assignment %q: its excluded scopes (notScopes) leave no resource of the input in scope %q", a.Name, a.Scope))
			}
			parts := run.idleParts(a, scopes, places)
			if len(parts) == 0 && len(a.ResourceSelectors) > 0 && run.unselected(a, p, spots()) {
				parts = []string{fmt.Sprintf("assignment %q: its resource selectors admit none of the resources that it is about", a.Name)}
			}
			all = append(all, parts...)
		}
	}
	return all
}

// emptied reports whether the excluded scopes of an assignment take away all
// that is in its scope.
func (p *placer) emptied(a *policy.Assignment, places []*place) bool {
	return len(a.NotScopes) > 0 && !slices.ContainsFunc(places, func(at *place) bool {
		return p.within(at, a.Scope) && !slices.ContainsFunc(a.NotScopes, func(s string) bool { return p.within(at, s) })
	})
}

// unselected reports whether the resource selectors of an assignment take away all
// in its scope that its rules are about.
func (run *run) unselected(a *policy.Assignment, p *placer, spots []spot) bool {
	rules := map[int]bool{}
	for i := range run.book.references {
		if ref := &run.book.references[i]; ref.assignment == a {
			for _, v := range ref.variants {
				rules[v.rule] = true
			}
		}
	}
	some := false
	for i := range spots {
		at := spots[i].at
		if !p.within(at, a.Scope) || slices.ContainsFunc(a.NotScopes, func(s string) bool { return p.within(at, s) }) || !spots[i].isJudgedBy(rules) {
			continue
		}
		if p.selected(a.ResourceSelectors, at) {
			return false
		}
		some = true
	}
	return some
}

// puts reports whether an assignment puts something to work.
func (run *run) puts(a *policy.Assignment) bool {
	return slices.ContainsFunc(run.book.references, func(r reference) bool { return r.assignment == a })
}

// scopeSet holds, folded, every scope that a resource lies in, as
// [placer.within] has it. Exemptions are many, and so are places.
type scopeSet map[string]bool

func newScopeSet(p *placer, places []*place) scopeSet {
	s, units := scopeSet{}, map[string]bool{}
	for _, at := range places {
		s["/"] = true
		s.add(posture.Fold(at.id))
		for _, n := range at.names() {
			s[n.Text] = true
		}
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

func (s scopeSet) has(scope string) bool { return s[posture.Fold(scope)] || s[posture.PlainARN(scope)] }

// allPlaces lists the places of all resources, if places matter.
func (rd *reading) allPlaces() []*place {
	var all []*place
	for _, w := range rd.workers {
		all = append(all, w.places...)
	}
	return all
}

func (run *run) hasType(rd *reading, name string) bool {
	found, wanted := false, policy.FoldType(name)
	rd.records(func(_ *worker, r *record) bool {
		found = policy.FoldType(run.book.set.TypeName(int(r.typeNumber))) == wanted
		return !found
	})
	return found
}
