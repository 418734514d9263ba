package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/policy"
)

const idOf = "/providers/Microsoft.Authorization/policyDefinitions/"

// assignment assigns a definition or initiative, named below /providers, at a
// scope.
func assignment(name, scope, what, rest string) string {
	return fmt.Sprintf(`{"id": "%s/providers/Microsoft.Authorization/policyAssignments/%s", "name": "%s",
		"type": "Microsoft.Authorization/policyAssignments",
		"properties": {"displayName": "%s", "scope": "%s", "policyDefinitionId": "/providers/Microsoft.Authorization/%s"%s}}`,
		scope, name, name, name, scope, what, rest)
}

func initiative(name, parameters, members, groups string) string {
	return fmt.Sprintf(`{"id": "/providers/Microsoft.Authorization/policySetDefinitions/%s", "name": "%s",
		"type": "Microsoft.Authorization/policySetDefinitions",
		"properties": {"displayName": "Title of %s", "policyType": "Custom", "metadata": {"version": "2.0.0"}, "parameters": {%s},
		"policyDefinitionGroups": [%s], "policyDefinitions": [%s]}}`, name, name, name, parameters, groups, members)
}

func member(reference, definition, rest string) string {
	return fmt.Sprintf(`{"policyDefinitionReferenceId": "%s", "policyDefinitionId": "%s%s"%s}`, reference, idOf, definition, rest)
}

// two units, a group and a place each.
var places = []string{
	hierarchy,
	account(groupA, "one", plain),
	account(unitA+"/resourceGroups/data", "two", plain),
	strings.Replace(account(unitB+"/resourceGroups/app", "three", plain), "westeurope", "North Europe", 1),
}

func TestAssignmentsReachWhatTheyAreFor(t *testing.T) {
	one, two, three := "https one unhealthy <x>", "https two unhealthy <x>", "https three unhealthy <x>"
	oneID := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	selector := func(kind, values string) string {
		return `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"` + kind + `",` + values + `}]}]`
	}
	tests := map[string]struct {
		scope, rest string
		want        []string
	}{
		"management_group":           {top, "", []string{one, two}},
		"management_group_any_case":  {upper(top), "", []string{one, two}},
		"subscription":               {unitB, "", []string{three}},
		"resource_group":             {groupA, "", []string{one}},
		"resource_group_any_case":    {upper(groupA), "", []string{one}},
		"part_of_a_name":             {unitA + "/resourceGroups/ap", "", nil},
		"resource":                   {oneID, "", []string{one}},
		"not_in_a_group":             {unitA, `,"notScopes":["` + upper(groupA) + `"]`, []string{two}},
		"not_on_a_resource":          {top, `,"notScopes":["` + oneID + `"]`, []string{two}},
		"not_in_a_management_group":  {"/", `,"notScopes":["` + top + `"]`, []string{three}},
		"locations":                  {"/", selector("resourceLocation", `"in":["northeurope"]`), []string{three}},
		"locations_with_spaces":      {"/", selector("resourceLocation", `"in":["West Europe"]`), []string{one, two}},
		"not_locations":              {"/", selector("resourceLocation", `"notIn":["westeurope"]`), []string{three}},
		"types":                      {"/", selector("resourceType", `"in":["microsoft.storage/storageaccounts"]`), []string{one, two, three}},
		"other_types":                {"/", selector("resourceType", `"in":["Microsoft.Web/sites"]`), nil},
		"not_types":                  {"/", selector("resourceType", `"notIn":["Microsoft.Storage/storageAccounts"]`), nil},
		"resources_without_location": {"/", selector("resourceWithoutLocation", `"in":["subscriptionLevelResources"]`), nil},
		"resources_with_location":    {"/", selector("resourceWithoutLocation", `"notIn":["subscriptionLevelResources"]`), []string{one, two, three}},
		"requests_only":              {groupA, selector("userPrincipalId", `"in":["x"]`), []string{one}},
		"one_of_two_selectors": {
			"/",
			`,"resourceSelectors":[{"name":"a","selectors":[{"kind":"resourceType","in":["A/b"]}]},{"name":"b","selectors":[{"kind":"resourceLocation","in":["northeurope"]}]}]`,
			[]string{three},
		},
		"both_kinds_of_one": {
			"/",
			`,"resourceSelectors":[{"name":"a","selectors":[{"kind":"resourceType","in":["A/b"]},{"kind":"resourceLocation","in":["northeurope"]}]}]`,
			nil,
		},
		"not_enforced": {groupA, `,"enforcementMode":"DoNotEnforce"`, []string{one}},
		"disabled":     {groupA, `,"parameters":{"effect":{"value":"Disabled"}}`, nil},
		"wrong_value":  {groupA, `,"parameters":{"effect":{"value":"Sometimes"}}`, nil},
		"wrong_name":   {groupA, `,"parameters":{"efect":{"value":"Audit"}}`, nil},
		"override_effect": {
			groupA,
			`,"overrides":[{"kind":"policyEffect","value":"Disabled"}]`,
			nil,
		},
		"override_that_cannot_be": {
			groupA,
			`,"overrides":[{"kind":"policyEffect","value":"Manual"}]`,
			nil,
		},
		"override_by_location": {
			"/",
			`,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`,
			[]string{three},
		},
		"first_override_counts": {
			"/",
			`,"overrides":[{"kind":"policyEffect","value":"Deny","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]},{"kind":"policyEffect","value":"Disabled"}]`,
			[]string{one, two},
		},
		"override_by_type": {
			groupA,
			`,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"resourceType","in":["Microsoft.Web/sites"]}]}]`,
			[]string{one},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{https, assignment("x", test.scope, "policyDefinitions/https", test.rest)}, places...), test.want...)
		})
	}
}

