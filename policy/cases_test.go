package policy

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// scanTime is the clock of cases that bring none.
var scanTime = time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)

// evalLines evaluates case lines and gives the answers as JSON objects.
func evalLines(t *testing.T, in string) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := EvalCases(strings.NewReader(in), &out, scanTime); err != nil {
		t.Fatal(err)
	}
	var answers []map[string]any
	for line := range strings.Lines(out.String()) {
		var answer map[string]any
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers = append(answers, answer)
	}
	return answers
}

const caseRule = `{"policyRule": {"if": {"field": "tags.a", "exists": true}, "then": {"effect": "audit"}}}`

// TestDoor: every line is answered by one object with its id, whatever is wrong
// with it.
func TestDoor(t *testing.T) {
	quoted, err := json.Marshal(caseRule)
	if err != nil {
		t.Fatal(err)
	}
	tagged := `"resource": {"type": "x/y", "tags": {"A": "1"}}`
	existence := func(condition string) string {
		return `{"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "auditIfNotExists", "details": {"type": "p/q", "existenceCondition": ` + condition + `}}}}`
	}
	modify := func(then, aliases string) string {
		return `{"id": "1", "definition": {"parameters": {"e": {"type": "String", "defaultValue": "Modify", "allowedValues": ["Modify", "Audit"]}}, "policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": ` +
			then + `, "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "Z", "value": 1}]}}}}, "aliases": {"z": ` + aliases + `}, ` + tagged + `}`
	}
	long := `"` + strings.Repeat("x", 2<<20) + `"`
	tests := map[string]struct {
		line string
		want map[string]any // what must be among the answer; error is a prefix
	}{
		"policy":                 {`{"id": "1", "kind": "policy", "definition": ` + caseRule + `, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit", "compliance": NonCompliant}},
		"count_of_no_list":       {`{"id": "1", "definition": {"policyRule": {"if": {"count": {"field": "z"}, "equals": 0}, "then": {"effect": "audit"}}}, "aliases": {"z": {"path": "a"}}, "resource": {"type": "x/y", "a": [1]}}`, map[string]any{"id": "1", "effect": "Audit"}},
		"count_of_no_list_any":   {`{"id": "1", "definition": {"policyRule": {"if": {"count": {"field": "z"}, "greater": 0}, "then": {"effect": "audit"}}}, "aliases": {"z": {"path": "a"}}, "resource": {"type": "x/y", "a": [1]}}`, map[string]any{"id": "1", "effect": nil}},
		"no_match":               {`{"id": "1", "definition": ` + caseRule + `, "resource": {"type": "x/y"}}`, map[string]any{"id": "1", "effect": nil, "compliance": Compliant}},
		"no_kind":                {`{"id": "1", "kind": "odd", "definition": ` + caseRule + `, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"definition_as_text":     {`{"id": "1", "definition": ` + string(quoted) + `, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"definition_no_json":     {`{"id": "1", "kind": "load-error", "definition": "{"}`, map[string]any{"id": "1", "effect": nil, "error": "load: "}},
		"definition_no_object":   {`{"id": "1", "definition": [1]}`, map[string]any{"id": "1", "error": "load: "}},
		"definition_null":        {`{"id": "1", "definition": null}`, map[string]any{"id": "1", "error": "load: "}},
		"definition_missing":     {`{"id": "1"}`, map[string]any{"id": "1", "error": "load: "}},
		"loads":                  {`{"id": "1", "kind": "loads", "definition": ` + caseRule + `, "resource": null}`, map[string]any{"id": "1", "loads": true, "effect": nil}},
		"no_json":                {`{"id": "1", `, map[string]any{"id": nil, "error": "load: line 1"}},
		"no_object":              {`[1, 2]`, map[string]any{"id": nil, "error": "load: line 1"}},
		"a_number":               {`7`, map[string]any{"id": nil, "error": "load: line 1"}},
		"bytes":                  {"\x00\xff", map[string]any{"id": nil, "error": "load: line 1"}},
		"id_is_a_number":         {`{"id": 7, "definition": ` + caseRule + `, ` + tagged + `}`, map[string]any{"id": 7.0, "effect": "Audit"}},
		"no_id":                  {`{"definition": ` + caseRule + `, ` + tagged + `}`, map[string]any{"id": nil, "effect": "Audit"}},
		"wrong_field":            {`{"id": "1", "parameters": [], "definition": ` + caseRule + `}`, map[string]any{"id": "1", "error": "load: line 1"}},
		"resource_no_object":     {`{"id": "1", "definition": ` + caseRule + `, "resource": "x"}`, map[string]any{"id": "1", "error": "load: "}},
		"null_fields":            {`{"id": "1", "definition": ` + caseRule + `, "parameters": null, "context": null, "aliases": null, "apiVersion": null, "related": null, "call": null, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"related_no_object":      {`{"id": "1", "definition": ` + caseRule + `, "related": [1], ` + tagged + `}`, map[string]any{"id": "1", "error": "load: related[0]"}},
		"aliases_broken":         {`{"id": "1", "definition": ` + caseRule + `, "aliases": {"x": 1}, ` + tagged + `}`, map[string]any{"id": "1", "error": "load: aliases"}},
		"long_line":              {`{"id": "1", "definition": ` + caseRule + `, "resource": {"type": "x/y", "tags": {"a": ` + long + `}}}`, map[string]any{"id": "1", "effect": "Audit"}},
		"function":               {`{"id": "1", "kind": "function", "call": {"function": "ADD", "args": [1, 2]}}`, map[string]any{"id": "1", "value": 3.0}},
		"function_null":          {`{"id": "1", "kind": "function", "call": {"function": "first", "args": [[]]}, "definition": ` + caseRule + `}`, map[string]any{"id": "1", "value": nil}},
		"function_fails":         {`{"id": "1", "kind": "function", "call": {"function": "int", "args": ["x"]}, "definition": ` + caseRule + `}`, map[string]any{"id": "1", "error": "evaluation: int"}},
		"function_unknown":       {`{"id": "1", "kind": "function", "call": {"function": "newGuid", "args": []}, "definition": {}}`, map[string]any{"id": "1", "error": "evaluation: "}},
		"function_in_a_rule":     {`{"id": "1", "kind": "policy", "definition": {"policyRule": {"if": {"value": "[newGuid()]", "equals": 1}, "then": {"effect": "audit"}}}}`, map[string]any{"id": "1", "error": "load: "}},
		"alias_list":             {`{"id": "1", "definition": {"policyRule": {"if": {"field": "z", "equals": 2}, "then": {"effect": "deny"}}}, "aliases": {"Z": [{"type": "p/q", "path": "a"}, {"type": "X/Y", "path": "b"}]}, "resource": {"type": "x/y", "a": 1, "b": 2}}`, map[string]any{"id": "1", "effect": "Deny"}},
		"unknown_alias":          {`{"id": "1", "definition": {"policyRule": {"if": {"field": "nosuch", "exists": false}, "then": {"effect": "audit"}}}, ` + tagged + `}`, map[string]any{"id": "1", "effect": nil, "warnings": 1}},
		"unknown_alias_below":    {`{"id": "1", "definition": ` + existence(`{"field": "nosuch", "exists": false}`) + `, "related": [{}, {}], ` + tagged + `}`, map[string]any{"id": "1", "effect": "AuditIfNotExists", "warnings": 1}},
		"unknown_count_below":    {`{"id": "1", "definition": ` + existence(`{"count": {"field": "nosuch[*]"}, "equals": 0}`) + `, "related": [{}], ` + tagged + `}`, map[string]any{"id": "1", "effect": "AuditIfNotExists"}},
		"related_is_of_the_type": {`{"id": "1", "definition": ` + existence(`{"allOf": [{"field": "type", "equals": "P/Q"}, {"field": "z", "equals": 1}]}`) + `, "aliases": {"z": {"type": "p/q", "path": "a"}}, "related": [{"a": 1}], ` + tagged + `}`, map[string]any{"id": "1", "effect": nil, "compliance": Compliant}},
		"related_not_told":       {`{"id": "1", "definition": {"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "auditIfNotExists", "details": {"type": "p/q", "existenceScope": "[int('x')]"}}}}, "related": [{}], ` + tagged + `}`, map[string]any{"id": "1", "compliance": ErrorState, "warnings": 1}},
		"related_null":           {`{"id": "1", "definition": ` + existence(`{"field": "name", "exists": true}`) + `, "related": null, ` + tagged + `}`, map[string]any{"id": "1", "effect": "AuditIfNotExists", "compliance": NonCompliant}},
		"modifiable":             {modify(`"modify"`, `{"path": "a", "modifiable": true}`), map[string]any{"id": "1", "effect": "Modify"}},
		"modifiable_unknown":     {modify(`"modify"`, `{"path": "a"}`), map[string]any{"id": "1", "effect": "Modify"}},
		"modifiable_somewhere":   {modify(`"modify"`, `[{"type": "p/q", "path": "a", "modifiable": false}, {"type": "x/y", "path": "b", "modifiable": true}]`), map[string]any{"id": "1", "effect": "Modify"}},
		"not_modifiable":         {modify(`"modify"`, `{"path": "a", "modifiable": false}`), map[string]any{"id": "1", "effect": nil, "error": "load: definition:1:"}},
		"not_modifiable_alone":   {strings.Replace(modify(`"modify"`, `{"path": "a", "modifiable": false}`), tagged, `"resource": null`, 1), map[string]any{"id": "1", "error": "load: definition:1:"}},
		"not_modifiable_usually": {modify(`"[parameters('e')]"`, `{"path": "a", "modifiable": false}`), map[string]any{"id": "1", "error": "load: definition:1:"}},
		"not_modifiable_audit":   {modify(`"audit"`, `{"path": "a", "modifiable": false}`), map[string]any{"id": "1", "effect": "Audit"}},
		"clock":                  {`{"id": "1", "definition": {"policyRule": {"if": {"value": "[utcNow()]", "equals": "2020-01-01T00:00:00Z"}, "then": {"effect": "audit"}}}, "context": {"UtcNow": "2020-01-01T00:00:00Z"}, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"clock_is_no_date":       {`{"id": "1", "definition": ` + caseRule + `, "context": {"utcNow": "noon"}, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"version":                {`{"id": "1", "definition": {"policyRule": {"if": {"allOf": [{"field": "apiVersion", "equals": "2020-01-01"}, {"value": "[requestContext().apiVersion]", "equals": "2020-01-01"}, {"field": "z", "equals": 1}]}, "then": {"effect": "audit"}}}, "aliases": {"z": {"path": "a", "versions": {"2020-01-01": "b"}}}, "apiVersion": "2020-01-01", "resource": {"type": "x/y", "b": 1}}`, map[string]any{"id": "1", "effect": "Audit"}},
		"version_of_context":     {`{"id": "1", "definition": {"policyRule": {"if": {"value": "[requestContext().apiVersion]", "equals": "2099-01-01"}, "then": {"effect": "audit"}}}, "apiVersion": "2020-01-01", "context": {"requestContext": {"apiVersion": "2099-01-01"}}, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Audit"}},
		"full_name":              {`{"id": "1", "definition": {"policyRule": {"if": {"allOf": [{"field": "fullName", "equals": "a/b"}, {"field": "name", "equals": "b"}]}, "then": {"effect": "audit"}}}, "resource": {"id": "/subscriptions/s/resourceGroups/g/providers/x/y/q", "type": "x/y", "name": "a/b"}}`, map[string]any{"id": "1", "effect": "Audit"}},
		"type_of_id":             {`{"id": "1", "definition": ` + caseRule + `, "resource": {"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/a/k/b", "tags": {"a": "1"}}}`, map[string]any{"id": "1", "effect": "Audit", "warnings": 1}},
		"no_type":                {`{"id": "1", "definition": {"policyRule": {"if": {"allOf": [{"field": "type", "exists": false}, {"field": "type", "notLike": "*"}, {"field": "type", "equals": ""}]}, "then": {"effect": "audit"}}}, "resource": {"name": "a"}}`, map[string]any{"id": "1", "effect": "Audit"}},
		"name_of_id":             {`{"id": "1", "definition": ` + caseRule + `, "resource": {"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/a", "type": "M.X/t", "name": "b", "tags": {"a": "1"}}}`, map[string]any{"id": "1", "effect": "Audit", "warnings": 1}},
		"name_with_parents":      {`{"id": "1", "definition": ` + caseRule + `, "resource": {"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/a/k/b", "type": "M.X/t/k", "name": "a/B", "tags": {"a": "1"}}}`, map[string]any{"id": "1", "effect": "Audit", "warnings": 0}},
		"append_details":         {`{"id": "1", "definition": {"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "append", "details": {"field": "tags.b", "value": 1}}}}, ` + tagged + `}`, map[string]any{"id": "1", "effect": "Append"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answers := evalLines(t, test.line+"\n")
			if len(answers) != 1 {
				t.Fatalf("%d answers, want one", len(answers))
			}
			got := answers[0]
			for key, want := range test.want {
				switch key {
				case "error":
					if text, _ := got[key].(string); !strings.HasPrefix(text, want.(string)) {
						t.Errorf("error %q, want %q", text, want)
					}
				case "warnings":
					if list, _ := got[key].([]any); len(list) != want {
						t.Errorf("warnings %q, want %v", list, want)
					}
				default:
					if value, there := got[key]; !there || value != want {
						t.Errorf("%s is %v, want %v", key, value, want)
					}
				}
			}
			if _, wanted := test.want["error"]; !wanted && got["error"] != nil {
				t.Errorf("error %v, want none", got["error"])
			}
		})
	}
}

// TestDoorLines: one answer a line, in order, however the lines end.
func TestDoorLines(t *testing.T) {
	line := func(id string) string { return `{"id": "` + id + `", "definition": ` + caseRule + `}` }
	for name, test := range map[string]struct {
		in   string
		want int
	}{
		"empty": {"", 0}, "only_ends": {"\n\r\n  \n", 0}, "no_end": {line("0") + "\n" + line("1"), 2},
		"returns": {line("0") + "\r\n" + line("1") + "\r\n", 2}, "gap": {line("0") + "\n\n" + line("1") + "\n", 2},
		"broken_between": {line("0") + "\n{\n" + line("2") + "\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			answers := evalLines(t, test.in)
			if len(answers) != test.want {
				t.Fatalf("%d answers, want %d", len(answers), test.want)
			}
			for i, a := range answers {
				if a["id"] != nil && a["id"] != string(rune('0'+i)) {
					t.Errorf("answer %d has id %v", i, a["id"])
				}
			}
		})
	}
}

// TestDoorTooLong: a line beyond the limit is answered, and the next one too.
func TestDoorTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 64 MiB")
	}
	answers := evalLines(t, `{"id": "`+strings.Repeat("x", maxCaseLine)+"\"}\n"+`{"id": "next", "definition": `+caseRule+`}`)
	if len(answers) != 2 || answers[0]["error"] == nil || answers[1]["id"] != "next" {
		t.Errorf("answers %v, want an error and the next", answers)
	}
}

// sameJSON compares two decoded values, numbers by value.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case float64:
		n, ok := b.(float64)
		return ok && math.Abs(a-n) < 1e-9
	case []any:
		list, ok := b.([]any)
		same := ok && len(a) == len(list)
		for i := 0; same && i < len(a); i++ {
			same = sameJSON(a[i], list[i])
		}
		return same
	case map[string]any:
		object, ok := b.(map[string]any)
		same := ok && len(a) == len(object)
		for key, v := range a {
			other, there := object[key]
			same = same && there && sameJSON(v, other)
		}
		return same
	}
	return a == b
}

// agrees holds an answer against what a case expects.
func agrees(kind string, want, got map[string]any) bool {
	failed, _ := got["error"].(string)
	switch {
	case want["error"] != nil:
		return strings.HasPrefix(failed, want["error"].(string))
	case want["loads"] == true:
		return !strings.HasPrefix(failed, "load")
	case failed != "":
		return false
	case kind == "function":
		return sameJSON(want["value"], got["value"])
	}
	wanted, _ := want["effect"].(string)
	effect, _ := got["effect"].(string)
	if !strings.EqualFold(wanted, effect) {
		return false
	}
	return want["details"] == nil || sameJSON(want["details"], got["details"])
}

// TestSampleCases: all cases of the samples agree, details included.
func TestSampleCases(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	for file, least := range map[string]int{"policy-cases.jsonl.gz": 397, "builtin-cases.jsonl.gz": 2000} {
		t.Run(file, func(t *testing.T) {
			data := sharedData(t, "conformance/"+file)
			answers := evalLines(t, string(data))
			n, wrong := 0, 0
			for line := range bytes.Lines(data) {
				var c struct {
					ID, Kind string
					Expected map[string]any
				}
				if err := json.Unmarshal(line, &c); err != nil {
					t.Fatal(err)
				}
				if n++; n > len(answers) {
					t.Fatalf("%d answers only", len(answers))
				}
				got := answers[n-1]
				if got["id"] != c.ID {
					t.Fatalf("answer %d is of %v, want %s", n, got["id"], c.ID)
				}
				if !agrees(c.Kind, c.Expected, got) {
					if wrong++; wrong < 10 {
						t.Errorf("%s: got %v, want %v", c.ID, got, c.Expected)
					}
				}
			}
			if n < least {
				t.Errorf("%d cases, want %d", n, least)
			}
		})
	}
}

// TestDoor_tells_failures: what fails in then is told, and nobody guesses on it.
func TestDoor_tells_failures(t *testing.T) {
	const failed = `int: argument 1: got "x", want a number or a text that is one (in [int('x')])`
	tests := map[string]struct{ then, context, compliance, details, warning string }{
		"append":        {`{"effect": "append", "details": [{"field": "tags.x", "value": "[int('x')]"}]}`, `{}`, NonCompliant, `[]`, "value of tags.x: " + failed},
		"modify":        {`{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "tags.x", "value": "[int('x')]"}]}}`, `{}`, NonCompliant, `{"roleDefinitionIds":["r"]}`, "value of tags.x: " + failed},
		"field":         {`{"effect": "append", "details": [{"field": "[string(int('x'))]", "value": 1}]}`, `{}`, NonCompliant, `[]`, `field of append: int: argument 1: got "x", want a number or a text that is one (in [string(int('x'))])`},
		"missing":       {`{"effect": "append", "details": [{"field": "tags.x", "value": "[resourceGroup().tags.q]"}]}`, `{"resourceGroup": {"name": "g"}}`, NonCompliant, `[]`, "value of tags.x: [resourceGroup().tags.q] is missing"},
		"name":          {`{"effect": "auditIfNotExists", "details": {"type": "a/b", "name": "[int('x')]"}}`, `{}`, ErrorState, `{"type":"a/b"}`, "details.name: " + failed},
		"name_missing":  {`{"effect": "auditIfNotExists", "details": {"type": "a/b", "name": "[split(field('type'), '/')[4]]"}}`, `{}`, ErrorState, `{"type":"a/b"}`, "details.name: is missing, want a text (in [split(field('type'), '/')[4]])"},
		"name_a_number": {`{"effect": "auditIfNotExists", "details": {"type": "a/b", "name": "[length('x')]"}}`, `{}`, ErrorState, `{"type":"a/b"}`, "details.name: is integer, want a text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rule := `{"policyRule": {"if": {"field": "type", "equals": "x/y"}, "then": ` + test.then + `}}`
			a := evalLines(t, `{"id": "1", "definition": `+rule+`, "resource": {"type": "x/y"}, "related": [], "context": `+test.context+`}`)[0]
			details, err := json.Marshal(a["details"])
			if err != nil {
				t.Fatal(err)
			}
			warnings, _ := a["warnings"].([]any)
			if a["compliance"] != test.compliance || string(details) != test.details || len(warnings) != 1 || warnings[0] != test.warning {
				t.Errorf("got %v, details %s, warnings %q; want %s, %s, %q", a["compliance"], details, warnings, test.compliance, test.details, test.warning)
			}
		})
	}
}

// TestDoor_clock: without a time in its context, a case is judged now.
func TestDoor_clock(t *testing.T) {
	rule := `{"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "append", "details": [{"field": "tags.x", "value": "[utcNow()]"}]}}}`
	for context, want := range map[string]string{`{}`: "2026-11-28T08:00:00.0000000Z", `{"utcNow": "2025-01-02"}`: "2025-01-02"} {
		a := evalLines(t, `{"id": "1", "definition": `+rule+`, "resource": {"type": "x/y"}, "context": `+context+`}`)[0]
		if got := a["details"].([]any)[0].(map[string]any)["value"]; got != want {
			t.Errorf("%s: utcNow() is %v, want %s", context, got, want)
		}
	}
}

// TestDoor_unknown_effect: an effect that a parameter misspells is told.
func TestDoor_unknown_effect(t *testing.T) {
	rule := `{"parameters": {"e": {"type": "String", "defaultValue": "Audti"}}, "policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "[parameters('e')]"}}}`
	a := evalLines(t, `{"id": "1", "definition": `+rule+`, "resource": {"type": "x/y"}}`)[0]
	want := `unknown effect "Audti"; did you mean "Audit"?`
	if warnings, _ := a["warnings"].([]any); len(warnings) != 1 || warnings[0] != want {
		t.Errorf("warnings %q, want %q", a["warnings"], want)
	}
}
