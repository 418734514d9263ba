package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// unreadTree are the places of a body that were not read.
type unreadTree struct {
	root *unreadNode
	odd  *unreadNode // of the places that are of another kind than rules want, nil for none
	open Outcome     // why what is not there may be there all the same
	// gaps and partial are what it was made of.
	gaps    []Gap
	partial bool
}

// unreadNode is a place at or above some that were not read.
type unreadNode struct {
	name   string  // of the property, as the gap writes it
	reason Outcome // of a gap that is just here
	is     Kind    // of the value, in the tree of odd places
	kids   []*unreadNode
	star   *unreadNode
	items  map[int]*unreadNode
}

// unreadParts gives what was not read of r; nil for a body that was read wholly.
func (r *Resource) unreadParts() *unreadTree {
	if wholly(r) {
		return nil
	}
	t := r.parts
	if t == nil || t.partial != r.Partial || len(t.gaps) != len(r.Gaps) || len(r.Gaps) > 0 && &t.gaps[0] != &r.Gaps[0] {
		t = newUnreadTree(r.Gaps, r.Partial)
		r.parts = t
	}
	return t
}

func newUnreadTree(gaps []Gap, partial bool) *unreadTree {
	t := &unreadTree{root: &unreadNode{}, gaps: gaps, partial: partial}
	for _, g := range gaps {
		if g.Path == "" {
			t.open = preferred(t.open, gapReason(g.Reason))
			continue
		}
		n := t.root
		if g.Is != Missing {
			if t.odd == nil {
				t.odd = &unreadNode{}
			}
			n = t.odd
		}
		for _, s := range stepsOfGap(g.Path) {
			n = n.next(s)
		}
		if reason := preferred(n.reason, gapReason(g.Reason)); reason != n.reason {
			n.reason, n.is = reason, g.Is
		}
	}
	if t.open == 0 && partial {
		t.open = becausePartial
	}
	return t
}

