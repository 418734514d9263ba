package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// readAs gives a document's problems, and whether it was refused.
var readAs = map[string]func(text string) (refused bool, problems Problems){
	"initiative": func(text string) (bool, Problems) {
		s, problems := ParseInitiative("f", []byte(text))
		return s == nil, problems
	},
	"assignment": func(text string) (bool, Problems) {
		a, problems := ParseAssignment("f", []byte(text))
		return a == nil, problems
	},
	"exemption": func(text string) (bool, Problems) {
		e, problems := ParseExemption("f", []byte(text))
		return e == nil, problems
	},
	"attestation": func(text string) (bool, Problems) {
		a, problems := ParseAttestation("f", []byte(text))
		return a == nil, problems
	},
}

func TestRefusedDocuments(t *testing.T) {
	assignment := func(rest string) string { return `{"scope": "/s", "policyDefinitionId": "d", ` + rest + `}` }
	exemption := func(rest string) string {
		return `{"id": "/s/providers/Microsoft.Authorization/policyExemptions/e", "policyAssignmentId": "a", ` + rest + `}`
	}
	attestation := func(rest string) string {
		return `{"id": "/s/providers/Microsoft.PolicyInsights/attestations/e", "policyAssignmentId": "a", ` + rest + `}`
	}
	tests := map[string]struct{ kind, in, want string }{
		"initiative_no_members":  {"initiative", `{}`, `f:1:1: initiative without "policyDefinitions"; want an array of its members`},
		"initiative_member_kind": {"initiative", `{"policyDefinitions": [1]}`, `f:1:24: member is a number; want an object with "policyDefinitionId"`},
		"initiative_member_id":   {"initiative", `{"policyDefinitions": [{}]}`, `f:1:24: member without "policyDefinitionId"; want the id of a definition`},
		"initiative_reference": {
			"initiative", "{\"policyDefinitions\": [{\"policyDefinitionId\": \"/a/X\"},\n{\"policyDefinitionId\": \"d\", \"policyDefinitionReferenceId\": \"x\"}]}",
			`f:2:1: reference id "x" again; the member in line 1 has it already`,
		},
		"initiative_expression": {
			"initiative", `{"policyDefinitions": [{"policyDefinitionId": "d", "parameters": {"a": {"value": "[parametrs('x')]"}}}]}`,
			`f:1:84: expression: unknown function "parametrs"; did you mean "parameters"?`,
		},
		"initiative_parameter":  {"initiative", `{"parameters": {"a": 1}, "policyDefinitions": []}`, `f:1:22: parameter "a" is a number; want an object with "type"`},
		"initiative_group":      {"initiative", `{"policyDefinitionGroups": [{}], "policyDefinitions": []}`, `f:1:29: group without "name"; want an object with the name that members give in groupNames`},
		"assignment_definition": {"assignment", `{"scope": "/s"}`, `f:1:1: assignment without "policyDefinitionId"; want the id of a definition or initiative`},
		"assignment_scope":      {"assignment", `{"policyDefinitionId": "d"}`, `f:1:1: assignment without "scope"; want the id of what it is for, such as /subscriptions/GUID, or / for everything`},
		"assignment_blank":      {"assignment", `{"policyDefinitionId": "d", "scope": " "}`, `f:1:38: scope is blank; want the id of what it is for, such as /subscriptions/GUID, or / for everything`},
		"assignment_empty_with_id": {
			"assignment", `{"id": "/s/providers/Microsoft.Authorization/policyAssignments/a", "policyDefinitionId": "d", "scope": ""}`,
			`f:1:104: scope is blank; want the id of what it is for, such as /subscriptions/GUID, or / for everything`,
		},
		"assignment_tenant_id": {
			"assignment", `{"id": "/providers/Microsoft.Authorization/policyAssignments/a", "policyDefinitionId": "d"}`,
			`f:1:1: assignment without "scope"; want the id of what it is for, such as /subscriptions/GUID, or / for everything`,
		},
		"scopes_all_at_once": {
			"assignment", "{\"policyDefinitionId\": \"d\", \"scope\": \"/subscriptions/\",\n\"notScopes\": [\"subscriptions/s\", \"/subscriptions/s\",\n\"/subscriptions/s/resourceGroups/g/providers\"]}",
			"f:1:38: scope \"/subscriptions/\" ends in a slash; want the id without it\n" +
				"f:2:15: notScopes \"subscriptions/s\" is no id; did you mean \"/subscriptions/s\"?\n" +
				"f:3:1: notScopes \"/subscriptions/s/resourceGroups/g/providers\" is no whole id; want a name behind \"providers\"",
		},
		"scope_of_an_id": {
			"assignment", `{"id": "/subscriptions/providers/Microsoft.Authorization/policyAssignments/a", "policyDefinitionId": "d"}`,
			`f:1:8: scope "/subscriptions" is no whole id; want a name behind "subscriptions"`,
		},
		"assignment_enforcement": {"assignment", assignment(`"enforcementMode": "DoNotEnforced"`), `f:1:63: unknown enforcementMode "DoNotEnforced"; want one of Default, DoNotEnforce; did you mean "DoNotEnforce"?`},
		"assignment_parameters":  {"assignment", assignment(`"parameters": {"a": 5}`), `f:1:64: parameter "a" is a number; want an object with "value"`},
		"assignment_repeated":    {"assignment", assignment(`"parameters": {"a": {"value": 1}, "A": {"value": 2}}`), `f:1:78: parameter "A" again; "a" is in line 1 already`},
		"assignment_not_scopes":  {"assignment", assignment(`"notScopes": [1]`), `f:1:58: notScopes has a number in it; want strings`},
		"selector_both":          {"assignment", assignment(`"resourceSelectors": [{"selectors": [{"kind": "resourceType", "in": [], "notIn": []}]}]`), `f:1:81: selector with both or neither of "in" and "notIn"; want one of them`},
		"selector_kind":          {"assignment", assignment(`"resourceSelectors": [{"selectors": [{"kind": "resourceTyp", "in": []}]}]`), `f:1:90: unknown kind "resourceTyp"; want one of ` + strings.Join(selectorKinds, ", ") + `; did you mean "resourceType"?`},
		"selector_values":        {"assignment", assignment(`"resourceSelectors": [{"selectors": [{"kind": "resourceType", "in": [` + strings.Repeat(`"x",`, 50) + `"x"]}]}]`), `f:1:81: selector with 51 values; want at most 50`},
		"selector_locations":     {"assignment", assignment(`"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["x"]}, {"kind": "RESOURCEWITHOUTLOCATION", "in": ["subscriptionLevelResources"]}]}]`), `f:1:66: selectors of kinds resourceLocation and resourceWithoutLocation together; want one of them`},
		"selector_none":          {"assignment", assignment(`"resourceSelectors": [{"name": "s"}]`), `f:1:66: resource selector without "selectors"; want at least one`},
		"selector_level":         {"assignment", assignment(`"resourceSelectors": [{"selectors": [{"kind": "resourceWithoutLocation", "in": ["subscription"]}]}]`), `f:1:81: resourceWithoutLocation "subscription"; want subscriptionLevelResources`},
		"scope_kind":             {"assignment", `{"id": "/s/providers/Microsoft.Authorization/policyAssignments/a", "scope": 5, "policyDefinitionId": ["d"]}`, "f:1:77: scope is a number; want a string\nf:1:102: policyDefinitionId is an array; want a string"},
		"override_effect":        {"assignment", assignment(`"overrides": [{"kind": "policyEffect", "value": "Audti"}]`), `f:1:92: unknown effect "Audti"; did you mean "Audit"?`},
		"override_value":         {"assignment", assignment(`"overrides": [{"kind": "policyVersion"}]`), `f:1:58: override without "kind" or "value"; want both`},
		"exemption_id":           {"exemption", `{"policyAssignmentId": "a", "exemptionCategory": "Waiver"}`, `f:1:1: exemption without an "id" that says its scope; want <scope>/providers/Microsoft.Authorization/policyExemptions/<name>`},
		"exemption_category":     {"exemption", exemption(`"exemptionCategory": "Waver"`), `f:1:115: unknown exemptionCategory "Waver"; want one of Waiver, Mitigated; did you mean "Waiver"?`},
		"exemption_no_category":  {"exemption", exemption(`"expiresOn": null`), `f:1:1: exemption without "exemptionCategory"; want Waiver or Mitigated`},
		"exemption_expiry":       {"exemption", exemption(`"exemptionCategory": "Waiver", "expiresOn": "soon"`), `f:1:138: expiresOn is "soon"; want a time such as 2026-01-31T00:00:00Z`},
		"exemption_scope": {
			"exemption", `{"id": "/subscriptions//providers/Microsoft.Authorization/policyExemptions/e", "policyAssignmentId": "a", "exemptionCategory": "Waiver"}`,
			`f:1:8: scope "/subscriptions/" ends in a slash; want the id without it`,
		},
		"attestation_scope": {
			"attestation", `{"id": "subscriptions/s/providers/Microsoft.PolicyInsights/attestations/e", "policyAssignmentId": "a"}`,
			`f:1:8: scope "subscriptions/s" is no id; did you mean "/subscriptions/s"?`,
		},
		"attestation_state": {"attestation", attestation(`"complianceState": "complaint"`), `f:1:110: unknown complianceState "complaint"; want one of Compliant, NonCompliant, Unknown; did you mean "Compliant"?`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			refused, problems := readAs[test.kind](test.in)
			if !refused {
				t.Error("not refused")
			}
			if diff := cmp.Diff(test.want, strings.Join(errorsOf(problems), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParsedInitiative(t *testing.T) {
	s, problems := ParseInitiative("f", []byte(`{"id": "/x/policySetDefinitions/set", "properties": {"displayName": "S", "policyType": "custom", "version": "2.0.0",
		"parameters": {"E": {"type": "String"}}, "policyDefinitionGroups": [{"name": "AC-1", "category": "c"}],
		"policyDefinitions": [{"policyDefinitionId": "/x/d", "definitionVersion": "1.*.*", "groupNames": ["ac-1", "AC-2"],
			"parameters": {"Effect": {"value": "[parameters('e')]"}, "none": {"value": null}}}]}}`))
	if s == nil {
		t.Fatal(problems)
	}
	want := []string{`f:3:109: warning: group "AC-2" is not among the initiative's policyDefinitionGroups`}
	if diff := cmp.Diff(want, errorsOf(problems)); diff != "" {
		t.Error(diff)
	}
	m := s.Members[0]
	if m.ReferenceID != "d" || m.Version != "1.*.*" || len(m.Parameters) != 1 || m.Parameters["effect"].Expr == nil {
		t.Errorf("member %+v", m)
	}
	if s.Name != "set" || s.PolicyType != "Custom" || s.Version != "2.0.0" || s.Groups[0].Category != "c" || s.Parameters[0].Name != "E" {
		t.Errorf("initiative %+v", s)
	}
}

func TestParsedAssignment(t *testing.T) {
	a, problems := ParseAssignment("f", []byte(`{"id": "/subscriptions/s/providers/microsoft.authorization/policyassignments/A1", "properties": {
		"policyDefinitionId": "/d", "enforcementMode": "donotenforce", "notScopes": null,
		"parameters": {"Tag": {"value": "[x]"}}, "nonComplianceMessages": [{"message": "m", "policyDefinitionReferenceId": "r"}],
		"resourceSelectors": [{"name": "n", "selectors": [{"kind": "resourceLocation", "notIn": ["eastus"]}]}],
		"overrides": [{"kind": "POLICYEFFECT", "value": "Disabled"}]}}`))
	if problems != nil {
		t.Fatal(problems)
	}
	want := &Assignment{
		ID: "/subscriptions/s/providers/microsoft.authorization/policyassignments/A1", Name: "A1", Scope: "/subscriptions/s",
		DefinitionID: "/d", EnforcementMode: "DoNotEnforce", Parameters: map[string]Value{"tag": StringValue("[x]")},
		Messages:          []NonComplianceMessage{{"m", "r"}},
		ResourceSelectors: []ResourceSelector{{"n", []Selector{{Kind: "resourceLocation", NotIn: []string{"eastus"}}}}},
		Overrides:         []Override{{Kind: "policyEffect", Value: "Disabled"}},
		File:              "f", Pos: Position{1, 1},
	}
	if diff := cmp.Diff(want, a, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// TestSelector: an empty list admits none, and excludes none.
func TestSelector(t *testing.T) {
	tests := map[string]struct {
		selector Selector
		want     bool
	}{
		"in":           {Selector{In: []string{"East US"}}, true},
		"in_none":      {Selector{In: []string{}}, false},
		"not_in":       {Selector{NotIn: []string{"EASTUS"}}, false},
		"not_in_other": {Selector{NotIn: []string{"westus"}}, true},
		"not_in_none":  {Selector{NotIn: []string{}}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.selector.Admits("eastus"); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestParsedExemptionAndAttestation(t *testing.T) {
	e, problems := ParseExemption("f", []byte(`{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/policyExemptions/e", "properties": {
		"policyAssignmentId": "/a", "policyDefinitionReferenceIds": ["r"], "exemptionCategory": "mitigated", "expiresOn": "2026-01-01T00:00:00.5+02:00"}}`))
	if problems != nil {
		t.Fatal(problems)
	}
	if e.Scope != "/subscriptions/s/resourceGroups/g" || e.Category != "Mitigated" || e.ExpiresOn != "2026-01-01T00:00:00.5+02:00" || e.ReferenceIDs[0] != "r" {
		t.Errorf("exemption %+v", e)
	}
	a, problems := ParseAttestation("f", []byte(`{"id": "/subscriptions/s/providers/Microsoft.PolicyInsights/attestations/x",
		"policyAssignmentId": "/a", "complianceState": "Non-compliant", "assessmentDate": "2026-01-01"}`))
	if problems != nil {
		t.Fatal(problems)
	}
	if a.Scope != "/subscriptions/s" || a.Name != "x" || a.State != "NonCompliant" || a.AssessmentDate != "2026-01-01" {
		t.Errorf("attestation %+v", a)
	}
}
