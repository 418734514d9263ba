package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// contoso is a tree with two roots; fabrikam is the other one.
func contoso() *Tree {
	return NewTree([]posture.Scope{
		{ID: "/"},
		{ID: "contoso", Parent: "/", Kind: posture.Root},
		{ID: "tenant", Parent: "contoso", Kind: posture.Tenant},
		{ID: "/providers/Microsoft.Management/managementGroups/Prod", Parent: "tenant", Kind: posture.Folder},
		{ID: "/subscriptions/A", Parent: "/providers/microsoft.management/managementgroups/prod", Kind: posture.Unit},
		{ID: "/subscriptions/A/resourceGroups/one", Parent: "/subscriptions/A", Kind: posture.Group},
		{ID: "/subscriptions/A/resourceGroups/two", Parent: "", Kind: posture.Group},
		{ID: "/subscriptions/B", Parent: "tenant", Kind: posture.Unit},
		{ID: "fabrikam", Parent: "/", Kind: posture.Root},
		{ID: "o-1", Parent: "fabrikam", Kind: posture.Tenant},
		{ID: "111122223333", Parent: "o-1", Kind: posture.Unit},
		{ID: "machines", Parent: "fabrikam", Kind: posture.Unit},
		{ID: "machines/web", Parent: "fabrikam", Kind: posture.Unit},
	})
}

func TestMay(t *testing.T) {
	reader := func(scopes ...string) Caller {
		var c Caller
		for _, s := range scopes {
			c.Grants = append(c.Grants, Grant{Reader, s})
		}
		return c
	}
	limited := func(c Caller, role Role, scope string) Caller {
		c.Limit = &Grant{role, scope}
		return c
	}
	owner := Caller{Grants: []Grant{{Owner, "/"}}}
	const prod = "/providers/Microsoft.Management/managementGroups/prod"
	tests := map[string]struct {
		caller Caller
		right  Right
		scope  string
		want   bool
	}{
		"itself":                  {reader("/subscriptions/A"), See, "/subscriptions/A", true},
		"arm_ids_fold":            {reader("/SUBSCRIPTIONS/a"), See, "/subscriptions/A/resourcegroups/ONE", true},
		"others_do_not_fold":      {reader("Contoso"), See, "contoso", false},
		"inherited":               {reader("contoso"), See, "/subscriptions/A/resourceGroups/one", true},
		"through_folder":          {reader(prod), See, "/subscriptions/A", true},
		"beside":                  {reader(prod), See, "/subscriptions/B", false},
		"above":                   {reader("/subscriptions/A"), See, prod, false},
		"resource_in_group":       {reader("/subscriptions/A/resourceGroups/one"), See, "/subscriptions/A/resourceGroups/one/providers/x/y/z", true},
		"resource_other_group":    {reader("/subscriptions/A/resourceGroups/one"), See, "/subscriptions/A/resourceGroups/two/providers/x/y/z", false},
		"prefix_of_a_word":        {reader("/subscriptions/A/resourceGroups/one"), See, "/subscriptions/A/resourceGroups/one2", false},
		"group_not_in_the_tree":   {reader("contoso"), See, "/subscriptions/A/resourceGroups/new/providers/x/y/z", true},
		"group_without_parent":    {reader("contoso"), See, "/subscriptions/A/resourceGroups/two", true},
		"assigned_below_the_tree": {reader("/subscriptions/A/resourceGroups/new"), See, "/subscriptions/A/resourceGroups/NEW/providers/x/y/z", true},
		"unit_nobody_knows":       {reader("contoso"), See, "/subscriptions/C", false},
		"top_is_all":              {reader("/"), See, "/subscriptions/C", true},
		"top_itself":              {reader("/"), See, "/", true},
		"not_at_the_top":          {reader("contoso"), See, "/", false},
		"other_root":              {reader("contoso"), See, "111122223333", false},
		"machines_are_no_folder":  {reader("machines"), See, "machines/web", false},
		"machines_unknown":        {reader("machines"), See, "machines/new", false},
		"path_below_a_root":       {reader("contoso"), See, "contoso/x", false},
		"empty_scope_is_the_top":  {reader("contoso"), See, "", false},
		"role_without_the_right":  {reader("/"), Run, "contoso", false},
		"several":                 {reader("fabrikam", "contoso"), See, "/subscriptions/B", true},
		"nothing_granted":         {Caller{}, See, "contoso", false},
		"administer_at_the_top":   {owner, Administer, "/", true},
		"administer_below":        {owner, Administer, "contoso", false},
		"owner_of_a_root":         {Caller{Grants: []Grant{{Owner, "contoso"}}}, Administer, "/", false},
		"manage_access_of_a_root": {Caller{Grants: []Grant{{Owner, "contoso"}}}, ManageAccess, "/subscriptions/A", true},
		"limit_of_scope":          {limited(owner, Owner, "contoso"), Run, "fabrikam", false},
		"limit_of_scope_within":   {limited(owner, Owner, "contoso"), Run, "/subscriptions/A", true},
		"limit_of_role":           {limited(owner, Reader, "/"), Run, "contoso", false},
		"limit_gives_nothing":     {limited(reader("/subscriptions/A"), Owner, "/"), Run, "/subscriptions/A", false},
		"limit_above_the_grant":   {limited(reader("/subscriptions/A"), Owner, "/"), See, "/subscriptions/A", true},
		"limit_beside_the_grant":  {limited(reader("/subscriptions/A"), Owner, "/subscriptions/B"), See, "/subscriptions/A", false},
	}
	tree := contoso()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.caller.May(test.right, test.scope, tree); got != test.want {
				t.Errorf("may %s at %q: %v, want %v", test.right, test.scope, got, test.want)
			}
		})
	}
}

