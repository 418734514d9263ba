package assess_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// tallyOf finds the tally of a control.
func tallyOf(t testing.TB, result *assess.Result, standard, control string) compliance.Tally {
	t.Helper()
	for _, c := range result.Compliance {
		for _, n := range c.Nodes {
			if c.Standard == standard && n.ID == control {
				return n.Tally
			}
		}
	}
	t.Fatalf("no control %s:%s", standard, control)
	return compliance.Tally{}
}

// An exemption of one control of a standard is one there, and nowhere else.
func TestExemptControlOfAStandard(t *testing.T) {
	vault := `{"id":"` + groupA + `/providers/Microsoft.KeyVault/vaults/kv","name":"kv","type":"Microsoft.KeyVault/vaults","properties":{"tenantId":"a"}}`
	bare, exempt := compliance.Tally{Unhealthy: 1}, compliance.Tally{Exempt: 1}
	tests := map[string]struct {
		exempt      []string
		check       string
		first, next compliance.Tally
	}{
		"none":               {nil, "unhealthy", bare, bare},
		"one_control":        {[]string{`{"recommendation":"MCSB-v1:lt-3"}`}, "unhealthy <mcsb-v1:LT-3 exempt>", exempt, bare},
		"elsewhere":          {[]string{`{"recommendation":"mcsb-v1:LT-3","scope":"` + unitB + `"}`}, "unhealthy", bare, bare},
		"expired":            {[]string{`{"recommendation":"mcsb-v1:LT-3","expiresOn":"2026-11-01"}`}, "unhealthy", bare, bare},
		"both_controls":      {[]string{`{"recommendation":"mcsb-v1:LT-3"}`, `{"recommendation":"mcsb-v1:DP-8"}`}, "unhealthy <mcsb-v1:LT-3 exempt> <mcsb-v1:DP-8 exempt>", exempt, exempt},
		"the_recommendation": {[]string{`{"recommendation":"keyvault-resource-logs"}`}, "exempt waiver over unhealthy", exempt, exempt},
		"both": {
			[]string{`{"recommendation":"mcsb-v1:LT-3"}`, `{"recommendation":"keyvault-resource-logs"}`},
			"exempt waiver over unhealthy <mcsb-v1:LT-3 exempt>", exempt, exempt,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, vault, read(unitA, "*", "true"))
			o.Library, o.BuiltIn, o.Policies, o.Initiatives = nil, builtIn(t), []string{"keyvault-resource-logs"}, nil
			o.Standards = []string{"mcsb-v1"}
			o.Exemptions = exemption(t, test.exempt...)
			result, checks := run(t, o)
			var got string
			for _, c := range checks {
				if c.Rule == "keyvault-resource-logs" {
					got = verdict(c)
				}
			}
			if want := "keyvault-resource-logs kv " + test.check; got != want {
				t.Errorf("check %q, want %q", got, want)
			}
			tallies := []compliance.Tally{tallyOf(t, result, "mcsb-v1", "LT-3"), tallyOf(t, result, "mcsb-v1", "DP-8")}
			for i, want := range []compliance.Tally{test.first, test.next} {
				if tallies[i].Exempt != want.Exempt || tallies[i].Exempt == 0 && tallies[i].Unhealthy == 0 {
					t.Errorf("control %d: %+v, want %+v", i, tallies[i], want)
				}
			}
		})
	}
}

// What is mitigated is counted apart, in the control alone, under the reference,
// or for the rule and every control that it gives evidence for.
func TestMitigatedIsCountedApart(t *testing.T) {
	vault := `{"id":"` + groupA + `/providers/Microsoft.KeyVault/vaults/kv","name":"kv","type":"Microsoft.KeyVault/vaults","properties":{"tenantId":"a"}}`
	mitigated := compliance.Tally{Exempt: 1, Mitigated: 1}
	for name, test := range map[string]struct {
		of          string
		first, next compliance.Tally
		rule        int
	}{
		"control":        {"mcsb-v1:LT-3", mitigated, compliance.Tally{}, 0},
		"recommendation": {"keyvault-resource-logs", mitigated, mitigated, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, vault, read(unitA, "*", "true"))
			o.Library, o.BuiltIn, o.Policies, o.Standards = nil, builtIn(t), []string{"keyvault-resource-logs"}, []string{"mcsb-v1"}
			o.Exemptions = exemption(t, `{"recommendation":"`+test.of+`","category":"Mitigated"}`)
			result, checks := run(t, o)
			for control, want := range map[string]compliance.Tally{"LT-3": test.first, "DP-8": test.next} {
				if got := tallyOf(t, result, "mcsb-v1", control); got.Exempt != want.Exempt || got.Mitigated != want.Mitigated {
					t.Errorf("%s: %+v, want %+v", control, got, want)
				}
			}
			if got := result.Recommendations[0].Mitigated; got != test.rule {
				t.Errorf("rule: %d mitigated, want %d", got, test.rule)
			}
			for _, ref := range checks[0].References {
				if ref.Category != "mitigated" {
					t.Errorf("reference %+v", ref)
				}
			}
		})
	}
	o := options(t, []string{https, initiative("set", "", member("h", "https", `,"groupNames":["N-1","N-2"]`), `{"name":"N-1"},{"name":"N-2"}`)}, account(groupA, "one", plain))
	o.Initiatives = []string{"set"}
	o.Exemptions = exemption(t, `{"recommendation":"set:N-1","category":"Mitigated"}`)
	result, _ := run(t, o)
	if diff := cmp.Diff(mitigated, tallyOf(t, result, "set", "N-1")); diff != "" {
		t.Errorf("one group (-want +got):\n%s", diff)
	}
	o.Exemptions = append(o.Exemptions, exemption(t, `{"recommendation":"set:N-2"}`)...)
	result, _ = run(t, o)
	if diff := cmp.Diff(mitigated, tallyOf(t, result, "set", "N-1")) + cmp.Diff(compliance.Tally{Exempt: 1}, tallyOf(t, result, "set", "N-2")); diff != "" {
		t.Errorf("both groups (-want +got):\n%s", diff)
	}
}