// Whether a selector for locations admits a resource is not known where its
// location was not read: the check is unknown, nothing is exempt, and no effect is
// put in its place.
func TestSelectorsOfUnreadLocations(t *testing.T) {
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	selectors := func(values string) string { return `"selectors":[{"kind":"resourceLocation",` + values + `}]` }
	assigned := func(values string) string { return `,"resourceSelectors":[{"name":"s",` + selectors(values) + `}]` }
	exempt := func(values string) string {
		return `{"id":"` + unitA + `/providers/Microsoft.Authorization/policyExemptions/e","name":"e","properties":{"policyAssignmentId":"` + unitA +
			`/providers/Microsoft.Authorization/policyAssignments/x","exemptionCategory":"Waiver"` + assigned(values) + `}}`
	}
	unread := strings.Replace(account(groupA, "one", plain), `"location":"westeurope",`, "", 1)
	denied := func(path string) string { return `,"denied":[{"id":"` + id + `"` + path + `}]` }
	tests := map[string]struct{ account, read, assigned, more, want string }{
		"none":                 {unread, denied(`,"path":"location"`), "", "", "https one unhealthy <x>"},
		"denied":               {unread, denied(`,"path":"location"`), assigned(`"in":["northeurope"]`), "", "https one unknown denied <x>"},
		"denied_and_there":     {account(groupA, "one", plain), denied(`,"path":"location"`), assigned(`"in":["northeurope"]`), "", "https one unknown denied <x>"},
		"denied_not_in":        {unread, denied(`,"path":"/location"`), assigned(`"notIn":["northeurope"]`), "", "https one unknown denied <x>"},
		"throttled":            {unread, `,"throttled":[{"type":"Microsoft.Storage/storageAccounts"}]`, assigned(`"in":["northeurope"]`), "", "https one unknown throttled <x>"},
		"read_not_in":          {account(groupA, "one", plain), "", assigned(`"notIn":["northeurope"]`), "", "https one unhealthy <x>"},
		"another_type":         {unread, denied(`,"path":"location"`), strings.Replace(assigned(`"in":["a"]`), `[{"kind"`, `[{"kind":"resourceType","in":["A/b"]},{"kind"`, 1), "", ""},
		"certain_by_another":   {unread, denied(`,"path":"location"`), assigned(`"in":["northeurope"]`), assignment("y", unitA, "policyDefinitions/https", ""), "https one unhealthy <x> <y>"},
		"exempt_somewhere":     {unread, denied(`,"path":"location"`), "", exempt(`"notIn":["westeurope"]`), "https one unhealthy <x>"},
		"overridden_somewhere": {unread, denied(`,"path":"location"`), `,"overrides":[{"kind":"policyEffect","value":"Disabled",` + selectors(`"in":["northeurope"]`) + `}]`, "", "https one unknown denied <x>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			documents := []string{https, assignment("x", unitA, "policyDefinitions/https", test.assigned)}
			if test.more != "" {
				documents = append(documents, test.more)
			}
			var expected []string
			if test.want != "" {
				expected = []string{test.want}
			}
			want(t, options(t, documents, test.account, read(unitA, "*", "true", test.read)), expected...)
		})
	}
}

