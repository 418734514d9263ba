package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// A control counts a check once, however many references bring it there; it is
// exempt there only when all of them are.
func TestControlCountsACheckOnce(t *testing.T) {
	inOne := `,"groupNames":["N-1","n-1"]`
	groups := `{"name":"N-1"},{"name":"N-2"}`
	once := initiative("set", "", member("h", "https", inOne), groups)
	twice := initiative("set", "", member("h", "https", inOne)+","+member("i", "https", `,"groupNames":["N-1","N-2"]`), groups)
	x, y := assignment("x", unitA, "policySetDefinitions/set", ""), assignment("y", groupA, "policySetDefinitions/set", "")
	ofX, ofY := unitA+assignments+"x", groupA+assignments+"y"
	bare, exempt := compliance.Tally{Unhealthy: 1}, compliance.Tally{Exempt: 1}
	westOnly := `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`
	type tallies map[string]compliance.Tally
	tests := map[string]struct {
		documents []string
		want      tallies
	}{
		"assigned_once":             {[]string{once, x}, tallies{"N-1": bare}},
		"assigned_twice":            {[]string{once, x, y}, tallies{"N-1": bare}},
		"two_members":               {[]string{twice, x}, tallies{"N-1": bare, "N-2": bare}},
		"two_members_twice":         {[]string{twice, x, y}, tallies{"N-1": bare, "N-2": bare}},
		"one_assignment_exempt":     {[]string{once, x, y, exempting(unitA, ofX, "")}, tallies{"N-1": bare}},
		"the_other_exempt":          {[]string{once, x, y, exempting(unitA, ofY, "")}, tallies{"N-1": bare}},
		"both_exempt":               {[]string{once, x, y, exempting(unitA, ofX, ""), exempting(groupA, ofY, "")}, tallies{"N-1": exempt}},
		"one_member_exempt":         {[]string{twice, x, exempting(unitA, ofX, `,"policyDefinitionReferenceIds":["i"]`)}, tallies{"N-1": bare, "N-2": exempt}},
		"one_is_certain_to_hold":    {[]string{once, x, assignment("y", groupA, "policySetDefinitions/set", westOnly)}, tallies{"N-1": bare}},
		"the_same_in_another_order": {[]string{once, assignment("w", groupA, "policySetDefinitions/set", westOnly), x}, tallies{"N-1": bare}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			nowhere := `{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/one","name":"one","type":"Microsoft.Storage/storageAccounts"` + plain + `}`
			result, _ := run(t, options(t, append([]string{https}, test.documents...), nowhere))
			for control, want := range test.want {
				if diff := cmp.Diff(want, tallyOf(t, result, "set", control)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", control, diff)
				}
			}
		})
	}
}

