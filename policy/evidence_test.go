package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

// TestEvidence_of_what_could_not_be_told holds that an unknown verdict names
// what was not read, or why an expression failed.
func TestEvidence_of_what_could_not_be_told(t *testing.T) {
	tests := map[string]struct {
		condition, gap string
		want           []Evidence
	}{
		"not_read_by_an_expression": {
			`{"value": "[field('Contoso.Net/groups/tls')]", "equals": "1.0"}`, "properties.tls",
			[]Evidence{{Path: "properties.tls", Wanted: `notEquals "1.0"`}},
		},
		"expression_fails": {
			`{"value": "[int(field('name'))]", "equals": 3}`, "",
			[]Evidence{
				{Path: "expression", Found: StringValue(`int: argument 1: got "one", want a number or a text that is one (in [int(field('name'))])`), Wanted: "notEquals 3"},
				{Path: "name", Found: StringValue("one"), Wanted: "notEquals 3"},
			},
		},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"tls": "properties.tls"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "properties": {}}`))
			if test.gap != "" {
				r.Gaps = []Gap{{Path: test.gap, Reason: "denied"}}
			}
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases})
			same := cmp.Comparer(func(a, b Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() })
			if diff := cmp.Diff(test.want, e.Evidence, same); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