func TestNewCaller(t *testing.T) {
	assignments := []RoleAssignment{{"1", "anna", Reader, "a"}, {"2", "admins", Owner, "b"}, {"3", "bert", Owner, "/"}, {"4", "closed", Owner, "c"}}
	anna := Principal{ID: "anna", Kind: User}
	groups := []Principal{{ID: "admins", Kind: Group}, {ID: "closed", Kind: Group, Disabled: true}, {ID: "bert", Kind: User}}
	got := NewCaller(anna, groups, assignments, nil)
	if diff := cmp.Diff([]Grant{{Reader, "a"}, {Owner, "b"}}, got.Grants); diff != "" {
		t.Errorf("grants: -want +got\n%s", diff)
	}
	anna.Disabled = true
	if got := NewCaller(anna, groups, assignments, nil); len(got.Grants) > 0 {
		t.Errorf("somebody disabled has %v", got.Grants)
	}
}

func TestMayGive(t *testing.T) {
	tests := map[string]struct {
		has, gives Grant
		want       bool
	}{
		"the_same":              {Grant{Contributor, "contoso"}, Grant{Contributor, "contoso"}, true},
		"less_and_below":        {Grant{SecurityAdmin, "contoso"}, Grant{Reader, "/subscriptions/A"}, true},
		"more":                  {Grant{Contributor, "contoso"}, Grant{SecurityReader, "contoso"}, false},
		"above":                 {Grant{Owner, "/subscriptions/A"}, Grant{Reader, "contoso"}, false},
		"owner_below":           {Grant{Owner, "contoso"}, Grant{Owner, "/subscriptions/A"}, true},
		"owner_of_all_by_a_own": {Grant{Owner, "contoso"}, Grant{Owner, "/"}, false},
		"nothing":               {Grant{Owner, "/"}, Grant{NoRole, "/"}, false},
	}
	tree := contoso()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Caller{Grants: []Grant{test.has}}
			if got := c.MayGive(test.gives, tree); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func TestVisible(t *testing.T) {
	tests := map[string]struct {
		tops   []string
		limit  string
		whole  string // nodes, by their last part
		way    string
		hidden int
	}{
		"everything":  {[]string{"/"}, "", "/ 111122223333 a b contoso fabrikam machines o-1 one prod tenant two web", "", 0},
		"nothing":     {nil, "", "", "", 0},
		"one_root":    {[]string{"contoso"}, "", "a b contoso one prod tenant two", "", 0},
		"unit":        {[]string{"/subscriptions/A"}, "", "a one two", "contoso prod tenant", 1},
		"group":       {[]string{"/subscriptions/A/resourceGroups/one"}, "", "one", "a contoso prod tenant", 2},
		"two_roots":   {[]string{"/subscriptions/B", "machines/web"}, "", "b web", "contoso fabrikam tenant", 7},
		"nested":      {[]string{"/subscriptions/A", "/subscriptions/A/resourceGroups/one"}, "", "a one two", "contoso prod tenant", 1},
		"not_a_node":  {[]string{"/subscriptions/A/resourceGroups/new"}, "", "", "a contoso prod tenant", 3},
		"known_of_no": {[]string{"/subscriptions/C"}, "", "", "", 0},
		"limited":     {[]string{"/"}, "/subscriptions/A", "a one two", "contoso prod tenant", 1},
	}
	tree := contoso()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var c Caller
			for _, top := range test.tops {
				c.Grants = append(c.Grants, Grant{Reader, top})
			}
			if test.limit != "" {
				c.Limit = &Grant{Owner, test.limit}
			}
			v := c.Visible(tree)
			shown := map[View][]string{}
			for id := range tree.scopes {
				last := id[strings.LastIndexByte(id, '/')+1:]
				if id == "/" {
					last = id
				}
				shown[v.Of(id)] = append(shown[v.Of(id)], last)
			}
			for view, want := range map[View]string{Whole: test.whole, Way: test.way} {
				slices.Sort(shown[view])
				if got := strings.Join(shown[view], " "); got != want {
					t.Errorf("view %d: %q, want %q", view, got, want)
				}
			}
			if v.Hidden != test.hidden {
				t.Errorf("%d hidden, want %d", v.Hidden, test.hidden)
			}
		})
	}
}