// What is judged for an initiative alone that compliance is told of is no evidence for
// another standard, in whatever order they are named.
func TestComplianceApartFromAnother(t *testing.T) {
	tagged := definition("tagged", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"field": "[concat('tags[', parameters('t'), ']')]", "exists": "false"}]}, "then": {"effect": "audit"}`,
		`"t": {"type": "String", "defaultValue": "owner"}`)
	set := initiative("set", "", member("m", "tagged", `,"parameters":{"t":{"value":"cost"}}`), "")
	const owned = `,"tags":{"owner":"ann"},"properties":{}`
	assigned := assignment("x", unitA, "policySetDefinitions/set", "")
	inB := assignment("x", unitB, "policyDefinitions/tagged", `,"parameters":{"t":{"value":"cost"}}`)
	other := assignment("x", unitB, "policyDefinitions/https", "")
	parsed, problems := catalog.ParseStandard("own.yaml", []byte("title: Own\nauthority: Us\nversion: '1'\nclouds: [azure]\ncontrols: [{id: L, title: Tags, policies: [tagged]}]\n"))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	tests := map[string]struct {
		told, chosen, more []string
		want, set          string
	}{
		"own":                    {nil, nil, nil, "Passed", ""},
		"both":                   {[]string{"set"}, nil, nil, "Passed", "Failed"},
		"assigned":               {[]string{"set"}, nil, []string{assigned}, "Failed", "Failed"},
		"chosen":                 {[]string{"set"}, []string{"set"}, nil, "Failed", "Failed"},
		"part_of_it_is_assigned": {[]string{"set"}, nil, []string{inB}, "Passed", "Failed"},
		"nothing_of_it_assigned": {[]string{"set"}, nil, []string{other}, "Not covered", "Failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			paid := account(unitB+"/resourceGroups/g", "two", `,"tags":{"owner":"bea","cost":"7"},"properties":{}`)
			o := options(t, append([]string{tagged, set, https}, test.more...), account(groupA, "one", owned), paid)
			o.BuiltIn, o.OwnStandards, o.Standards, o.Initiatives = builtIn(t), []*catalog.Standard{parsed}, test.told, test.chosen
			result, _ := run(t, o)
			states := map[string]string{}
			for _, c := range result.Compliance {
				for _, n := range c.Nodes {
					states[c.Standard] = n.State.String()
				}
			}
			if states["own"] != test.want || states["set"] != test.set {
				t.Errorf("%v, want own %s, set %s", states, test.want, test.set)
			}
		})
	}
}

// An initiative that compliance is told of has all of its controls, also where another
// one is chosen, and what that has judged is evidence for them.
func TestComplianceBesideWhatIsChosen(t *testing.T) {
	other := definition("other", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "audit"}`, "")
	a := initiative("a", "", member("h", "https", ""), "")
	b := initiative("b", "", member("same", "https", "")+","+member("else", "other", ""), "")
	o := options(t, []string{https, other, a, b}, account(groupA, "one", plain))
	o.Initiatives, o.Standards = []string{"a"}, []string{"b"}
	result, checks := run(t, o)
	if len(checks) != 1 {
		t.Errorf("%d checks, want that of a alone", len(checks))
	}
	if len(result.Compliance) != 1 || len(result.Compliance[0].Nodes) != 2 {
		t.Fatalf("%+v", result.Compliance)
	}
	if diff := cmp.Diff(compliance.Tally{Unhealthy: 1}, tallyOf(t, result, "b", "same")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(compliance.Tally{}, tallyOf(t, result, "b", "else")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A standard in a file and an initiative that is named are told apart by their names.
func TestStandardsOfOneName(t *testing.T) {
	set := initiative("set", "", member("h", "https", ""), "")
	o := options(t, []string{https, set})
	o.Standards = []string{"set"}
	if err := assess.UnknownNames(&o); err != nil {
		t.Fatal(err)
	}
	own, problems := catalog.ParseStandard("dir/Set.yaml", []byte("title: Own\nauthority: Us\nversion: '1'\nclouds: [azure]\ncontrols: [{id: L, title: Tags, manual: true}]\n"))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	o.OwnStandards = []*catalog.Standard{own}
	if err := assess.UnknownNames(&o); err == nil || !strings.Contains(err.Error(), "has the name set too") {
		t.Errorf("%v", err)
	}
}

// A built-in policy that the catalogue links to a control counts for the score, beside
// its recommendation; a custom one does not, nor does what is judged for an initiative
// alone that compliance is told of.
func TestLinkedPoliciesScore(t *testing.T) {
	const guid = "404c3081-a854-4457-ae30-26a93ef643f9" // plain HTTP is refused
	rule := `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, {"field": "name", "like": "[parameters('bad')]"}]}, "then": {"effect": "audit"}`
	custom := definition(guid, rule, `"bad": {"type": "String", "defaultValue": "none"}`)
	linked := strings.Replace(custom, `"Custom"`, `"BuiltIn"`, 1)
	given := assignment("x", unitA, "policyDefinitions/"+guid, `,"parameters":{"bad":{"value":"*"}}`)
	set := initiative("set", "", member("m", guid, `,"parameters":{"bad":{"value":"*"}}`), "")
	tests := map[string]struct {
		library []string
		told    []string
		current float64
		weight  int // of the unit: scored checks
	}{
		"alone":    {nil, nil, 4, 0},
		"custom":   {[]string{custom, given}, nil, 4, 0},
		"linked":   {[]string{linked, given}, nil, 0, 1},
		"told":     {[]string{linked, set}, []string{"set"}, 4, 1}, // of the policy by its default alone
		"assigned": {[]string{linked, set, assignment("x", unitA, "policySetDefinitions/set", "")}, nil, 0, 1},
	}
	alone := 0
	for _, name := range []string{"alone", "custom", "linked", "told", "assigned"} {
		test := tests[name]
		t.Run(name, func(t *testing.T) {
			o := options(t, test.library, account(groupA, "one", `,"properties":{"supportsHttpsTrafficOnly":true}`))
			o.BuiltIn, o.Standards, o.ByUnit = builtIn(t), test.told, true
			result, _, err := assess.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			u := result.Score.Units[0]
			if alone == 0 {
				alone = u.Weight
			}
			for _, c := range u.Controls {
				if c.ID == "encrypt-data-in-transit" && (c.Current != test.current || u.Weight-alone != test.weight) {
					t.Errorf("%+v, want %v points; weight %d, alone %d, want %d more", c, test.current, u.Weight, alone, test.weight)
				}
			}
		})
	}
}
