package assess

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// aloneNames are names by which exemptions, attestations, assignments and filters say
// what they are about, and which one resource has alone, although others may be called
// so: ACCOUNT/REGION/TYPE/ID of one is also what says how others are called. A reading
// finds them; it serves several goroutines.
type aloneNames struct{ met sync.Map }

// mayBeName reports whether a scope may be one of several names of a resource.
func mayBeName(scope string) bool {
	if scope == "/" || posture.IsPath(scope) || isTag(scope) {
		return false
	}
	of := posture.CloudOfUnit(scope)
	return of != posture.AWS && of != posture.GCP
}

// meet reports whether one of a resource's names is named singly, and notes those
// that it has alone.
func (p *placer) meet(r *place) bool {
	if posture.IsBare(r.id, r.typeName) {
		return false
	}
	found := false
	for _, n := range r.names() {
		if !p.single[n.Text] {
			continue
		}
		found = true
		if _, known := p.alone.met.Load(n.Text); n.As == posture.Alone && !known {
			p.alone.met.Store(strings.Clone(n.Text), true)
		}
	}
	return found
}

// isCalled reports whether a name means a resource: it is one of its names, and not
// that which another one has alone.
func (p *placer) isCalled(r *place, name string) bool {
	switch posture.NamedBy(name, r.id, r.typeName, r.unit, r.location) {
	case posture.NotNamed:
		return false
	case posture.Given:
		_, taken := p.alone.met.Load(name)
		return !taken
	}
	return true
}

func (r *place) names() []posture.Name {
	return posture.Names(r.id, r.typeName, r.unit, r.location)
}

func (r *place) qualified() string { return posture.Qualified(r.id, r.typeName, r.unit, r.location) }

// meant are the resources that a name means, as they are told from all others.
type meant map[string]bool

// several says that a name means more than one resource, "" if it does not.
func (m meant) several(name, what string) string {
	if len(m) < 2 {
		return ""
	}
	all := slices.Sorted(maps.Keys(m))
	return fmt.Sprintf("%d resources have the id %q, and %s; for one of them give %s", len(m), name, what, firstWords(all))
}

// mostNamed is how many of several resources a message names.
const mostNamed = 10

func firstWords(all []string) string {
	words := strings.Join(all[:min(mostNamed, len(all))], " or ")
	if len(all) > mostNamed {
		words += " or …"
	}
	return words
}

// sharedID tells that what a person says of a resource holds for several, because
// they have the id in common.
func (run *run) sharedID(s *saying, spots *spotIndex) []string {
	if posture.NamesOne(s.scope) {
		return nil
	}
	found := meant{}
	for spot := range spots.in(s.scope) {
		at := spot.at
		if !spots.placer.isCalled(at, s.scope) {
			continue
		}
		spot.views(run, spots.placer, func(v view) {
			if v.judged != posture.NotApplicable && s.about(v.rule, v.mark) {
				found[at.qualified()] = true
			}
		})
	}
	if told := found.several(s.scope, "it holds for all of them"); told != "" {
		return []string{told}
	}
	return nil
}

// sharedScope is sharedID for a scope of the filter.
func (p *placer) sharedScope(scope string, places []*place) string {
	if posture.NamesOne(scope) || !mayBeName(scope) {
		return ""
	}
	found := meant{}
	for _, at := range places {
		if p.isCalled(at, scope) {
			found[at.qualified()] = true
		}
	}
	return found.several(scope, "all of them are in scope")
}
