package inventory

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

func treeOf(scopes ...posture.Scope) *Tree {
	var t Tree
	for _, s := range scopes {
		t.Add(s)
	}
	return &t
}

func TestTreeAncestors(t *testing.T) {
	mg := managementGroupPrefix
	tree := treeOf(
		posture.Scope{ID: unitA, Parent: mg + "web"},
		posture.Scope{ID: mg + "WEB", Parent: mg + "top"},
		posture.Scope{ID: mg + "top", Parent: "tenant"},
		posture.Scope{ID: "ring-a", Parent: "ring-b"},
		posture.Scope{ID: "ring-b", Parent: "ring-a"},
		posture.Scope{ID: "own", Parent: "own"},
		posture.Scope{ID: "111122223333", Parent: "ou-1"},
	)
	tests := map[string]struct {
		id   string
		want []string
	}{
		"unit":        {unitA, []string{mg + "web", mg + "top", "tenant", "/"}},
		"ignore_case": {strings.ToUpper(unitA), []string{mg + "web", mg + "top", "tenant", "/"}},
		"resource": {
			unitA + "/resourceGroups/g/providers/A/b/c",
			[]string{unitA + "/resourceGroups/g", unitA, mg + "web", mg + "top", "tenant", "/"},
		},
		"ring":    {"ring-a", []string{"ring-b", "/"}},
		"itself":  {"own", []string{"/"}},
		"unknown": {"projects/x", []string{"/"}},
		"account": {"111122223333", []string{"ou-1", "/"}},
		"root":    {"/", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tree.Ancestors(test.id)); diff != "" {
				t.Error(diff)
			}
		})
	}
	within := map[string]struct {
		id, scope string
		want      bool
	}{
		"folder_above":    {unitA + "/resourceGroups/g", mg + "Top", true},
		"other_folder":    {unitA, mg + "other", false},
		"everything":      {"x", "/", true},
		"not_downwards":   {mg + "top", unitA, false},
		"aws_keeps_case":  {"111122223333", "OU-1", false},
		"aws_unit_in_ou":  {"111122223333", "ou-1", true},
		"text_of_the_ids": {"projects/a/x", "projects/a", true},
	}
	for name, test := range within {
		t.Run(name, func(t *testing.T) {
			if got := tree.Within(test.id, test.scope); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestTreeAddCompletes(t *testing.T) {
	tree := treeOf(
		posture.Scope{ID: "111122223333", Kind: posture.Unit},
		posture.Scope{ID: "111122223333", Parent: "o-1", Name: "shop"},
		posture.Scope{ID: "111122223333", Parent: "ou-1", Name: "other", Cloud: posture.AWS},
		posture.Scope{ID: "111122223333", Parent: "o-1"},
		posture.Scope{ID: "projects/web", Kind: posture.Unit, Cloud: posture.GCP},
		posture.Scope{ID: "projects/42", Parent: "projects/web", Kind: posture.Unit, Cloud: posture.GCP},
		posture.Scope{},
	)
	want := []posture.Scope{
		{ID: "111122223333", Parent: "ou-1", Name: "shop", Kind: posture.Unit, Cloud: posture.AWS},
		{ID: "projects/42", Parent: "projects/web", Kind: posture.Unit, Cloud: posture.GCP},
		{ID: "projects/web", Kind: posture.Unit, Cloud: posture.GCP},
	}
	if diff := cmp.Diff(want, tree.All()); diff != "" {
		t.Error(diff)
	}
	for id, want := range map[string]string{"projects/42": "projects/web", "projects/web": "projects/web", "x": "x"} {
		if got := tree.Unit(id); got != want {
			t.Errorf("unit of %s: %s, want %s", id, got, want)
		}
	}
}

// A name counts by where it comes from, whatever is told first.
func TestTreeNamesByTheBestSource(t *testing.T) {
	told := map[string]posture.Scope{
		"nameless": {ID: "organizations/9"},
		"derived":  {ID: "organizations/9", Name: "derived", Named: posture.NameDerived},
		"recorded": {ID: "organizations/9", Name: "recorded", Named: posture.NameRecorded},
		"stated":   {ID: "organizations/9", Name: "stated"},
	}
	tests := map[string]struct {
		order []string
		want  string
	}{
		"stated_last":      {[]string{"nameless", "derived", "recorded", "stated"}, "stated"},
		"stated_first":     {[]string{"stated", "recorded", "derived", "nameless"}, "stated"},
		"stated_between":   {[]string{"derived", "stated", "recorded"}, "stated"},
		"recorded_last":    {[]string{"derived", "nameless", "recorded"}, "recorded"},
		"recorded_first":   {[]string{"recorded", "nameless", "derived"}, "recorded"},
		"nothing_but_this": {[]string{"nameless", "derived"}, "derived"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var tree Tree
			for _, source := range test.order {
				tree.Add(told[source])
			}
			if s, _ := tree.Scope("organizations/9"); s.Name != test.want {
				t.Errorf("got %q, want %q", s.Name, test.want)
			}
		})
	}
}

// The lines of a group of machines and of an organisation name them, also
// behind the records that name them otherwise.
func TestNamesInAnyOrder(t *testing.T) {
	lines := []string{
		`{"type":"machine","id":"m","group":"stores","properties":{"os":{"family":"linux"}}}`,
		`{"id":"machines/stores","kind":"machines","name":"Stores"}`,
		`{"name":"//cloudresourcemanager.googleapis.com/organizations/9","assetType":"cloudresourcemanager.googleapis.com/Organization","resource":{"data":{"displayName":"contoso.com"}}}`,
		`{"id":"organizations/9","kind":"organization","name":"Contoso"}`,
		`{"id":"` + managementGroupPrefix + `web","type":"Microsoft.Management/managementGroups","properties":{"displayName":"Web"}}`,
		`{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions","properties":{"managementGroupAncestorsChain":[{"name":"web","displayName":"web of old"}]}}`,
	}
	want := map[string]string{"machines/stores": "Stores", "organizations/9": "Contoso", managementGroupPrefix + "web": "Web"}
	for turn := range 2 {
		var tree Tree
		for _, s := range decodeText(t, strings.Join(lines, "\n")).Scopes {
			tree.Add(s)
		}
		for id, name := range want {
			if s, _ := tree.Scope(id); s.Name != name {
				t.Errorf("turn %d: %s is named %q, want %q", turn, id, s.Name, name)
			}
		}
		slices.Reverse(lines)
	}
}

// A project's number is told with its folder where its id is not known, and
// with its id where it is, in any order.
func TestTreeKnowsProjectsByNumber(t *testing.T) {
	told := map[string]posture.Scope{
		"asset_with_ancestors": {ID: "projects/42", Parent: "folders/7", Kind: posture.Unit, Cloud: posture.GCP},
		"asset_without":        {ID: "projects/42", Kind: posture.Unit, Cloud: posture.GCP},
		"in_organisation":      {ID: "projects/42", Parent: "organizations/1", Kind: posture.Unit, Cloud: posture.GCP},
		"number_and_id":        {ID: "projects/42", Parent: "projects/web", Kind: posture.Unit, Cloud: posture.GCP},
		"project":              {ID: "projects/web", Parent: "folders/7", Kind: posture.Unit, Cloud: posture.GCP},
	}
	for first := range told {
		for second := range told {
			t.Run(first+"_then_"+second, func(t *testing.T) {
				tree := treeOf(told[first], told[second])
				for name, s := range told {
					if name != first && name != second {
						tree.Add(s)
					}
				}
				if got := tree.Unit("projects/42"); got != "projects/web" {
					t.Errorf("unit of the number: %s, want projects/web", got)
				}
				if !tree.Within("projects/42", "folders/7") {
					t.Errorf("ancestors %v, want folders/7 among them", tree.Ancestors("projects/42"))
				}
			})
		}
	}
}

// A record that names its project as its own parent does not make two of it.
func TestProjectBelowItself(t *testing.T) {
	project := func(parent, data string) string {
		return `{"name":"//cloudresourcemanager.googleapis.com/projects/42","assetType":"cloudresourcemanager.googleapis.com/Project",` +
			`"resource":{"parent":"//cloudresourcemanager.googleapis.com/` + parent + `","data":{"projectId":"web","projectNumber":"42"` + data + `}},` +
			`"ancestors":["projects/42","folders/7","organizations/9"]}`
	}
	tests := map[string]string{
		"by_number":          project("projects/42", ""),
		"by_id":              project("projects/web", ""),
		"in_its_data":        project("folders/7", `,"parent":{"type":"project","id":"42"}`),
		"in_its_data_newer":  project("folders/7", `,"parent":"projects/42"`),
		"as_it_ought_to_be":  project("folders/7", ""),
		"a_line_says_so_too": project("folders/7", "") + "\n" + `{"id":"projects/web","parent":"projects/42","kind":"project"}`,
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			scopes := decodeText(t, in).Scopes
			for range 2 {
				tree := treeOf(scopes...)
				for _, id := range [...]string{"projects/42", "projects/web"} {
					if got := tree.Unit(id); got != "projects/web" {
						t.Errorf("unit of %s: %s, want projects/web", id, got)
					}
					if !tree.Within(id, "folders/7") {
						t.Errorf("ancestors of %s: %v, want folders/7 among them", id, tree.Ancestors(id))
					}
				}
				slices.Reverse(scopes)
			}
		})
	}
}

