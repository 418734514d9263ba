package policy

import (
	"math/bits"
	"slices"
)

// panel is a part of a program's rules that is decided together: rules that
// read much the same slots. Each panel remembers outcomes by the classes of
// its own slots, of which there are few tuples, however many there are of the
// whole resource.
type panel struct {
	number int
	rules  []int   // indexes into program.rules
	tests  bool    // this panel holds the program's existence tests instead
	slots  []int32 // with simple conditions that its rules need
}

const (
	maxPanelSlots  = 4    // packed into one word
	maxPanelTuples = 2048 // a guess from the numbers of conditions on the slots
)

// arrange puts the rules of a program into panels: those that must be judged
// together first, then each where its slots are, or where they fit in.
func (p *program) arrange(together func(rule int32) bool) {
	var first []int
	var others []demand
	for i := range p.rules {
		if together(p.rules[i].rule) {
			first = append(first, i)
			continue
		}
		others = append(others, demand{i, p.slotsOf(p.roots(&p.rules[i])...)})
	}
	if len(first) > 0 {
		n := p.newPanel()
		for _, i := range first {
			n.take(i, p.slotsOf(p.roots(&p.rules[i])...))
		}
	}
	slices.SortStableFunc(others, func(a, b demand) int { return len(b.slots) - len(a.slots) })
	fixed := len(p.panels)
	for _, d := range others {
		n := p.panelFor(d.slots, fixed)
		if n == nil {
			n = p.newPanel()
		}
		n.take(d.rule, d.slots)
	}
	if len(p.tests) > 0 {
		n := p.newPanel()
		n.tests, n.slots = true, p.slotsOf(p.tests...)
	}
	p.panelsOf = make([][]int32, len(p.slots))
	for i, n := range p.panels {
		slices.Sort(n.rules)
		for _, at := range n.slots {
			p.panelsOf[at] = append(p.panelsOf[at], int32(i))
		}
	}
}

// demand is a rule with the slots that it needs.
type demand struct {
	rule  int
	slots []int32
}

func (p *program) newPanel() *panel {
	n := &panel{number: len(p.panels)}
	p.panels = append(p.panels, n)
	return n
}

func (n *panel) take(rule int, slots []int32) {
	n.rules = append(n.rules, rule)
	n.slots = union(n.slots, slots)
}

// panelFor finds the panel that has all the slots, or the one in which they
// fit best.
func (p *program) panelFor(slots []int32, from int) *panel {
	var best *panel
	bestSize := 0
	for _, n := range p.panels[from:] {
		joined := union(n.slots, slots)
		if len(joined) == len(n.slots) {
			return n
		}
		if len(joined) > maxPanelSlots || p.tuples(joined) > maxPanelTuples {
			continue
		}
		if size := p.tuples(joined); best == nil || size < bestSize {
			best, bestSize = n, size
		}
	}
	return best
}

// tuples guesses how many tuples of classes some slots have.
func (p *program) tuples(slots []int32) int {
	product := 1
	for _, s := range slots {
		product *= min(len(p.slots[s].leaves)+1, 16)
		if bits.Len(uint(product)) > 32 {
			return 1 << 32
		}
	}
	return product
}

func union(a, b []int32) []int32 {
	joined := append(slices.Clone(a), b...)
	slices.Sort(joined)
	return slices.Compact(joined)
}

// roots are the conditions that decide a rule.
func (p *program) roots(r *programRule) []*cond {
	roots := []*cond{r.applies, r.where, r.condition}
	if r.pending != nil && r.pending.own != nil {
		roots = append(roots, r.pending.own)
	}
	return roots
}

// slotsOf lists the slots whose classes some conditions need.
func (p *program) slotsOf(roots ...*cond) []int32 {
	var slots []int32
	seen := map[int32]bool{}
	var visit func(c *cond)
	visit = func(c *cond) {
		if c.kind == isConst || seen[c.id] {
			return
		}
		seen[c.id] = true
		if c.leaf != nil && c.slot >= 0 {
			slots = append(slots, c.slot)
		}
		for _, k := range c.kids {
			visit(k)
		}
	}
	for _, root := range roots {
		visit(root)
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}
