package cli

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// toldTree is what a hierarchy's file tells.
type toldTree struct {
	scopes []posture.Scope
	at     []inventory.Problem // where each of them stands
}

// readHierarchy reads {id, parent, kind, name}, one a scope.
func readHierarchy(file string, data []byte) (told toldTree, all policy.Problems) {
	f := &fields{file: file}
	tree := hierarchy{}
	nodes, problems := documents(file, data)
	for _, n := range nodes {
		if n.Kind != policy.Object {
			f.report(n.Pos, "scope is %s; want {id, parent, kind, name}", n.Kind)
			continue
		}
		f.known(n, "id", "parent", "kind", "name")
		before := len(f.problems)
		s := posture.Scope{ID: f.text(n, "id"), Parent: f.text(n, "parent"), Name: f.text(n, "name")}
		kind := f.text(n, "kind")
		if s.ID == "" && len(f.problems) == before {
			f.report(n.Pos, `scope without "id"`)
		}
		if s.Kind = posture.ParseScopeKind(kind); s.Kind == posture.NoScopeKind {
			f.report(n.Pos, "kind %q; want tenant, organization, managementGroup, folder, ou, subscription, account, project, machines or resourceGroup", kind)
		}
		tree.add(f, n, &s)
		f.effect(n, &s)
		told.scopes, told.at = append(told.scopes, s), append(told.at, inventory.Problem{File: file, Line: n.Pos.Line})
	}
	return told, append(problems, f.problems...)
}

// hierarchy is where scopes stand, by folded id.
type hierarchy map[string]placed

type placed struct {
	parent string
	line   int
}

// add reports a scope that stands in two places, or in itself.
func (h hierarchy) add(f *fields, n *policy.Node, s *posture.Scope) {
	if s.ID == "" {
		return
	}
	id, parent := posture.Fold(s.ID), posture.Fold(s.Parent)
	if earlier, twice := h[id]; twice && parent != "" && earlier.parent != "" && earlier.parent != parent {
		f.report(n.Pos, "%q stands in %q, but in another scope in line %d; want one parent", s.ID, s.Parent, earlier.line)
		return
	} else if twice && parent == "" {
		return
	}
	h[id] = placed{parent, n.Pos.Line}
	way := []string{s.ID}
	for at := parent; at != ""; at = h[at].parent {
		if way = append(way, at); at == id {
			f.report(n.Pos, "%q stands in itself: %s", s.ID, strings.Join(way, ", in "))
			h[id] = placed{line: n.Pos.Line} // so that nobody runs in circles
			return
		}
	}
}

// effect warns of what a line says of a scope without effect, and takes it out.
func (f *fields) effect(n *policy.Node, s *posture.Scope) {
	if s.ID == "" || s.Kind == posture.NoScopeKind {
		return // reported
	}
	if s.ID == "/" {
		f.warn(n.Pos, `"/" stands above all, and no line tells of it: it has no effect`)
		return
	}
	switch kind, by := posture.KindOf(s.ID, s.Kind), posture.KindByID(s.ID); {
	case kind != s.Kind:
		f.warn(n.Get("kind").Pos, "kind %q of %q has no effect: the id is that of a %s", n.Get("kind").Text, s.ID, kind)
		s.Kind = kind
	case by == posture.NoScopeKind && (kind == posture.Unit || kind == posture.Group):
		f.warn(n.Get("kind").Pos, "kind %q of %q has no effect on resources: none lies in a %s of such an id; want %s", n.Get("kind").Text, s.ID, kind, wantedIDs[kind])
	}
	unit := policy.UnitOf(s.ID)
	switch parent := posture.KindByID(s.Parent); {
	case s.Parent == "" || s.Parent == "/":
	case unit != "" && posture.Fold(unit) != posture.Fold(s.ID):
		if posture.Fold(s.Parent) != posture.Fold(unit) && !posture.Within(s.Parent, unit) {
			f.warn(n.Get("parent").Pos, "parent %q of %q has no effect: it stands in %s", s.Parent, s.ID, unit)
			s.Parent = unit
		}
	case parent == posture.Group, parent == posture.Unit && !(inventory.RankOf(s.Parent) == inventory.ProjectParent && isProjectNumber(s.ID)):
		f.warn(n.Get("parent").Pos, "parent %q of %q has no effect: nothing but its resource groups stands in a %s", s.Parent, s.ID, parent)
		s.Parent = ""
	}
}

// isProjectNumber reports whether an id is that of a Google project by its number, which
// stands in the project by its name.
func isProjectNumber(id string) bool {
	number, ok := strings.CutPrefix(id, "projects/")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// wantedIDs are the forms of ids, by kind.
var wantedIDs = map[posture.ScopeKind]string{
	posture.Unit: "/subscriptions/GUID, an account of 12 digits, projects/ID or machines/GROUP", posture.Group: "/subscriptions/GUID/resourceGroups/NAME",
}
