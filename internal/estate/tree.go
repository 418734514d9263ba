package estate

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// tree is the scopes as they are kept.
type tree struct {
	scopes map[string]posture.Scope // by folded id
	sorted []posture.Scope          // see all; nil until it is asked for
}

func newTree(kept []ledger.ScopeVersion) *tree {
	t := &tree{scopes: map[string]posture.Scope{}}
	for _, s := range kept {
		t.set(s.Scope)
	}
	return t
}

func (t *tree) set(s posture.Scope) {
	t.scopes[posture.Fold(s.ID)] = s
	t.sorted = nil
}

// all gives the scopes, by id. Nobody may change them.
func (t *tree) all() []posture.Scope {
	if t.sorted == nil {
		t.sorted = make([]posture.Scope, 0, len(t.scopes))
		for _, s := range t.scopes {
			t.sorted = append(t.sorted, s)
		}
		slices.SortFunc(t.sorted, func(a, b posture.Scope) int { return compareText(a.ID, b.ID) })
	}
	return t.sorted
}

// upFrom gives some scopes, as far as they are nodes, and all above them.
func (t *tree) upFrom(ids ...string) (scopes []posture.Scope) {
	met := map[string]bool{}
	for _, id := range ids {
		for _, above := range t.above(id) {
			if s, known := t.scopes[above]; known && !met[above] {
				met[above] = true
				scopes = append(scopes, s)
			}
		}
	}
	return scopes
}

// about gives a unit with all above it and what lies in it, other names of a project
// among that; all scopes for what is no unit.
func (t *tree) about(unit string) []posture.Scope {
	folded := posture.Fold(unit)
	if t.scopes[folded].Kind != posture.Unit {
		return t.all()
	}
	scopes, in := t.upFrom(unit), folded+"/"
	for id, s := range t.scopes {
		if strings.HasPrefix(id, in) || s.Cloud == posture.GCP && s.Parent == unit {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// roots gives the names of our own nodes, by name.
func (t *tree) roots() []string {
	var roots []string
	for _, s := range t.all() {
		if s.Kind == posture.Root {
			roots = append(roots, s.ID)
		}
	}
	return roots
}

// above lists a scope and what stands above it, nearest first, folded.
func (t *tree) above(id string) []string {
	var all []string
	for at := posture.Fold(id); at != "" && !slices.Contains(all, at); at = posture.Fold(t.scopes[at].Parent) {
		all = append(all, at)
	}
	return all
}

// projectOf gives the id of a project that a scope tells by its number, if that is
// known, or else the scope.
func (t *tree) projectOf(scope string) string { return posture.ProjectOf(t.scopes, scope) }

// oneNameEach gives kept reads as being about projects by their ids, where these are
// known. Of two of one type about one project the newer one counts, of equally old ones
// the one that promises less, with what the other did not get of bodies.
func (t *tree) oneNameEach(reads []ledger.Read) []ledger.Read {
	places := map[readKey]int{}
	var all []ledger.Read
	for _, r := range reads {
		r.Record.Scope = t.projectOf(r.Record.Scope)
		key := keyOfRead(&r.Record)
		at, met := places[key]
		if !met {
			places[key] = len(all)
			all = append(all, r)
			continue
		}
		counts, other := all[at], r
		if tried(&r).After(tried(&counts)) || tried(&r).Equal(tried(&counts)) && !r.Record.Complete {
			counts, other = other, counts
		}
		counts.Record.Gaps = gapsOfBoth(counts.Record, other.Record)
		all[at] = counts
	}
	return all
}

// touches reports whether something at a scope may be about resources of a unit: it
// stands above the unit, or lies in it. Of what is no node of the tree nobody
// knows.
func (t *tree) touches(scope, unit string) bool {
	scope = t.projectOf(scope)
	folded := posture.Fold(scope)
	_, node := t.scopes[folded]
	return scope == "/" || slices.Contains(t.above(unit), folded) || liesIn(scope, unit) || !node && !posture.IsARM(scope)
}

// liesIn reports whether a scope is a unit or lies in one. Units of Azure alone have
// scopes in them: machines/GROUP is no part of machines.
func liesIn(scope, unit string) bool {
	if begins := strings.TrimRight(unit, "/"); len(scope) < len(begins) || !strings.EqualFold(scope[:len(begins)], begins) {
		return false // most do not, which should cost little
	}
	return posture.Fold(scope) == posture.Fold(unit) || policy.UnitOf(unit) != "" && posture.Within(scope, unit)
}

// gapsIn gives the gaps of a read of a scope without those of ids of what lies
// elsewhere.
func (t *tree) gapsIn(gaps []posture.Gap, scope string) []posture.Gap {
	return slices.DeleteFunc(slices.Clone(gaps), func(g posture.Gap) bool {
		unit := policy.UnitOf(g.ID)
		return unit != "" && scope != "/" && !posture.Within(g.ID, scope) && !slices.Contains(t.above(unit), posture.Fold(scope))
	})
}
