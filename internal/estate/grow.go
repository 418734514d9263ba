package estate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// growth is what an import makes of the tree of scopes. The tree stays closed: every
// scope stands below "/" in the end, and what a parent is told of is a scope itself,
// also before anything else is known of it.
type growth struct {
	kept      *tree
	tree      *tree // as it will be
	root      posture.Scope
	below     string                   // where stands what no parent is told of
	elsewhere map[string]bool          // see tree.elsewhere
	allowed   func(scope string) bool  // where who imports may write, nil for everywhere
	changed   map[string]posture.Scope // by folded id: what is written
	told      map[string]posture.Scope // by folded id
	refused   map[string]string        // by folded id: why what was told of it does not come true
}

// grow works out what becomes of the tree by what a reading told of it. What is told
// later goes before what is kept: a scope moves and is renamed. Nothing leaves its
// root, stands below itself, or comes to where who imports may not write; allowed
// tells where he may, nil is everywhere.
func (t *tree) grow(told []posture.Scope, root posture.Scope, below string, allowed func(scope string) bool) *growth {
	g := &growth{kept: t, tree: t, root: root, below: below, elsewhere: t.elsewhere(root.ID), allowed: allowed, changed: map[string]posture.Scope{}, told: map[string]posture.Scope{}, refused: map[string]string{}}
	if _, known := t.scopes[posture.Fold(root.ID)]; !known {
		g.changed[posture.Fold(root.ID)] = root
	}
	var joined inventory.Tree
	for _, s := range told {
		joined.Add(s)
	}
	parents := map[string]string{}
	for _, s := range joined.Told() {
		parents[posture.Fold(s.ID)] = s.Parent
	}
	for _, s := range joined.Told() {
		s.Parent = g.ownParent(s.Parent, parents)
		g.take(s)
	}
	if len(g.changed) == 0 {
		return g
	}
	g.close()
	g.tree = &tree{scopes: maps.Clone(t.scopes)}
	for _, s := range g.changed {
		g.tree.set(s)
	}
	g.cutRings()
	g.refuse()
	g.cutRings() // that come of what stays where it was
	return g
}

// written gives the scopes that have to be written, by id.
func (g *growth) written() []posture.Scope {
	return slices.SortedFunc(maps.Values(g.changed), func(a, b posture.Scope) int { return compareText(a.ID, b.ID) })
}

// take takes in what was told of a scope.
func (g *growth) take(s posture.Scope) {
	id := posture.Fold(s.ID)
	before, known := g.kept.scopes[id]
	if id == "/" || id == posture.Fold(g.root.ID) || known && before.Kind == posture.Root {
		return // no inventory tells of what is our own
	}
	if g.elsewhere[id] {
		g.leaveElsewhere(s)
		return
	}
	g.told[id] = s
	if unit := policy.UnitOf(s.ID); unit != "" && posture.Fold(unit) != id {
		s.Parent, s.Kind = unit, posture.Group // whatever is told
	}
	if s.Parent == "/" || posture.Fold(s.Parent) == id {
		s.Parent = ""
	}
	now := before
	switch {
	case !known:
		now = s
		now.Parent, now.Kind = cmp.Or(s.Parent, g.below), cmp.Or(s.Kind, kindOfScope(s.ID))
	default:
		if g.moves(before, s) {
			now.Parent = s.Parent
		}
		if s.Name != "" && (before.Name == "" || !isPartOfID(s)) {
			now.Name = s.Name
		}
		if now.Kind == posture.NoScopeKind || now.Kind == posture.Folder && s.Kind == posture.Tenant {
			now.Kind = s.Kind
		}
		now.Cloud = cmp.Or(now.Cloud, s.Cloud)
	}
	now.Named = posture.NameStated
	if !known || now != before {
		g.changed[id] = now
	}
}

// isPartOfID reports whether a name says no more than the id that it was made of.
func isPartOfID(s posture.Scope) bool {
	return s.Named == posture.NameDerived && s.ID[strings.LastIndexByte(s.ID, '/')+1:] == s.Name
}

// moves reports whether what is told of a kept scope's parent goes before what is
// kept. A tenant or an organisation is also told where nothing nearer is known, so it
// does only if a line of a hierarchy or an ancestor of Google says so, or if the scope
// stands in another one.
func (g *growth) moves(before, told posture.Scope) bool {
	kept, now := inventory.RankOf(before.Parent), inventory.RankOf(told.Parent)
	above := g.kept.above(before.ID)
	switch {
	case now == inventory.NoParent, posture.Fold(before.Parent) == posture.Fold(told.Parent):
		return false
	case g.kept.scopes[posture.Fold(before.Parent)].Kind == posture.Root:
		return true
	case now != inventory.TopParent || kept == inventory.TopParent:
		return now >= kept
	case kept == inventory.ProjectParent:
		return false
	case told.Cloud == posture.GCP, told.Named == posture.NameStated && told.Name != "":
		return true
	}
	return !slices.Contains(above, posture.Fold(told.Parent)) && slices.ContainsFunc(above, func(id string) bool {
		return g.kept.scopes[id].Kind == posture.Tenant
	})
}

