package assess

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// comply rolls the checks up to the controls of standards, those that are
// wanted, and initiatives.
func (s *summer) comply(wanted func(*catalog.Standard) bool) {
	for _, standard := range s.run.toldHere() {
		if wanted(standard) {
			s.result.Compliance = append(s.result.Compliance, s.standard(standard))
		}
	}
	for at, initiative := range s.run.book.initiatives {
		if !s.run.tells(initiative) {
			continue
		}
		title := initiative.DisplayName
		if title == "" {
			title = initiative.Name
		}
		s.result.Compliance = append(s.result.Compliance, compliance.Rollup(initiative.Name, title, s.initiativeNodes(at)))
	}
}

func (s *summer) standard(standard *catalog.Standard) compliance.Result {
	evidence := map[string][]int{} // control → rules
	for i := range s.run.book.rules {
		for _, ref := range s.run.book.rules[i].links {
			if ref.Standard == standard.ID {
				evidence[ref.Control] = append(evidence[ref.Control], i)
			}
		}
	}
	nodes := make([]compliance.Node, len(standard.Nodes))
	for i, n := range standard.Nodes {
		nodes[i] = compliance.Node{ID: n.ID, Title: n.Title, Parent: n.Parent, Manual: n.Manual}
		for _, rule := range evidence[n.ID] {
			if s.name(&nodes[i], rule) {
				nodes[i].Covered = true
			}
			nodes[i].Tally.Add(s.rules[rule].tally())
			s.addShifted(&nodes[i].Tally, rule, standard.ID+":"+n.ID)
		}
		for _, c := range s.manual[standard.ID+":"+n.ID] {
			addState(&nodes[i].Tally, c.state, c.exempt, 1)
		}
		nodes[i].Unevaluated = s.open.standards[standard.ID+":"+n.ID]
	}
	return compliance.Rollup(standard.ID, standard.Title, nodes)
}

func (r *RuleResult) tally() compliance.Tally {
	return compliance.Tally{
		Healthy: r.Healthy, Unhealthy: r.Unhealthy, Unknown: r.Unknown, Manual: r.Manual, Exempt: r.Exempt,
		NotApplicable: r.NotApplicable, Mitigated: r.Mitigated,
	}
}

// initiativeNodes makes the tree of an initiative: its groups' categories
// above its groups. An initiative without groups is one control a member.
func (s *summer) initiativeNodes(at int) []compliance.Node {
	initiative := s.run.book.initiatives[at]
	var nodes []compliance.Node
	index := map[string]int{}
	add := func(id, title, parent string) int {
		if n, ok := index[strings.ToLower(id)]; ok {
			return n
		}
		index[strings.ToLower(id)] = len(nodes)
		nodes = append(nodes, compliance.Node{ID: id, Title: title, Parent: parent})
		return len(nodes) - 1
	}
	for _, g := range initiative.Groups {
		parent := ""
		if g.Category != "" && !strings.EqualFold(g.Category, g.Name) {
			parent = nodes[add(g.Category, g.Category, "")].ID
		}
		add(g.Name, g.DisplayName, parent)
	}
	for i := range s.run.book.references {
		ref := &s.run.book.references[i]
		if ref.initiative != initiative {
			continue
		}
		for _, control := range controlsOf(ref.groups, ref.member) {
			n := &nodes[add(control, "", "")]
			for _, v := range ref.variants {
				if v.rule >= 0 && s.name(n, v.rule) {
					n.Covered = true
				}
			}
		}
	}
	for _, m := range s.run.book.members[initiative] {
		for _, control := range controlsOf(m.Groups, m.ReferenceID) {
			add(control, "", "") // not covered where it is disabled, unless another member is in it
		}
	}
	for i := range nodes {
		if number, ok := s.run.book.controls[controlKey{initiative, strings.ToLower(nodes[i].ID)}]; ok {
			nodes[i].Tally = s.tallies[number]
		}
		nodes[i].Unevaluated = s.open.initiatives[initiative][strings.ToLower(nodes[i].ID)]
	}
	return nodes
}

// controlsOf are the controls of an initiative that a member gives evidence for.
func controlsOf(groups []string, member string) []string {
	if len(groups) == 0 {
		return []string{member}
	}
	return groups
}

// evaluates reports whether some rule that a reference may come to is judged.
func (run *run) evaluates(ref *reference) bool {
	return slices.ContainsFunc(ref.variants, func(v variant) bool {
		return v.rule >= 0 && run.book.set.Broken(v.rule) == ""
	})
}

// name adds a rule to those that give evidence for a control, and reports
// whether it is judged.
func (s *summer) name(n *compliance.Node, rule int) bool {
	if s.run.book.set.Broken(rule) != "" {
		return false
	}
	named := compliance.Rule{ID: s.rules[rule].ID, ParametersHash: s.rules[rule].ParametersHash}
	if !slices.Contains(n.Rules, named) {
		n.Rules = append(n.Rules, named)
	}
	return true
}
