package estate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// elsewhere gives the scopes, by folded id, that stand in another root than the one
// named and whose ids are not theirs alone: two companies have a management group, or
// a group of machines, of one name. What is sent to one root is about none of them.
func (t *tree) elsewhere(root string) map[string]bool {
	found := map[string]bool{}
	for id, s := range t.scopes {
		if isNamedWithin(id) && s.Kind != posture.Root && t.rootOf(id) != posture.Fold(root) {
			found[id] = true
		}
	}
	return found
}

// isNamedWithin reports whether the folded id of a scope is unique in a tenant, or an
// export, only. The clouds give all other ids once.
func isNamedWithin(id string) bool {
	const groups = "/providers/microsoft.management/managementgroups/"
	if name, ok := strings.CutPrefix(id, groups); ok {
		return inventory.RankOf(name) != inventory.TopParent // the uppermost is called by the tenant's id
	}
	return id == "machines" || strings.HasPrefix(id, "machines/")
}

// ownParent gives the nearest told parent that does not stand elsewhere, "" for none.
func (g *growth) ownParent(parent string, told map[string]string) string {
	for range len(told) + 1 {
		id := posture.Fold(parent)
		if !g.elsewhere[id] {
			return parent
		}
		g.leaveElsewhere(posture.Scope{ID: parent})
		parent = told[id]
	}
	return ""
}

// whyElsewhere says why what is called as a scope of another root is left out, so that
// whoever may not see that root does not learn that something is there.
func (g *growth) whyElsewhere() string {
	if g.allowed == nil {
		return "another root has one of that name"
	}
	return "who imports may not write there, or another root has one of that name"
}

// whyNot is whyElsewhere of what is elsewhere, and else what is said. The scope itself
// needs no other text then.
func (g *growth) whyNot(scope, said string) string {
	id := posture.Fold(scope)
	if !g.elsewhere[id] {
		return said
	}
	delete(g.told, id)
	return g.whyElsewhere()
}

// leaveElsewhere leaves out what was told of a scope that stands in another root.
func (g *growth) leaveElsewhere(s posture.Scope) {
	id := posture.Fold(s.ID)
	g.told[id] = s
	g.refused[id] = fmt.Sprintf("%s: %s", s.ID, g.whyElsewhere())
}

// refuseElsewhere leaves out records of resources in what is called as a scope of
// another root is, and counts them by scope.
func (i *importing) refuseElsewhere(refused map[string]int) {
	if len(i.growth.elsewhere) == 0 {
		return
	}
	is := func(place string) bool {
		if !i.growth.elsewhere[posture.Fold(place)] {
			return false
		}
		refused[place]++
		return true
	}
	i.read.Changed = slices.DeleteFunc(i.read.Changed, func(f intake.Found) bool {
		if f.Unit == "" {
			return is(placeAboveUnits(f.ID))
		}
		return is(f.Unit)
	})
	k, before := i.estate.known, len(i.read.Seen)
	i.read.Seen = slices.DeleteFunc(i.read.Seen, func(n uint32) bool { return is(k.units.texts[k.resources[n].unit]) })
	i.answer.Unchanged -= before - len(i.read.Seen)
}
