package policy

import (
	"strings"
	"testing"
)

// TestDefaultState: what a manual rule applies to has the default state in
// Azure's words as long as nobody attests another.
func TestDefaultState(t *testing.T) {
	tests := map[string]struct {
		details, parameters string
		want                string
		warning             string
	}{
		"none":           {``, ``, "Unknown", ""},
		"unknown":        {`{"defaultState": "unknown"}`, ``, "Unknown", ""},
		"compliant":      {`{"DefaultState": "COMPLIANT"}`, ``, "Compliant", ""},
		"non_compliant":  {`{"defaultState": "NonCompliant"}`, ``, "NonCompliant", ""},
		"spelt_apart":    {`{"defaultState": "non-compliant"}`, ``, "NonCompliant", ""},
		"parameter":      {`{"defaultState": "[parameters('S')]"}`, `{"s": "Compliant"}`, "Compliant", ""},
		"of_the_default": {`{"defaultState": "[parameters('s')]"}`, ``, "NonCompliant", ""},
		"other_word":     {`{"defaultState": "Fine"}`, ``, "Unknown", `defaultState "Fine"; want one of Compliant, NonCompliant, Unknown`},
		"no_value":       {`{"defaultState": "[parameters('none')]"}`, ``, "Unknown", `defaultState: `},
		"no_text":        {`{"defaultState": "[createArray()]"}`, ``, "Unknown", `defaultState: got array; want one of Compliant, NonCompliant, Unknown`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.details != "" {
				test.details = `, "details": ` + test.details
			}
			if test.parameters == "" {
				test.parameters = "null"
			}
			line := `{"id": "1", "definition": {"parameters": {"s": {"type": "String", "defaultValue": "NonCompliant"}}, "policyRule": {"if": {"field": "type", "equals": "x/y"}, "then": {"effect": "manual"` +
				test.details + `}}}, "parameters": ` + test.parameters + `, "resource": {"type": "`
			answers := evalLines(t, line+"x/y\"}}\n"+line+"x/z\"}}\n")
			if got := answers[0]; got["effect"] != "Manual" || got["compliance"] != test.want {
				t.Errorf("got %v %v, want %q", got["effect"], got["compliance"], test.want)
			}
			warnings, _ := answers[0]["warnings"].([]any)
			if told := test.warning != ""; told != (len(warnings) == 1) || told && !strings.HasPrefix(warnings[0].(string), test.warning) {
				t.Errorf("warnings %q, want %q", warnings, test.warning)
			}
			if got := answers[1]; got["effect"] != nil || got["compliance"] != nil {
				t.Errorf("where it does not apply: %v", got)
			}
		})
	}
}

// Judging leaves the state to people all the same, and an explanation has both.
func TestDefaultStateExplained(t *testing.T) {
	d, problems := ParseDefinition("d", []byte(`{"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "manual", "details": {"defaultState": "Compliant"}}}}`))
	if d == nil {
		t.Fatal(problems)
	}
	b, r := Bind(d, nil), parsed(t, `{"type": "x/y"}`)
	if v := b.Judge(r, Environment{}); v.Compliance != Unattested {
		t.Errorf("judged %q, want %q", v.Compliance, Unattested)
	}
	if text := b.Explain(r, Environment{}).Text(); !strings.Contains(text, "compliance in Azure's words: Compliant") {
		t.Errorf("explained as\n%s", text)
	}
}
