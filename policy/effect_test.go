package policy

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEffects is section 14: the canonical name and the state of a match and of
// none. Effects that only requests and data planes know have a name and no state.
func TestEffects(t *testing.T) {
	const declared = `{"e": {"type": "String", "defaultValue": "dISABLED"}, "n": {"type": "Integer", "defaultValue": 1}}`
	tests := map[string]struct{ then, given, effect, matched, unmatched string }{
		"audit":          {`{"effect": "AUDIT"}`, `{}`, "Audit", NonCompliant, Compliant},
		"deny":           {`{"Effect": "deny", "details": "why"}`, `{}`, "Deny", NonCompliant, Compliant},
		"disabled":       {`{"effect": "Disabled"}`, `{}`, "", NoResult, NoResult},
		"by_default":     {`{"effect": "[parameters('e')]"}`, `{}`, "", NoResult, NoResult},
		"by_value":       {`{"effect": "[Parameters('E')]"}`, `{"E": "denY"}`, "Deny", NonCompliant, Compliant},
		"by_function":    {`{"effect": "[if(equals(parameters('e'), 'x'), 'audit', 'deny')]"}`, `{"e": "X"}`, "Audit", NonCompliant, Compliant},
		"append_bare":    {`{"effect": "append"}`, `{}`, "Append", NonCompliant, Compliant},
		"modify_bare":    {`{"effect": "modify"}`, `{}`, "Modify", NonCompliant, Compliant},
		"manual":         {`{"effect": "manual"}`, `{}`, "Manual", Unattested, NoResult},
		"deny_action":    {`{"effect": "denyAction", "details": {"actionNames": ["delete"]}}`, `{}`, "DenyAction", Protected, NoResult},
		"network_group":  {`{"effect": "addToNetworkGroup", "details": {"networkGroupId": "x"}}`, `{}`, "AddToNetworkGroup", NoResult, NoResult},
		"mutate":         {`{"effect": "mutate"}`, `{}`, "Mutate", NoResult, NoResult},
		"opa":            {`{"effect": "enforceOPAConstraint"}`, `{}`, "EnforceOPAConstraint", NoResult, NoResult},
		"rego":           {`{"effect": "EnforceRegoPolicy"}`, `{}`, "EnforceRegoPolicy", NoResult, NoResult},
		"setting":        {`{"effect": "enforceSetting"}`, `{}`, "EnforceSetting", NoResult, NoResult},
		"audit_action":   {`{"effect": "auditAction"}`, `{}`, "AuditAction", NoResult, NoResult},
		"no_effect":      {`{"effect": "[parameters('e')]"}`, `{"e": "warn"}`, "", NoResult, NoResult},
		"no_text":        {`{"effect": "[parameters('n')]"}`, `{}`, "", NoResult, NoResult},
		"no_details":     {`{"effect": "[parameters('e')]"}`, `{"e": "auditIfNotExists"}`, "", NoResult, NoResult},
		"by_resource":    {`{"effect": "[if(equals(field('name'), 'st1'), 'deny', 'audit')]"}`, `{}`, "Deny", NonCompliant, Compliant},
		"by_bad_formula": {`{"effect": "[toLower(int(field('name')))]"}`, `{}`, "", NoResult, NoResult},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: leafOn("a", `"equals": 1`), then: test.then, parameters: declared, given: test.given, resource: store(`{"a": 1}`)}
			v := c.judge(t)
			if v.Effect != test.effect || v.Compliance != test.matched {
				t.Errorf("matched: effect %q, state %q; want %q, %q", v.Effect, v.Compliance, test.effect, test.matched)
			}
			c.resource = ""
			if v := c.judge(t); v.Effect != "" || v.Compliance != test.unmatched {
				t.Errorf("not matched: effect %q, state %q; want none and %q", v.Effect, v.Compliance, test.unmatched)
			}
		})
	}
}

