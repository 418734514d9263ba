package assess_test

import (
	"fmt"
	"strings"
	"testing"
)

// in is unhealthy outside western Europe, named for storage accounts called r….
var (
	in = definition("in", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"field": "location", "notIn": ["westeurope", "global"]}]}, "then": {"effect": "Audit"}`, "")
	called = definition("called", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"field": "name", "like": "r*"}]}, "then": {"effect": "Audit"}`, "")
)

// A record means the same however its text and its keys are spelt, whatever was
// read before it.
func TestSpelling(t *testing.T) {
	record := func(name, location string) string {
		return fmt.Sprintf(`{"id":"%s/providers/Microsoft.Storage/storageAccounts/%s","name":"%s","type":"Microsoft.Storage/storageAccounts","location":"%s","properties":{}}`,
			groupA, name, name, location)
	}
	lines := func(change func(string) string) []string {
		all := []string{record("r1", "uksouth"), record("r2", "uksouth"), record("r3", "uksouth"), record("r4", "westeurope"), record("x", "uksouth")}
		all[2] = change(all[2])
		return all
	}
	tests := map[string]func(string) string{
		"as_it_is":             func(s string) string { return s },
		"escaped_name_in_id":   func(s string) string { return strings.Replace(s, "storageAccounts/r3", `storageAccounts/\u00723`, 1) },
		"escaped_slash":        func(s string) string { return strings.Replace(s, "storageAccounts/r3", `storageAccounts\/r3`, 1) },
		"escaped_name":         func(s string) string { return strings.Replace(s, `"name":"r3"`, `"name":"\u00723"`, 1) },
		"escaped_type":         func(s string) string { return strings.Replace(s, `"type":"M`, `"type":"\u004d`, 1) },
		"escaped_key":          func(s string) string { return strings.Replace(s, `"location"`, `"loc\u0061tion"`, 1) },
		"capital_key":          func(s string) string { return strings.Replace(s, `"location"`, `"Location"`, 1) },
		"capital_properties":   func(s string) string { return strings.Replace(s, `"properties"`, `"Properties"`, 1) },
		"capital_type":         func(s string) string { return strings.Replace(s, `"type"`, `"Type"`, 1) },
		"escaped_subscription": func(s string) string { return strings.Replace(s, "/subscriptions/0", `/subscriptions/\u0030`, 1) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{in, called}, lines(change)...)
			o.Workers = 1
			want(t, o, "called r1 unhealthy", "called r2 unhealthy", "called r3 unhealthy", "called r4 unhealthy", "called x healthy",
				"in r1 unhealthy", "in r2 unhealthy", "in r3 unhealthy", "in r4 healthy", "in x unhealthy")
			if result, _ := run(t, o); result.Total != 5 || result.Units != 1 {
				t.Errorf("%d resources in %d units, want 5 in 1", result.Total, result.Units)
			}
		})
	}
}

// What the id does not tell of a subscription or group that was not read is
// unknown, not absent.
func TestUnreadSurroundings(t *testing.T) {
	rule := func(name, value string) string {
		return definition(name, `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
			{"value": "`+value+`", "like": "Sh*"}]}, "then": {"effect": "Audit"}`, "")
	}
	account := account(groupA, "a", secure)
	bare := `{"id":"` + unitA + `","name":"a","type":"Microsoft.Resources/subscriptions"}`
	row := `{"id":"` + unitA + `","name":"Shop","type":"microsoft.resources/subscriptions","tenantId":"t","properties":{"state":"Enabled"}}`
	tagged := `{"id":"` + unitA + `","name":"a","type":"Microsoft.Resources/subscriptions","tags":{"x":"Shop"}}`
	denied := `{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"startedAt":"2026-11-20T00:00:00Z","denied":[{"id":"` + unitA + `","path":"tags","action":"r"}]}`
	here := group(groupA, `,"tags":{"x":"Shop"}`)
	of := func(path string) string {
		return `{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"startedAt":"2026-11-20T00:00:00Z","denied":[{"id":"` + groupA + `"` + path + `,"action":"r"}]}`
	}
	tests := map[string]struct {
		value string
		lines []string
		want  string
	}{
		"tags_not_read":              {"[subscription().tags.x]", []string{account}, "r a unknown notCollected"},
		"in_brackets":                {"[subscription()['tags'].x]", []string{account}, "r a unknown notCollected"},
		"row_without_tags":           {"[subscription().tags.x]", []string{bare, account}, "r a unknown notCollected"},
		"tags_denied":                {"[subscription().tags.x]", []string{tagged, denied, account}, "r a unknown denied"},
		"tags_read":                  {"[subscription().tags.x]", []string{tagged, account}, "r a unhealthy"},
		"tags_read_later":            {"[subscription().tags.x]", []string{account, tagged}, "r a unhealthy"},
		"name_of_a_row":              {"[subscription().displayName]", []string{row, account}, "r a unhealthy"},
		"id_is_known":                {"[concat('Sh', subscription().subscriptionId)]", []string{account}, "r a unhealthy"},
		"group_name_is_known":        {"[concat('Sh', resourceGroup().name)]", []string{account}, "r a unhealthy"},
		"group_row_without_location": {"[resourceGroup().location]", []string{strings.Replace(group(groupA, `,"tags":{}`), `"location":"westeurope",`, "", 1), account}, "r a unknown notCollected"},
		"row_without_tenant":         {"[subscription().tenantId]", []string{tagged, account}, "r a unknown notCollected"},
		"group_denied":               {"[concat('Sh', resourceGroup().location)]", []string{here, of(""), account}, "r a unhealthy"},
		"group_denied_has_tags":      {"[resourceGroup().tags.x]", []string{here, of(""), account}, "r a unhealthy"},
		"group_denied_other_tags":    {"[resourceGroup().tags.y]", []string{here, of(""), account}, "r a unknown denied"},
		"group_denied_lacks":         {"[resourceGroup().managedBy]", []string{here, of(""), account}, "r a unknown denied"},
		"group_denied_and_not_there": {"[resourceGroup().location]", []string{of(""), account}, "r a unknown denied"},
		"group_denied_has_a_name":    {"[concat('Sh', resourceGroup().name)]", []string{of(""), account}, "r a unhealthy"},
		"group_tags_denied":          {"[resourceGroup().tags.x]", []string{here, of(`,"path":"tags"`), account}, "r a unknown denied"},
		"group_one_tag_denied":       {"[resourceGroup().tags.y]", []string{here, of(`,"path":"tags.y"`), account}, "r a unknown denied"},
		"group_one_tag_known":        {"[resourceGroup().tags.x]", []string{here, of(`,"path":"tags.y"`), account}, "r a unhealthy"},
		"group_tags_key_denied":      {"[if(contains(resourceGroup().tags, 'y'), 'a', 'Sh')]", []string{here, of(`,"path":"tags.y"`), account}, "r a unknown denied"},
		"group_whole_tags_key":       {"[if(contains(resourceGroup()['tags'], 'y'), 'a', 'Sh')]", []string{here, of(""), account}, "r a unknown denied"},
		"group_location_beside_tags": {"[concat('Sh', resourceGroup().location)]", []string{here, of(`,"path":"tags"`), account}, "r a unhealthy"},
		"group_not_read":             {"[resourceGroup().location]", []string{account}, "r a unknown notCollected"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{rule("r", test.value)}, test.lines...)
			found := ""
			for _, v := range verdicts(t, o) {
				if strings.HasPrefix(v, "r a ") {
					found = v
				}
			}
			if found != test.want {
				t.Errorf("got %q, want %q", found, test.want)
			}
		})
	}
}
