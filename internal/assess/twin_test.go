package assess_test

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// A member whose definition is not in the catalogue is judged by the
// recommendation that checks the same, of an assigned initiative where it is
// assigned.
func TestTwins(t *testing.T) {
	const blob = "storage-blob-anonymous-access-off"
	one, two := account(groupA, "one", `,"properties":{"allowBlobPublicAccess":true}`), account(unitB+"/resourceGroups/app", "two", `,"properties":{"allowBlobPublicAccess":true}`)
	bad := func(name, references string) string { return blob + " " + name + " unhealthy" + references }
	assigned := func(scope, rest string) string { return assignment("x", scope, "policySetDefinitions/set", rest) }
	effect := `, "parameters": {"effect": {"value": "[parameters('effect')]"}}`
	tests := map[string]struct {
		rest      string // of the member
		documents []string
		want      []string
		state     compliance.State
	}{
		"not_assigned":       {"", nil, []string{bad("one", " <set:m>"), bad("two", " <set:m>")}, compliance.Failed},
		"assigned":           {"", []string{assigned("/", "")}, []string{bad("one", " <x:m>"), bad("two", " <x:m>")}, compliance.Failed},
		"assigned_in_a_unit": {"", []string{assigned(unitB, "")}, []string{bad("one", ""), bad("two", " <x:m>")}, compliance.Failed},
		"assigned_elsewhere": {"", []string{assigned(unitA+"/resourceGroups/other", "")}, []string{bad("one", ""), bad("two", "")}, compliance.NotApplicable},
		"disabled":           {effect, []string{assigned("/", `,"parameters":{"effect":{"value":"Disabled"}}`)}, []string{bad("one", ""), bad("two", "")}, compliance.NotCovered},
		"enabled":            {effect, []string{assigned("/", "")}, []string{bad("one", " <x:m>"), bad("two", " <x:m>")}, compliance.Failed},
		"override": {
			"",
			[]string{assigned("/", `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"resourceType","in":["Microsoft.Storage/storageAccounts"]}]}]`)},
			[]string{bad("one", ""), bad("two", "")},
			compliance.NotApplicable,
		},
		"override_of_another": {
			"",
			[]string{assigned("/", `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["n"]}]}]`)},
			[]string{bad("one", " <x:m>"), bad("two", " <x:m>")},
			compliance.Failed,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			set := initiative("set", `"effect": {"type": "String", "defaultValue": "Audit"}`, member("m", "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751", test.rest), "")
			o := options(t, append([]string{set}, test.documents...), one, two)
			o.BuiltIn, o.Policies, o.Standards = builtIn(t), []string{blob}, []string{"set"}
			want(t, o, test.want...)
			result, _ := run(t, o)
			if len(result.Compliance) != 1 || len(result.Compliance[0].Nodes) != 1 || result.Compliance[0].Nodes[0].State != test.state {
				t.Errorf("compliance %+v, want a control in state %q", result.Compliance, test.state)
			}
		})
	}
}
