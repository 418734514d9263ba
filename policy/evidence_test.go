package policy

import (
	"testing"
	"time"

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
				{Path: "expression", Found: StringValue(`int: argument 1: got "one", want a number or a text that is one (in [int(field('name'))])`), Wanted: "int(field('name')) notEquals 3"},
				{Path: "name", Found: StringValue("one"), Wanted: "int(field('name')) notEquals 3"},
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

// TestEvidence_of_what_was_computed holds that evidence of an expression is
// true: what is at the path is what was read there, and what the rule wants is
// said of what it computed.
func TestEvidence_of_what_was_computed(t *testing.T) {
	tests := map[string]struct {
		condition string
		want      []Evidence
	}{
		"a_field_alone":    {`{"value": "[field('Contoso.Net/groups/tls')]", "equals": "1.0"}`, []Evidence{{Path: "properties.tls", Found: StringValue("1.0"), Wanted: `notEquals "1.0"`}}},
		"an_absent_field":  {`{"value": "[field('Contoso.Net/groups/none')]", "equals": ""}`, []Evidence{{Path: "properties.none", Wanted: `notEquals ""`}}},
		"two_fields":       {`{"value": "[field('location')]", "notEquals": "[field('Contoso.Net/groups/tls')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `equals "1.0"`}}},
		"fields_compared":  {`{"field": "location", "notEquals": "[field('Contoso.Net/groups/tls')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `equals "1.0"`}}},
		"a_date":           {`{"value": "[addDays(field('Contoso.Net/groups/made'), 90)]", "less": "[utcNow()]"}`, []Evidence{{Path: "properties.made", Found: StringValue("2026-01-01T00:00:00Z"), Wanted: `addDays(field('Contoso.Net/groups/made'), 90) greaterOrEquals "2026-11-28T00:00:00.0000000Z" (it is "2026-04-01T00:00:00Z")`}}},
		"around":           {`{"value": "[resourceGroup().location]", "notEquals": "[field('location')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `resourceGroup().location equals "eastus" (it is "westus")`}}},
		"nothing_but_that": {`{"value": "[resourceGroup().location]", "equals": "westus"}`, []Evidence{{Path: "value", Found: StringValue("westus"), Wanted: `resourceGroup().location notEquals "westus"`}}},
		"several": {`{"value": "[concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location'))]", "like": "eastus*"}`, []Evidence{
			{Path: "location", Found: StringValue("eastus"), Wanted: `concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location')) notLike "eastus*" (it is "eastus-1.0eastus")`},
			{Path: "properties.tls", Found: StringValue("1.0"), Wanted: `concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location')) notLike "eastus*" (it is "eastus-1.0eastus")`},
		}},
		"under_not":     {`{"not": {"value": "[length(field('location'))]", "greater": 10}}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `length(field('location')) greater 10 (it is 6)`}}},
		"missing":       {`{"not": {"value": "[split(field('location'), '/')[3]]", "equals": "q"}}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `split(field('location'), '/')[3] equals "q" (it is missing)`}}},
		"secret":        {`{"value": "[concat(field('tags.password'), 'x')]", "like": "*x"}`, []Evidence{{Path: "tags['password']", Found: StringValue(masked), Wanted: `concat(field('tags.password'), 'x') notLike "*x"`}}},
		"a_value_count": {`{"count": {"value": "[split(field('location'), 's')]"}, "greater": 1}`, []Evidence{{Path: "number of split(field('location'), 's')", Found: IntValue(3), Wanted: "lessOrEquals 1"}}},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"tls": "properties.tls", "made": "properties.made"}, "Contoso.Net/others": {"none": "x"}}`)); err != nil {
		t.Fatal(err)
	}
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"none": "properties.none"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "location": "eastus", "tags": {"password": "Tr0ub4dor-3"}, "properties": {"tls": "1.0", "made": "2026-01-01T00:00:00Z"}}`))
			r.Surroundings = caseContext{values: map[string]Value{"resourceGroup": ObjectValue([]string{"location"}, []Value{StringValue("westus")})}}
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases, Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
			same := cmp.Comparer(func(a, b Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() })
			if diff := cmp.Diff(test.want, e.Evidence, same); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
