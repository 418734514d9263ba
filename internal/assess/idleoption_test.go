package assess_test

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Other options that change nothing are told too.
func TestIdleOptions(t *testing.T) {
	off := map[string]map[string]policy.Value{"https": {"effect": policy.StringValue("Deny")}}
	types := `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceType","in":["Microsoft.Storage/storageAccounts","Microsoft.Sql/servers"]}]}]`
	level := `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceWithoutLocation","in":["subscriptionLevelResources"]}]}]`
	tests := map[string]struct {
		with func(*assess.Options)
		want string
	}{
		"complete_works": {func(o *assess.Options) {
			o.Complete = []assess.Completeness{{Scope: unitA, Type: "microsoft.insights/diagnosticSettings"}}
		}, ""},
		"complete_every": {func(o *assess.Options) { o.Complete = []assess.Completeness{{Scope: unitA, Type: "*"}, {All: true}} }, ""},
		"complete_typo": {func(o *assess.Options) {
			o.Complete = []assess.Completeness{{Scope: unitA, Type: "Microsoft.Insights/diagnosticSetting"}}
		}, `--complete: nothing that is judged looks for resources of type "Microsoft.Insights/diagnosticSetting"`},
		"complete_typo_beside_rules_not_bound": {func(o *assess.Options) {
			o.BuiltIn = builtIn(t)
			o.Complete = []assess.Completeness{{Scope: unitA, Type: "Microsoft.Insights/diagnosticSetting"}}
		}, `--complete: nothing that is judged looks for resources of type "Microsoft.Insights/diagnosticSetting"`},
		"complete_of_a_rule_not_bound": {func(o *assess.Options) {
			o.BuiltIn = builtIn(t)
			o.Complete = []assess.Completeness{{Scope: unitA, Type: "AWS::CloudTrail::Trail"}}
		}, ""},
		"assignment_excludes_all": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", `,"notScopes":["`+unitA+`"]`))
			},
			`assignment "x": its excluded scopes (notScopes) leave no resource of the input in scope "` + unitA + `"`,
		},
		"assignment_excludes_all_there_is": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", `,"notScopes":["`+groupA+`"]`))
			},
			`assignment "x": its excluded scopes (notScopes) leave no resource of the input in scope "` + unitA + `"`,
		},
		"hierarchy_works": {func(o *assess.Options) {
			o.Hierarchy = []posture.Scope{{ID: top, Kind: posture.Folder}, {ID: unitA, Parent: top, Kind: posture.Unit}}
		}, ""},
		"hierarchy_of_group": {func(o *assess.Options) {
			o.Hierarchy = []posture.Scope{{ID: groupA, Parent: unitA, Kind: posture.Group}}
		}, ""},
		"hierarchy":       {func(o *assess.Options) { o.Hierarchy = []posture.Scope{{ID: unitB, Parent: top, Kind: posture.Unit}} }, `--hierarchy: no unit of the input is among its scopes, such as "` + unitB + `"`},
		"parameters_work": {func(o *assess.Options) { o.Parameters = off }, ""},
		"parameters":      {func(o *assess.Options) { o.Parameters, o.Policies = off, []string{"logged"} }, `--parameters: the values for policy "https" change nothing: it is not chosen`},
		"parameters_of_what_is_assigned": {
			func(o *assess.Options) {
				o.Parameters, o.Assignments = off, assigned(t, assignment("x", unitA, "policyDefinitions/https", ""))
				o.ParameterPlaces = map[string]string{"https": "p.json:1:2"}
			},
			`p.json:1:2: the values for policy "https" change nothing: it is not chosen, or judged as it is assigned, with the values of the assignment`,
		},
		"assignment_not_chosen": {
			func(o *assess.Options) {
				o.Policies, o.Assignments = []string{"logged"}, assigned(t, assignment("x", unitA, "policyDefinitions/https", ""))
			},
			`assignment "x": what it assigns is not chosen with --policy or --initiative`,
		},
		"standard": {
			func(o *assess.Options) { o.BuiltIn, o.Standards = builtIn(t), []string{"cis-aws-3.0", "mcsb-v1"} },
			`--standard cis-aws-3.0: it is about aws, and no unit of the input is of that`,
		},
		"all_standards": {func(o *assess.Options) { o.BuiltIn, o.Standards = builtIn(t), []string{"all"} }, ""},
		"selector_of_an_exemption": {
			func(o *assess.Options) {
				o.Exemptions = exemption(t, `{"recommendation":"https"}`)
				o.Exemptions[0].Name = "n"
				o.Exemptions[0].ResourceSelectors = []policy.ResourceSelector{{Name: "s", Selectors: []policy.Selector{{Kind: "resourceLocation", In: []string{"westeurope", "mars"}}}}}
			},
			`exemption "n": resource selector "s": no resource of the input is in location "mars"`,
		},
		"type_of_a_selector": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", types))
			},
			`assignment "x": resource selector "s": no resource of the input is of type "Microsoft.Sql/servers"`,
		},
		"level_of_a_selector": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", level))
			},
			`assignment "x": its resource selectors admit none of the resources that it is about`,
		},
		"level_or_type": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", strings.Replace(level, `}]}]`,
					`}]},{"name":"t","selectors":[{"kind":"resourceType","in":["Microsoft.Storage/storageAccounts"]}]}]`, 1)))
			},
			"",
		},
		"another_type_of_the_input": {
			func(o *assess.Options) {
				o.Inputs = append(o.Inputs, text("more.jsonl", subscription(unitA)))
				o.Assignments = assigned(t, assignment("x", unitA, "policyDefinitions/https", level))
			},
			`assignment "x": its resource selectors admit none of the resources that it is about`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, logged}, account(groupA, "one", plain))
			test.with(&o)
			result, _ := run(t, o)
			got := ""
			for _, w := range result.Warnings {
				got += w
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
