package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLint_refused: what is wrong with a document that is refused is said in
// the same run as what it is refused for.
func TestLint_refused(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []string // of Lint
	}{
		"definition": {
			`{"mode": "Indxed", "parameters": {"idle": {"type": "String"}, "used": {"type": "String"}}, "policyRule": {"if": {"allOf": [{"field": "M.X/t/szie", "equal": "[parameters('used2')]"}, {"value": "[tolowr(parameters('used'))]", "in": "x"}, {"field": "name", "like": "a?"}]}, "then": {"effect": "audit"}}}`,
			[]string{
				`f:1:1: warning: unknown mode "Indxed"; did you mean "Indexed"?`, `f:1:35: warning: parameter "idle" is not used`,
				`f:1:134: warning: unknown alias "M.X/t/szie"; did you mean "M.X/t/size"?`, `f:1:157: warning: parameter "used2" is not declared; did you mean "used"?`,
				`f:1:231: warning: in compares with "x", which counts as a list of one; want an array`,
				`f:1:263: warning: "?" in pattern "a?" stands for any one character here; "match" has it documented`,
			},
		},
		"unread_operands": {
			`{"policyRule": {"if": {"anyOf": [{"field": "name", "in": "[x(]"}, {"field": "name", "exists": "[x(]"}, {"field": "[x(]", "exists": true}, {"field": 1, "less": 1}, {"like": "x"}, {"count": {}, "equals": 1}, {"count": 1, "equals": 1}, {"not": 1}, 7, {"count": {"field": "[x]"}, "equals": 1}]}, "then": {"effect": "audit"}}}`,
			nil,
		},
		"two_logical": {
			`{"policyRule": {"if": {"allOf": [{"field": "M.X/t/aa1", "exists": true}], "anyOf": [{"field": "M.X/t/bb1", "exists": true}]}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:44: warning: unknown alias "M.X/t/aa1"`, `f:1:95: warning: unknown alias "M.X/t/bb1"`},
		},
		"two_counts": {
			`{"policyRule": {"if": {"count": {"field": "M.X/t/aa1[*]", "value": "[field('M.X/t/bb1')]"}, "equals": 1}, "then": {"effect": "audit"}}}`,
			[]string{`f:1:33: warning: unknown alias "M.X/t/aa1[*]"`, `f:1:68: warning: unknown alias "M.X/t/bb1"`},
		},
		"no_rule":       {`{"type": "Microsoft.Authorization/policyDefinitions", "mode": "Indxed"}`, []string{`f:1:1: warning: unknown mode "Indxed"; did you mean "Indexed"?`}},
		"no_condition":  {`{"mode": "Indxed", "policyRule": {"then": {}}}`, []string{`f:1:1: warning: unknown mode "Indxed"; did you mean "Indexed"?`}},
		"no_properties": {`{"type": "Microsoft.Authorization/policyDefinitions", "properties": 1}`, nil},
		"initiative": {
			`{"name": "s", "parameters": {"p": {"type": "String"}}, "policyDefinitions": [{"policyDefinitionId": "gone"}, {"policyDefinitionId": "gone", "parameters": {"x": 1}}]}`,
			[]string{`f:1:1: warning: member "gone": no definition "gone"`, `f:1:1: warning: member "gone": no definition "gone"`, `f:1:30: warning: parameter "p" is not used`},
		},
		"assignment": {
			`{"scope": "/s", "policyDefinitionId": "gone", "enforcementMode": "Never"}`,
			[]string{`f:1:1: warning: assignment "f": no definition or initiative "gone"`},
		},
		"exemption": {`{"policyAssignmentId": "/s", "exemptionCategory": "Never"}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := Library{Aliases: NewAliases()}
			l.Aliases.Add(AliasEntry{Name: "M.X/t/size", Type: "M.X/t", Path: "p"})
			if problems := l.Add("f", []byte(test.in)); problems.Err() == nil || l.Refused != 1 {
				t.Fatalf("%d refused, %v; want one", l.Refused, problems)
			}
			if diff := cmp.Diff(test.want, errorsOf(Lint(&l))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
