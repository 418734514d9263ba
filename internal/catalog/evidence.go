package catalog

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// Kind says how a node of a standard gets its state.
type Kind string

// The kinds of nodes.
const (
	Automatic  Kind = "automatic"   // recommendations or policies give evidence
	ByHand     Kind = "manual"      // a person attests it, whatever else gives evidence
	Unjudged   Kind = "unknown"     // what would give evidence cannot be judged
	NotCovered Kind = "not covered" // nothing tells yet
	Group      Kind = "group"       // only holds others
)

// Covered is a node of a standard with what gives evidence for it.
type Covered struct {
	Node
	Kind            Kind
	Recommendations []string // ids, sorted
	Called          []string // Policies as people know them, in their order
}

// Coverage tells of each node of a standard, built-in or a user's own, what
// gives evidence for it. The policies that it names are those of the library, nil for
// none.
func (c *Catalog) Coverage(s *Standard, l *policy.Library) ([]Covered, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	evidence := map[string][]string{}
	automatic := map[string]bool{} // recommendations that no person has to attest
	for _, r := range all {
		automatic[r.ID] = !isManual(r)
		for _, ref := range r.Standards {
			if ref.Standard == s.ID {
				evidence[ref.Control] = append(evidence[ref.Control], r.ID)
			}
		}
	}
	parents := map[string]bool{}
	for _, n := range s.Nodes {
		parents[n.Parent] = true
	}
	judge := memberJudge{catalog: c, library: l}
	nodes := make([]Covered, len(s.Nodes))
	for i, n := range s.Nodes {
		nodes[i] = Covered{Node: n, Kind: NotCovered, Recommendations: append(evidence[n.ID], c.idsOf(n.Recommendations)...), Called: n.Policies}
		kind := NotCovered
		for _, name := range n.Policies {
			judged, err := judge.named(name)
			if err != nil {
				return nil, err
			}
			kind = weightier(kind, judged)
		}
		for _, id := range nodes[i].Recommendations {
			by := ByHand
			if automatic[id] {
				by = Automatic
			}
			kind = weightier(kind, by)
		}
		switch {
		case n.Manual:
			kind = ByHand
		case parents[n.ID] && len(n.Policies)+len(nodes[i].Recommendations) == 0:
			kind = Group
		}
		nodes[i].Kind = kind
	}
	return nodes, nil
}

// idsOf gives the ids of recommendations that are named by id or title.
func (c *Catalog) idsOf(names []string) []string {
	ids := slices.Clone(names)
	for i, name := range names {
		if e, ok := c.Named(name); ok {
			ids[i] = e.ID
		}
	}
	return ids
}

// isManual reports whether a person attests what a recommendation is about.
func isManual(r *Recommendation) bool {
	return strings.Contains(string(r.Definition), `"effect":"manual"`)
}
