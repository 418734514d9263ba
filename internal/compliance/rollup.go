package compliance

// Rollup gives every node of a standard its state and counts the controls.
//
// A node with checks or the manual mark is a control, also when it has
// children, and its state is over its own checks. A node with neither, but
// with children, is a group; one with nothing is not covered, and counted as
// a control. A parent that was not handed in before its child makes the child
// a node of the top.
func Rollup(standard, title string, nodes []Node) Result {
	r := Result{Standard: standard, Title: title, Nodes: make([]NodeResult, len(nodes))}
	parents := parentsOf(nodes)
	hasChildren := make([]bool, len(nodes))
	for _, p := range parents {
		if p >= 0 {
			hasChildren[p] = true
		}
	}
	// below is the first state, in roll-up order, of the controls beneath.
	below := make([]State, len(nodes))
	beneath := make([]Controls, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		n := NodeResult{ID: nodes[i].ID, Title: nodes[i].Title, Parent: nodes[i].Parent, Tally: nodes[i].Tally, Rules: nodes[i].Rules, Unevaluated: nodes[i].Unevaluated}
		switch {
		case isControl(nodes[i]):
			n.State, n.RollUp = stateOf(nodes[i]), OfChecks
			if n.State == Manual && n.Tally.Manual == 0 {
				n.RollUp = OfMark
			}
		case hasChildren[i]:
			n.Group, n.State, n.RollUp, n.Beneath = true, below[i], OfControls, beneath[i]
		default:
			n.State = NotCovered
		}
		if !n.Group {
			r.count(&n)
		}
		if p := parents[i]; p >= 0 {
			beneath[p].add(beneath[i])
			if !n.Group {
				beneath[p].count(&n)
			}
			below[p] = first(below[p], first(n.State, below[i]))
		}
		r.Nodes[i] = n
	}
	if judged := r.Passed + r.Failed; judged > 0 {
		r.HasRate, r.Rate = true, float64(r.Passed)/float64(judged)
	}
	return r
}

// parentsOf gives each node's parent by index, -1 for none.
func parentsOf(nodes []Node) []int {
	index := make(map[string]int, len(nodes))
	parents := make([]int, len(nodes))
	for i, n := range nodes {
		parents[i] = -1
		if p, ok := index[n.Parent]; ok && n.Parent != "" {
			parents[i] = p
		}
		index[n.ID] = i
	}
	return parents
}

func isControl(n Node) bool {
	return n.Manual || n.Covered || n.Tally != Tally{} || len(n.Unevaluated) > 0
}

// stateOf is a control's state over its own checks. The manual mark without a
// check, because no unit is in scope yet, is manual all the same. What could not be
// evaluated counts as a check that is unknown.
func stateOf(n Node) State {
	state := n.Tally.State()
	if n.Manual && n.Tally == (Tally{}) {
		state = Manual
	}
	if len(n.Unevaluated) > 0 {
		return first(state, Unknown)
	}
	return state
}

// first gives the one that comes first in roll-up order; 0 is no state.
func first(a, b State) State {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// count counts a control.
func (c *Controls) count(n *NodeResult) {
	switch n.State {
	case Failed:
		c.Failed++
	case Unknown:
		c.Unknown++
	case Manual:
		c.Manual++
	case Passed:
		c.Passed++
	case NotApplicable:
		c.NotApplicable++
	case NotCovered:
		c.NotCovered++
	}
	if n.Tally.Exempt > 0 {
		c.Exempt++
	}
	if n.Tally.Mitigated > 0 {
		c.Mitigated++
	}
}

func (c *Controls) add(more Controls) {
	c.Passed += more.Passed
	c.Failed += more.Failed
	c.Unknown += more.Unknown
	c.Manual += more.Manual
	c.NotApplicable += more.NotApplicable
	c.NotCovered += more.NotCovered
	c.Exempt += more.Exempt
	c.Mitigated += more.Mitigated
}
