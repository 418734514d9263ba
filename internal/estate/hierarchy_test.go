package estate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A line of the hierarchy that comes to nothing, or hangs on what nothing tells of, is a
// notice with its place; one that is known already is none.
func TestImport_tells_lines_of_the_hierarchy_without_effect(t *testing.T) {
	const groups = "/providers/Microsoft.Management/managementGroups/"
	folder := func(name, parent string) posture.Scope {
		return posture.Scope{ID: groups + name, Parent: parent, Kind: posture.Folder, Cloud: posture.Azure}
	}
	in := func(parent string) posture.Scope {
		return posture.Scope{ID: unit, Parent: parent, Kind: posture.Unit, Cloud: posture.Azure}
	}
	type lines = []posture.Scope
	const tenant = "0a1b2c3d-0000-4000-8000-0000000000aa"
	tests := []struct {
		name  string
		lines lines
		want  string // of the first notice, with its place
	}{
		{"a parent that is told of", lines{in(groups + "m"), folder("m", "")}, ""},
		{"the same again", lines{in(groups + "m"), folder("m", "")}, ""},
		{"one that is known", lines{in(groups + "m")}, ""},
		{"one of which nothing tells", lines{folder("m", ""), in(groups + "typo")}, "tree:2: nothing tells of " + groups + "typo, the parent of " + unit + ": it stands in default until something does"},
		{"a farther one", lines{folder("n", ""), in(groups + "n"), in(tenant)}, "tree:3: parent " + tenant + " of " + unit + " has no effect: it stands in " + groups + "n, which goes before"},
		{"a root", lines{{ID: "default", Parent: groups + "m", Kind: posture.Folder}}, "tree:1: default is a root, of which no inventory tells: the line has no effect"},
		{"below a root", lines{in("default")}, ""},
		{"below itself", lines{folder("m", groups+"n"), folder("n", groups+"m")}, ""}, // rejected
	}
	k := newKept(t)
	for _, test := range tests {
		o := estate.ImportOptions{Inputs: []intake.Input{input("in", account("a", "true"))}, Hierarchy: test.lines, Actor: "tester"}
		for n := range test.lines {
			o.HierarchyAt = append(o.HierarchyAt, inventory.Problem{File: "tree", Line: n + 1})
		}
		answer, err := k.estate.Import(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, p := range answer.Notices {
			told = append(told, p.Place()+": "+p.Reason)
		}
		if diff := cmp.Diff(test.want, strings.Join(told, "\n")); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
	}
}

// A line that calls a unit a folder does not make it one: its id says what it is.
func TestImport_of_a_unit_that_a_line_calls_a_folder(t *testing.T) {
	k := newKept(t)
	answer := k.imports(input("in", `{"id":"`+unit+`","parent":"m","kind":"folder","name":"shop"}`+"\n"+account("a", "true")))
	if len(answer.Notices) != 1 || answer.Notices[0].Line != 1 || !strings.Contains(answer.Notices[0].Reason, `kind "folder"`) {
		t.Errorf("notices %+v", answer.Notices)
	}
	scopes, err := k.store.Scopes(t.Context(), k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scopes {
		if s.ID == unit && (s.Kind != posture.Unit || s.Name != "shop" || s.Parent != "m") {
			t.Errorf("it is %+v", s)
		}
	}
}