// Without location, a subscription's own resources are selected by that.
func TestSelectorOfSubscriptionLevel(t *testing.T) {
	rest := `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceWithoutLocation","in":["subscriptionLevelResources"]}]}]`
	both := initiative("both", "", member("a", "attest", "")+","+member("h", "https", ""), "")
	o := options(t, []string{https, attest, both, assignment("x", unitA, "policySetDefinitions/both", rest)}, subscription(unitA), account(groupA, "one", plain))
	want(t, o, "attest 00000000-0000-0000-0000-00000000000a manual <x:a>")
}

func TestWrongParametersAreTold(t *testing.T) {
	o := options(t, []string{https, assignment("x", unitA, "policyDefinitions/https", `,"parameters":{"efect":{"value":"Audit"}}`)}, places...)
	result, _ := run(t, o)
	expected := []assess.NotEvaluated{{Policy: idOf + "https", Title: "Title of https", Why: `assignment x: unknown parameter "efect"; did you mean "effect"?`}}
	if diff := cmp.Diff(expected, result.NotEvaluated); diff != "" {
		t.Errorf("not evaluated (-want +got):\n%s", diff)
	}
}

// What is stored in one scope cannot be assigned in another, which is judged all the
// same; nothing is said of what is built in, or where nobody knows what lies where.
func TestAssignedOutsideOfItsHome(t *testing.T) {
	stored := func(home string) string { return strings.ReplaceAll(https, idOf, home+idOf) }
	other := "/providers/Microsoft.Management/managementGroups/other"
	tests := map[string]struct {
		home, scope string
		lines       []string
		told        bool
	}{
		"built_in":                    {"", unitA, places, false},
		"in_the_group":                {upper(top), unitA, places, false},
		"in_the_group_itself":         {top, top, places, false},
		"in_another_group":            {other, groupA, places, true},
		"in_a_group_not_known":        {other, unitA, places[1:], false},
		"in_the_subscription":         {unitA, groupA, places, false},
		"in_another_subscription":     {unitA, unitB, places, true},
		"above_the_subscription":      {unitA, top, places, true},
		"below_a_like_name":           {unitA, unitA + "0", places, true},
		"in_a_group_above_the_others": {top, unitB, places, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assigned := strings.Replace(assignment("x", test.scope, "policyDefinitions/https", ""), `"policyDefinitionId": "`, `"policyDefinitionId": "`+test.home, 1)
			result, _ := run(t, options(t, []string{stored(test.home), assigned}, test.lines...))
			want := `assignment "x": its definition is stored in ` + test.home + ` and can be assigned only there and below; scope "` + test.scope + `" is elsewhere`
			if slices.Contains(result.Warnings, want) != test.told {
				t.Errorf("warnings %q, want %q: %v", result.Warnings, want, test.told)
			}
		})
	}
}

// One definition with equal parameters is one check with two references, with
// different ones two checks.
func TestDefinitionAssignedTwice(t *testing.T) {
	deny := `,"parameters":{"effect":{"value":"Deny"}}`
	one := account(groupA, "one", plain)
	equal := []string{https, assignment("x", unitA, "policyDefinitions/https", ""), assignment("y", groupA, "policyDefinitions/https", "")}
	want(t, options(t, equal, one), "https one unhealthy <x> <y>")
	differ := []string{https, assignment("x", unitA, "policyDefinitions/https", ""), assignment("y", groupA, "policyDefinitions/https", deny)}
	o := options(t, differ, one)
	want(t, o, "https one unhealthy <x>", "https one unhealthy <y>")
	result, checks := run(t, o)
	if checks[0].ParametersHash == checks[1].ParametersHash || len(result.Recommendations) != 2 {
		t.Errorf("hashes %s and %s in %d rows, want two of each", checks[0].ParametersHash, checks[1].ParametersHash, len(result.Recommendations))
	}
}

