package estate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// grownIDs are scopes of every form, of which some are kept and some are told.
var grownIDs = []string{
	"0a1b2c3d-0000-4000-8000-0000000000ff", "/providers/Microsoft.Management/managementGroups/a", "/providers/Microsoft.Management/managementGroups/b",
	"/subscriptions/1", "/subscriptions/2", "/subscriptions/1/resourceGroups/g", "/subscriptions/2/resourceGroups/g",
	"o-1", "r-1", "ou-1", "ou-2", "111122223333", "organizations/1", "folders/1", "folders/2", "projects/web", "projects/1", "machines", "machines/x", "top",
}

// TestGrow_rights: whatever is told of scopes, by whomever, what he may not write stays
// as it is, nothing leaves its root, and all of the tree stands below a root.
func TestGrow_rights(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		kept, ids := drawnTree(r)
		some := rapid.SampledFrom(append(slices.Clone(grownIDs), "one", "two", "three", "/"))
		told := drawnScopes(r, some)
		before := access.NewTree(kept.all())
		caller := access.Caller{Grants: []access.Grant{{Role: access.Contributor, Scope: rapid.SampledFrom(append(ids, "/")).Draw(r, "role at")}}}
		may := func(scope string) bool { return caller.May(access.Run, scope, before) }
		g := kept.grow(told, kept.scopes["one"], "one", may)
		for id, s := range kept.scopes {
			now := g.tree.scopes[id]
			if !may(s.ID) && now != s {
				r.Fatalf("%v of who may not write there: %+v", s, now)
			}
			if isNamedWithin(id) && s.Kind != posture.Root && kept.rootOf(id) != "one" && now != s {
				r.Fatalf("%v of another root: %+v", s, now)
			}
			if posture.Fold(s.Parent) != posture.Fold(now.Parent) && (!may(s.Parent) || g.tree.rootOf(id) != kept.rootOf(id)) {
				r.Fatalf("%v moved: %+v", s, now)
			}
		}
		for id, s := range g.tree.scopes {
			if _, known := kept.scopes[id]; !known && !may(s.ID) && !slices.ContainsFunc(g.tree.above(id), func(at string) bool {
				_, known := kept.scopes[at]
				return known && may(at)
			}) {
				r.Fatalf("%v is new where nobody may write", s)
			}
			if above := g.kept.scopes[posture.Fold(s.Parent)]; g.kept.scopes[id].ID == "" && isNamedWithin(posture.Fold(above.ID)) && kept.rootOf(above.ID) != "one" {
				r.Fatalf("%v is new below a name of another root", s)
			}
			if s.Kind != posture.Root && g.tree.rootOf(id) == "" {
				r.Fatalf("%v stands below no root: %v", s, g.tree.above(id))
			}
		}
		for _, s := range g.written() {
			if s != g.tree.scopes[posture.Fold(s.ID)] {
				r.Fatalf("%v is written, and the tree has %v", s, g.tree.scopes[posture.Fold(s.ID)])
			}
		}
	})
}

