package cli

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// readHierarchy reads {id, parent, kind, name}, one a scope.
func readHierarchy(file string, data []byte) ([]posture.Scope, policy.Problems) {
	f := &fields{file: file}
	var scopes []posture.Scope
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
		scopes = append(scopes, s)
	}
	return scopes, append(problems, f.problems...)
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
