package estate

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// tellHierarchy notes which lines of the hierarchy come to nothing, or hang on what nobody
// tells of. What is refused is told as that.
func (i *importing) tellHierarchy() {
	for n := range i.options.Hierarchy {
		why := i.growth.withoutEffect(&i.options.Hierarchy[n])
		if why == "" {
			continue
		}
		p := inventory.Problem{Notice: true, Reason: why}
		if n < len(i.options.HierarchyAt) {
			p.File, p.Line = i.options.HierarchyAt[n].File, i.options.HierarchyAt[n].Line
		}
		i.answer.Notices = append(i.answer.Notices, p)
	}
}

// withoutEffect says why a line of the hierarchy has no effect, or not the one that it
// seems to have; "" where it has.
func (g *growth) withoutEffect(s *posture.Scope) string {
	id, parent := posture.Fold(s.ID), posture.Fold(s.Parent)
	now, there := g.tree.scopes[id]
	_, above := g.kept.scopes[parent]
	_, told := g.told[parent]
	switch {
	case g.refused[id] != "", g.elsewhere[id], g.elsewhere[parent], id == "/":
		return "" // told as such
	case id == posture.Fold(g.root.ID), there && now.Kind == posture.Root:
		return fmt.Sprintf("%s is a root, of which no inventory tells: the line has no effect", s.ID)
	case !there, parent == "", parent == "/":
		return ""
	case posture.Fold(now.Parent) != parent:
		return fmt.Sprintf("parent %s of %s has no effect: it stands in %s, which goes before", s.Parent, s.ID, now.Parent)
	case !above && !told && parent != posture.Fold(g.root.ID):
		return fmt.Sprintf("nothing tells of %s, the parent of %s: it stands in %s until something does", s.Parent, s.ID, g.tree.scopes[parent].Parent)
	}
	return ""
}
