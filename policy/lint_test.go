package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLint(t *testing.T) {
	tests := map[string]struct {
		in   string // JSON lines
		want []string
	}{
		"sound": {
			`{"policyRule": {"if": {"allOf": [{"field": "tags['a']", "like": "a*"}, {"field": "M.X/t/size", "exists": true}, {"field": "AWS::S3::Bucket/Name", "exists": true}]}, "then": {"effect": "audit"}}}`,
			nil,
		},
		"unknown_alias": {
			`{"policyRule": {"if": {"anyOf": [{"field": "M.X/t/szie", "exists": true}, {"count": {"field": "M.X/t/disk[*]"}, "equals": "[length(field('M.X/t/zzz'))]"}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:44: warning: unknown alias "M.X/t/szie"; did you mean "M.X/t/size"?`,
				`f:1:85: warning: unknown alias "M.X/t/disk[*]"; did you mean "M.X/t/disks[*]"?`,
				`f:1:123: warning: unknown alias "M.X/t/zzz"`,
			},
		},
		"inside_count": {
			`{"policyRule": {"if": {"count": {"value": [], "where": {"field": "M.X/t/zzz", "exists": true}}, "equals": 1}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:66: warning: unknown alias "M.X/t/zzz"`},
		},
		"mode": {
			`{"mode": "Indxed", "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:1: warning: unknown mode "Indxed"; did you mean "Indexed"?`},
		},
		"no_list": {
			`{"policyRule": {"if": {"field": "name", "notIn": "x"}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:50: warning: notIn compares with "x", which counts as a list of one; want an array`},
		},
		"like": {
			`{"policyRule": {"if": {"not": {"value": "x", "notLike": "*a*"}}, "then": {"effect": "auditIfNotExists", "details": {"type": "a/b", "existenceCondition": {"field": "name", "like": "a?"}}}}}`,
			[]string{
				`f:1:57: warning: pattern "*a*" has more than one "*", which Azure does not allow`,
				`f:1:180: warning: "?" in pattern "a?" stands for any one character here; "match" has it documented`,
			},
		},
		"parameters": {
			`{"parameters": {"used": {"type": "String"}, "idle": {"type": "String"}, "old": {"type": "String", "metadata": {"deprecated": true}}, "deployed": {"type": "String"}}, "policyRule": {"if": {"value": ["[parameters('USED')]"], "equals": "[parameters('idel')]"}, "then": {"effect": "deployIfNotExists", "details": {"type": "a/b", "deployment": {"properties": {"template": {"x": "[parameters('inner')]"}, "parameters": {"p": {"value": "[parameters('deployed')]"}}}}}}}}`,
			[]string{`f:1:45: warning: parameter "idle" is not used`, `f:1:234: warning: parameter "idel" is not declared; did you mean "idle"?`},
		},
		"computed_parameter": {
			`{"parameters": {"a": {"type": "String"}}, "policyRule": {"if": {"value": "[parameters(concat('a', ''))]", "equals": 1}, "then": {"effect": "audit"}}}`,
			nil,
		},
		"effect": {
			`{"parameters": {"e": {"type": "String", "defaultValue": "None", "allowedValues": ["Audit", "Dney"]}}, "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "[parameters('e')]"}}}`,
			[]string{`f:1:17: warning: parameter "e" allows the unknown effect "Dney"; did you mean "Deny"?`, `f:1:17: warning: parameter "e" allows the unknown effect "None"`},
		},
		"deprecated": {
			`{"name": "d", "properties": {"metadata": {"deprecated": true}, ` + smallRule + `}}` + "\n" +
				`{"scope": "/s", "policyDefinitionId": "d", "parameters": {"x": {"value": 1}}}`,
			[]string{
				`f:1:1: warning: definition "d" is deprecated`, `f:2:1: warning: assignment "f" is of definition "d", which is deprecated`,
				`f:2:1: warning: assignment "f": unknown parameter "x"`,
			},
		},
		"member_parameters": {
			`{"name": "d", "properties": {"parameters": {"Name": {"type": "String", "allowedValues": ["a"]}, "Other": {"type": "String"}}, "policyRule": {"if": {"value": "[parameters('name')]", "equals": "[parameters('other')]"}, "then": {"effect": "audit"}}}}` + "\n" +
				`{"name": "s", "properties": {"parameters": {"p": {"type": "String"}}, "policyDefinitions": [{"policyDefinitionId": "gone"}, {"policyDefinitionId": "d", "parameters": {"nam": {"value": 1}, "other": {"value": "[parameters('p')]"}}}]}}`,
			[]string{
				`f:2:1: warning: member "gone": no definition "gone"`, `f:2:1: warning: member "d": missing value of parameter "Name"`,
				`f:2:1: warning: member "d": unknown parameter "nam"; did you mean "Name"?`,
			},
		},
		"exemption": {
			`{"id": "/s/providers/Microsoft.Authorization/policyAssignments/a", "policyDefinitionId": "gone"}` + "\n" +
				`{"id": "/s/providers/Microsoft.Authorization/policyExemptions/e", "policyAssignmentId": "/b", "exemptionCategory": "Waiver"}`,
			[]string{`f:1:1: warning: assignment "a": no definition or initiative "gone"`, `f:2:1: warning: no assignment "/b"`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := Library{Aliases: NewAliases()}
			for _, name := range []string{"M.X/t/size", "M.X/t/disks[*]"} {
				l.Aliases.Add(AliasEntry{Name: name, Type: "M.X/t", Path: "p"})
			}
			got := errorsOf(l.Add("f", []byte(test.in)).only(false))
			got = append(got, errorsOf(Lint(&l))...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLintWithoutAliasTable(t *testing.T) {
	var l Library
	l.Add("f", []byte(`{"policyRule": {"if": {"field": "M.X/t/size", "exists": true}, "then": {"effect": "audit"}}}`))
	if problems := Lint(&l); len(l.Definitions) != 1 || problems != nil {
		t.Errorf("%d definitions, problems %v; want one and none", len(l.Definitions), problems)
	}
}
