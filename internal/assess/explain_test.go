package assess_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

func TestExplain(t *testing.T) {
	roles := aws("AWS::IAM::Role", "Admin", firstAccount, "", false) + "\n" + aws("AWS::IAM::Role", "Admin", otherAccount, "", true)
	same := account(unitB+"/resourceGroups/app", "one", secure)
	lines := []string{account(groupA, "one", plain), account(groupA, "two", ""), account(groupA, "three", secure), setting("three")}
	oneID := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	tests := map[string]struct {
		more           string
		resource, rule string
		want, err      string
	}{
		"by_id":              {"", upper(oneID), "https", "compliance in Azure's words: NonCompliant", ""},
		"by_name":            {"", "ONE", idOf + "https", "compliance in Azure's words: NonCompliant", ""},
		"unknown":            {"", "two", "https", "NoData (partial)", ""},
		"related":            {"", "three", "logged", "compliance in Azure's words: Compliant", ""},
		"related_not_there":  {"", "one", "logged", "compliance in Azure's words: NonCompliant", ""},
		"ambiguous":          {same, "one", "https", "", "2 resources are named"},
		"by_id_among_names":  {same, oneID, "https", "compliance in Azure's words: NonCompliant", ""},
		"shared_id":          {roles, "Admin", "open", "", "2 resources have the id \"Admin\"; give one of them as:\n" + firstAccount + "/AWS::IAM::Role/Admin\n" + otherAccount + "/AWS::IAM::Role/Admin"},
		"one_of_shared_id":   {roles, otherAccount + "/AWS::IAM::Role/Admin", "open", "compliance in Azure's words: NonCompliant", ""},
		"other_of_shared_id": {roles, firstAccount + "/AWS::IAM::Role/Admin", "open", "compliance in Azure's words: Compliant", ""},
		"no_resource":        {"", "four", "https", "", `no resource "four"`},
		"no_rule":            {"", "one", "nothing", "", `policy "nothing"`},
		"not_evaluated":      {"", "one", "off", "", "not evaluated: disabled"},
		"first_of_one_line":  {"[" + account(groupA, "five", secure) + "," + account(groupA, "five", plain) + "]", "five", "https", "compliance in Azure's words: Compliant", ""},
	}
	off := definition("off", `"if": {"field": "type", "equals": "A/b"}, "then": {"effect": "Disabled"}`, "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			// An assignment says where a policy is judged, not whether it can be explained.
			o := options(t, []string{https, logged, off, open, assignment("x", unitB, "policyDefinitions/https", "")}, append(lines, test.more)...)
			e, err := assess.Explain(t.Context(), o, test.resource, test.rule)
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case !strings.Contains(e.Text(), test.want):
				t.Errorf("want %s in:\n%s", test.want, e.Text())
			}
		})
	}
}

// One reading teaches what there is, one fetches the bodies: a late duplicate,
// which makes an assessment read again, takes no third.
func TestExplain_reads_twice(t *testing.T) {
	lines := []string{setting("one"), account(groupA, "one", ""), account(groupA, "one", secure), account(groupA, "two", plain)}
	for _, rule := range []string{"https", "logged"} {
		o := options(t, []string{https, logged}, lines...)
		opened, open := 0, o.Inputs[0].Open
		o.Inputs[0].Open = func() (io.ReadCloser, error) {
			opened++
			return open()
		}
		e, err := assess.Explain(t.Context(), o, "one", rule)
		if err != nil {
			t.Fatal(err)
		}
		if opened != 2 {
			t.Errorf("%s: input opened %d times, want 2", rule, opened)
		}
		if len(e.Checks) != 1 || e.Checks[0].State != posture.Healthy {
			t.Errorf("%s: %+v, want one healthy check", rule, e.Checks)
		}
	}
}

// What explain says of a resource is what the list of checks says.
func TestExplain_agrees_with_checks(t *testing.T) {
	lines := []string{
		account(groupA, "one", plain), account(groupA, "two", ""), account(groupA, "three", secure), setting("three"),
		account(unitB+"/resourceGroups/app", "four", secure), subscription(unitA),
		`{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"startedAt":"2026-01-01T00:00:00Z","denied":[{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/one","type":"Microsoft.Insights/diagnosticSettings"}]}`,
	}
	o := options(t, []string{
		https, logged, attest, assignment("a", unitA, "policyDefinitions/https", ""), assignment("b", groupA, "policyDefinitions/logged", ""),
		assignment("c", unitA, "policyDefinitions/attest", ""),
	}, lines...)
	_, all := run(t, o)
	if len(all) < 5 {
		t.Fatalf("%d checks, want more to compare", len(all))
	}
	for _, c := range all {
		e, err := assess.Explain(t.Context(), o, c.Resource, c.Rule)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]posture.Check{*c}, e.Checks); diff != "" {
			t.Errorf("%s on %s (-checks +explain):\n%s", c.Rule, c.Name, diff)
		}
	}
}

