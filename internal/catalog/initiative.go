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
// same. One that the defaults of the initiative's parameters disable gives none.
func (c *Catalog) InitiativeCoverage(s *policy.Initiative, l *policy.Library) ([]Covered, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	t := initiativeTree{index: map[string]int{}}
	for _, g := range s.Groups {
		parent := ""
		if g.Category != "" && !strings.EqualFold(g.Category, g.Name) {
			parent = t.node(g.Category, g.Category, "").ID
		}
		t.node(g.Name, g.DisplayName, parent)
	}
	defaults, _ := policy.CheckParameters(s.Parameters, nil) // a parameter without a default is for its members to miss
	for i := range s.Members {
		e := evidenceOf(&s.Members[i], defaults, l, all)
		controls := s.Members[i].Groups
		if len(controls) == 0 {
			controls = []string{cmp.Or(s.Members[i].ReferenceID, e.name)}
		}
		for _, id := range controls {
			t.node(id, "", "").add(e)
		}
	}
	t.settle()
	return t.nodes, nil
}

// initiativeTree collects nodes, parents before children.
type initiativeTree struct {
	nodes []Covered
	index map[string]int // by folded id
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

// memberEvidence is what a member of an initiative is judged by.
type memberEvidence struct {
	name, called   string // of the definition; as people know it
	kind           Kind
	recommendation string
}

func evidenceOf(m *policy.Member, defaults map[string]policy.Value, l *policy.Library, all []*Recommendation) memberEvidence {
	name := m.DefinitionID[strings.LastIndexByte(m.DefinitionID, '/')+1:]
	e := memberEvidence{name: name, called: cmp.Or(m.ReferenceID, name), kind: NotCovered}
	if l != nil {
		if d, ok := l.Definition(m.DefinitionID); ok {
			e.called = cmp.Or(d.DisplayName, e.called)
			switch class := d.Class(); {
			case isDisabled(m, defaults, d), class == policy.ClassStatic:
			case class == policy.ClassManual:
				e.kind = ByHand
			case class == policy.ClassConfig, class == policy.ClassRelated:
				e.kind = Automatic
			default:
				e.kind = Unjudged
			}
			return e
		}
	}
	at := slices.IndexFunc(all, func(r *Recommendation) bool { return slices.Contains(r.AzurePolicies, strings.ToLower(name)) })
	switch {
	case isDisabled(m, defaults, nil):
		return e
	case at < 0:
		e.kind = Unjudged
		return e
	}
	e.recommendation, e.kind = all[at].ID, Automatic
	if isManual(all[at]) {
		e.kind = ByHand
	}
	return e
}

// isDisabled says whether an initiative gives a member the effect Disabled. The
// definition may be nil: then the parameter tells that built-in ones have for it.
func isDisabled(m *policy.Member, defaults map[string]policy.Value, d *policy.Definition) bool {
	values, err := m.Resolve(defaults)
	if err != nil {
		return false
	}
	if d != nil {
		return strings.EqualFold(policy.Bind(d, values).Effect, "Disabled")
	}
	for name, v := range values {
		if strings.EqualFold(name, "effect") {
			return strings.EqualFold(v.Text(), "Disabled")
		}
	}
	return false
}

// byWeight are the kinds of members; of several in a control the last tells most. A
// member that cannot be judged leaves open what a person attests, as the state does.
var byWeight = []Kind{NotCovered, ByHand, Unjudged, Automatic}

func (n *Covered) add(e memberEvidence) {
	n.Policies = append(n.Policies, e.name)
	n.Called = append(n.Called, e.called)
	if e.recommendation != "" {
		n.Recommendations = append(n.Recommendations, e.recommendation)
	}
	if slices.Index(byWeight, e.kind) > slices.Index(byWeight, n.Kind) {
		n.Kind = e.kind
	}
}
