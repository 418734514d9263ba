package policy

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	a := NewAliases()
	for _, e := range []AliasEntry{
		{Name: "M/vm/size", Type: "M/vm", Path: "properties.size"},
		{Name: "M/image", Type: "M/vm", Path: "properties.vm"},
		{Name: "M/image", Type: "M/set", Path: "properties.set"},
		{Name: "M/image", Path: "properties.any"},
		{Name: "M/vm/disks[*]", Type: "M/vm", Path: "properties.disks[*]", Versions: map[string]string{"2020-01-01": "disks[*]"}},
		{Name: "M/vm/nics", Type: "M/vm", Path: "properties.nics"},
		{Name: "plain", Path: "p"},
		{Name: "Größe", Path: "g"},
		{Name: "M/rg/x", Type: "Microsoft.Resources/resourceGroups", Path: "x"},
	} {
		a.Add(e)
	}
	tests := map[string]struct {
		name, resourceType string
		want               string // path, "" if not found
		known              bool
	}{
		"case":               {"m/VM/Size", "m/vm", "properties.size", true},
		"another_type":       {"M/vm/size", "M/set", "", true},
		"nobody_has_it":      {"M/vm/sise", "M/vm", "", false},
		"entry_of_the_type":  {"M/image", "M/SET", "properties.set", true},
		"entry_of_all_types": {"M/image", "M/disk", "properties.any", true},
		"star_taken_off":     {"M/vm/disks", "M/vm", "properties.disks", true},
		"star_put_on":        {"M/vm/nics[*]", "M/vm", "properties.nics[*]", true},
		"star_other_type":    {"M/vm/nics[*]", "M/set", "", true},
		"no_slash":           {"PLAIN", "anything", "p", true},
		"umlauts":            {"grÖße", "x", "g", true},
		"group_type":         {"M/rg/x", "microsoft.resources/subscriptions/resourcegroups", "x", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e, found, known := a.Lookup(test.name, test.resourceType)
			if e.Path != test.want || found != (test.want != "") || known != test.known {
				t.Errorf("path %q, found %v, known %v; want path %q, known %v", e.Path, found, known, test.want, test.known)
			}
		})
	}
	if e, _, _ := a.Lookup("M/vm/disks", "M/vm"); e.PathFor("2020-01-01") != "disks" || e.PathFor("2021-01-01") != "properties.disks" {
		t.Errorf("paths of %+v; want the listed version without wildcard and the default", e)
	}
	if e, found, known := NewAliases().Lookup("x", "y"); found || known {
		t.Errorf("an empty table has %v", e)
	}
}

func TestAddReplaces(t *testing.T) {
	a := NewAliases()
	const n = 1000 // makes the table grow several times
	for round := range 2 {
		for i := range n {
			a.Add(AliasEntry{Name: fmt.Sprintf("N%d", i), Type: "T", Path: fmt.Sprintf("p%d", round), Secret: round == 1})
		}
	}
	for e := range a.All() {
		if got, _, _ := a.Lookup(e.Name, "t"); got.Path != "p1" || !got.Secret {
			t.Errorf("%s: %+v; want the second entry", e.Name, got)
		}
	}
	if a.Len() != n {
		t.Errorf("%d entries, want %d", a.Len(), n)
	}
}

func TestSuggestAlias(t *testing.T) {
	a := NewAliases()
	a.Add(AliasEntry{Name: "Microsoft.Storage/storageAccounts/minimumTlsVersion", Type: "T", Path: "p"})
	a.Add(AliasEntry{Name: "Microsoft.Storage/storageAccounts/sku", Type: "T", Path: "p"})
	tests := map[string]struct{ in, want string }{
		"swapped":      {"microsoft.storage/storageAccounts/minimumTlsVersoin", "Microsoft.Storage/storageAccounts/minimumTlsVersion"},
		"left_out":     {"Microsoft.Storage/storageAccount/minimumTlsVersion", "Microsoft.Storage/storageAccounts/minimumTlsVersion"},
		"another_word": {"Microsoft.Storage/storageAccounts/name", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := a.Suggest(test.in); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestLoadProviderList(t *testing.T) {
	const provider = `{"namespace": "M.X", "resourceTypes": [{"resourceType": "vms", "aliases": [
		{"name": "M.X/vms/a", "defaultPath": "properties.a", "type": "Mask", "defaultMetadata": {"attributes": "Modifiable"},
		 "paths": [{"path": "a", "apiVersions": ["2020-01-01", "2019-01-01"]}, {"path": "properties.a", "apiVersions": ["2021-01-01"]}]},
		{"name": "M.X/vms/b", "defaultPath": null, "defaultMetadata": {"attributes": "None"}, "paths": [{"path": "old", "apiVersions": ["2019-01-01"]}, {"path": "new", "apiVersions": ["2021-01-01"]}]},
		{"name": "M.X/vms/c", "defaultPath": "c", "paths": []}]}, {"resourceType": "none", "aliases": null}]}`
	want := []AliasEntry{
		{Name: "M.X/vms/a", Type: "M.X/vms", Path: "properties.a", Versions: map[string]string{"2020-01-01": "a", "2019-01-01": "a"}, Modifiable: Yes, Secret: true},
		{Name: "M.X/vms/b", Type: "M.X/vms", Path: "new", Versions: map[string]string{"2019-01-01": "old", "2021-01-01": "new"}, Modifiable: No},
		{Name: "M.X/vms/c", Type: "M.X/vms", Path: "c"},
	}
	for name, text := range map[string]string{"show": provider, "list": "[" + provider + "]", "rest": `{"value": [` + provider + `]}`} {
		t.Run(name, func(t *testing.T) {
			a := NewAliases()
			if err := a.LoadProviderList([]byte(text)); err != nil {
				t.Fatal(err)
			}
			var got []AliasEntry
			for e := range a.All() {
				got = append(got, e)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBrokenAliasFiles(t *testing.T) {
	a := NewAliases()
	tests := map[string]struct {
		load     func([]byte) error
		in, want string
	}{
		"dump_array":    {a.LoadAliasDump, `[]`, `1:1: unexpected '['; want an object of resource types`},
		"dump_path":     {a.LoadAliasDump, "{\"a/b\": {\n\"c\": 1}}", `2:6: unexpected '1'; want the path of alias "c" in quotes`},
		"dump_inner":    {a.LoadAliasDump, `{"a/b": []}`, `1:9: unexpected '['; want an object of aliases with their paths`},
		"provider_kind": {a.LoadProviderList, `[{}]`, `1:2: no provider here; want an object with "namespace" and "resourceTypes"`},
		"provider_json": {a.LoadProviderList, `[`, `1:2: unexpected end of file; want a JSON value`},
		"table_path":    {a.LoadAliasTable, `{"a": {"type": "x"}}`, `1:7: alias "a" without path; want an object with "path"`},
		"table_kind":    {a.LoadAliasTable, `[]`, `1:1: alias table is an array; want an object of aliases`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.load([]byte(test.in))
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadAliasTable(t *testing.T) {
	a := NewAliases()
	err := a.LoadAliasTable([]byte(`{"x": [{"path": "p", "type": "T1"}, {"path": "q", "type": "T2", "modifiable": true}], "y": {"path": "r", "modifiable": false, "versions": {"v": "s"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []AliasEntry
	for e := range a.All() {
		got = append(got, e)
	}
	want := []AliasEntry{
		{Name: "x", Type: "T1", Path: "p"},
		{Name: "x", Type: "T2", Path: "q", Modifiable: Yes},
		{Name: "y", Path: "r", Modifiable: No, Versions: map[string]string{"v": "s"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
