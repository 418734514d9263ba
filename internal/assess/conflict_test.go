package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// sets is a definition that writes a field where a storage account has not got
// the value.
func sets(name, field, value, more string) string {
	return definition(name, `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"field": "`+field+`", "notEquals": `+value+`}]},
		"then": {"effect": "[parameters('effect')]", "details": {"roleDefinitionIds": ["r"], `+more+`"operations": [{"operation": "addOrReplace", "field": "`+field+`", "value": `+value+`}]}}`,
		`"effect": {"type": "String", "defaultValue": "Modify"}, "to": {"type": "String", "defaultValue": "x"}`)
}

func appends(name, field, value string) string {
	return definition(name, `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"field": "`+field+`", "exists": false}]},
		"then": {"effect": "Append", "details": [{"field": "`+field+`", "value": "`+value+`"}]}`, "")
}

const tls = "Microsoft.Storage/storageAccounts/minimumTlsVersion"

// conflictsOf writes what a check says of its conflicts.
func conflictsOf(checks []*posture.Check) []string {
	var all []string
	for _, c := range checks {
		line := verdict(c)
		if c.Conflict {
			line += " conflict"
		}
		for _, e := range c.Evidence {
			if strings.HasPrefix(e.Wanted, "one value") {
				line += "; " + e.Path + " " + strings.ReplaceAll(e.Wanted, idOf, "")
			}
		}
		all = append(all, line)
	}
	return all
}

