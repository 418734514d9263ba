package estate

import (
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Evidence knows which recommendations give evidence for which controls of which
// standards.
type Evidence struct {
	rules []string                    // ids, by number among the content's rules
	by    map[string]map[string][]int // numbers of rules, by standard and control
}

// NewEvidence is that of a catalogue, of which the content is.
func NewEvidence(c *catalog.Catalog, content index.Content) (*Evidence, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	known := map[string]*catalog.Recommendation{}
	for _, r := range all {
		known[r.ID] = r
	}
	e := &Evidence{by: map[string]map[string][]int{}}
	for n, rule := range content.Rules {
		e.rules = append(e.rules, rule.ID)
		r := known[rule.ID]
		if r == nil {
			continue
		}
		for _, ref := range r.Standards {
			if e.by[ref.Standard] == nil {
				e.by[ref.Standard] = map[string][]int{}
			}
			e.by[ref.Standard][ref.Control] = append(e.by[ref.Standard][ref.Control], n)
		}
	}
	return e, nil
}

// RollUp gives a standard's outcome over checks in some number of units of its
// clouds. A control that is marked manual has a check of its own in each unit.
func (e *Evidence) RollUp(standard *catalog.Standard, t *index.Tally, units int) compliance.Result {
	evidence := e.by[standard.ID]
	nodes := make([]compliance.Node, len(standard.Nodes))
	for i, n := range standard.Nodes {
		nodes[i] = compliance.Node{ID: n.ID, Title: n.Title, Parent: n.Parent, Manual: n.Manual}
		for _, at := range evidence[n.ID] {
			c := t.Rules[at]
			nodes[i].Covered = true
			nodes[i].Rules = append(nodes[i].Rules, compliance.Rule{ID: e.rules[at]})
			nodes[i].Tally.Add(compliance.Tally{
				Healthy: c[posture.Healthy], Unhealthy: c[posture.Unhealthy], Unknown: c[posture.Unknown], Manual: c[posture.Manual],
				Exempt: c[posture.Exempt], NotApplicable: c[posture.NotApplicable], Mitigated: t.Mitigated[at],
			})
		}
		if n.Manual {
			nodes[i].Tally.Manual += units
		}
	}
	return compliance.Rollup(standard.ID, standard.Title, nodes)
}