// A member in two groups of an initiative is exempt under its reference only if
// it is in both.
func TestExemptControlOfAnInitiative(t *testing.T) {
	grouped := initiative("set", "", member("h", "https", `,"groupNames":["N-1","N-2"]`), `{"name":"N-1"},{"name":"N-2"}`)
	single := initiative("bare", "", member("h", "https", ""), "")
	x, y := assignment("x", unitA, "policySetDefinitions/set", ""), assignment("y", unitA, "policySetDefinitions/bare", "")
	bare, exempt := compliance.Tally{Unhealthy: 1}, compliance.Tally{Exempt: 1}
	type tallies map[string]compliance.Tally
	tests := map[string]struct {
		assigned []string
		exempt   []string
		check    string
		want     tallies
	}{
		"one_group":  {[]string{x}, []string{`{"recommendation":"set:n-1"}`}, "https one unhealthy <x:h>", tallies{"N-1": exempt, "N-2": bare}},
		"all_groups": {[]string{x}, []string{`{"recommendation":"set:N-1"}`, `{"recommendation":"set:N-2"}`}, "https one exempt waiver over unhealthy <x:h exempt>", tallies{"N-1": exempt, "N-2": exempt}},
		"of_two_references": {
			[]string{x, y},
			[]string{`{"recommendation":"set:N-1"}`, `{"recommendation":"set:N-2"}`},
			"https one unhealthy <x:h exempt> <y:h>",
			tallies{"N-1": exempt, "N-2": exempt},
		},
		"member_is_the_control": {[]string{y}, []string{`{"recommendation":"bare:h"}`}, "https one exempt waiver over unhealthy <y:h exempt>", nil},
		"the_policy":            {[]string{x, y}, []string{`{"recommendation":"https"}`}, "https one exempt waiver over unhealthy <x:h exempt> <y:h exempt>", tallies{"N-1": exempt, "N-2": exempt}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, append([]string{https, grouped, single}, test.assigned...), account(groupA, "one", plain))
			o.Exemptions = exemption(t, test.exempt...)
			want(t, o, test.check)
			result, _ := run(t, o)
			for control, want := range test.want {
				if diff := cmp.Diff(want, tallyOf(t, result, "set", control)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", control, diff)
				}
			}
		})
	}
}

// A policy that is chosen for itself is exempt only as such.
func TestExemptControlOfAChosenPolicy(t *testing.T) {
	o := options(t, []string{https, initiative("set", "", member("h", "https", `,"groupNames":["N-1"]`), `{"name":"N-1"}`)}, account(groupA, "one", plain))
	o.Policies, o.Initiatives = []string{"https"}, []string{"set"}
	o.Exemptions = exemption(t, `{"recommendation":"set:N-1"}`)
	want(t, o, "https one unhealthy <set:h exempt>")
	o.Exemptions = exemption(t, `{"recommendation":"https"}`)
	want(t, o, "https one exempt waiver over unhealthy <set:h exempt>")
}

// What does not apply is not exempt either: neither in the check nor in a count.
func TestExemptIsNothingThatDoesNotApply(t *testing.T) {
	cache := `{"id":"` + groupA + `/providers/Microsoft.Cache/redis/r","name":"r","type":"Microsoft.Cache/redis","properties":{"subnetId":"/subnets/s","privateEndpointConnections":[]}}`
	for name, exempt := range map[string]string{
		"the_recommendation": `{"recommendation":"redis-private-link"}`,
		"a_control":          `{"recommendation":"mcsb-v1:NS-2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, cache, read(unitA, "*", "true"))
			o.Library, o.BuiltIn, o.Policies, o.Initiatives = nil, builtIn(t), []string{"redis-private-link"}, nil
			o.Standards = []string{"mcsb-v1"}
			o.Exemptions = exemption(t, exempt)
			result, checks := run(t, o)
			for _, c := range checks {
				if got, want := verdict(c), "redis-private-link r notApplicable"; c.Rule == "redis-private-link" && got != want {
					t.Errorf("check %q, want %q", got, want)
				}
			}
			if got := tallyOf(t, result, "mcsb-v1", "NS-2"); got.Exempt != 0 {
				t.Errorf("control: %+v, want none exempt", got)
			}
		})
	}
}

// A check that is waived as such and mitigated in one control is mitigated there, and
// waived in all others.
func TestMitigatedInAControlAlone(t *testing.T) {
	vault := `{"id":"` + groupA + `/providers/Microsoft.KeyVault/vaults/kv","name":"kv","type":"Microsoft.KeyVault/vaults","properties":{"tenantId":"a"}}`
	o := options(t, nil, vault, read(unitA, "*", "true"))
	o.Library, o.BuiltIn, o.Policies, o.Standards = nil, builtIn(t), []string{"keyvault-resource-logs"}, []string{"mcsb-v1"}
	o.Exemptions = exemption(t, `{"recommendation":"keyvault-resource-logs","category":"Waiver"}`, `{"recommendation":"mcsb-v1:LT-3","category":"Mitigated"}`)
	result, _ := run(t, o)
	for control, want := range map[string]int{"LT-3": 1, "DP-8": 0} {
		if got := tallyOf(t, result, "mcsb-v1", control); got.Exempt != 1 || got.Mitigated != want {
			t.Errorf("%s: %+v, want 1 exempt, %d mitigated", control, got, want)
		}
	}
}
