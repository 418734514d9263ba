package assess_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// What hangs below a resource proves that there is one: where the input lacks it, it
// stands among the candidates as one of which nothing was read, and a type that
// merely occurs in the unit was not read completely. What a read record or an option
// says of the type goes before that.
func TestParentThatIsInNoInput(t *testing.T) {
	const (
		databases = "Microsoft.Sql/servers/databases"
		servers   = "Microsoft.Sql/servers"
	)
	table := `{"Microsoft.Sql/servers": {"minimalTlsVersion": "properties.minimalTlsVersion"}, "Microsoft.Sql/servers/databases": {"ledger": "properties.ledger"}}`
	// about is judged by the server that the id of a database names.
	about := func(name, extra string) string {
		return definition(name, `"if": {"field": "type", "equals": "`+databases+`"},
			"then": {"effect": "AuditIfNotExists", "details": {"type": "`+servers+`", "name": "[first(split(field('fullName'), '/'))]"`+extra+`}}`, "")
	}
	there := about("there", "")
	modern := about("modern", `, "existenceCondition": {"field": "`+servers+`/minimalTlsVersion", "equals": "1.2"}`)
	either := about("either", `, "existenceCondition": {"anyOf": [{"field": "`+servers+`/minimalTlsVersion", "equals": "1.2"}, {"value": "[field('`+databases+`/ledger')]", "equals": true}]}`)
	resource := func(kind, names, properties string) string {
		return fmt.Sprintf(`{"id":"%s/providers/%s","type":"%s","name":"n","location":"westeurope","properties":%s}`, groupA, names, kind, properties)
	}
	server := func(name, tls string) string {
		return resource(servers, servers+"/"+name, `{"minimalTlsVersion":"`+tls+`"}`)
	}
	database := func(of, ledger string) string {
		return resource(databases, "Microsoft.Sql/Servers/"+of+"/databases/n", `{"ledger":`+ledger+`}`)
	}
	all := []string{table, there, modern, either}
	// groups are judged by the resource group of an account.
	ofGroup := func(name, extra string) string {
		return definition(name, `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
			"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Resources/subscriptions/resourceGroups", "name": "[resourceGroup().name]", "existenceScope": "subscription"`+extra+`}}`, "")
	}
	groups := []string{ofGroup("there", ""), ofGroup("tagged", `, "existenceCondition": {"field": "tags['env']", "equals": "prod"}`)}
	inGroup := []string{strings.Replace(groups[1], `"existenceScope": "subscription"`, `"existenceScope": "resourceGroup"`, 1)}
	group := func(name, env string) string {
		return fmt.Sprintf(`{"id":"%s/resourceGroups/%s","type":"Microsoft.Resources/subscriptions/resourceGroups","name":"%s","location":"westeurope","tags":{"env":"%s"},"properties":{"provisioningState":"Succeeded"}}`, unitA, name, name, env)
	}
	for name, test := range map[string]struct {
		policies []string
		lines    []string
		alter    func(*assess.Options)
		want     []string
	}{
		"it_is_there":              {all, []string{server("A", "1.0"), database("a", "true")}, nil, []string{"there n healthy", "modern n unhealthy", "either n healthy"}},
		"it_comes_later":           {all, []string{database("a", "false"), server("a", "1.2")}, nil, []string{"there n healthy", "modern n healthy", "either n healthy"}},
		"none_of_its_type":         {all, []string{database("a", "false")}, nil, []string{"there n healthy", "modern n unknown notCollected", "either n unknown notCollected"}},
		"another_of_its_type":      {all, []string{server("b", "1.0"), database("a", "false")}, nil, []string{"there n healthy", "modern n unknown notCollected", "either n unknown notCollected"}},
		"another_that_passes":      {all, []string{server("b", "1.2"), database("a", "false")}, nil, []string{"there n healthy", "modern n unknown notCollected", "either n unknown notCollected"}},
		"what_it_has_is_no_matter": {all, []string{server("b", "1.0"), database("a", "true")}, nil, []string{"there n healthy", "modern n unknown notCollected", "either n healthy"}},
		"a_record_says_that_all_are_read": {
			all,
			[]string{server("b", "1.2"), database("a", "false"), read(unitA, servers, "true")},
			nil,
			[]string{"there n unhealthy", "modern n unhealthy", "either n unhealthy"},
		},
		"an_option_says_so": {
			all,
			[]string{server("b", "1.2"), database("a", "true")},
			func(o *assess.Options) { o.Complete = []assess.Completeness{{All: true}} },
			[]string{"there n unhealthy", "modern n unhealthy", "either n unhealthy"},
		},
		"a_record_says_that_not_all_are": {
			all,
			[]string{server("b", "1.2"), database("a", "false"), read(unitA, servers, "false", gap("denied", servers))},
			nil,
			[]string{"there n healthy", "modern n unknown denied", "either n unknown denied"},
		},
		"a_record_names_it": {
			all,
			[]string{server("b", "1.2"), database("a", "true"), read(unitA, servers, "true", `,"denied":[{"id":"`+groupA+`/providers/Microsoft.Sql/servers/a"}]`)},
			nil,
			[]string{"there n healthy", "modern n unknown denied", "either n healthy"},
		},
		"only_the_id_of_the_child_is_known": {
			[]string{definition("some", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
				"then": {"effect": "AuditIfNotExists", "details": {"type": "`+servers+`"}}`, "")},
			[]string{account(groupA, "x", secure), fmt.Sprintf(`{"id":"%s/providers/Microsoft.Sql/servers/a/databases/d"}`, groupA)},
			nil,
			[]string{"some x healthy"},
		},
		"its_group":                   {groups, []string{account(groupA, "x", secure)}, nil, []string{"there x healthy", "tagged x unknown notCollected"}},
		"its_group_beside_others":     {groups, []string{group("other", "dev"), account(groupA, "x", secure)}, nil, []string{"there x healthy", "tagged x unknown notCollected"}},
		"a_group_stands_in_itself":    {inGroup, []string{account(groupA, "x", secure), group("app", "prod")}, nil, []string{"tagged x healthy"}},
		"its_group_is_in_the_input":   {groups, []string{account(groupA, "x", secure), group("app", "dev")}, nil, []string{"there x healthy", "tagged x unhealthy"}},
		"a_record_tells_of_its_group": {groups, []string{group("other", "dev"), account(groupA, "x", secure), read(unitA, "Microsoft.Resources/resourceGroups", "false", gap("denied", "Microsoft.Resources/resourceGroups"))}, nil, []string{"there x healthy", "tagged x unknown denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.policies, test.lines...)
			if test.alter != nil {
				test.alter(&o)
			}
			want(t, o, test.want...)
			_, checks := run(t, o)
			for _, c := range checks {
				e, err := assess.Explain(t.Context(), o, c.Resource, c.Rule)
				if err != nil || verdict(&e.Checks[0]) != verdict(c) {
					t.Errorf("explained %v, %v, want %s", e, err, verdict(c))
				}
			}
		})
	}
}