// TestGrow: what is told later goes before what is kept.
func TestGrow(t *testing.T) {
	const groups = "/providers/Microsoft.Management/managementGroups/"
	const unit, tenant, other = "/subscriptions/1", "0a1b2c3d-0000-4000-8000-0000000000ff", "0a1b2c3d-0000-4000-8000-0000000000aa"
	root := posture.Scope{ID: "own", Parent: "/", Kind: posture.Root, Name: "own"}
	scope := func(id, parent string) posture.Scope {
		return posture.Scope{ID: id, Parent: parent, Kind: kindOfScope(id)}
	}
	named := func(s posture.Scope, name string, by posture.NameSource) posture.Scope {
		s.Name, s.Named = name, by
		return s
	}
	kept := []posture.Scope{
		root, scope(tenant, "own"), scope(groups+"a", tenant), scope(groups+"b", tenant), named(scope(unit, groups+"a"), "Shop", posture.NameStated),
		scope("organizations/1", "own"), scope("folders/1", "organizations/1"), scope("projects/web", "folders/1"), scope("111122223333", "own"), scope("ou-1", "own"),
		named(scope("machines/x", "own"), "Hall X", posture.NameStated),
		{ID: "foreign", Parent: "/", Kind: posture.Root},
		scope(groups+"f", "foreign"), scope(groups+"f2", groups+"f"), scope(groups+other, "foreign"), scope("o-foreign", "foreign"), scope("machines/f", "foreign"),
	}
	tests := map[string]struct {
		told   []posture.Scope
		id     string
		parent string
		name   string
	}{
		"moved":                       {[]posture.Scope{scope(unit, groups+"b")}, unit, groups + "b", "Shop"},
		"renamed_by_its_record":       {[]posture.Scope{named(scope(unit, ""), "Store", posture.NameRecorded)}, unit, groups + "a", "Store"},
		"id_is_no_name":               {[]posture.Scope{named(scope("machines/x", ""), "x", posture.NameDerived)}, "machines/x", "own", "Hall X"},
		"tenant_is_farther":           {[]posture.Scope{named(scope(unit, tenant), "Shop", posture.NameRecorded)}, unit, groups + "a", "Shop"},
		"tenant_by_a_line":            {[]posture.Scope{named(scope(unit, tenant), "Shop", posture.NameStated)}, unit, tenant, "Shop"},
		"another_tenant":              {[]posture.Scope{named(scope(unit, other), "Shop", posture.NameRecorded)}, unit, other, "Shop"},
		"out_of_a_folder":             {[]posture.Scope{{ID: "projects/web", Parent: "organizations/1", Cloud: posture.GCP}}, "projects/web", "organizations/1", ""},
		"nearer_than_the_root":        {[]posture.Scope{scope("111122223333", "o-1")}, "111122223333", "o-1", ""},
		"parent_that_nobody_knows":    {[]posture.Scope{scope("222222223333", "ou-9")}, "ou-9", "own", ""},
		"stands_below_it":             {[]posture.Scope{scope("222222223333", "ou-9")}, "222222223333", "ou-9", ""},
		"parent_that_comes":           {[]posture.Scope{scope("222222223333", "ou-9"), scope("ou-9", "ou-1")}, "ou-9", "ou-1", ""},
		"below_the_top":               {[]posture.Scope{scope("222222223333", "/")}, "222222223333", "own", ""},
		"below_itself":                {[]posture.Scope{scope(groups+"a", groups+"c"), scope(groups+"c", groups+"a")}, groups + "a", tenant, ""},
		"new_ones_below_each_other":   {[]posture.Scope{scope("ou-7", "ou-8"), scope("ou-8", "ou-7")}, "ou-7", "own", ""},
		"changed_places":              {[]posture.Scope{scope(groups+"a", groups+"b"), scope(groups+"b", tenant)}, groups + "a", groups + "b", ""},
		"another_root":                {[]posture.Scope{scope(unit, groups+"f")}, unit, groups + "a", "Shop"},
		"group_stands_in_its_unit":    {[]posture.Scope{{ID: unit + "/resourceGroups/g", Parent: "foreign", Kind: posture.Unit}}, unit + "/resourceGroups/g", unit, ""},
		"root_is_our_own":             {[]posture.Scope{named(scope("foreign", "own"), "x", posture.NameStated)}, "foreign", "/", ""},
		"number_of_a_project":         {[]posture.Scope{{ID: "projects/1", Parent: "projects/web", Cloud: posture.GCP}}, "projects/1", "projects/web", ""},
		"new_where_another_root_is":   {[]posture.Scope{scope("222222223333", "o-foreign")}, "222222223333", "o-foreign", ""},
		"name_that_another_root_has":  {[]posture.Scope{named(scope(groups+"F", tenant), "Our F", posture.NameStated), scope("/subscriptions/2", groups+"f")}, "/subscriptions/2", tenant, ""},
		"parent_is_another_root's":    {[]posture.Scope{scope("/subscriptions/2", groups+"f")}, "/subscriptions/2", "own", ""},
		"name_is_another_root's":      {[]posture.Scope{named(scope(groups+"f", tenant), "Our F", posture.NameStated)}, groups + "f", "foreign", ""},
		"tenant_group_is_one's_alone": {[]posture.Scope{scope("/subscriptions/2", groups+other)}, "/subscriptions/2", groups + other, ""},
		"machines_of_another_root":    {[]posture.Scope{named(scope("machines/f", ""), "Ours", posture.NameStated)}, "machines/f", "foreign", ""},
		"namesakes_in_a_ring":         {[]posture.Scope{scope(groups+"f", groups+"f2"), scope(groups+"f2", groups+"f"), scope("/subscriptions/2", groups+"f")}, "/subscriptions/2", "own", ""},
		"folder_of_a_renamed_project": {[]posture.Scope{{ID: "folders/1", Parent: "organizations/1", Name: "Web", Cloud: posture.GCP, Named: posture.NameRecorded}}, "folders/1", "organizations/1", "Web"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := &tree{scopes: map[string]posture.Scope{}}
			for _, s := range kept {
				before.set(s)
			}
			g := before.grow(test.told, root, "own", nil)
			if got := g.tree.scopes[posture.Fold(test.id)]; got.Parent != test.parent || got.Name != test.name || got.Named != 0 {
				t.Errorf("%+v, want it below %s and called %q; refused %v", got, test.parent, test.name, g.refused)
			}
			after := &tree{scopes: g.tree.scopes}
			if again := after.grow(test.told, root, "own", nil).written(); len(again) > 0 {
				t.Errorf("told again: %v, want nothing written", fmt.Sprint(again))
			}
		})
	}
}