func TestInitiatives(t *testing.T) {
	one := account(groupA, "one", plain)
	parameters := `"mode": {"type": "String", "defaultValue": "Audit"}, "off": {"type": "Array", "defaultValue": []}`
	members := member("plainHTTP", "https", `,"parameters":{"effect":{"value":"[if(contains(parameters('off'), 'https'), 'Disabled', parameters('mode'))]"}},"groupNames":["N-1","N-2"]`) +
		"," + member("logs", "logged", `,"groupNames":["L-1"]`)
	groups := `{"name":"N-1","category":"Network","displayName":"Encrypt"},{"name":"N-2","category":"Network"},{"name":"L-1"},{"name":"E-1"}`
	set := initiative("set", parameters, members, groups)
	tests := map[string]struct {
		assignment string
		want       []string
	}{
		"defaults":                {assignment("x", unitA, "policySetDefinitions/set", ""), []string{"https one unhealthy <x:plainHTTP>", "logged one unknown notCollected <x:logs>"}},
		"expression":              {assignment("x", unitA, "policySetDefinitions/set", `,"parameters":{"off":{"value":["https"]}}`), []string{"logged one unknown notCollected <x:logs>"}},
		"override_of_a_reference": {assignment("x", unitA, "policySetDefinitions/set", `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["LOGS"]}]}]`), []string{"https one unhealthy <x:plainHTTP>"}},
		"wrong_value":             {assignment("x", unitA, "policySetDefinitions/set", `,"parameters":{"off":{"value":"https"}}`), nil},
		"expression_of_no_effect": {assignment("x", unitA, "policySetDefinitions/set", `,"parameters":{"mode":{"value":"Deny"}}`), []string{"https one unhealthy <x:plainHTTP>", "logged one unknown notCollected <x:logs>"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{https, logged, set, test.assignment}, one), test.want...)
		})
	}
	t.Run("an_override_that_disables_a_member_says_so", func(t *testing.T) {
		off := assignment("x", unitA, "policySetDefinitions/set",
			`,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["LOGS"]}]}]`)
		result, _ := run(t, options(t, []string{https, logged, set, off}, one))
		if len(result.NotEvaluated) != 1 || result.NotEvaluated[0].Why != "disabled" {
			t.Errorf("not evaluated %+v, want the one that is disabled", result.NotEvaluated)
		}
	})
	t.Run("controls", func(t *testing.T) {
		o := options(t, []string{https, logged, set, assignment("x", unitA, "policySetDefinitions/set", "")}, one, account(unitB+"/resourceGroups/g", "elsewhere", plain))
		result, _ := run(t, o)
		if len(result.Compliance) != 1 || result.Compliance[0].Standard != "set" || result.Compliance[0].Title != "Title of set" {
			t.Fatalf("compliance %+v, want that of set", result.Compliance)
		}
		type node struct {
			ID, Parent string
			Group      bool
			State      compliance.State
			Unhealthy  int
			Rules      string
		}
		var got []node
		for _, n := range result.Compliance[0].Nodes {
			var rules []string
			for _, r := range n.Rules {
				rules = append(rules, r.ID[strings.LastIndexByte(r.ID, '/')+1:])
			}
			got = append(got, node{n.ID, n.Parent, n.Group, n.State, n.Tally.Unhealthy, strings.Join(rules, " ")})
		}
		expected := []node{
			{"Network", "", true, compliance.Failed, 0, ""},
			{"N-1", "Network", false, compliance.Failed, 1, "https"},
			{"N-2", "Network", false, compliance.Failed, 1, "https"},
			{"L-1", "", false, compliance.Unknown, 0, "logged"},
			{"E-1", "", false, compliance.NotCovered, 0, ""},
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("nodes (-want +got):\n%s", diff)
		}
	})
	t.Run("without_groups_a_member_is_a_control", func(t *testing.T) {
		flat := initiative("flat", "", member("h", "https", ""), "")
		o := options(t, []string{https, flat, assignment("x", unitA, "policySetDefinitions/flat", "")}, one)
		result, _ := run(t, o)
		if n := result.Compliance[0].Nodes; len(n) != 1 || n[0].ID != "h" || n[0].State != compliance.Failed {
			t.Errorf("nodes %+v, want h, failed", n)
		}
	})
}

