package access

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Visible is which part of a tree somebody sees.
type Visible struct {
	// Tops are the topmost scopes that are seen, with all below them; folded, in
	// order. What "/" is one of is everything.
	Tops []string
	// Hidden is how many nodes are left out inside the roots in which something
	// is seen. Of other roots nothing is told.
	Hidden int

	tree  *Tree
	nodes map[string]View // of those that are not outside; nil if everything is seen
}

// View says how a node is shown.
type View uint8

// The views.
const (
	Outside View = iota // not at all: as if it were not there
	Way                 // as the way to something below it: its name, no count
	Whole               // it and all below it
)

// Visible gives what of a tree the caller sees. It takes a step for each node.
func (c *Caller) Visible(tree *Tree) *Visible {
	v := &Visible{Tops: c.Scopes(See, tree), tree: tree}
	if v.All() {
		return v
	}
	v.nodes = map[string]View{}
	roots := map[string]bool{}
	for _, top := range v.Tops {
		if root := tree.RootOf(top); root != "" {
			roots[root] = true
		}
		for at := range tree.Above(top) {
			if _, known := tree.scopes[at]; known && at != top && at != Top {
				v.nodes[at] = Way
			}
		}
	}
	within := map[string]string{} // root by node
	for _, id := range tree.order {
		if v.see(id) {
			v.nodes[id] = Whole
		}
		if v.nodes[id] == Outside && roots[rootOf(tree, id, within)] {
			v.Hidden++
		}
	}
	return v
}

// see reports whether a node or any other id stands at or below a top.
func (v *Visible) see(id string) bool {
	for at := range v.tree.Above(id) {
		if v.nodes[at] == Whole || slices.Contains(v.Tops, at) {
			return true
		}
	}
	return false
}

// rootOf is the root of a node, remembered for those that it passes.
func rootOf(tree *Tree, id string, known map[string]string) string {
	var passed []string
	root := ""
	for at := range tree.Above(id) {
		if r, ok := known[at]; ok {
			root = r
			break
		}
		passed = append(passed, at)
		if _, node := tree.scopes[at]; node && at != Top {
			root = at
		}
	}
	for _, at := range passed {
		if at != Top {
			known[at] = root
		}
	}
	return root
}

// All reports whether everything is seen.
func (v *Visible) All() bool { return slices.Contains(v.Tops, Top) }

// None reports whether nothing is.
func (v *Visible) None() bool { return len(v.Tops) == 0 }

// Of says how a scope is shown, which may be a node or the id of something that
// lies in one. What is seen as a whole is what [Caller.May] says of [See].
func (v *Visible) Of(id string) View {
	id = posture.Fold(id)
	switch {
	case v.All():
		return Whole
	case id == Top:
		return Outside
	case v.see(id):
		return Whole
	}
	return v.nodes[id] // Way or Outside
}
