package assess_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/policy"
)

// Of several exemptions in force the order in the files decides nothing: a check is
// exempt until it would no more be, and mitigated as long as one of them says so.
func TestExemptionsTogether(t *testing.T) {
	set := initiative("set", "", member("h", "https", `,"groupNames":["N-1","N-2"]`), `{"name":"N-1"},{"name":"N-2"}`)
	x, y := assignment("x", unitA, "policySetDefinitions/set", ""), assignment("y", groupA, "policyDefinitions/https", "")
	ofX, ofY := unitA+assignments+"x", groupA+assignments+"y"
	azures := func(name, of, category, until string) *policy.Exemption {
		return &policy.Exemption{Name: name, ID: unitA + "/" + name, Scope: unitA, AssignmentID: of, Category: category, ExpiresOn: until, Description: "by " + name}
	}
	short := func(name, of, category, until string) *policy.Exemption {
		return &policy.Exemption{Name: name, Scope: "/", ReferenceIDs: []string{of}, Category: category, ExpiresOn: until, Description: "by " + name}
	}
	tests := map[string]struct {
		documents []string
		exempt    []*policy.Exemption
		want      string // category, until when, reason; "" for not exempt
	}{
		"good_and_ends":         {[]string{x, y}, []*policy.Exemption{azures("a", ofX, "Waiver", ""), azures("b", ofY, "Waiver", "2026-12-01")}, "waiver 2026-12-02 by b"},
		"ends_and_ends":         {[]string{x, y}, []*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-08"), azures("b", ofY, "Waiver", "2026-12-01")}, "waiver 2026-12-02 by b"},
		"of_one_only":           {[]string{x, y}, []*policy.Exemption{azures("a", ofX, "Waiver", ""), azures("b", ofX, "Waiver", "2026-12-01")}, ""},
		"kinds_of_two":          {[]string{x, y}, []*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-01"), azures("b", ofY, "Mitigated", "2026-12-08")}, "mitigated 2026-12-02 by b"},
		"the_longer":            {[]string{x}, []*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-01"), azures("b", ofX, "Waiver", "2026-12-08")}, "waiver 2026-12-09 by b"},
		"for_good":              {[]string{x}, []*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-01"), azures("b", ofX, "Waiver", "")}, "waiver for good by b"},
		"mitigated_then_waived": {[]string{x}, []*policy.Exemption{azures("a", ofX, "Mitigated", "2026-12-01"), azures("b", ofX, "Waiver", "")}, "mitigated for good by a"},
		"mitigated_longer":      {[]string{x}, []*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-01"), azures("b", ofX, "Mitigated", "2026-12-08")}, "mitigated 2026-12-09 by b"},
		"alike":                 {[]string{x}, []*policy.Exemption{azures("b", ofX, "Waiver", ""), azures("a", ofX, "Waiver", "")}, "waiver for good by a"},
		"the_rule":              {nil, []*policy.Exemption{short("a", "https", "Waiver", "2026-12-01"), short("b", "https", "Waiver", "2026-12-08")}, "waiver 2026-12-09 by b"},
		"the_rule_and_both": {
			[]string{x, y},
			[]*policy.Exemption{azures("a", ofX, "Waiver", "2026-12-01"), azures("b", ofY, "Waiver", ""), short("c", "https", "Waiver", "2026-12-08")},
			"waiver 2026-12-09 by c",
		},
		"all_controls":                 {[]string{x}, []*policy.Exemption{short("a", "set:N-1", "Waiver", "2026-12-01"), short("b", "set:N-2", "Waiver", "2026-12-08")}, "waiver 2026-12-02 by a"},
		"another_kind_in_one_control":  {[]string{x}, []*policy.Exemption{short("a", "set:N-1", "Mitigated", ""), azures("c", ofX, "Waiver", "2026-12-05")}, "waiver 2026-12-06 by c"},
		"another_kind_in_all_controls": {[]string{x}, []*policy.Exemption{short("a", "set:N-1", "Mitigated", ""), short("b", "set:N-2", "Mitigated", "2026-12-08"), azures("c", ofX, "Waiver", "2026-12-05")}, "mitigated 2026-12-09 by b"},
		"controls_and_the_reference": {
			[]string{x},
			[]*policy.Exemption{short("a", "set:N-1", "Waiver", "2026-12-08"), short("b", "set:N-2", "Waiver", "2026-12-01"), azures("c", ofX, "Waiver", "2026-12-05")},
			"waiver 2026-12-06 by c",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				o := options(t, append([]string{https, set}, test.documents...), account(groupA, "one", plain))
				if test.documents == nil {
					o.Policies = []string{"https"}
				}
				o.Exemptions = test.exempt
				_, checks := run(t, o)
				got := ""
				if e := checks[0].Exempt; e != nil {
					got = e.Category + " for good " + e.Reason
					if !e.ExpiresOn.IsZero() {
						got = e.Category + " " + e.ExpiresOn.Format(time.DateOnly) + " " + e.Reason
					}
				}
				if got != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
				slices.Reverse(test.exempt)
			}
		})
	}
}

// The check of a manual control is exempt by the same rule.
func TestExemptionsOfAManualControlTogether(t *testing.T) {
	o := options(t, nil, subscription(unitA))
	o.Library, o.BuiltIn, o.OwnStandards = nil, builtIn(t), nil
	o.Standards = []string{"mcsb-v1"}
	o.Exemptions = exemption(t, `{"recommendation":"mcsb-v1:IR-1","expiresOn":"2026-12-08"}`, `{"recommendation":"mcsb-v1:IR-1","category":"Mitigated","expiresOn":"2026-12-01"}`)
	_, checks := run(t, o)
	for _, c := range checks {
		if c.Rule == "mcsb-v1:IR-1" && (c.Exempt == nil || c.Exempt.Category != "mitigated" || c.Exempt.ExpiresOn.Format(time.DateOnly) != "2026-12-09") {
			t.Errorf("exempt %+v, want mitigated until the last one ends", c.Exempt)
		}
	}
}

// An exemption is told to hold already only if it holds as long.
func TestIdleExemptionsBesideOthers(t *testing.T) {
	x, y := assignment("x", unitA, "policyDefinitions/https", ""), assignment("y", groupA, "policyDefinitions/https", "")
	at := func(name, of, category, until string) *policy.Exemption {
		return &policy.Exemption{Name: name, Scope: unitA, AssignmentID: of, Category: category, ExpiresOn: until}
	}
	ofX, ofY := unitA+assignments+"x", groupA+assignments+"y"
	tests := map[string]struct {
		exempt []*policy.Exemption
		of     string
		want   string
	}{
		"shorter":           {[]*policy.Exemption{at("first", ofX, "Waiver", "2026-12-01"), at("next", ofX, "Waiver", "2026-12-08")}, "first", `exemption "next" holds already for all that it is about`},
		"mitigated":         {[]*policy.Exemption{at("first", ofX, "Waiver", ""), at("next", ofX, "Mitigated", "2026-12-08")}, "next", ""},
		"waived_longer":     {[]*policy.Exemption{at("first", ofX, "Mitigated", "2026-12-01"), at("next", ofX, "Waiver", "")}, "next", ""},
		"beside_two":        {[]*policy.Exemption{at("first", ofX, "Mitigated", "2026-12-02"), at("next", ofX, "Waiver", "2026-12-04"), at("last", ofX, "Waiver", "")}, "next", `exemption "last" holds already for all that it is about`},
		"mitigated_twice":   {[]*policy.Exemption{at("first", ofX, "Mitigated", "2026-12-01"), at("next", ofX, "Waiver", ""), at("last", ofX, "Mitigated", "2026-12-04")}, "first", `exemption "last" holds already for all that it is about`},
		"of_another":        {[]*policy.Exemption{at("other", ofY, "Waiver", ""), at("first", ofX, "Waiver", "2026-12-08"), at("next", ofX, "Waiver", "2026-12-04")}, "next", `exemption "first" holds already for all that it is about`},
		"the_same_again":    {[]*policy.Exemption{at("first", ofX, "Waiver", ""), at("next", ofX, "Waiver", "")}, "next", `exemption "first" holds already for all that it is about`},
		"both_are_required": {[]*policy.Exemption{at("first", ofX, "Waiver", ""), at("next", ofY, "Waiver", "2026-12-01")}, "next", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, x, y}, account(groupA, "one", plain))
			o.Exemptions = test.exempt
			wantWarning(t, o, `exemption "`+test.of+`"`, test.want)
		})
	}
}
