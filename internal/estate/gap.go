package estate

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/policy"
)

// Gap is a policy that should give evidence for controls of a standard where it is
// assigned, and cannot be evaluated.
type Gap struct {
	Of       *assess.AssignedGap
	Controls []string // ids of the standard's nodes
}

// GapsOf finds those of a standard that names policies.
func GapsOf(standard *catalog.Standard, assigned *assess.Assigned) (gaps []Gap) {
	controls := map[string][]string{} // by policy
	for _, n := range standard.Nodes {
		for _, id := range n.Policies {
			id = govern.RuleID(id)
			controls[id] = append(controls[id], n.ID)
		}
	}
	for _, g := range assigned.Gaps {
		if of := controls[govern.RuleID(g.Rule)]; len(of) > 0 {
			gaps = append(gaps, Gap{g, of})
		}
	}
	return gaps
}

// OpenGap is a gap where there is something that it is about: a type of resources.
type OpenGap struct {
	*Gap
	Type string // the first of them
}

// GapPlace is where gaps may be open. Those of one place are equal.
type GapPlace struct {
	assignment *policy.Assignment
	disabled   string // scopes, each with a line end
}

// PlaceOf gives the place of a gap, where some rules are disabled at some scopes: its
// policy is not meant to make checks there.
func (g *Gap) PlaceOf(disabled map[string][]string) GapPlace {
	p := GapPlace{assignment: g.Of.Assignment}
	for _, scope := range disabled[govern.RuleID(g.Of.Rule)] {
		p.disabled += scope + "\n"
	}
	return p
}

// Part is the part of the tree that the place is.
func (p GapPlace) Part() index.Part {
	part := PartOf(p.assignment)
	for scope := range strings.Lines(p.disabled) {
		part.Not = append(slices.Clip(part.Not), strings.TrimSuffix(scope, "\n"))
	}
	return part
}

// OpenGaps gives those that are open in what somebody asks of, where some rules are
// disabled at some scopes: types lists those of which there is a resource at a place.
func OpenGaps(gaps []Gap, disabled map[string][]string, types func(GapPlace) []string) (open []OpenGap) {
	known := map[GapPlace][]string{}
	for i := range gaps {
		place := gaps[i].PlaceOf(disabled)
		met, asked := known[place]
		if !asked {
			met = types(place)
			slices.Sort(met)
			known[place] = met
		}
		if at := slices.IndexFunc(met, gaps[i].Of.IsAbout); at >= 0 {
			open = append(open, OpenGap{&gaps[i], met[at]})
		}
	}
	return open
}

// OpenGapsIn gives the gaps that are open in a selection.
func OpenGapsIn(gaps []Gap, s *index.Selection) []OpenGap {
	if len(gaps) == 0 {
		return nil
	}
	return OpenGaps(gaps, s.Disabled(), func(p GapPlace) []string { return s.TypesIn(p.Part()) })
}

// PartOf is the part of the tree that an assignment is about.
func PartOf(a *policy.Assignment) index.Part {
	return index.Part{Scope: a.Scope, Not: a.NotScopes, Selectors: a.ResourceSelectors}
}

// unevaluated gives by control what of it is not evaluated.
func unevaluated(open []OpenGap) map[string][]compliance.Unevaluated {
	by := map[string][]compliance.Unevaluated{}
	for _, g := range open {
		item := compliance.Unevaluated{Rule: g.Of.Rule, Why: g.Of.Why}
		for _, control := range g.Controls {
			if !slices.Contains(by[control], item) {
				by[control] = append(by[control], item)
			}
		}
	}
	return by
}
