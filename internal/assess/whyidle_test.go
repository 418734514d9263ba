package assess_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/policy"
)

// house is a standard of one's own: a group with a control, a control that
// nothing gives evidence for, and a manual one.
func house(t testing.TB) *catalog.Standard {
	t.Helper()
	s, problems := catalog.ParseStandard("house.yaml", []byte(`
title: House rules
authority: Contoso
version: "1"
clouds: [azure, aws]
controls:
- id: H
  title: All
  controls:
  - {id: H-1, title: Vaults, recommendations: [keyvault-resource-logs]}
- {id: H-2, title: Nothing yet}
- {id: H-3, title: Fire drill, manual: true}
- {id: H-4, title: Trails, recommendations: [s3-bucket-block-public-access]}
- id: H-5
  title: Two levels
  controls: [{id: H-5.1, title: One, controls: [{id: H-5.1.1, title: Drill of one, manual: true}]}]
`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return s
}

const vaultA = `{"id":"` + groupA + `/providers/Microsoft.KeyVault/vaults/kv","name":"kv","type":"Microsoft.KeyVault/vaults","properties":{"tenantId":"a"}}`

// Whatever an exemption says that changes nothing is told, and why.
func TestIdleExemptionsInTheShortForm(t *testing.T) {
	built := func(t *testing.T, name string) assess.Options {
		o := options(t, nil, vaultA, account(groupA, "one", plain), subscription(unitA), read(unitA, "*", "true"))
		o.Library, o.BuiltIn = nil, builtIn(t)
		switch name {
		case "own":
			o.OwnStandards = []*catalog.Standard{house(t)}
		case "chosen":
			o.Policies = []string{"storage-blob-anonymous-access-off"}
		}
		return o
	}
	const kv = "keyvault-resource-logs"
	tests := map[string]struct{ options, of, scope, want string }{
		"works":                     {"", kv, unitA, ""},
		"control_works":             {"", "mcsb-v1:LT-3", groupA, ""},
		"own_control_works":         {"own", "house:h-1", "/", ""},
		"manual_works":              {"own", "house:H-3", unitA, ""},
		"own_group":                 {"own", "house:H", unitA, `"house:H" is a group of controls; want one of them, such as house:H-1`},
		"group_of_groups":           {"own", "house:H-5", unitA, `"house:H-5" is a group of controls; want one of them, such as house:H-5.1.1`},
		"group":                     {"", "mcsb-v1:LT", unitA, `"mcsb-v1:LT" is a group of controls; want one of them, such as mcsb-v1:LT-1`},
		"not_covered":               {"own", "house:H-2", unitA, `"house:H-2" is not covered: nothing that is judged gives evidence for it`},
		"standard_not_chosen":       {"own", "mcsb-v1:LT-3", unitA, `compliance with mcsb-v1 is not told; --standard mcsb-v1 tells it`},
		"standard_not_default":      {"", "nist-800-53-r5:AU-2", unitA, `compliance with nist-800-53-r5 is not told; --standard nist-800-53-r5 tells it`},
		"standard_of_another_cloud": {"", "cis-aws-3.0:2.1.4", unitA, `compliance with cis-aws-3.0 is not told, as no unit of the input is of its clouds`},
		"standard_itself":           {"", "mcsb-v1", unitA, `"mcsb-v1" is a standard; want one of its controls, as mcsb-v1:CONTROL`},
		"no_such_control":           {"", "mcsb-v1:ZZ-1", unitA, `no recommendation, policy or control "mcsb-v1:ZZ-1" is judged`},
		"misspelt_control":          {"", "mcsb-v1:NS-1O", unitA, `no recommendation, policy or control "mcsb-v1:NS-1O" is judged; did you mean "mcsb-v1:NS-1"?`},
		"misspelt_recommendation":   {"", "storage-blob-anonymous-acess-off", unitA, `no recommendation, policy or control "storage-blob-anonymous-acess-off" is judged; did you mean "storage-blob-anonymous-access-off"?`},
		"another_cloud":             {"", "s3-bucket-block-public-access", unitA, `"s3-bucket-block-public-access" is about aws, and no resource of that is in scope "` + unitA + `"`},
		"control_of_another_cloud":  {"own", "house:H-4", unitA, `"house:H-4" is about aws, and no resource of that is in scope "` + unitA + `"`},
		"not_on_this_resource":      {"", kv, groupA + "/providers/Microsoft.Storage/storageAccounts/one", `"` + kv + `" judges no resource in scope "` + groupA + `/providers/Microsoft.Storage/storageAccounts/one"`},
		"control_not_on_it":         {"own", "house:H-1", groupA + "/providers/Microsoft.Storage/storageAccounts/one", `what gives evidence for "house:H-1" judges no resource in scope "` + groupA + `/providers/Microsoft.Storage/storageAccounts/one"`},
		"part_of_a_unit":            {"own", "house:H-3", groupA, `"house:H-3" is judged on ` + unitA + `, of which scope "` + groupA + `" is only a part`},
		"not_chosen":                {"chosen", kv, unitA, `"` + kv + `" is neither chosen nor assigned, so that nothing is judged by it`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := built(t, test.options)
			o.Exemptions = []*policy.Exemption{{ReferenceIDs: []string{test.of}, Scope: test.scope, Category: "Waiver", File: "e.jsonl", Pos: policy.Position{Line: 3}}}
			wantWarning(t, o, `exemption "e.jsonl:3"`, test.want)
		})
	}
}

// wantWarning wants one warning, or none where want is "".
func wantWarning(t *testing.T, o assess.Options, subject, want string) {
	t.Helper()
	if want != "" {
		want = subject + ": " + want
	}
	result, _ := run(t, o)
	if got := strings.Join(result.Warnings, "\n"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The same of policies, initiatives and assignments.
func TestIdleExemptionsOfPolicies(t *testing.T) {
	set := initiative("set", "", member("h", "https", `,"groupNames":["G-1","G-3"]`), `{"name":"G-1","category":"C"},{"name":"G-2"},{"name":"G-3"}`)
	other := initiative("other", "", member("h", "https", ""), "")
	off := definition("off", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "Disabled"}`, "")
	onlyTagged := definition("tagged", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "Audit"}`, "")
	const at = "/providers/Microsoft.Authorization/policyAssignments/"
	tests := map[string]struct {
		choose func(*assess.Options)
		exempt policy.Exemption
		want   string
	}{
		"group_works":      {nil, policy.Exemption{ReferenceIDs: []string{"set:g-1"}}, ""},
		"group_without":    {nil, policy.Exemption{ReferenceIDs: []string{"set:G-2"}}, `"set:G-2" is not covered: no member of the initiative is in it`},
		"category":         {nil, policy.Exemption{ReferenceIDs: []string{"set:C"}}, `"set:C" is a category of groups; want one of them, such as set:G-1`},
		"no_group":         {nil, policy.Exemption{ReferenceIDs: []string{"set:X"}}, `initiative "set" has no group "X"`},
		"not_at_work":      {nil, policy.Exemption{ReferenceIDs: []string{"other:h"}}, `initiative "other" is neither chosen nor assigned`},
		"an_initiative":    {nil, policy.Exemption{ReferenceIDs: []string{"set"}}, `"set" is an initiative; want a policy, or a group of it, as set:GROUP`},
		"not_told":         {func(o *assess.Options) { o.BuiltIn, o.Standards = builtIn(t), []string{"mcsb-v1"} }, policy.Exemption{ReferenceIDs: []string{"set:G-1"}}, `compliance with set is not told; --standard set tells it`},
		"disabled":         {func(o *assess.Options) { o.Initiatives, o.Policies = nil, []string{"off"} }, policy.Exemption{ReferenceIDs: []string{"off"}}, `"/providers/Microsoft.Authorization/policyDefinitions/off" is not evaluated: disabled`},
		"not_chosen":       {nil, policy.Exemption{ReferenceIDs: []string{"tagged"}}, `"tagged" is neither chosen nor assigned, so that nothing is judged by it`},
		"assignment_works": {assigns(t, "x", unitA), policy.Exemption{AssignmentID: unitA + at + "x", Scope: groupA}, ""},
		"assigned_elsewhere": {
			assigns(t, "x", groupA),
			policy.Exemption{AssignmentID: groupA + at + "x", Scope: unitA + "/resourceGroups/other"},
			`assignment "` + groupA + at + `x" judges no resource in scope "` + unitA + `/resourceGroups/other"`,
		},
		"selectors": {assigns(t, "x", unitA), policy.Exemption{AssignmentID: unitA + at + "x", ResourceSelectors: []policy.ResourceSelector{{Selectors: []policy.Selector{{Kind: "resourceLocation", In: []string{"mars"}}}}}}, `its resource selectors admit no resource in scope "` + unitA + `"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, off, onlyTagged, set, other}, account(groupA, "one", plain), account(unitA+"/resourceGroups/other", "two", secure), subscription(unitA))
			if o.Initiatives = []string{"set"}; test.choose != nil {
				test.choose(&o)
			}
			e := test.exempt
			e.Name, e.File, e.Pos, e.Category = "n", "e.json", policy.Position{Line: 9}, "Mitigated"
			e.Scope = cmp.Or(e.Scope, unitA)
			o.Exemptions = []*policy.Exemption{&e}
			wantWarning(t, o, `exemption "n" (e.json:9)`, test.want)
		})
	}
}

func assigns(t *testing.T, name, scope string) func(*assess.Options) {
	return func(o *assess.Options) {
		o.Initiatives, o.Assignments = nil, assigned(t, assignment(name, scope, "policyDefinitions/https", ""))
	}
}

// Nor do attestations go without a word.
func TestIdleAttestationsInTheShortForm(t *testing.T) {
	tests := map[string]struct{ of, scope, state, want string }{
		"works":                  {"house:H-3", unitA, "Compliant", ""},
		"rule_works":             {"subscription-emergency-access-tested", unitA, "Compliant", ""},
		"resource_group":         {"house:H-3", groupA, "Compliant", `"house:H-3" is judged on ` + unitA + `, of which scope "` + groupA + `" is only a part`},
		"rule_in_resource_group": {"subscription-emergency-access-tested", groupA, "Compliant", `"subscription-emergency-access-tested" is judged on ` + unitA + `, of which scope "` + groupA + `" is only a part`},
		"other_subscription":     {"house:H-3", unitB, "Compliant", `no resource of the input is in scope "` + unitB + `"`},
		"standard_not_chosen":    {"mcsb-v1:IR-1", unitA, "Compliant", `compliance with mcsb-v1 is not told; --standard mcsb-v1 tells it`},
		"open":                   {"house:H-3", unitA, "Unknown", `state "Unknown" leaves open what it is about; want Compliant or NonCompliant`},
		"not_covered":            {"house:H-2", unitA, "Compliant", `"house:H-2" is not covered: nothing that is judged gives evidence for it`},
		"cloud":                  {"house:H-3", "projects/p", "Compliant", `"house:H-3" is about azure, aws, and no resource of that is in scope "projects/p"`},
	}
	bucket := `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`
	inGoogle := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}},"ancestors":["projects/p"]`)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, vaultA, subscription(unitA), bucket, inGoogle)
			o.Library, o.BuiltIn, o.OwnStandards = nil, builtIn(t), []*catalog.Standard{house(t)}
			o.Attestations = []*policy.Attestation{{Scope: test.scope, ReferenceID: test.of, State: test.state, File: "f", Pos: policy.Position{Line: 7}}}
			wantWarning(t, o, `attestation "f:7"`, test.want)
		})
	}
	t.Run("group_of_an_initiative", func(t *testing.T) {
		set := initiative("set", "", member("h", "https", `,"groupNames":["G-1"]`)+","+member("m", "attest", `,"groupNames":["G-2"]`), `{"name":"G-1"},{"name":"G-2"}`)
		for group, want := range map[string]string{"G-1": `"set:G-1" is not manual; only what is can be attested`, "G-2": "", "G-3": `initiative "set" has no group "G-3"`} {
			o := options(t, []string{https, attest, set}, account(groupA, "one", plain), subscription(unitA))
			o.Initiatives = []string{"set"}
			o.Attestations = attestation(t, `{"recommendation":"set:`+group+`","state":"Compliant"}`)
			o.Attestations[0].Name = "n"
			wantWarning(t, o, `attestation "n"`, want)
		}
	})
	t.Run("older", func(t *testing.T) {
		o := options(t, nil, subscription(unitA))
		o.Library, o.BuiltIn, o.OwnStandards = nil, builtIn(t), []*catalog.Standard{house(t)}
		o.Attestations = attestation(t, `{"recommendation":"house:H-3","state":"Compliant","on":"2026-11-01"}`, `{"recommendation":"house:H-3","state":"NonCompliant","on":"2026-11-02"}`)
		o.Attestations[0].Name, o.Attestations[1].Name = "old", "new"
		wantWarning(t, o, `attestation "old"`, `attestation "new" holds already for all that it is about`)
	})
}

// What the filter leaves out is no reason to warn.
func TestIdleLooksBeyondTheFilter(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "one", plain), account(unitA+"/resourceGroups/other", "two", plain))
	o.Exemptions = exemption(t, `{"recommendation":"https","scope":"`+groupA+`"}`)
	o.Filter.Scopes = []string{unitA + "/resourceGroups/other"}
	wantWarning(t, o, "", "")
}
