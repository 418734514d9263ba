package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// InitiativeCoverage tells of each node of an Azure initiative what gives
// evidence for it. Its groups are the controls, below their categories; a member
// without a group is a control by itself. A member is judged by its definition in
// the library, which may be nil, or else by the recommendation that checks the
// same, with the parameters that assignments in the library give the initiative, else
// with their defaults. One that these disable gives none.
func (c *Catalog) InitiativeCoverage(s *policy.Initiative, l *policy.Library) ([]Covered, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	t := initiativeTree{index: map[string]int{}, named: map[string]bool{}}
	for _, g := range s.Groups {
		parent := ""
		if g.Category != "" && !strings.EqualFold(g.Category, g.Name) {
			parent = t.node(g.Category, g.Category, "").ID
		}
		t.node(g.Name, g.DisplayName, parent)
	}
	judge := memberJudge{catalog: c, library: l, recommendations: all, given: parametersOf(s, l)}
	for i := range s.Members {
		e, err := judge.evidence(&s.Members[i])
		if err != nil {
			return nil, err
		}
		controls := s.Members[i].Groups
		if len(controls) == 0 {
			controls = []string{cmp.Or(s.Members[i].ReferenceID, e.name)}
		}
		for _, id := range controls {
			t.add(t.node(id, "", ""), e)
		}
	}
	t.settle()
	return t.nodes, nil
}

// initiativeTree collects nodes, parents before children.
type initiativeTree struct {
	nodes []Covered
	index map[string]int  // by folded id
	named map[string]bool // what a node names already
}

func (t *initiativeTree) node(id, title, parent string) *Covered {
	at, known := t.index[strings.ToLower(id)]
	if !known {
		at = len(t.nodes)
		t.index[strings.ToLower(id)] = at
		t.nodes = append(t.nodes, Covered{Node: Node{ID: id, Title: title, Parent: parent}, Kind: NotCovered})
	}
	return &t.nodes[at]
}

// settle finds the groups among what nothing gives evidence for.
func (t *initiativeTree) settle() {
	parents := map[string]bool{}
	for _, n := range t.nodes {
		parents[n.Parent] = true
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		slices.Sort(n.Recommendations)
		if n.Recommendations = slices.Compact(n.Recommendations); len(n.Policies) == 0 && parents[n.ID] {
			n.Kind = Group
		}
	}
}

// byWeight are the kinds of members; of several in a control the last tells most. A
// member that cannot be judged leaves open what a person attests, as the state does.
var byWeight = []Kind{NotCovered, ByHand, Unjudged, Automatic}

// add gives a node a member. A policy that several refer to is named once; one that is
// not there as often as they call it otherwise.
func (t *initiativeTree) add(n *Covered, e memberEvidence) {
	first := func(kind, name string) bool {
		key := strings.ToLower(n.ID + "\x00" + kind + "\x00" + e.definition + "\x00" + name)
		again := t.named[key]
		t.named[key] = true
		return !again
	}
	if first("policy", "") {
		n.Policies = append(n.Policies, e.name)
	}
	if first("called", e.called) {
		n.Called = append(n.Called, e.called)
	}
	if e.recommendation != "" && !slices.Contains(n.Recommendations, e.recommendation) {
		n.Recommendations = append(n.Recommendations, e.recommendation)
	}
	n.Kind = weightier(n.Kind, e.kind)
}

func weightier(a, b Kind) Kind {
	if slices.Index(byWeight, b) > slices.Index(byWeight, a) {
		return b
	}
	return a
}
