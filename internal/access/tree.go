package access

import (
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Top is the scope above all others, that of the server's own things.
const Top = "/"

// Tree is the scopes of one moment. Only who made it, and shares it with nobody,
// takes it from moment to moment by [Tree.Set] and [Tree.Remove].
type Tree struct {
	scopes map[string]posture.Scope // by folded id
	order  []string                 // folded ids, sorted
}

// NewTree makes a tree of its scopes; those without a known parent stand below
// what their id lies in, or else below "/".
func NewTree(scopes []posture.Scope) *Tree {
	t := &Tree{scopes: make(map[string]posture.Scope, len(scopes))}
	for _, s := range scopes {
		id := posture.Fold(s.ID)
		if _, twice := t.scopes[id]; !twice && id != Top {
			t.order = append(t.order, id)
		}
		t.scopes[id] = s
	}
	slices.Sort(t.order)
	return t
}

// Set takes in a scope, or what it is now.
func (t *Tree) Set(s posture.Scope) {
	id := posture.Fold(s.ID)
	if at, known := slices.BinarySearch(t.order, id); !known && id != Top {
		t.order = slices.Insert(t.order, at, id)
	}
	t.scopes[id] = s
}

// Remove takes out a scope.
func (t *Tree) Remove(id string) {
	id = posture.Fold(id)
	if at, known := slices.BinarySearch(t.order, id); known {
		t.order = slices.Delete(t.order, at, at+1)
	}
	delete(t.scopes, id)
}

// Scope gives a node of the tree.
func (t *Tree) Scope(id string) (posture.Scope, bool) {
	s, known := t.scopes[posture.Fold(id)]
	return s, known
}

// Above gives a scope and all that it inherits from, nearest first, folded; the
// last one is "/". The scope may be any id: one that is no node, such as a
// resource's, inherits from the nearest node that it lies in by its text.
func (t *Tree) Above(id string) iter.Seq[string] {
	return func(yield func(string) bool) {
		// A parent that is told wrongly must not lead round in circles.
		for at, left := posture.Fold(id), len(t.scopes)+strings.Count(id, "/")+1; at != Top && at != "" && left > 0; left-- {
			if !yield(at) {
				return
			}
			at = t.up(at)
		}
		yield(Top)
	}
}

// up gives what stands right above a folded id.
func (t *Tree) up(id string) string {
	s, known := t.scopes[id]
	if known && (s.Parent != "" || s.Kind == posture.Root) {
		return posture.Fold(s.Parent)
	}
	cut := strings.LastIndexByte(id, '/')
	if cut <= 0 {
		return Top
	}
	// Groups of machines are called machines/GROUP and are not parts of the
	// unit machines; our own nodes have names, not paths.
	up := id[:cut]
	if above := t.scopes[up]; up == "machines" || above.Kind == posture.Root || above.Kind == posture.Tenant {
		return Top
	}
	return up
}

// Covers reports whether what holds at a scope holds at id: id is the scope or
// stands below it.
func (t *Tree) Covers(scope, id string) bool {
	folded := posture.Fold(posture.ProjectOf(t.scopes, scope))
	for at := range t.Above(id) {
		if at == folded {
			return true
		}
	}
	return false
}

// RootOf gives the topmost node above a scope, or the scope itself, folded; ""
// for "/" and for what lies in no node.
func (t *Tree) RootOf(id string) string {
	root := ""
	for at := range t.Above(id) {
		if _, known := t.scopes[at]; known && at != Top {
			root = at
		}
	}
	return root
}