// close adds the parents of which nothing else is known.
func (g *growth) close() {
	for todo := g.written(); len(todo) > 0; {
		id := todo[0].Parent
		todo = todo[1:]
		folded := posture.Fold(id)
		_, kept := g.kept.scopes[folded]
		if _, told := g.changed[folded]; kept || told || folded == "/" {
			continue
		}
		s := posture.Scope{ID: id, Parent: g.below, Kind: kindOfScope(id), Cloud: posture.CloudOfScope(id)}
		if unit := policy.UnitOf(id); unit != "" && posture.Fold(unit) != folded {
			s.Parent = unit
		}
		g.changed[folded] = s
		todo = append(todo, s)
	}
}

// kindOfScope tells what a scope is by the form of its id.
func kindOfScope(id string) posture.ScopeKind {
	unit := policy.UnitOf(id)
	switch cloud := posture.CloudOfUnit(id); {
	case inventory.RankOf(id) == inventory.TopParent:
		return posture.Tenant
	case unit != "" && posture.Fold(unit) == posture.Fold(id), cloud != posture.Azure && cloud != posture.NoCloud:
		return posture.Unit
	case unit != "":
		return posture.Group
	}
	return posture.Folder
}

// cutRings puts scopes that would stand below themselves back to where they stand, or
// new ones below the root.
func (g *growth) cutRings() {
	for _, known := range []bool{true, false} {
		for _, id := range slices.Sorted(maps.Keys(g.changed)) {
			s := g.changed[id]
			before, kept := g.kept.scopes[id]
			if kept != known || !g.tree.isInRing(id) {
				continue
			}
			if g.refused[id] == "" {
				g.refused[id] = fmt.Sprintf("%s below %s: it would stand below itself", s.ID, s.Parent)
			}
			if s.Parent = g.below; kept {
				s.Parent = before.Parent
			}
			g.set(id, s)
		}
	}
}

// isInRing reports whether a scope stands below itself.
func (t *tree) isInRing(id string) bool {
	above := t.above(id)
	return posture.Fold(t.scopes[above[len(above)-1]].Parent) == id
}

// set changes what is written of a scope; what is as it is kept is not.
func (g *growth) set(id string, s posture.Scope) {
	g.tree.set(s)
	if g.changed[id] = s; s == g.kept.scopes[id] {
		delete(g.changed, id)
	}
}

// refuse leaves out what who imports may not write, and what would leave its root.
func (g *growth) refuse() {
	allowed := g.allowed
	if allowed == nil {
		allowed = func(string) bool { return true }
	}
	left := map[string]posture.Scope{} // what becomes of those that are refused
	for id, s := range g.changed {
		before, known := g.kept.scopes[id]
		place := g.placeOf(id)
		switch {
		case id == posture.Fold(g.root.ID): // whoever may not make it was refused
		case !known:
			if !allowed(place) && !(posture.Within(s.ID, place) && allowed(s.ID)) {
				g.refused[id] = fmt.Sprintf("%s below %s: who imports may not write there", s.ID, s.Parent)
				left[id] = posture.Scope{}
			}
		case posture.Fold(s.Parent) != posture.Fold(before.Parent):
			switch {
			case !allowed(before.Parent) || !allowed(place):
				g.refused[id] = fmt.Sprintf("%s below %s: who imports may not move it there", s.ID, s.Parent)
			case g.kept.rootOf(id) != g.kept.rootOf(place):
				g.refused[id] = fmt.Sprintf("%s below %s: it stands in another root, which nothing leaves by an import", s.ID, s.Parent)
			default:
				continue
			}
			s.Parent = before.Parent
			if left[id] = s; !allowed(s.ID) {
				left[id] = before
			}
		case !allowed(s.ID):
			g.refused[id] = fmt.Sprintf("the name of %s: who imports may not write there", s.ID)
			left[id] = before
		}
	}
	for id, s := range left {
		if s.ID != "" {
			g.set(id, s)
			continue
		}
		delete(g.tree.scopes, id)
		delete(g.changed, id)
	}
	g.tree.sorted = nil
}

// placeOf gives the nearest scope above one that is kept, or the new root.
func (g *growth) placeOf(id string) string {
	at := g.tree.scopes[id].Parent
	for {
		_, known := g.kept.scopes[posture.Fold(at)]
		s, grown := g.tree.scopes[posture.Fold(at)]
		if known || !grown || s.Kind == posture.Root {
			return cmp.Or(at, "/")
		}
		at = s.Parent
	}
}

// rootOf gives our own node that a scope stands below, folded; "" for none.
func (t *tree) rootOf(id string) string {
	for _, at := range t.above(id) {
		if t.scopes[at].Kind == posture.Root {
			return at
		}
	}
	return ""
}

// tells gives why what was told of scopes does not come true, by id, but for some.
func (g *growth) tells(but func(posture.Scope) bool) (all []inventory.Problem) {
	for _, id := range slices.Sorted(maps.Keys(g.refused)) {
		if s, told := g.told[id]; told && !but(s) {
			all = append(all, inventory.Problem{Reason: g.refused[id]})
		}
	}
	return all
}