func TestConflict(t *testing.T) {
	a, b := sets("a", "tags['env']", `"dev"`, ""), sets("b", "tags.ENV", `"prod"`, "")
	given := `"[parameters('to')]"`
	byParameter := sets("p", "tags['env']", given, "")
	account := account(groupA, "one", secure)
	both := []string{
		`a one unhealthy conflict; tags['env'] one value, but this policy sets "dev" and b sets "prod"`,
		`b one unhealthy conflict; tags['ENV'] one value, but this policy sets "prod" and a sets "dev"`,
	}
	alone := []string{"a one unhealthy", "b one unhealthy"}
	tests := map[string]struct {
		policies []string
		account  string
		want     []string
	}{
		"different_values": {[]string{a, b}, account, both},
		"equal_values":     {[]string{a, sets("b", "tags['env']", `"dev"`, "")}, account, alone},
		"other_fields":     {[]string{a, sets("b", "tags['owner']", `"prod"`, "")}, account, alone},
		"one_is_content": {
			[]string{a, b},
			strings.Replace(account, `"location"`, `"tags":{"env":"dev"},"location"`, 1),
			[]string{"a one healthy", "b one unhealthy"},
		},
		"audit_gives_way":    {[]string{a, sets("b", "tags['env']", `"prod"`, `"conflictEffect": "audit", `)}, account, alone},
		"disabled_gives_way": {[]string{a, sets("b", "tags['env']", `"prod"`, `"conflictEffect": "Disabled", `)}, account, alone},
		"deny_is_said":       {[]string{a, sets("b", "tags.ENV", `"prod"`, `"conflictEffect": "deny", `)}, account, both},
		"both_give_way": {
			[]string{sets("a", "tags['env']", `"dev"`, `"conflictEffect": "audit", `), sets("b", "tags['env']", `"prod"`, `"conflictEffect": "audit", `)},
			account, alone,
		},
		"aliases": {
			[]string{sets("a", tls, `"TLS1_2"`, ""), sets("b", strings.ToUpper(tls), `"TLS1_3"`, "")}, account, []string{
				`a one unhealthy conflict; properties.minimumTlsVersion one value, but this policy sets "TLS1_2" and b sets "TLS1_3"`,
				`b one unhealthy conflict; properties.minimumTlsVersion one value, but this policy sets "TLS1_3" and a sets "TLS1_2"`,
			},
		},
		"append": {
			[]string{appends("a", "tags['env']", "dev"), appends("b", "tags['env']", "prod")},
			account,
			[]string{both[0], strings.Replace(both[1], "tags['ENV']", "tags['env']", 1)},
		},
		"append_and_modify": {[]string{a, appends("b", "tags['ENV']", "prod")}, account, both},
		"more_members":      {[]string{appends("a", "tags[*]", "dev"), appends("b", "tags[*]", "prod")}, account, alone},
		"three": {[]string{a, b, sets("c", "tags['env']", `"test"`, "")}, account, []string{
			both[0] + `; tags['env'] one value, but this policy sets "dev" and c sets "test"`,
			both[1] + `; tags['ENV'] one value, but this policy sets "prod" and c sets "test"`,
			`c one unhealthy conflict; tags['env'] one value, but this policy sets "test" and a sets "dev"; tags['env'] one value, but this policy sets "test" and b sets "prod"`,
		}},
		"removed": {
			[]string{a, definition("b", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "modify",
			"details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "remove", "field": "tags['env']"}]}}`, "")},
			account,
			[]string{
				`a one unhealthy conflict; tags['env'] one value, but this policy sets "dev" and b removes it`,
				`b one unhealthy conflict; tags['env'] one value, but this policy removes it and a sets "dev"`,
			},
		},
		"condition_of_an_operation": {
			[]string{a, strings.Replace(sets("b", "tags['env']", `"prod"`, ""), `"value"`, `"condition": "[equals('a', 'b')]", "value"`, 1)}, account, alone,
		},
		"secrets": {[]string{sets("a", "tags['password']", `"dev"`, ""), sets("b", "tags['password']", `"prod"`, "")}, account, []string{
			`a one unhealthy conflict; tags['password'] one value, but this policy sets "(secret)" and b sets "(secret)"`,
			`b one unhealthy conflict; tags['password'] one value, but this policy sets "(secret)" and a sets "(secret)"`,
		}},
		"assignments": {
			[]string{
				byParameter, assignment("x", unitA, "policyDefinitions/p", `,"parameters":{"to":{"value":"dev"}}`),
				assignment("y", groupA, "policyDefinitions/p", `,"parameters":{"to":{"value":"prod"}}`),
			},
			account,
			[]string{
				`p one unhealthy <x> conflict; tags['env'] one value, but this policy sets "dev" and p (assignment ` + groupA + `/providers/Microsoft.Authorization/policyAssignments/y) sets "prod"`,
				`p one unhealthy <y> conflict; tags['env'] one value, but this policy sets "prod" and p (assignment ` + unitA + `/providers/Microsoft.Authorization/policyAssignments/x) sets "dev"`,
			},
		},
		"assigned_elsewhere": {
			[]string{a, b, assignment("x", unitA, "policyDefinitions/a", ""), assignment("y", unitB, "policyDefinitions/b", "")},
			account,
			[]string{"a one unhealthy <x>"},
		},
		"members_of_an_initiative": {
			[]string{
				a, b, initiative("i", "", member("m1", "a", "")+","+member("m2", "b", ""), ""),
				assignment("x", groupA, "policySetDefinitions/i", ""),
			},
			account,
			[]string{
				`a one unhealthy <x:m1> conflict; tags['env'] one value, but this policy sets "dev" and b (assignment ` + groupA + `/providers/Microsoft.Authorization/policyAssignments/x, reference m2) sets "prod"`,
				`b one unhealthy <x:m2> conflict; tags['ENV'] one value, but this policy sets "prod" and a (assignment ` + groupA + `/providers/Microsoft.Authorization/policyAssignments/x, reference m1) sets "dev"`,
			},
		},
		"exempt_writes_nothing": {
			[]string{a, b, assignment("x", unitA, "policyDefinitions/a", ""), assignment("y", unitA, "policyDefinitions/b", ""), exempting(unitA, unitA+assignments+"y", "")},
			account,
			[]string{"a one unhealthy <x>", "b one exempt waiver over unhealthy <y exempt>"},
		},
		"overridden": {
			[]string{a, b, assignment("x", unitA, "policyDefinitions/a", ""), assignment("y", unitA, "policyDefinitions/b", `,"overrides":[{"kind":"policyEffect","value":"Audit"}]`)},
			account,
			[]string{"a one unhealthy <x>", "b one unhealthy <y>"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.policies, test.account)
			_, checks := run(t, o)
			if diff := cmp.Diff(test.want, conflictsOf(checks)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, c := range checks {
				e, err := assess.Explain(t.Context(), o, c.Resource, c.Rule)
				if err != nil {
					t.Fatal(err)
				}
				told := false
				for _, x := range e.Checks {
					told = told || cmp.Equal(x, *c)
				}
				if !told {
					t.Errorf("explain gives\n%+v, not\n%+v", e.Checks, *c)
				}
				text := e.Text()
				if got := strings.Contains(text, "Azure's words: Conflict\n"); len(e.Checks) == 1 && got != c.Conflict {
					t.Errorf("conflict %v, but explained as\n%s", c.Conflict, text)
				}
			}
		})
	}
}
