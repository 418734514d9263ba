package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// idleParts lists what an assignment that is at work holds without effect:
// names of members that there are not, locations and excluded scopes that no
// resource is in.
func (run *run) idleParts(a *policy.Assignment, scopes scopeSet, places []*place) []string {
	idle := partsOf{told: fmt.Sprintf("assignment %q", a.Name), places: places}
	if s, ok := run.options.Library.Initiative(a.DefinitionID); ok {
		idle.members = s.Members
	}
	for i := range a.Overrides {
		if slices.ContainsFunc(a.Overrides[:i], func(o policy.Override) bool { return isEffect(&o) && len(o.Selectors) == 0 }) && isEffect(&a.Overrides[i]) {
			idle.all = append(idle.all, fmt.Sprintf("%s: override to %s: one before it holds everywhere, and the first counts", idle.told, a.Overrides[i].Value))
		}
		idle.selectors("override", a.Overrides[i].Selectors)
	}
	for _, m := range a.Messages {
		if m.ReferenceID != "" {
			idle.member("message", m.ReferenceID)
		}
	}
	for _, s := range a.ResourceSelectors {
		idle.selectors(fmt.Sprintf("resource selector %q", s.Name), s.Selectors)
	}
	for _, scope := range a.NotScopes {
		if !scopes.has(strings.TrimRight(scope, "/")) {
			idle.all = append(idle.all, fmt.Sprintf("%s: no resource of the input is in the excluded scope %q", idle.told, scope))
		}
	}
	return idle.all
}

func isEffect(o *policy.Override) bool { return strings.EqualFold(o.Kind, "policyEffect") }

// idleSelectors lists what the resource selectors of an exemption hold without
// effect; where they admit nothing at all that is told already.
func idleSelectors(s *saying, places []*place) []string {
	idle := partsOf{told: s.told, places: places}
	for _, r := range s.selectors {
		idle.selectors(fmt.Sprintf("resource selector %q", r.Name), r.Selectors)
	}
	return idle.all
}

// partsOf collects what an assignment or exemption holds without effect.
type partsOf struct {
	told    string          // of what
	members []policy.Member // of what is assigned; none if it is a definition
	places  []*place
	all     []string
}

func (p *partsOf) selectors(part string, selectors []policy.Selector) {
	for _, s := range selectors {
		for _, value := range slices.Concat(s.In, s.NotIn) {
			switch strings.ToLower(s.Kind) {
			case "policydefinitionreferenceid":
				p.member(part, value)
			case "resourcelocation":
				p.location(part, value)
			case "resourcetype":
				p.typeName(part, value)
			}
		}
	}
}

func (p *partsOf) member(part, name string) {
	if !slices.ContainsFunc(p.members, func(m policy.Member) bool { return strings.EqualFold(m.ReferenceID, name) }) {
		p.all = append(p.all, fmt.Sprintf("%s: %s: %q is no member of what is assigned", p.told, part, name))
	}
}

func (p *partsOf) typeName(part, name string) {
	here := policy.Selector{In: []string{name}}
	if !slices.ContainsFunc(p.places, func(at *place) bool { return here.Admits(at.typeName) }) {
		p.all = append(p.all, fmt.Sprintf("%s: %s: no resource of the input is of type %q", p.told, part, name))
	}
}

func (p *partsOf) location(part, name string) {
	here := policy.Selector{In: []string{name}}
	if !slices.ContainsFunc(p.places, func(at *place) bool { return here.Admits(at.location) }) {
		p.all = append(p.all, fmt.Sprintf("%s: %s: no resource of the input is in location %q", p.told, part, name))
	}
}
