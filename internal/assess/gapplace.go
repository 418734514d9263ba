package assess

import (
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// gapPlaces are gaps by where they are, so that what one resource has costs no more
// where there are many. It is guarded by the lock of its [knowledge].
type gapPlaces struct {
	ofTypes map[string]map[string][]policy.Gap // of a whole type: by folded scope and folded type, "" for every one
	ofAWS   map[string][]policy.Gap            // those of types that may be of what names no account, by type
	scopes  map[string]bool                    // folded: all in which there is a gap, of a type or a name
	numbers map[string][]string                // of projects of Google, by their folded ids
	told    int                                // of the tree's scopes, how many were told so far
}

func newGapPlaces() gapPlaces {
	return gapPlaces{ofTypes: map[string]map[string][]policy.Gap{}, ofAWS: map[string][]policy.Gap{}, scopes: map[string]bool{}, numbers: map[string][]string{}}
}

// tell takes a node of the tree.
func (g *gapPlaces) tell(s *posture.Scope) {
	g.told++
	if s.Cloud == posture.GCP && s.Kind == posture.Unit && posture.CloudOfUnit(s.Parent) == posture.GCP {
		project := posture.Fold(s.Parent)
		if id := posture.Fold(s.ID); !slices.Contains(g.numbers[project], id) {
			g.numbers[project] = append(slices.Clip(g.numbers[project]), strings.Clone(id))
		}
	}
}

// add adds a gap of a type, "" for every one, in a scope.
func (g *gapPlaces) add(scope, typeName string, gap policy.Gap) {
	folded := posture.Fold(scope)
	g.scopes[folded] = true
	if g.ofTypes[folded] == nil {
		g.ofTypes[folded] = map[string][]policy.Gap{}
	}
	put := func(by map[string][]policy.Gap) {
		if !slices.Contains(by[typeName], gap) {
			by[typeName] = append(by[typeName], gap)
		}
	}
	if put(g.ofTypes[folded]); mayBeOfAWS(scope) {
		put(g.ofAWS)
	}
}

// unitPlaces are the scopes in which a unit lies, as far as they are known.
type unitPlaces struct {
	told  int      // when: see [gapPlaces]
	now   []string // folded: itself, what it begins with, all above it, with other names of these
	first []string // what they were when somebody asked first
}

// placesOf gives the scopes in which a unit lies.
func (k *knowledge) placesOf(unit string) []string {
	known, met := k.places.Load(unit)
	if met && known.(*unitPlaces).told == k.gapsAt.told {
		return known.(*unitPlaces).now
	}
	p := &unitPlaces{told: k.gapsAt.told, now: k.placesNow(unit)}
	if p.first = p.now; met {
		p.first = known.(*unitPlaces).first
	}
	k.places.Store(strings.Clone(unit), p)
	return p.now
}

func (k *knowledge) placesNow(unit string) (all []string) {
	add := func(scope string) {
		if folded := posture.Fold(scope); !slices.Contains(all, folded) {
			all = append(all, strings.Clone(folded))
			all = append(all, k.gapsAt.numbers[folded]...)
		}
	}
	for scope := range beginnings(posture.Fold(unit)) {
		add(scope)
	}
	for _, scope := range k.tree.Ancestors(unit) {
		add(scope)
	}
	return all
}

// beginnings gives an id and what it begins with, by path segments.
func beginnings(id string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := len(id); at > 0; at = strings.LastIndexByte(id[:at], '/') {
			if !yield(id[:at]) {
				return
			}
		}
	}
}

// within reports whether a unit lies in a scope, by what is known so far. That it does
// not may turn out otherwise: see learntLate.
func (k *knowledge) within(unit, scope string) bool {
	return unit != "" && slices.Contains(k.placesOf(unit), posture.Fold(scope))
}

// ofTypesIn gives the gaps of a resource's type where it lies.
func (k *knowledge) ofTypesIn(gaps []policy.Gap, r *inventory.Resource) []policy.Gap {
	if len(k.gapsAt.ofTypes) == 0 {
		return gaps
	}
	folded := policy.FoldType(r.Type)
	take := func(by map[string][]policy.Gap) {
		for _, name := range [...]string{"", folded} {
			for _, gap := range by[name] {
				if !slices.Contains(gaps, gap) {
					gaps = append(gaps, gap)
				}
			}
		}
	}
	if r.Cloud == posture.AWS && r.Unit == "" {
		take(k.gapsAt.ofAWS)
	}
	take(k.gapsAt.ofTypes["/"])
	for scope := range beginnings(posture.Fold(r.ID)) {
		take(k.gapsAt.ofTypes[scope])
	}
	if r.Unit != "" {
		for _, scope := range k.placesOf(r.Unit) {
			take(k.gapsAt.ofTypes[scope])
		}
	}
	return gaps
}

// movedLate reports whether a unit lies, as is known by now, in the scope of a gap in
// which it was not when its resources were judged.
func (k *knowledge) movedLate() (late bool) {
	if len(k.gapsAt.scopes) == 0 {
		return false
	}
	k.places.Range(func(unit, known any) bool {
		first := known.(*unitPlaces).first
		late = slices.ContainsFunc(k.placesOf(unit.(string)), func(scope string) bool {
			return k.gapsAt.scopes[scope] && !slices.Contains(first, scope)
		})
		return !late
	})
	return late
}
