package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/policy"
)

// assigned reads assignments as --assignments brings them.
func assigned(t *testing.T, texts ...string) []*policy.Assignment {
	t.Helper()
	var all []*policy.Assignment
	for _, text := range texts {
		a, problems := policy.ParseAssignment("assignments.json", []byte(text))
		if a == nil {
			t.Fatal(problems)
		}
		all = append(all, a)
	}
	return all
}

// What an assignment cannot do is told, and not left to be found out.
func TestIdleAssignments(t *testing.T) {
	off := `,"overrides":[{"kind":"policyEffect","value":"`
	nameless := `{"properties": {"scope": "` + unitA + `", "policyDefinitionId": "nothing"}, "name": "n"}`
	const set = `{"id": "/providers/Microsoft.Authorization/policySetDefinitions/set", "properties": {"policyDefinitions": [
		{"policyDefinitionReferenceId": "tls", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/https"}]}}`
	parts := `,"notScopes":["` + groupA + `","` + unitA + `/resourceGroups/gone"],
		"nonComplianceMessages":[{"message":"all"},{"message":"one","policyDefinitionReferenceId":"TLS"},{"message":"none","policyDefinitionReferenceId":"tsl"}],
		"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["West Europe","westerope"]}]}],
		"overrides":[{"kind":"policyEffect","value":"deny","selectors":[{"kind":"policyDefinitionReferenceId","in":["tls","tls12"]},{"kind":"resourceLocation","notIn":["mars"]}]}]`
	tests := map[string]struct {
		assignment string
		warnings   []string
		notJudged  []string
	}{
		"fits":             {assignment("x", unitA, "policyDefinitions/https", ""), nil, nil},
		"above":            {assignment("x", "/", "policyDefinitions/https", ""), nil, nil},
		"elsewhere":        {assignment("x", unitB, "policyDefinitions/https", ""), []string{`assignment "x": no resource of the input is in scope "` + unitB + `"`}, nil},
		"allowed_override": {assignment("x", unitA, "policyDefinitions/https", off+`deny"}]`), nil, nil},
		"wrong_override": {assignment("x", unitA, "policyDefinitions/https", off+`AuditIfNotExists"}]`), nil, []string{
			`assignment x: override: effect "AuditIfNotExists" is not among the allowedValues of parameter "effect"`,
		}},
		"override_of_another": {assignment("x", unitA, "policyDefinitions/https", off+`AuditIfNotExists","selectors":[{"kind":"policyDefinitionReferenceId","in":["m"]}]}]`), []string{`assignment "x": override: "m" is no member of what is assigned`}, nil},
		"parts_without_effect": {assignment("x", unitA, "policySetDefinitions/set", parts), []string{
			`assignment "x": its excluded scopes (notScopes) leave no resource of the input in scope "` + unitA + `"`,
			`assignment "x": override: "tls12" is no member of what is assigned`,
			`assignment "x": override: no resource of the input is in location "mars"`,
			`assignment "x": message: "tsl" is no member of what is assigned`,
			`assignment "x": resource selector "s": no resource of the input is in location "westerope"`,
			`assignment "x": no resource of the input is in the excluded scope "` + unitA + `/resourceGroups/gone"`,
		}, nil},
		"override_behind": {assignment("x", unitA, "policyDefinitions/https", off+`deny"},{"kind":"policyEffect","value":"Disabled"}]`), []string{
			`assignment "x": override to Disabled: one before it holds everywhere, and the first counts`,
		}, nil},
		"no_definition": {nameless, nil, []string{"assigned by n, but not in the catalog"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, set}, account(groupA, "one", plain))
			o.Assignments = assigned(t, test.assignment)
			result, _ := run(t, o)
			var why []string
			for _, n := range result.NotEvaluated {
				why = append(why, n.Why)
			}
			if diff := cmp.Diff(test.warnings, result.Warnings) + cmp.Diff(test.notJudged, why); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	o := assess.Options{
		Inputs: []assess.Input{text("in", account(groupA, "one", plain))}, BuiltIn: builtIn(t), Now: now,
		Assignments: assigned(t, assignment("x", unitA, "policyDefinitions/https", "")),
	}
	result, _ := run(t, o)
	if got := strings.Join(result.Warnings, "\n"); got != `assignment "x": there are no definitions; give them with --catalog` {
		t.Errorf("without a catalog: %q", got)
	}
}

// Only what is manual can be attested.
func TestIdleAttestations(t *testing.T) {
	tests := map[string]string{
		"subscription-emergency-access-tested": "",
		"mcsb-v1:PA-5":                         "",
		"mcsb-v1:IR-1":                         "",
		"mcsb-v1:NS-2":                         `attestation "f:7:1": "mcsb-v1:NS-2" is not manual; only what is can be attested`,
		"mcsb-v1:ZZ-2":                         `attestation "f:7:1": no recommendation, policy or control "mcsb-v1:ZZ-2" is judged`,
		"storage-blob-anonymous-access-off":    `attestation "f:7:1": "storage-blob-anonymous-access-off" is not manual; only what is can be attested`,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			o := assess.Options{
				Inputs: []assess.Input{text("in", subscription(unitA))}, BuiltIn: builtIn(t), Now: now,
				Attestations: []*policy.Attestation{{Scope: unitA, ReferenceID: name, State: "Compliant", File: "f", Pos: policy.Position{Line: 7, Column: 1}}},
			}
			result, _ := run(t, o)
			if got := strings.Join(result.Warnings, "\n"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// What has expired is told, as it has no effect any more.
func TestExpiredIsTold(t *testing.T) {
	o := options(t, []string{https, attest}, account(groupA, "one", plain), subscription(unitA))
	o.Exemptions = exemption(t,
		`{"recommendation":"https","expiresOn":"2026-11-21"}`, `{"recommendation":"https","expiresOn":"soon"}`, `{"recommendation":"https","expiresOn":"2026-11-23"}`)
	o.Attestations = attestation(t, `{"recommendation":"attest","state":"Compliant","expiresOn":"2026-11-01"}`)
	o.Exemptions[0].Name, o.Exemptions[1].Name, o.Attestations[0].Name = "a", "b", "c"
	result, _ := run(t, o)
	expected := []string{
		`exemption "a": expired on 2026-11-21`, `exemption "b": expiresOn "soon" is no time, so that it does not hold`,
		`attestation "c": expired on 2026-11-01`,
	}
	if diff := cmp.Diff(expected, result.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Resources whose records name no account are in no score, which is told.
func TestResourcesWithoutAccountAreTold(t *testing.T) {
	bucket := func(name string) string {
		return `{"TypeName":"AWS::S3::Bucket","ResourceDescription":{"Identifier":"` + name + `","Properties":"{\"BucketName\":\"` + name + `\"}"}}`
	}
	organization := `{"type":"AWS::Organizations::OrganizationalUnit","id":"ou-1","properties":{"Id":"ou-1","Name":"prod","ParentId":"r-1"}}`
	role := `{"id":"/providers/Microsoft.Authorization/roleDefinitions/r","type":"Microsoft.Authorization/roleDefinitions","properties":{"roleName":"r"}}`
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"some": {[]string{bucket("a"), bucket("b"), organization, role}, "2 resources belong to no unit: their records name no account"},
		"one":  {[]string{bucket("a")}, "1 resource belongs to no unit: its record names no account"},
		"none": {[]string{organization, role, account(groupA, "one", plain)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			result, _ := run(t, options(t, []string{https}, test.lines...))
			if got := strings.Join(result.Warnings, "\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The same as Azure writes it: for a member of an assignment, or all of it.
func TestIdleAttestationsOfAssignments(t *testing.T) {
	const of = "/providers/Microsoft.Authorization/policyAssignments/"
	set := initiative("both", "", `{"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/https", "policyDefinitionReferenceId": "h"},
		{"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/attest", "policyDefinitionReferenceId": "m"}`, "")
	tests := map[string]struct{ assignment, member, want string }{
		"manual_member": {"s", "M", ""},
		"whole":         {"s", "", ""},
		"other_member":  {"s", "h", `attestation "a": member "h" of assignment "` + unitA + of + `s" is not manual; only what is can be attested`},
		"manual":        {"a", "", ""},
		"other":         {"x", "", `attestation "a": assignment "` + unitA + of + `x" is not manual; only what is can be attested`},
		"no_member":     {"s", "q", `attestation "a": assignment "` + unitA + of + `s" has no member "q" that is judged`},
		"disabled":      {"d", "", `attestation "a": assignment "` + unitA + of + `d" is disabled, or not evaluated`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, attest, set}, subscription(unitA))
			o.Assignments = assigned(t, assignment("s", unitA, "policySetDefinitions/both", ""), assignment("a", unitA, "policyDefinitions/attest", ""),
				assignment("x", unitA, "policyDefinitions/https", ""), assignment("d", unitA, "policyDefinitions/https", `,"parameters":{"effect":{"value":"Disabled"}}`))
			o.Attestations = []*policy.Attestation{{Name: "a", Scope: unitA, AssignmentID: unitA + of + test.assignment, ReferenceID: test.member, State: "Compliant"}}
			result, _ := run(t, o)
			if got := strings.Join(result.Warnings, "\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