// drawn is a random tree with ids of all sorts, and its parents in a map.
func drawn(r *rapid.T) (tree *Tree, parent map[string]string, ids []string) {
	parent = map[string]string{}
	scopes := []posture.Scope{{ID: "/"}}
	ids = []string{"/"}
	for i := range rapid.IntRange(1, 12).Draw(r, "nodes") {
		above := rapid.SampledFrom(ids).Draw(r, "above")
		s := posture.Scope{ID: fmt.Sprint("n", i), Parent: above, Kind: posture.Folder}
		switch {
		case strings.HasPrefix(above, "/subscriptions/") && strings.Count(above, "/") == 2:
			s.ID, s.Kind = fmt.Sprint(above, "/resourceGroups/G", i), posture.Group
		case rapid.Bool().Draw(r, "unit"):
			s.ID, s.Kind = fmt.Sprint("/subscriptions/S", i), posture.Unit
		case strings.HasPrefix(above, "/subscriptions/"):
			s.Parent = "/"
		}
		scopes, ids = append(scopes, s), append(ids, s.ID)
		parent[s.ID] = s.Parent
	}
	return NewTree(scopes), parent, ids
}

// naive is what inheritance means, by recursion over the parents as they were
// drawn.
func naive(parent map[string]string, scope, id string) bool {
	if scope == "/" || scope == id {
		return true
	}
	above, known := parent[id]
	if !known && strings.HasPrefix(id, "/subscriptions/") && strings.Count(id, "/") > 2 { // a resource
		above, known = id[:strings.LastIndexByte(id, '/')], true
	}
	return known && naive(parent, scope, above)
}

// TestMayIsNaive: on random trees, grants and limits the answers are those of
// the naive definition, and what is visible is what one may see.
func TestMayIsNaive(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tree, parent, ids := drawn(r)
		grant := func(label string) Grant {
			return Grant{rapid.SampledFrom(Roles).Draw(r, label), rapid.SampledFrom(ids).Draw(r, label+" at")}
		}
		var c Caller
		for i := range rapid.IntRange(0, 3).Draw(r, "grants") {
			c.Grants = append(c.Grants, grant(fmt.Sprint("grant", i)))
		}
		if rapid.Bool().Draw(r, "limited") {
			limit := grant("limit")
			c.Limit = &limit
		}
		visible := c.Visible(tree)
		asked := slices.Clone(ids)
		for _, id := range ids {
			if strings.HasPrefix(id, "/subscriptions/") {
				asked = append(asked, id+"/providers/x")
			}
		}
		hidden, seenRoot := 0, func(id string) bool {
			for at := id; at != "/"; at = parent[at] {
				id = at
			}
			return slices.ContainsFunc(asked, func(other string) bool {
				return other != "/" && naive(parent, id, other) && c.May(See, other, tree)
			})
		}
		for _, id := range asked {
			for _, right := range Rights {
				want := slices.ContainsFunc(c.Grants, func(g Grant) bool { return g.Role.Gives(right) && naive(parent, g.Scope, id) })
				want = want && (c.Limit == nil || c.Limit.Role.Gives(right) && naive(parent, c.Limit.Scope, id))
				want = want && (right != Administer || id == "/")
				if got := c.May(right, id, tree); got != want {
					r.Fatalf("%v limit %v: may %s at %q: %v, want %v", c.Grants, c.Limit, right, id, got, want)
				}
				below := slices.ContainsFunc(c.Scopes(right, tree), func(top string) bool { return tree.Covers(top, id) })
				if right != Administer && below != want {
					r.Fatalf("%v limit %v: %s at %q: by its scopes %v, want %v", c.Grants, c.Limit, right, id, below, want)
				}
			}
			if got, want := visible.Of(id) == Whole, c.May(See, id, tree); got != want {
				r.Fatalf("%v limit %v: %q is seen: %v, want %v", c.Grants, c.Limit, id, got, want)
			}
			if _, node := parent[id]; node && visible.Of(id) == Outside && seenRoot(id) {
				hidden++
			}
		}
		if visible.Hidden != hidden {
			r.Fatalf("%v limit %v: %d hidden, want %d", c.Grants, c.Limit, visible.Hidden, hidden)
		}
	})
}

// TestTreeInCircles: a tree that is told wrongly gives an answer.
func TestTreeInCircles(t *testing.T) {
	tree := NewTree([]posture.Scope{{ID: "a", Parent: "b", Kind: posture.Folder}, {ID: "b", Parent: "a", Kind: posture.Folder}})
	c := Caller{Grants: []Grant{{Reader, "c"}}}
	if c.May(See, "a", tree) || !c.Visible(tree).None() && c.Visible(tree).Hidden != 0 {
		t.Error("somebody sees what it has no role for")
	}
}