// A policy that its own parameters do not suffice for, or disable, is explained with
// those of an assignment: of the first that judges the resource.
func TestExplain_by_assigned_parameters(t *testing.T) {
	tagged := func(name, effect string) string {
		return definition(name, `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"field": "[concat('tags[', parameters('t'), ']')]", "exists": "false"}]},
			"then": {"effect": "[parameters('effect')]"}`, effect+`"t": {"type": "String"}`)
	}
	needs := tagged("needs", `"effect": {"type": "String", "defaultValue": "Audit"}, `)
	disabled := strings.Replace(tagged("disabled", `"effect": {"type": "String", "defaultValue": "Disabled"}, `), `"t": {"type": "String"}`, `"t": {"type": "String", "defaultValue": "none"}`, 1)
	given := func(name, policy, t string) string {
		return assignment(name, groupA, "policyDefinitions/"+policy, `,"parameters":{"t":{"value":"`+t+`"},"effect":{"value":"Audit"}}`)
	}
	set := initiative("set", `"tt": {"type": "String", "defaultValue": "owner"}`, member("m", "needs", `,"parameters":{"t":{"value":"[parameters('tt')]"}}`), "")
	elsewhere := assignment("away", unitB, "policyDefinitions/needs", `,"parameters":{"t":{"value":"away"}}`)
	memberOf := func(t string) string { return member("of-"+t, "needs", `,"parameters":{"t":{"value":"`+t+`"}}`) }
	both := initiative("set", `"x": {"type": "String", "defaultValue": "x"}`, memberOf("cost")+","+memberOf("env"), "")
	chosen := initiative("set", `"x": {"type": "String", "defaultValue": "x"}`, member("m", "disabled", `,"parameters":{"t":{"value":"cost"},"effect":{"value":"Audit"}}`), "")
	own := strings.Replace(disabled, `"Disabled"`, `"Audit"`, 1)
	tests := map[string]struct {
		library []string
		rule    string
		states  int
		want    string // "" for none
	}{
		"assignment":      {[]string{needs, given("x", "needs", "cost")}, "needs", 1, "tags[cost]"},
		"initiative":      {[]string{needs, set, assignment("x", unitA, "policySetDefinitions/set", "")}, "needs", 1, "tags[owner]"},
		"another":         {[]string{needs, elsewhere, given("x", "needs", "cost")}, "needs", 1, "tags[cost]"},
		"elsewhere":       {[]string{needs, elsewhere}, "needs", 0, "tags[away]"},
		"two":             {[]string{needs, given("x", "needs", "cost"), given("y", "needs", "env")}, "needs", 2, "tags[cost]"},
		"enabled":         {[]string{disabled, given("x", "disabled", "cost")}, "disabled", 1, "tags[cost]"},
		"by_id":           {[]string{needs, given("x", "needs", "cost")}, idOf + "NEEDS", 1, "tags[cost]"},
		"missing":         {[]string{needs, assignment("x", groupA, "policyDefinitions/needs", "")}, "needs", 0, ""},
		"chosen_needs":    {[]string{needs, set}, "needs", 1, "tags[owner]"},
		"told_needs":      {[]string{needs, set}, "needs", 1, "tags[owner]"},
		"chosen_enabled":  {[]string{disabled, chosen}, "disabled", 1, "tags[cost]"},
		"told_enabled":    {[]string{disabled, chosen}, "disabled", 1, "tags[cost]"},
		"chosen_both":     {[]string{needs, both}, "needs", 2, "tags[cost]"},
		"told_both":       {[]string{needs, both}, "needs", 2, "tags[cost]"},
		"told_own":        {[]string{own, chosen}, "disabled", 2, "tags[none]"},
		"told_by_id":      {[]string{own, chosen}, idOf + "DISABLED", 2, "tags[none]"},
		"told_assigned":   {[]string{needs, both, assignment("x", unitA, "policySetDefinitions/set", "")}, "needs", 2, "tags[cost]"},
		"chosen_assigned": {[]string{needs, set, given("x", "needs", "cost")}, "needs", 1, "tags[owner]"},
		"default":         {[]string{strings.Replace(disabled, `"Disabled"`, `"Audit"`, 1), given("x", "disabled", "cost")}, "disabled", 1, "tags[cost]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.library, account(groupA, "one", plain))
			switch how, _, _ := strings.Cut(name, "_"); how {
			case "chosen":
				o.Initiatives = []string{"set"}
			case "told":
				o.Standards = []string{"set"}
			}
			e, err := assess.Explain(t.Context(), o, "one", test.rule)
			var not *assess.NotExplainedError
			if test.want == "" {
				if !errors.As(err, &not) || not.Why != "needs parameter t" {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := e.Text(); len(e.Checks) != test.states || !strings.Contains(text, test.want) {
				t.Errorf("%d states, want %d; want %s in:\n%s", len(e.Checks), test.states, test.want, text)
			}
			for _, c := range e.Checks {
				if c.State != posture.Unhealthy {
					t.Errorf("%+v", c)
				}
			}
		})
	}
}

// What a person attests of a manual policy is Azure's word for it too.
func TestExplain_of_what_is_attested(t *testing.T) {
	drill := definition("drill", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "manual"}`, "")
	for state, want := range map[string]string{"": policy.Unattested, "Compliant": policy.Compliant, "NonCompliant": policy.NonCompliant} {
		o := options(t, []string{drill}, account(groupA, "one", plain))
		if state != "" {
			o.Attestations = attestation(t, `{"recommendation":"drill","scope":"`+unitA+`","state":"`+state+`","reason":"seen"}`)
		}
		e, err := assess.Explain(t.Context(), o, "one", "drill")
		if err != nil {
			t.Fatal(err)
		}
		if e.Verdict.Compliance != want {
			t.Errorf("attested %q: %s, want %s", state, e.Verdict.Compliance, want)
		}
	}
}
