package policy

import (
	"strings"
	"testing"
)

// TestDoubt: a range of addresses that is none is false, and that it is none
// is on record; what hangs on it is an error and not compliance.
func TestDoubt(t *testing.T) {
	const malformed, mixed = `ipRangeContains: argument 1: got "st1"`, `ipRangeContains: got addresses of two families`
	is := func(call, want string) string { return `{"value": "[` + call + `]", "equals": ` + want + `}` }
	bad := `ipRangeContains(field('name'), '10.0.0.1')`
	tests := map[string]struct{ cond, effect, compliance, warning string }{
		"false":        {is(bad, "false"), "Audit", ErrorState + " error", malformed},
		"true":         {is(bad, "true"), "", ErrorState + " error", malformed},
		"under_not":    {`{"not": ` + is(bad, "true") + `}`, "Audit", ErrorState + " error", malformed},
		"negated":      {is("not("+bad+")", "true"), "Audit", ErrorState + " error", malformed},
		"on_the_right": {`{"value": false, "equals": "[` + bad + `]"}`, "Audit", ErrorState + " error", malformed},
		"families":     {is(`ipRangeContains('10.0.0.0/8', '::1')`, "false"), "Audit", ErrorState + " error", mixed},
		"unneeded":     {`{"anyOf": [{"field": "name", "equals": "st1"}, ` + is(bad, "true") + `]}`, "Audit", NonCompliant, ""},
		"no_matter":    {`{"allOf": [` + is(bad, "false") + `, {"field": "location", "exists": false}]}`, "", Compliant, malformed},
		"not_taken":    {is(`if(true(), true(), `+bad+`)`, "true"), "Audit", NonCompliant, ""},
		"in_a_count":   {`{"count": {"value": ["x", "10.0.0.0/8"], "where": ` + is(`ipRangeContains(current(), '10.0.0.1')`, "true") + `}, "equals": 1}`, "Audit", ErrorState + " error", `ipRangeContains: argument 1: got "x"`},
		"enough_else":  {`{"count": {"value": ["x", "10.0.0.0/8"], "where": ` + is(`ipRangeContains(current(), '10.0.0.1')`, "true") + `}, "greater": 0}`, "Audit", NonCompliant, ""},
		"a_number":     {is(`ipRangeContains(length(field('name')), '10.0.0.1')`, "false"), "", ErrorState + " error", "ipRangeContains: argument 1: got integer, want a string"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: test.cond}
			v := c.judge(t)
			if got := verdictWord(v); got != test.compliance || v.Effect != test.effect {
				t.Errorf("effect %q, state %q; want %q, %q", v.Effect, got, test.effect, test.compliance)
			}
			if got := strings.Join(v.Warnings, "; "); !strings.HasPrefix(got, test.warning) || test.warning == "" && got != "" {
				t.Errorf("warnings %q, want %q", got, test.warning)
			}
		})
	}
}

func TestCallFunction_in_doubt(t *testing.T) {
	v, err := CallFunction("ipRangeContains", []Value{StringValue("x"), StringValue("10.0.0.1")})
	if err != nil || !v.Equal(BoolValue(false)) {
		t.Errorf("got %s, %v; want false", v, err)
	}
}