func TestVersionsAreTold(t *testing.T) {
	tests := map[string]struct {
		pin  string
		want []string
	}{
		"follows_minor":    {"1.*.*", nil},
		"follows_patch":    {"1.2.*", nil},
		"exact":            {"1.2.3", nil},
		"older_minor":      {"1.1.*", []string{"assignment x asks for version 1.1.* of https; the newest body, 1.2.3, is judged"}},
		"older_major":      {"0.*.*", []string{"assignment x asks for version 0.*.* of https; the newest body, 1.2.3, is judged"}},
		"preview_is_other": {"1.*.*-preview", []string{"assignment x asks for version 1.*.*-preview of https; the newest body, 1.2.3, is judged"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, assignment("x", unitA, "policyDefinitions/https", `,"definitionVersion":"`+test.pin+`"`)}, places...)
			result, _ := run(t, o)
			if diff := cmp.Diff(test.want, result.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionOfAnOverrideIsTold(t *testing.T) {
	o := options(t, []string{
		https, assignment("x", unitA, "policyDefinitions/https", `,"overrides":[{"kind":"policyVersion","value":"1.1.*"}]`),
		assignment("y", unitA, "policyDefinitions/https", `,"overrides":[{"kind":"policyVersion","value":"0.*.*","selectors":[{"kind":"policyDefinitionReferenceId","in":["m"]}]}]`),
	}, places...)
	result, _ := run(t, o)
	want := []string{"override of assignment x asks for version 1.1.* of https; the newest body, 1.2.3, is judged"}
	if diff := cmp.Diff(want, result.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotEvaluatedSaysWhy(t *testing.T) {
	needs := definition("needs", `"if": {"field": "location", "in": "[parameters('places')]"}, "then": {"effect": "Audit"}`, `"places": {"type": "Array"}`)
	strange := definition("strange", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Web/sites"}, {"field": "Microsoft.Web/sites/unheardOf", "equals": 1}]}, "then": {"effect": "Audit"}`, "")
	off := definition("off", `"if": {"field": "type", "equals": "A/b"}, "then": {"effect": "Disabled"}`, "")
	set := initiative("set", "", member("lost", "nowhere", "")+","+member("h", "https", `,"parameters":{"effect":{"value":"[parameters('not')]"}}`), "")
	lost := assignment("lost", unitA, "policyDefinitions/gone", "")
	o := options(t, []string{needs, strange, off}, places...)
	result, _ := run(t, o)
	got := map[string]string{}
	for _, n := range result.NotEvaluated {
		got[strings.TrimPrefix(n.Policy, idOf)] = n.Why
	}
	expected := map[string]string{
		"needs":   "needs parameter places",
		"strange": "unknown alias Microsoft.Web/sites/unheardOf; az provider list --expand resourceTypes/aliases makes a table with it",
		"off":     "disabled",
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("definitions (-want +got):\n%s", diff)
	}
	o = options(t, []string{https, set, lost, assignment("x", unitA, "policySetDefinitions/set", "")}, places...)
	result, _ = run(t, o)
	clear(got)
	for _, n := range result.NotEvaluated {
		got[strings.TrimPrefix(n.Policy, idOf)] = n.Why
	}
	expected = map[string]string{
		"nowhere": "member of set, but not in the catalog",
		"https":   "member h of set: parameter effect needs a value for parameter not",
		"gone":    "assigned by " + unitA + "/providers/Microsoft.Authorization/policyAssignments/lost, but not in the catalog",
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("assignments (-want +got):\n%s", diff)
	}
	if len(result.Recommendations) != 0 {
		t.Errorf("%d rows, want none", len(result.Recommendations))
	}
}

// Resource groups have two types, which are one in selectors, filters and what existence
// checks look for too.
func TestBothTypesOfResourceGroups(t *testing.T) {
	const subscription = `{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}`
	for _, name := range []string{"Microsoft.Resources/resourceGroups", "microsoft.resources/subscriptions/resourcegroups"} {
		in := policy.Selector{Kind: "resourceType", In: []string{name}}
		if !in.Admits("Microsoft.Resources/subscriptions/resourceGroups") {
			t.Errorf("%s: a selector admits no group", name)
		}
		untagged := definition("untagged", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
			{"field": "tags.owner", "exists": false}]}, "then": {"effect": "Audit"}`, "")
		o := options(t, []string{untagged}, group(groupA, ""), account(groupA, "a", plain))
		o.Filter.ResourceTypes = []string{name}
		want(t, o, "untagged app unhealthy")
		if result, _ := run(t, o); len(result.Warnings) > 0 {
			t.Errorf("%s: %s", name, result.Warnings)
		}
		has := definition("has", `"if": {"field": "type", "equals": "Microsoft.Resources/subscriptions"},
			"then": {"effect": "AuditIfNotExists", "details": {"type": "`+name+`", "existenceScope": "subscription"}}`, "")
		want(t, options(t, []string{has}, subscription, group(groupA, "")), "has "+unitA[len("/subscriptions/"):]+" healthy")
	}
}
