package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/policy"
)

// TestExplain_names_what_the_closest_candidate_lacks: of several related
// resources that fail, the one that fails least, and what in it.
func TestExplain_names_what_the_closest_candidate_lacks(t *testing.T) {
	const rule = `{"policyRule": {"if": {"field": "type", "equals": "Contoso.Net/groups"}, "then": {"effect": "auditIfNotExists", "details": {
		"type": "Contoso.Net/groups/rules", "existenceCondition": {"allOf": [
			{"field": "Contoso.Net/groups/rules/on", "equals": true},
			{"field": "Contoso.Net/groups/rules/days", "greaterOrEquals": 90},
			{"field": "location", "equals": "[field('location')]"}]}}}}}`
	candidate := func(name, location, properties string) *policy.Resource {
		return resource(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/one/rules/` + name + `", "name": "one/` + name +
			`", "type": "Contoso.Net/groups/rules", "location": "` + location + `", "properties": {` + properties + `}}`)
	}
	far := candidate("far", "north", `"on": false, "days": 30`)
	elsewhere := candidate("elsewhere", "south", `"on": true, "days": 90`)
	near := candidate("near", "north", `"on": true, "days": 30`)
	absent := candidate("absent", "north", `"days": 90`)
	secret := candidate("secret", "north", `"on": "AccountKey=abcdefgh;", "days": 90`)
	tests := map[string]struct {
		related policy.Resources
		want    []string
	}{
		"none":                {nil, nil},
		"one":                 {policy.Resources{far}, []string{"far on: false, equals true", "far days: 30, greaterOrEquals 90"}},
		"fewest_leaves":       {policy.Resources{far, near}, []string{"near days: 30, greaterOrEquals 90"}},
		"not_of_another":      {policy.Resources{elsewhere, near}, []string{"near days: 30, greaterOrEquals 90"}},
		"what_it_compares_to": {policy.Resources{elsewhere}, []string{`elsewhere location: "south", equals "north"`}},
		"not_there":           {policy.Resources{absent}, []string{"absent on: , equals true"}},
		"first_id_of_equals":  {policy.Resources{near, absent}, []string{"absent on: , equals true"}},
		"no_secret":           {policy.Resources{secret}, []string{`secret on: "(secret)", equals true`}},
	}
	aliases := policy.NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups/rules": {"on": "properties.on", "days": "properties.days"}}`)); err != nil {
		t.Fatal(err)
	}
	r := resource(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/one", "name": "one", "type": "Contoso.Net/groups", "location": "north", "properties": {}}`)
	def, problems := policy.ParseDefinition("rule.json", []byte(rule))
	if def == nil {
		t.Fatal(problems)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := policy.Bind(def, nil).Explain(r, policy.Environment{Aliases: aliases, Related: test.related})
			var got []string
			for _, v := range e.Evidence[1:] {
				path := v.Path[strings.LastIndexByte(v.Path, '.')+1:]
				found := ""
				if v.Found.Kind() != policy.Missing {
					found = v.Found.String()
				}
				got = append(got, v.Resource[strings.LastIndexByte(v.Resource, '/')+1:]+" "+path+": "+found+", "+v.Wanted)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s\n%s", diff, e.Text())
			}
		})
	}
}