func TestParseHierarchy(t *testing.T) {
	scopes, problems := ParseHierarchy("tree.jsonl", strings.NewReader(`{"id":"o-1","kind":"organization","name":"Contoso"}
{"id":"ou-1","parent":"o-1","kind":"ou"}
{"id":"111122223333","parent":"ou-1","kind":"account","name":"shop"}
{"id":"x","kind":"galaxy"}
{"parent":"o-1","kind":"ou"}
{"id":
[1]
`))
	want := []posture.Scope{
		{ID: "o-1", Kind: posture.Tenant, Name: "Contoso", Cloud: posture.AWS},
		{ID: "ou-1", Parent: "o-1", Kind: posture.Folder, Cloud: posture.AWS},
		{ID: "111122223333", Parent: "ou-1", Kind: posture.Unit, Name: "shop", Cloud: posture.AWS},
	}
	if diff := cmp.Diff(want, scopes); diff != "" {
		t.Error(diff)
	}
	wantProblems := []Problem{
		{File: "tree.jsonl", Line: 4, Reason: `kind "galaxy", want tenant, folder, unit, group or a provider's word for it`},
		{File: "tree.jsonl", Line: 5, Reason: "a scope without id"},
		{File: "tree.jsonl", Line: 6, Reason: "not JSON: unexpected end of JSON input at byte 6"},
		{File: "tree.jsonl", Line: 7, Reason: "found array, want an object"},
	}
	if diff := cmp.Diff(wantProblems, problems); diff != "" {
		t.Error(diff)
	}
}
