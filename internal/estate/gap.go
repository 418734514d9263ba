package estate

import (
	"slices"

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

// OpenGaps gives those that are open in what somebody asks of: types lists those of
// which there is a resource there that an assignment covers.
func OpenGaps(gaps []Gap, types func(*policy.Assignment) []string) (open []OpenGap) {
	known := map[*policy.Assignment][]string{}
	for i := range gaps {
		g := gaps[i].Of
		met, asked := known[g.Assignment]
		if !asked {
			met = types(g.Assignment)
			slices.Sort(met)
			known[g.Assignment] = met
		}
		if at := slices.IndexFunc(met, g.IsAbout); at >= 0 {
			open = append(open, OpenGap{&gaps[i], met[at]})
		}
	}
	return open
}

// OpenGapsIn gives the gaps that are open in a selection.
func OpenGapsIn(gaps []Gap, s *index.Selection) []OpenGap {
	return OpenGaps(gaps, func(a *policy.Assignment) []string { return s.TypesIn(PartOf(a)) })
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
