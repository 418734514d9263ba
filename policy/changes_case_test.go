package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWouldBeChanges are what modify and append would write, by the language's
// reference (section 14): values computed, names of operations in their own case,
// conditions as they are written and never looked at.
func TestWouldBeChanges(t *testing.T) {
	modify := func(operations string) string {
		return `{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [` + operations + `]}}`
	}
	appendOf := func(details string) string { return `{"effect": "append", "details": ` + details + `}` }
	operation := func(name, field, rest string) string {
		return fmt.Sprintf(`{"operation": %q, "field": %q%s}`, name, field, rest)
	}
	same := func(operations string) [2]string {
		return [2]string{modify(operations), `{"roleDefinitionIds": ["r"], "operations": [` + operations + `]}`}
	}
	becomes := func(written, told string) [2]string { return [2]string{modify(written), same(told)[1]} }
	for name, test := range map[string][2]string{ // then, details; or what is wrong
		"add":                {modify(operation("add", "tags['a']", `, "value": "1"`)), `{"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "tags['a']", "value": "1"}]}`},
		"add_or_replace":     becomes(operation("ADDORREPLACE", "tags.env", `, "value": "d"`), operation("addOrReplace", "tags.env", `, "value": "d"`)),
		"remove":             becomes(operation("Remove", "tags.env", ""), operation("remove", "tags.env", "")),
		"remove_is_no_add":   same(operation("remove", "tags['it''s']", "")),
		"several_in_order":   same(operation("remove", "tags.env", "") + "," + operation("add", "tags.new", `, "value": "x"`)),
		"alias":              same(operation("addOrReplace", "T/x", `, "value": 2`)),
		"member":             same(operation("add", "T/l[*]", `, "value": "b"`)),
		"of_the_group":       becomes(operation("add", "tags.g", `, "value": "[resourceGroup().name]"`), operation("add", "tags.g", `, "value": "g"`)),
		"of_the_resource":    becomes(operation("add", "tags.g", `, "value": "[field('T/x')]"`), operation("add", "tags.g", `, "value": 1`)),
		"of_what_is_absent":  becomes(operation("add", "tags.g", `, "value": "[field('tags.none')]"`), operation("add", "tags.g", `, "value": null`)),
		"nested":             becomes(operation("add", "T/x", `, "value": {"a": ["[concat('x', 'y')]"]}`), operation("add", "T/x", `, "value": {"a": ["xy"]}`)),
		"escaped":            becomes(operation("add", "tags.a", `, "value": "[[not]"`), operation("add", "tags.a", `, "value": "[not]"`)),
		"computed_name":      becomes(operation("add", "[concat('tags[', field('name'), ']')]", `, "value": 1`), operation("add", "tags[n]", `, "value": 1`)),
		"condition":          same(operation("add", "T/x", `, "value": 1, "condition": "[equals(field('T/x'), 1)]"`)),
		"condition_is_false": same(operation("add", "T/x", `, "value": 1, "condition": "[false()]"`)),
		"one_that_fails":     becomes(operation("add", "tags.a", `, "value": "[int('z')]"`)+","+operation("add", "tags.b", `, "value": 1`), operation("add", "tags.b", `, "value": 1`)),
		"conflict_effect":    {strings.Replace(modify(operation("add", "tags.a", `, "value": 1`)), `"operations"`, `"conflictEffect": "audit", "operations"`, 1), same(operation("add", "tags.a", `, "value": 1`))[1]},
		"append_one":         {appendOf(`{"field": "T/x", "value": 2}`), `[{"field": "T/x", "value": 2}]`},
		"append_several":     {appendOf(`[{"field": "tags.a", "value": "[field('name')]"}, {"field": "T/l[*]", "value": {"k": "[field('location')]"}}]`), `[{"field": "tags.a", "value": "n"}, {"field": "T/l[*]", "value": {"k": "westeurope"}}]`},
		"append_is_there":    {appendOf(`[{"field": "tags.env", "value": "x"}]`), `[{"field": "tags.env", "value": "x"}]`},
		"replace":            {modify(operation("replace", "tags.a", `, "value": 1`)), `unknown operation "replace"`},
		"add_nothing":        {modify(operation("add", "tags.a", "")), `operation add without "value"`},
		"no_operation":       {modify(""), "operations of modify is empty"},
		"not_modifiable":     {modify(operation("add", "T/fixed", `, "value": 1`)), `modify of "T/fixed"`},
		"append_nothing":     {appendOf(`[]`), "details of append is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got := evalLines(t, `{"id": "1", "definition": {"policyRule": {"if": {"field": "type", "equals": "A.B/c"}, "then": `+test[0]+`}}, "resource": {"id": "/subscriptions/s/resourceGroups/g/providers/A.B/c/n", "type": "A.B/c", "name": "n", "location": "westeurope", "tags": {"env": "p", "it's": "q"}, "properties": {"x": 1, "l": ["a"]}}, "context": {"resourceGroup": {"name": "g"}}, "aliases": {"T/x": {"path": "properties.x", "modifiable": true}, "T/l[*]": {"path": "properties.l[*]"}, "T/fixed": {"path": "properties.fixed", "modifiable": false}}}`)[0]
			if failure, _ := got["error"].(string); failure != "" {
				if !strings.Contains(failure, test[1]) {
					t.Errorf("refused: %s, want %s", failure, test[1])
				}
				return
			}
			var want any
			if err := json.Unmarshal([]byte(test[1]), &want); err != nil {
				t.Fatalf("loads, want %s", test[1])
			}
			if diff := cmp.Diff(want, got["details"]); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
		})
	}
}
