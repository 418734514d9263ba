package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAliases_AppendDump: what a table is written as is the same whatever it was read
// from and in whatever order, and says what the table says, to all who read tables.
func TestAliases_AppendDump(t *testing.T) {
	entries := []AliasEntry{
		{Name: "N.A/b/c", Type: "N.A/b", Path: "properties.c"},
		{Name: "N.A/b/d[*]", Type: "N.A/b", Path: "d", Versions: map[string]string{"2": "y", "1": "x"}, Modifiable: Yes, Secret: true, Deprecated: true, Preview: true},
		{Name: "N.A/e", Type: "N.A/b", Path: "e", Modifiable: No},
		{Name: "N.A/b/c/f", Type: "N.A/b", Path: "f"},
		{Name: "N.A/b/c", Type: "N.B/b", Path: "other"},
		{Name: "N.A/every", Path: "every"},
		{Name: "short", Type: "N.A/b", Path: `q"q`},
		{Name: "short", Type: "N.B/b", Path: "r"},
		{Name: "N/x", Type: "T", Path: "t"},
		{Name: "N.A/b/pathless", Type: "N.A/b", Modifiable: No},
	}
	for name, some := range map[string][]AliasEntry{"all": entries, "one": entries[:1], "with_more": entries[1:2], "no_type": entries[5:6], "short": entries[6:8], "odd_type": entries[8:9], "none": nil} {
		t.Run(name, func(t *testing.T) {
			a, backward := NewAliases(), NewAliases()
			for i := range some {
				a.Add(some[i])
				backward.Add(some[len(some)-1-i])
			}
			text := string(a.AppendDump(nil))
			if diff := cmp.Diff(text, string(backward.AppendDump(nil))); diff != "" {
				t.Error(diff)
			}
			loaded := NewAliases()
			if err := loaded.LoadAliasDump([]byte(text)); err != nil {
				t.Fatal(err)
			}
			var lib Library
			problems := lib.Add("f", []byte(text))
			if len(some) == 0 {
				return
			}
			if len(problems) > 0 || lib.Aliases == nil {
				t.Fatalf("%s: no table: %v", text, problems)
			}
			for _, table := range []*Aliases{loaded, lib.Aliases} {
				got := slices.SortedFunc(table.All(), compareEntries)
				if diff := cmp.Diff(slices.SortedFunc(slices.Values(some), compareEntries), got); diff != "" {
					t.Errorf("%s\n%s", text, diff)
				}
			}
		})
	}
}

func compareEntries(a, b AliasEntry) int {
	return strings.Compare(a.Name+"\x00"+a.Type, b.Name+"\x00"+b.Type)
}

func TestBrokenAliasDumps(t *testing.T) {
	for in, want := range map[string]string{
		`{"a/b": {"c": {"type": "x"}}}`:          `1:15: alias "c" without path; want an object with "path"`,
		`{"a/b": {"c": [{"path": "x"}, "y"]}}`:   `1:31: alias "c" without path; want an object with "path"`,
		`{"a/b": {"c": {"path": "x", "type": }}`: `1:37: unexpected '}'; want a JSON value`,
	} {
		if err := NewAliases().LoadAliasDump([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}

func TestAliases_Named(t *testing.T) {
	a := NewAliases()
	for _, e := range []AliasEntry{{Name: "x", Type: "T", Path: "p"}, {Name: "X[*]", Type: "U", Path: "q"}, {Name: "x.y", Type: "T", Path: "r"}} {
		a.Add(e)
	}
	for _, name := range []string{"x", "x[*]"} {
		var paths []string
		for e := range a.Named(name) {
			paths = append(paths, e.Path)
		}
		if !slices.Equal(paths, []string{"p", "q"}) {
			t.Errorf("%s: %v", name, paths)
		}
	}
}

func TestDefinition_FieldNames(t *testing.T) {
	tests := map[string]struct {
		rule     string
		want     []string
		computed bool
	}{
		"conditions": {
			`{"if":{"allOf":[{"field":"a/b","equals":"[field('a/c')]"},{"value":"[field('a/d')]","equals":1},
			{"count":{"field":"a/e[*]","where":{"field":"a/e[*].f","equals":"[current('a/e[*].g')]"}},"greater":0},
			{"count":{"value":"[field('a/h')]","name":"n","where":{"value":"[current('n')]","in":["[field('a/i')]"]}},"less":1}]},"then":{"effect":"audit"}}`,
			[]string{"a/b", "a/c", "a/d", "a/e[*]", "a/e[*].f", "a/e[*].g", "a/h", "a/i", "n"},
			false,
		},
		"existence": {
			`{"if":{"field":"type","equals":"x"},"then":{"effect":"auditIfNotExists","details":{"type":"x/y","name":"[field('a/b')]","existenceCondition":{"field":"a/c","equals":1}}}}`,
			[]string{"a/b", "a/c", "type"},
			false,
		},
		"operations": {
			`{"if":{"field":"type","equals":"x"},"then":{"effect":"modify","details":{"roleDefinitionIds":["x"],"operations":[{"operation":"addOrReplace","field":"a/b","value":"[field('a/c')]","condition":"[equals(field('a/d'),1)]"}]}}}`,
			[]string{"a/b", "a/c", "a/d", "type"},
			false,
		},
		"one_of_two": {`{"if":{"field":"[if(equals(1,1),'a/b','a/c')]","equals":1},"then":{"effect":"audit"}}`, []string{"a/b", "a/c"}, false},
		"a_tag":      {`{"if":{"field":"[concat('tags[',field('name'),']')]","equals":1},"then":{"effect":"audit"}}`, []string{"name"}, false},
		"computed":   {`{"if":{"field":"[concat('a/',field('name'))]","equals":1},"then":{"effect":"audit"}}`, []string{"name"}, true},
		"called":     {`{"if":{"value":"[field(concat('a/','b'))]","equals":1},"then":{"effect":"audit"}}`, nil, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, problems := ParseDefinition("", []byte(`{"name":"d","policyRule":`+test.rule+`}`))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			var names []string
			computed := d.FieldNames(func(name string) { names = append(names, name) })
			slices.Sort(names)
			if names = slices.Compact(names); !slices.Equal(names, test.want) || computed != test.computed {
				t.Errorf("%q, computed %v; want %q, %v", names, computed, test.want, test.computed)
			}
		})
	}
}
