package policy

import (
	"strings"
	"testing"
)

// fuzzRules are rules that between them use most of the language.
var fuzzRules = []string{
	`{"policyRule": {"if": {"allOf": [{"field": "type", "equals": "Contoso.Shop/stores"}, {"not": {"field": "a", "in": [1, "x", null]}}]}, "then": {"effect": "audit"}}}`,
	`{"mode": "Indexed", "policyRule": {"if": {"anyOf": [{"field": "list[*]", "notEquals": "x"}, {"count": {"field": "rules[*]", "where": {"allOf": [
		{"field": "rules[*].name", "like": "a*"}, {"count": {"field": "rules[*].ports[*]", "where": {"value": "[current('rules[*].ports[*].n')]", "greater": 80}}, "greaterOrEquals": 1}]}}, "equals": 1}]}, "then": {"effect": "deny"}}}`,
	`{"parameters": {"e": {"type": "String", "defaultValue": "AuditIfNotExists"}, "t": {"type": "Array", "defaultValue": ["a", "b"]}}, "policyRule": {"if": {"field": "kind", "exists": "false"},
		"then": {"effect": "[parameters('e')]", "details": {"type": "Contoso.Shop/tills", "name": "[field('name')]", "existenceCondition": {"field": "state", "in": "[parameters('t')]"}}}}}`,
	`{"policyRule": {"if": {"field": "[concat('tags[', field('kind'), ']')]", "match": "##-??.*"}, "then": {"effect": "modify", "details": {"roleDefinitionIds": ["r"],
		"operations": [{"operation": "addOrReplace", "field": "tags.x", "value": "[concat(field('name'), int(field('a')))]"}]}}}}`,
	`{"policyRule": {"if": {"count": {"value": "[field('list[*]')]", "name": "n", "where": {"value": "[if(equals(current('n'), ''), 0, int(current('n')))]", "lessOrEquals": "[length(field('other[*]'))]"}}, "notEquals": 2}, "then": {"effect": "manual"}}}`,
	`{"policyRule": {"if": {"value": {"x": ["[resourceGroup().tags]", "[field('general')]"]}, "notContains": "[first(split(field('id'), '/'))]"}, "then": {"effect": "denyAction", "details": {"actionNames": ["delete"]}}}}`,
	`{"policyRule": {"if": {"allOf": [{"field": "location", "notIn": ["East US", "west"]}, {"field": "name", "like": "s*"}, {"field": "whole[*]", "containsKey": "k"}]}, "then": {"effect": "deployIfNotExists", "details": {
		"type": "Contoso.Shop/stores/shelves", "roleDefinitionIds": ["r"], "existenceCondition": {"not": {"field": "level", "less": "[field('a')]"}}}}}}`,
	`{"policyRule": {"if": {"field": "hidden.star", "matchInsensitively": "?#."}, "then": {"effect": "append", "details": [{"field": "tags.x", "value": 1}]}}}`,
}

var fuzzResources = []string{
	store(`{"a": 1, "list": ["x", 2, null], "other": [{"n": 3}], "rules": [{"properties": {"name": "ab", "ports": [{"n": 443}, {}]}}, {}], "whole": {"k": 1}}`),
	store(`{"a": "7", "list": {}, "rules": [], "general": [1.5, true]}`),
	`{"type": "Contoso.Shop/tills", "id": "` + shopGroup + `/providers/Contoso.Shop/tills/t1", "name": "t1", "kind": "a", "tags": {"A": "12-ab."}, "properties": {"state": "A", "list": [1]}}`,
	`{"type": "Contoso.Shop/stores/shelves", "id": "` + storeID + `/shelves/s", "name": "s", "properties": {"level": 4}}`,
	`{"type": "Microsoft.Resources/subscriptions", "id": "/subscriptions/s1", "name": "s1", "properties": null}`,
	`{"type": "AWS::S3::Bucket", "id": "arn:x", "properties": {"a": [[], {}]}}`,
}

// FuzzJudge holds a set against judging one by one, on whatever rule parses and
// whatever is a resource.
func FuzzJudge(f *testing.F) {
	for i, rule := range fuzzRules {
		for j, resource := range fuzzResources {
			f.Add(rule, resource, fuzzResources[(i+j)%len(fuzzResources)], uint8(i*7+j))
		}
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rule, resource, other string, unread uint8) {
		d, _ := ParseDefinition("rule.json", []byte(rule))
		r, err := ParseResource([]byte(resource))
		if d == nil || err != nil {
			return
		}
		var related Resources
		if c, err := ParseResource([]byte(other)); err == nil && c.ID != r.ID {
			related = append(related, c)
		}
		r.Partial = unread&1 != 0
		if unread&2 != 0 {
			r.Gaps = []Gap{{Path: "properties.a", Reason: "denied"}, {Path: "kind", Reason: "throttled"}}
		}
		b := Bind(d, nil)
		env := Environment{Aliases: aliases, Now: testClock, Related: append(related, r)}
		reason := ""
		if unread&4 != 0 {
			reason = "denied"
			env.Related = partly{append(related, r), reason}
		}
		v := b.Judge(r, env)
		if text := b.Explain(r, env).Text(); !strings.Contains(text, "compliance in Azure's words: ") {
			t.Errorf("explanation without compliance in Azure's words: %q", text)
		}
		set := NewSet(aliases, testClock)
		if number := set.Add(b); set.Broken(number) != "" || knownToDiffer(b, r) {
			return
		}
		got := "NotApplicable"
		for _, finding := range set.JudgeAll(append(related, r), func(string, string) (bool, string) { return reason == "", reason }) {
			if finding.Resource == r {
				got = strings.TrimSpace(finding.Status.String() + " " + strings.Join(finding.Reasons, " "))
			}
		}
		if want := settledWord(v); got != want {
			t.Errorf("in a set %q, alone %q\n%s\n%s\n%s", got, want, rule, resource, other)
		}
	})
}

// settledWord is a verdict as a set's status writes it.
func settledWord(v Verdict) string {
	switch v.Compliance {
	case NoData, ErrorState:
		return strings.Join(append([]string{"Unknown"}, v.Reasons...), " ")
	case Unattested:
		return "Manual"
	case NoResult:
		return "NotApplicable"
	}
	return v.Compliance
}

// knownToDiffer reports what a set does not judge as one rule alone does: names
// with a hash in them, siblings of child resources, and versions of aliases.
func knownToDiffer(b *Bound, r *Resource) bool {
	if b.details == nil || b.details.Type == nil {
		return r.APIVersion != ""
	}
	computed := b.details.Name != nil && b.details.Name.uses().unique
	return computed || strings.EqualFold(b.TargetType(), r.Type) || r.APIVersion != ""
}
