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
		"misspelt_keys": {
			`{"policyRule": {"if": {"field": "name", "exists": true}, "then": {"effect": "auditIfNotExists", "detials": {}, "details": {"type": "a/b", "existanceCondition": {}, "existenceScope": "tenant", "own": 1}}}}`,
			[]string{
				`f:1:97: warning: unknown key "detials" in then, which is ignored; did you mean "details"?`,
				`f:1:139: warning: unknown key "existanceCondition" in details, which is ignored; did you mean "existenceCondition"?`,
				`f:1:183: warning: unknown existenceScope "tenant"; want one of subscription, resourceGroup`,
			},
		},
		"mode": {
			`{"mode": "Indxed", "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:1: warning: unknown mode "Indxed"; did you mean "Indexed"?`},
		},
		"no_list": {
			`{"policyRule": {"if": {"field": "name", "notIn": "x"}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:50: warning: notIn compares with "x", which counts as a list of one; want an array`},
		},
		"operands": {
			`{"policyRule": {"if": {"allOf": [{"field": "name", "like": ["x"]}, {"field": "name", "less": {"a": "[utcNow()]"}}, {"field": "name", "match": "[createArray()]"}, {"field": "name", "exists": "maybe"}, {"field": "name", "exists": "TRUE"}, {"field": "name", "exists": 1}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:60: warning: like compares with an array or object, which no value passes; want a text or a number`,
				`f:1:94: warning: less compares with an array or object, which no value passes; want a text or a number`,
				`f:1:191: warning: exists compares with "maybe"; want true or false`,
				`f:1:266: warning: exists compares with 1; want true or false`,
			},
		},
		"special_count": {
			`{"policyRule": {"if": {"anyOf": [{"count": {"field": "type"}, "equals": 1}, {"count": {"field": "tags"}, "equals": 1}, {"count": {"field": "tags[*]"}, "equals": 1}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:54: count over "type", which is no array; want an alias with "[*]"`,
				`f:1:97: count over "tags", which is no array; want an alias with "[*]"`,
			},
		},
		"patterns_and_empties": {
			`{"policyRule": {"if": {"allOf": [{"field": "name", "match": 5}, {"anyOf": []}, {"not": {"allOf": []}}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:61: warning: match compares with 5; want a pattern in quotes`,
				`f:1:65: warning: anyOf of nothing, which is never true`,
				`f:1:88: warning: allOf of nothing, which is always true`,
			},
		},
		"modify_if_allowed": {
			`{"parameters": {"effect": {"type": "String", "defaultValue": "Disabled", "allowedValues": ["Modify", "Disabled"]}}, "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "[parameters('effect')]", "details": {"roleDefinitionIds": [], "operations": [{"operation": "add", "field": "location", "value": "x"}]}}}}`,
			[]string{
				`f:1:243: warning: roleDefinitionIds is empty; want the roles that a remediation needs`,
				`f:1:292: warning: modify of "location"; want a tag, identity.type or an alias that is modifiable`,
			},
		},
		"unnamed_count": {
			`{"policyRule": {"if": {"count": {"value": [1], "where": {"not": {"count": {"value": [2]}, "equals": 1}}}, "equals": 1}, "then": {"effect": "auditIfNotExists", "details": {"type": "a/b", "existenceCondition": {"count": {"field": "M.X/t/disks[*]", "where": {"count": {"value": [2], "name": "n", "where": {"count": {"value": [3]}, "equals": 1}}, "equals": 1}}, "equals": 1}}}}}`,
			[]string{
				`f:1:75: value count without "name" inside another count; want one there, as "default" is the outermost's`,
				`f:1:313: value count without "name" inside another count; want one there, as "default" is the outermost's`,
			},
		},
		"modify": {
			`{"policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "M.X/t/fixed", "value": 1}, {"operation": "remove", "field": "M.X/t/size"}, {"operation": "remove", "field": "tags['a']"}]}}}}`,
			[]string{
				`f:1:164: warning: modify of "M.X/t/fixed"; want a tag, identity.type or an alias that is modifiable`,
				`f:1:225: warning: operation remove of "M.X/t/size", which Azure allows for tags only`,
			},
		},
		"count_without_star": {
			`{"policyRule": {"if": {"anyOf": [{"count": {"field": "M.X/t/disks"}, "equals": 1}, {"count": {"field": "M.X/t/size"}, "equals": 1}, {"count": {"field": "M.X/t/logs"}, "equals": 1}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:44: warning: count over "M.X/t/disks", which is no array with "[*]"; did you mean "M.X/t/disks[*]"?`,
				`f:1:94: warning: count over "M.X/t/size", which is no array with "[*]"`,
			},
		},
		"current": {
			`{"policyRule": {"if": {"anyOf": [{"value": "[current()]", "equals": 1}, {"count": {"field": "M.X/t/disks[*]", "where": {"anyOf": [{"value": "[current('M.X/T/disks[*].a')]", "equals": "[current('n')]"}, {"value": "[current('M.X/t/disks[*]')]", "equals": "[current().b]"}]}}, "equals": 1}, {"count": {"value": ["[current('n')]"], "name": "n", "where": {"count": {"value": "[current('N')]", "name": "m", "where": {"value": "[concat(current('m'), current('n'), current('default'))]", "equals": 1}}, "equals": "[current('m')]"}}, "equals": 1}, {"count": {"value": [1], "where": {"value": "[current('default')]", "equals": "[current()]"}}, "equals": 1}]}, "then": {"effect": "auditIfNotExists", "details": {"type": "a/b", "name": "[current('n')]", "existenceCondition": {"value": "[current('n')]", "equals": 1}}}}}`,
			[]string{
				`f:1:44: warning: current() outside any count`,
				`f:1:184: warning: current('n') outside a count of that name`,
				`f:1:310: warning: current('n') outside a count of that name`,
				`f:1:421: warning: current('default') outside a count of that name`,
				`f:1:506: warning: current('m') outside a count of that name`,
				`f:1:725: warning: current('n') outside a count of that name`,
				`f:1:775: warning: current('n') outside a count of that name`,
			},
		},
		"unclosed_expression": {
			`{"policyRule": {"if": {"allOf": [{"value": "[field('name')", "equals": "[field('name') "}, {"field": "name", "in": ["[toLower('a')", "[x", "[[concat('a')", "a[b(c"]}, {"count": {"value": "[field('tags')", "name": "n", "where": {"field": "name", "in": ["[field('type')]", "[concat('n')"]}}, "equals": 1}]}, "then": {"effect": "deployIfNotExists", "details": {"type": "a/b", "name": "[field('name')", "roleDefinitionIds": ["r"], "existenceCondition": {"field": "name", "equals": "[field('kind')"}, "deployment": {"properties": {"template": {"a": "[field('name')"}}}}}}}`,
			[]string{
				`f:1:44: warning: "[field('name')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:72: warning: "[field('name') " begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:117: warning: "[toLower('a')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:188: warning: "[field('tags')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:272: warning: "[concat('n')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:382: warning: "[field('name')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
				`f:1:478: warning: "[field('kind')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
			},
		},
		"modify_details": {
			`{"policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "modify", "details": {"roleDefinitionIds": [], "conflictEffect": "bogus", "operations": [{"operation": "add", "field": "name", "value": 1}, {"operation": "add", "field": "Identity.userAssignedIdentities", "value": 1}, {"operation": "add", "field": "identity.type", "value": 1}, {"operation": "add", "field": "tags", "value": "[current()]"}]}}}}`,
			[]string{
				`f:1:112: warning: roleDefinitionIds is empty; want the roles that a remediation needs`,
				`f:1:134: warning: unknown conflictEffect "bogus"; want one of audit, deny, disabled`,
				`f:1:188: warning: modify of "name"; want a tag, identity.type or an alias that is modifiable`,
				`f:1:239: warning: modify of "Identity.userAssignedIdentities"; want a tag, identity.type or an alias that is modifiable`,
				`f:1:394: warning: current() outside any count`,
			},
		},
		"conflict_effect": {
			`{"parameters": {"c": {"type": "String", "defaultValue": "Audti", "allowedValues": ["DENY"]}}, "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "modify", "details": {"roleDefinitionIds": ["r"], "conflictEffect": "[parameters('C')]", "operations": [{"operation": "add", "field": "tags.a", "value": 1}]}}}}`,
			[]string{`f:1:230: warning: unknown conflictEffect "Audti"; want one of audit, deny, disabled; did you mean "audit"?`},
		},
		"deploy_roles": {
			`{"policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "deployIfNotExists", "details": {"type": "a/b"}}}}` + "\n" +
				`{"name": "g", "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "auditIfNotExists", "details": {"type": "a/b", "roleDefinitionIds": []}}}}`,
			[]string{`f:1:101: warning: details of deployIfNotExists without "roleDefinitionIds"; want the roles that a remediation needs`},
		},
		"default_state": {
			`{"policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "manual", "details": {"defaultState": "Complaint"}}}}` + "\n" +
				`{"name": "g", "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "manual", "details": {"defaultState": "non-compliant"}}}}` + "\n" +
				`{"name": "h", "policyRule": {"if": {"value": 1, "equals": 1}, "then": {"effect": "manual", "details": {"defaultState": 7}}}}`,
			[]string{
				`f:1:107: warning: unknown defaultState "Complaint"; want one of Compliant, NonCompliant, Unknown; did you mean "Compliant"?`,
				`f:3:120: warning: defaultState is a number; want one of Compliant, NonCompliant, Unknown`,
			},
		},
		"references": {
			`{"name": "d", "properties": {` + smallRule + `}}` + "\n" +
				`{"name": "s", "properties": {"policyDefinitions": [{"policyDefinitionId": "d", "policyDefinitionReferenceId": "one"}]}}` + "\n" +
				`{"name": "a", "properties": {"scope": "/s", "policyDefinitionId": "s", "nonComplianceMessages": [{"message": "m", "policyDefinitionReferenceId": "three"}], "overrides": [{"kind": "policyEffect", "value": "Audit", "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["ONE", "onee"]}]}], "resourceSelectors": [{"name": "r", "selectors": [{"kind": "PolicyDefinitionReferenceId", "notIn": ["two"]}]}]}}` + "\n" +
				`{"id": "/s/providers/Microsoft.Authorization/policyAssignments/b", "properties": {"policyDefinitionId": "d", "overrides": [{"kind": "policyEffect", "value": "Audit", "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["one"]}]}]}}`,
			[]string{
				`f:3:1: warning: assignment "a": override: no member "onee" in the initiative; did you mean "one"?`,
				`f:3:1: warning: assignment "a": resource selector: no member "two" in the initiative`,
				`f:3:1: warning: assignment "a": message: no member "three" in the initiative`,
				`f:4:1: warning: assignment "b": override: selects member "one", and what is assigned is no initiative`,
			},
		},
		"like": {
			`{"policyRule": {"if": {"not": {"value": "x", "notLike": "*a*"}}, "then": {"effect": "auditIfNotExists", "details": {"type": "a/b", "existenceCondition": {"field": "name", "like": "a?"}}}}}`,
			[]string{
				`f:1:57: warning: pattern "*a*" has more than one "*", which Azure does not allow`,
				`f:1:180: warning: "?" in pattern "a?" stands for any one character here; "match" has it documented`,
			},
		},
		"parameters": {
			`{"parameters": {"used": {"type": "String"}, "idle": {"type": "String"}, "old": {"type": "String", "metadata": {"deprecated": true}}, "deployed": {"type": "String"}}, "policyRule": {"if": {"value": ["[parameters('USED')]"], "equals": "[parameters('idel')]"}, "then": {"effect": "deployIfNotExists", "details": {"type": "a/b", "roleDefinitionIds": ["r"], "deployment": {"properties": {"template": {"x": "[parameters('inner')]"}, "parameters": {"p": {"value": "[parameters('deployed')]"}}}}}}}}`,
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
			l.Aliases.Add(AliasEntry{Name: "M.X/t/logs", Type: "M.X/t", Path: "logs[*].enabled"})
			l.Aliases.Add(AliasEntry{Name: "M.X/t/fixed", Type: "M.X/t", Path: "p", Modifiable: No})
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
