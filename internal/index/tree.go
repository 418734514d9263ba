package index

import (
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// tree is the scopes by folded id.
type tree struct {
	scopes   map[string]posture.Scope
	children map[string][]string // folded ids; made when asked for
	derived  any                 // see [Index.Derived]
}

func newTree() *tree { return &tree{scopes: map[string]posture.Scope{}} }

func (t *tree) set(s posture.Scope) {
	t.scopes[posture.Fold(s.ID)] = s
	t.children, t.derived = nil, nil
}

func (t *tree) remove(id string) {
	delete(t.scopes, posture.Fold(id))
	t.children, t.derived = nil, nil
}

// projectOf gives a folded id, that of the project where the scope is the number of one.
func (t *tree) projectOf(id string) string { return posture.Fold(posture.ProjectOf(t.scopes, id)) }

// below lists a node, or the project that it is the number of, and all below it,
// folded. Nodes that their own descendants claim to stand above are listed once.
func (t *tree) below(id string) []string {
	if t.children == nil {
		t.children = map[string][]string{}
		for folded, s := range t.scopes {
			parent := posture.Fold(s.Parent)
			t.children[parent] = append(t.children[parent], folded)
		}
	}
	id = t.projectOf(id)
	all, met := []string{id}, map[string]bool{id: true}
	for i := 0; i < len(all); i++ {
		for _, child := range t.children[all[i]] {
			if !met[child] {
				met[child] = true
				all = append(all, child)
			}
		}
	}
	return all
}

// within finds the units at or below a scope, or the group that it is.
func (x *Index) within(scope string) (units []uint32, group uint32) {
	if scope == "/" {
		for unit := range x.units.texts {
			units = append(units, uint32(unit))
		}
		return units, 0
	}
	for _, id := range x.below(scope) {
		if n, ok := x.units.find(id); ok && n != 0 {
			units = append(units, n)
		}
	}
	if len(units) == 0 {
		group, _ = x.groups.find(scope)
	}
	return units, group
}

// inScopes finds the resources in any of some scopes; whole says that "/" is
// among them.
func (x *Index) inScopes(scopes []string) (set *roaring.Bitmap, whole bool) {
	set = roaring.New()
	for _, scope := range scopes {
		if scope == "/" {
			return x.sets.here, true
		}
		units, group := x.within(scope)
		for _, unit := range units {
			set.Or(x.sets.units.at(unit))
		}
		if group != 0 {
			set.Or(x.inGroup(group))
			continue
		}
		// What stands above units is in the inventory under the id of its scope.
		for _, id := range x.below(scope) {
			if n, there := x.resourceOf(id); there {
				set.Add(n)
			}
		}
	}
	return set, false
}

// inChosen is inScopes for what is asked for, where tags are scopes too: nobody has
// rights by tags.
func (x *Index) inChosen(scopes []string) (set *roaring.Bitmap, whole bool) {
	nodes, tags := []string{}, []TagFilter{}
	for _, scope := range scopes {
		if tag, ok := strings.CutPrefix(scope, "tag:"); ok {
			key, value, valued := strings.Cut(tag, "=")
			tags = append(tags, TagFilter{Key: key, Value: value, Exists: !valued})
			continue
		}
		nodes = append(nodes, scope)
	}
	if set, whole = x.inScopes(nodes); whole {
		return set, whole
	}
	for _, tag := range tags {
		set.Or(x.tagged(x.sets.here, []TagFilter{tag}))
	}
	return set, false
}

// inParts finds the resources in any of some parts.
func (x *Index) inParts(parts []Part) *roaring.Bitmap {
	all := roaring.New()
	for _, p := range parts {
		in, _ := x.inScopes([]string{p.Scope})
		if out, _ := x.inScopes(p.Not); !out.IsEmpty() {
			in = roaring.AndNot(in, out)
		}
		if p.looks() {
			in = x.admitted(&p, in)
		}
		all.Or(in)
	}
	return all
}

// Derived gives what is made of the scopes. It is made once, and anew after they
// changed; all callers want the same.
func (x *Index) Derived(make func([]posture.Scope) any) any {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	if x.tree.derived == nil {
		x.tree.derived = make(x.Scopes())
	}
	return x.tree.derived
}

func (x *Index) below(scope string) []string {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	return x.tree.below(scope)
}

// inGroup finds the resources of a group.
func (x *Index) inGroup(group uint32) *roaring.Bitmap {
	set := roaring.New()
	unit, ok := x.unitOfGroup[group]
	if !ok {
		return set
	}
	x.sets.units.at(unit).Iterate(func(n uint32) bool {
		if x.resources.group[n] == group {
			set.Add(n)
		}
		return true
	})
	return set
}
