package assess_test

import (
	"context"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// A failed expression is told as what it is, with what it failed on; unread is
// what was not read.
func TestFailedExpressionsAreTold(t *testing.T) {
	typed := `{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}`
	tls := `field('Microsoft.Storage/storageAccounts/minimumTlsVersion')`
	value := func(expression string) string {
		return `"if": {"allOf": [` + typed + `, {"value": "[` + expression + `]", "equals": 3}]}, "then": {"effect": "audit"}`
	}
	exists := func(details string) string {
		return `"if": ` + typed + `, "then": {"effect": "auditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings", ` + details + `}}`
	}
	const no = `, want a number or a text that is one (in [`
	tests := map[string]struct{ rule, detail string }{
		"value":    {value(`int(` + tls + `)`), `an expression of the rule failed: int: argument 1: got "TLS1_2"` + no + `int(` + tls + `)])`},
		"doubt":    {value(`if(ipRangeContains(` + tls + `, '10.0.0.1'), 1, 3)`), `an expression of the rule failed: ipRangeContains: argument 1: got "TLS1_2", want an address, a range such as 10.0.0.0/8, or first-last (in [if(ipRangeContains(` + tls + `, '10.0.0.1'), 1, 3)])`},
		"name":     {exists(`"name": "[string(int('x'))]"`), `an expression of the rule failed: details.name: int: argument 1: got "x"` + no + `string(int('x'))])`},
		"group":    {exists(`"name": "[string(int(` + tls + `))]"`), `an expression of the rule failed: details.name: int: argument 1: got "TLS1_2"` + no + `string(int(` + tls + `))])`},
		"existing": {exists(`"existenceCondition": {"value": "[int('x')]", "equals": 1}`), `an expression of the rule failed: int: argument 1: got "x"` + no + `int('x')])`},
		"named":    {exists(`"name": "[concat('lo', 'g')]", "existenceCondition": {"value": "[int('x')]", "equals": 1}`), `an expression of the rule failed: int: argument 1: got "x"` + no + `int('x')])`},
		"computed": {exists(`"name": "[concat('l', 'og', substring(` + tls + `, 0, 0))]", "existenceCondition": {"value": "[int('x')]", "equals": 1}`), `an expression of the rule failed: int: argument 1: got "x"` + no + `int('x')])`},
		"late":     {exists(`"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "equals": "[int(` + tls + `)]"}`), `an expression of the rule failed: int: argument 1: got "TLS1_2"` + no + `int(` + tls + `)])`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{definition("d", test.rule, "")}, account(groupA, "a", `,"properties":{"minimumTlsVersion":"TLS1_2"}`), setting("a"))
			_, checks := run(t, o)
			if len(checks) != 1 || verdict(checks[0]) != "d a unknown error" || checks[0].Detail != test.detail {
				t.Fatalf("got %d checks, the first %s with detail\n%s, want\n%s", len(checks), verdict(checks[0]), checks[0].Detail, test.detail)
			}
			e, err := assess.Explain(context.Background(), o, checks[0].Resource, checks[0].Rule)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Checks[0].Detail; got != test.detail {
				t.Errorf("explain: detail %s", got)
			}
		})
	}
}

// Messages quote values, so there is none where one is secret.
func TestFailedOnASecret(t *testing.T) {
	rule := `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"value": "[int(field('tags.password'))]", "equals": 3}]}, "then": {"effect": "audit"}`
	o := options(t, []string{definition("d", rule, "")}, account(groupA, "a", `,"tags":{"password":"hunter2-Tr0ub4dor"},"properties":{}`))
	_, checks := run(t, o)
	if want := "an expression of the rule failed: failed on a value that is secret (in [int(field('tags.password'))])"; checks[0].Detail != want {
		t.Errorf("detail %q, want %q", checks[0].Detail, want)
	}
}