// preferred gives, of the reasons of several gaps at one place, the one that people can
// act on best: they stand in that order. Zero is none.
func preferred(a, b Outcome) Outcome {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// stepsOfGap reads the path of a gap. All that follows tags is one name, as in
// the fields that read them.
func stepsOfGap(path string) []step {
	if rest, ok := strings.CutPrefix(strings.ToLower(path), "tags."); ok && rest != "" {
		return tagPath(path[len("tags."):]).steps
	}
	return parsePath(path).steps
}

// next gives the node that a step leads to, making it if need be.
func (n *unreadNode) next(s step) *unreadNode {
	index, isIndex := indexOf(s.key)
	switch {
	case s.star:
		if n.star == nil {
			n.star = &unreadNode{}
		}
		return n.star
	case isIndex:
		if n.items == nil {
			n.items = map[int]*unreadNode{}
		}
		if n.items[index] == nil {
			n.items[index] = &unreadNode{}
		}
		return n.items[index]
	}
	if kid := n.kid(s.key); kid != nil {
		return kid
	}
	kid := &unreadNode{name: s.key}
	n.kids = append(n.kids, kid)
	return kid
}

// indexOf reads a step such as [2].
func indexOf(key string) (int, bool) {
	if len(key) < 3 || key[0] != '[' || key[len(key)-1] != ']' {
		return 0, false
	}
	n, err := strconv.Atoi(key[1 : len(key)-1])
	return n, err == nil && n >= 0
}

func (n *unreadNode) kid(key string) *unreadNode {
	for _, kid := range n.kids {
		if strings.EqualFold(kid.name, key) {
			return kid
		}
	}
	return nil
}

// property is what is said of a property. Who writes a.b may mean a property of
// that name as well as the property b of a.
func (n *unreadNode) property(key string) *unreadNode {
	found := n.kid(key)
	for at := 1; at < len(key)-1; at++ {
		if key[at] != '.' {
			continue
		}
		if first := n.kid(key[:at]); first != nil {
			found = found.joined(first.property(key[at+1:]))
		}
	}
	return found
}

// absent visits what is said of properties that are not there, by every name that
// a path with dots may mean.
func (n *unreadNode) absent(name string, visit func(name string, reason Outcome)) {
	if reason, _ := n.deepest(); reason != 0 {
		visit(name, reason)
	}
	for _, kid := range n.kids {
		kid.absent(name+"."+kid.name, visit)
	}
}

// deepest gives the reason of the gap that is deepest at or below n: it is the
// nearest one, and tells best.
func (n *unreadNode) deepest() (reason Outcome, depth int) {
	reason = n.reason
	n.each(func(kid *unreadNode) {
		if r, d := kid.deepest(); r != 0 && (reason == 0 || d+1 > depth) {
			reason, depth = r, d+1
		}
	})
	return reason, depth
}

func (n *unreadNode) each(visit func(*unreadNode)) {
	for _, kid := range n.kids {
		visit(kid)
	}
	if n.star != nil {
		visit(n.star)
	}
	indexes := make([]int, 0, len(n.items))
	for i := range n.items {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	for _, i := range indexes {
		visit(n.items[i])
	}
}

// joined is what one of two nodes says of a place, or the other.
func (n *unreadNode) joined(o *unreadNode) *unreadNode {
	switch {
	case n == nil:
		return o
	case o == nil:
		return n
	}
	both := &unreadNode{name: n.name, reason: n.reason, star: n.star.joined(o.star), kids: slices.Clone(n.kids)}
	if both.reason == 0 {
		both.reason = o.reason
	}
	for _, kid := range o.kids {
		at := slices.IndexFunc(both.kids, func(k *unreadNode) bool { return strings.EqualFold(k.name, kid.name) })
		if at < 0 {
			both.kids = append(both.kids, kid)
		} else {
			both.kids[at] = both.kids[at].joined(kid)
		}
	}
	for _, items := range []map[int]*unreadNode{n.items, o.items} {
		for i, kid := range items {
			if both.items == nil {
				both.items = map[int]*unreadNode{}
			}
			both.items[i] = both.items[i].joined(kid)
		}
	}
	return both
}

// unreadAt is a place in a body, and what was not read there. The zero value is
// any place of one that was read wholly.
type unreadAt struct {
	tree *unreadTree
	node *unreadNode // nil: nothing at or below the place
	odd  *unreadNode // the same of odd places
	over Outcome     // of the nearest gap at or above it
}

// at is the place of the whole body.
func (t *unreadTree) at() unreadAt {
	if t == nil {
		return unreadAt{}
	}
	return unreadAt{tree: t, node: t.root, odd: t.odd}
}

func (u unreadAt) to(node *unreadNode) unreadAt {
	u.node = node
	if node != nil && node.reason != 0 {
		u.over = node.reason
	}
	return u
}

// through is u for a step that leads on from it: what is behind a value of another
// kind than the step needs is not known, unless the step takes that as nothing.
func (u unreadAt) through(s *step) unreadAt {
	if u.odd == nil || u.odd.is == Missing || s.ease == anything {
		return u
	}
	switch is := u.odd.is; {
	case s.star && is == Array, !s.star && is == Object, s.ease == listOrObject && is >= Array:
		return u
	}
	u.over = u.odd.reason
	return u
}

// property is the place of a property.
func (u unreadAt) property(key string) unreadAt {
	if u.odd != nil {
		u.odd = u.odd.kid(key)
	}
	if u.node == nil {
		return u
	}
	return u.to(u.node.property(key).joined(u.node.star)) // [*] behind an object is about all it has
}

// item is the place of an item of an array.
func (u unreadAt) item(index int) unreadAt {
	if u.odd != nil {
		u.odd = u.odd.items[index]
	}
	if u.node == nil {
		return u
	}
	return u.to(u.node.every().joined(u.node.items[index]))
}

// every is what is said of all items of an array. Who leaves out its [*] means
// them too.
func (n *unreadNode) every() *unreadNode {
	if len(n.kids) == 0 {
		return n.star
	}
	return n.star.joined(&unreadNode{kids: n.kids})
}

// anyItem is the place of an item of an array that is not there.
func (u unreadAt) anyItem() unreadAt {
	u.odd = nil
	if u.node == nil {
		return u
	}
	any := u.node.every()
	for _, kid := range u.node.items {
		any = any.joined(kid)
	}
	return u.to(any)
}

// into is the place that steps lead to, [2] into the item of that index.
func (u unreadAt) into(steps []step) unreadAt {
	for _, s := range steps {
		if index, isIndex := indexOf(s.key); isIndex {
			u = u.item(index)
		} else {
			u = u.property(s.key)
		}
	}
	return u
}

// along is the place that steps lead to, through items that are not there.
func (u unreadAt) along(steps []step) unreadAt {
	for i := range steps {
		if u.node == nil && u.odd == nil {
			break
		}
		u = u.through(&steps[i])
		if steps[i].star {
			u = u.anyItem()
		} else {
			u = u.property(steps[i].key)
		}
	}
	return u
}

// reason says why what is found at the place, of a kind, is not certain: that
// nothing is there, or that it is this and nothing else. 0 if it is.
func (u unreadAt) reason(found Kind) Outcome {
	switch {
	case u.tree == nil:
		return 0
	case found <= Null && u.node != nil:
		if reason, _ := u.node.deepest(); reason != 0 {
			return reason
		}
	}
	if found == Missing && u.over == 0 {
		return u.tree.open
	}
	return u.over
}

// members says why no member of an array at the place was read, nor how many it
// has; 0 where that is not so.
func (u unreadAt) members() Outcome {
	if u.over == 0 && u.node != nil && u.node.star != nil {
		return u.node.star.reason
	}
	return u.over
}

// others says why an array at the place, of so many items, may have others.
func (u unreadAt) others(items int) Outcome {
	if reason := u.members(); reason != 0 || u.node == nil {
		return reason
	}
	for _, i := range u.beyond(items) {
		reason, _ := u.node.items[i].deepest()
		return reason
	}
	return 0
}

// beyond lists, in order, what items were not read of an array at the place that
// shows only so many.
func (u unreadAt) beyond(items int) (indexes []int) {
	if u.node == nil {
		return nil
	}
	for i, kid := range u.node.items {
		if reason, _ := kid.deepest(); i >= items && reason != 0 {
			indexes = append(indexes, i)
		}
	}
	slices.Sort(indexes)
	return indexes
}

// of gives a value that was found at the place with what was not read in it. The
// path is where it stands, "" if nobody wants to know.
func (u unreadAt) of(v Value, path string) Value {
	if u.tree == nil {
		return v
	}
	if reason := u.reason(v.kind); reason != 0 {
		return unreadValue(reason, path)
	}
	if u.node == nil && u.tree.open == 0 {
		return v
	}
	switch v.kind {
	case Null:
		return v.opened(u.tree.open, path)
	case Array:
		if reason := u.members(); reason != 0 {
			return arrayOf().opened(reason, path)
		}
		items := make([]Value, 0, v.Len())
		v.each(func(_ string, item Value) bool {
			i := len(items)
			items = append(items, u.item(i).of(item, itemIn(path, i)))
			return true
		})
		return arrayOf(items...).opened(u.others(len(items)), path)
	case Object:
		return u.ofObject(v, path)
	}
	return v
}

func (u unreadAt) ofObject(v Value, path string) Value {
	keys, values := make([]string, 0, v.Len()), make([]Value, 0, v.Len())
	v.each(func(key string, item Value) bool {
		keys, values = append(keys, key), append(values, u.property(key).of(item, propertyAt(path, key)))
		return true
	})
	if u.node != nil {
		for _, kid := range u.node.kids {
			if slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, kid.name) }) {
				continue
			}
			kid.absent(kid.name, func(name string, reason Outcome) {
				if !slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, name) }) {
					keys, values = append(keys, name), append(values, unreadValue(reason, propertyAt(path, name)))
				}
			})
		}
	}
	open := u.tree.open
	if u.node != nil && u.node.star != nil && u.node.star.reason != 0 {
		open = u.node.star.reason
	}
	return objectOf(keys, values).opened(open, path)
}

// kindFound is the kind of what a place of a body has, as far as it counts for
// [unreadAt.reason].
func kindFound(v *fastjson.Value) Kind {
	switch {
	case v == nil:
		return Missing
	case v.Type() == fastjson.TypeNull:
		return Null
	}
	return Object
}

// unreadTo is the place that some steps lead to in r's body.
func (r *Resource) unreadTo(steps []step) unreadAt { return r.unreadParts().at().along(steps) }