// TestChanges: values are evaluated, conditions are as written.
func TestChanges(t *testing.T) {
	tests := map[string]struct{ then, want string }{
		"modify": {
			`{"effect": "modify", "details": {"roleDefinitionIds": ["r1"], "conflictEffect": "[parameters('c')]", "operations": [
				{"operation": "ADDORREPLACE", "field": "[concat('tags[', parameters('t'), ']')]", "value": "[field('location')]", "condition": "[greater(requestContext().apiVersion, '2')]"},
				{"operation": "Remove", "field": "tags.old"}]}}`,
			`{"roleDefinitionIds": ["r1"], "operations": [
				{"operation": "addOrReplace", "field": "tags[env]", "value": "East US", "condition": "[greater(requestContext().apiVersion, '2')]"},
				{"operation": "remove", "field": "tags.old"}]}`,
		},
		"nested_value": {
			`{"effect": "modify", "details": {"roleDefinitionIds": [], "operations": [{"operation": "add", "field": "a", "value": {"x": ["[parameters('t')]", "[[y"]}}]}}`,
			`{"operations": [{"operation": "add", "field": "a", "value": {"x": ["env", "[y"]}}]}`,
		},
		"value_fails": {
			`{"effect": "modify", "details": {"roleDefinitionIds": [], "operations": [{"operation": "add", "field": "a", "value": "[int(field('name'))]"}]}}`,
			`{}`,
		},
		"value_is_missing": {
			`{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "a", "value": "[field('tags').none]"}, {"operation": "add", "field": "tags.x", "value": 1}]}}`,
			`{"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "tags.x", "value": 1}]}`,
		},
		"appended_value_fails": {
			`{"effect": "append", "details": [{"field": "tags.x", "value": "[int('x')]"}, {"field": "tags.y", "value": 1}]}`, `[{"field": "tags.y", "value": 1}]`,
		},
		"all_appended_values_fail": {`{"effect": "append", "details": [{"field": "tags.x", "value": "[int('x')]"}]}`, `[]`},
		"exists_with_a_failing_name": {
			`{"effect": "deployIfNotExists", "details": {"type": "Contoso.Shop/tills", "name": "[int('x')]", "roleDefinitionIds": ["r2"], "deployment": {}}}`,
			`{"type": "Contoso.Shop/tills", "roleDefinitionIds": ["r2"]}`,
		},
		"append_array":  {`{"effect": "append", "details": [{"field": "tags.x", "value": "[parameters('t')]"}]}`, `[{"field": "tags.x", "value": "env"}]`},
		"append_object": {`{"effect": "append", "details": {"field": "tags.x", "value": true}}`, `[{"field": "tags.x", "value": true}]`},
		"exists": {
			`{"effect": "deployIfNotExists", "details": {"type": "[concat('Contoso.Shop/', 'tills')]", "roleDefinitionIds": ["r2"], "deployment": {}}}`,
			`{"type": "Contoso.Shop/tills", "roleDefinitionIds": ["r2"]}`,
		},
		"deny_action": {`{"effect": "denyAction", "details": {"actionNames": ["delete"]}}`, `{"actionNames": ["delete"]}`},
		"bare":        {`{"effect": "modify"}`, `null`},
		"audit":       {`{"effect": "audit", "details": {"x": 1}}`, `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{
				cond: leafOn("a", `"exists": false`), then: test.then,
				parameters: `{"t": {"type": "String", "defaultValue": "env"}, "c": {"type": "String", "defaultValue": "audit"}}`,
			}
			j := newJudgement(c.bound(t), c.subject(t), c.environment(t))
			if v := j.verdict(); v.Effect == "" {
				t.Fatalf("no match: %+v", v)
			}
			var got, want any
			var detail any
			if changes := j.changes(); changes != nil {
				detail = changes.detail()
			}
			text, err := json.Marshal(detail)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWithEffect: an override's effect brings its own family.
func TestWithEffect(t *testing.T) {
	c := judgedCase{
		cond: leafOn("a", `"exists": false`), parameters: `{"e": {"type": "String", "allowedValues": ["AuditIfNotExists", "Disabled"], "defaultValue": "Disabled"}}`,
		then: `{"effect": "[parameters('e')]", "details": {"type": "Contoso.Shop/tills"}}`,
	}
	b := c.bound(t)
	for effect, want := range map[string]string{"audit": NonCompliant, "auditifnotexists": NonCompliant, "disabled": NoResult, "manual": Unattested} {
		if got := b.WithEffect(effect).Judge(c.subject(t), c.environment(t)).Compliance; got != want {
			t.Errorf("%s: %q, want %q", effect, got, want)
		}
	}
	if got := b.Judge(c.subject(t), c.environment(t)).Compliance; got != NoResult {
		t.Errorf("the binding itself: %q, want no result", got)
	}
}

// TestWhyNot: an override gives an effect that the rule can have.
func TestWhyNot(t *testing.T) {
	const declared = `{"e": {"type": "String", "allowedValues": ["AuditIfNotExists", "Disabled"], "defaultValue": "Disabled"}, "any": {"type": "String"}}`
	tests := map[string]struct{ then, effect, want string }{
		"allowed":      {`{"effect": "[parameters('E')]", "details": {"type": "a/b"}}`, "disabled", ""},
		"not_allowed":  {`{"effect": "[parameters('E')]", "details": {"type": "a/b"}}`, "Audit", `effect "Audit" is not among the allowedValues of parameter "e"`},
		"no_list":      {`{"effect": "[parameters('any')]"}`, "deny", ""},
		"literal":      {`{"effect": "audit"}`, "deny", ""},
		"no_details":   {`{"effect": "audit"}`, "deployIfNotExists", `effect "deployIfNotExists" needs details with a type`},
		"with_details": {`{"effect": "deployIfNotExists", "details": {"type": "a/b"}}`, "auditIfNotExists", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: leafOn("a", `"exists": false`), then: test.then, parameters: declared}
			if got := c.bound(t).WhyNot(test.effect); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
