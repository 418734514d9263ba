package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// estateOfTwo has accounts of two units, in two groups, with tags.
var estateOfTwo = []string{
	hierarchy,
	strings.Replace(account(groupA, "one", plain), `"location"`, `"tags":{"Stage":"production"},"location"`, 1),
	account(unitA+"/resourceGroups/data", "two", secure),
	account(unitB+"/resourceGroups/app", "three", plain),
	`{"id":"` + unitB + `/resourceGroups/app/providers/Microsoft.KeyVault/vaults/v","name":"v","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":{}}`,
	read(unitA, "*", "true"), read(unitB, "*", "true"),
}

func TestFilters(t *testing.T) {
	blob := "storage-blob-anonymous-access-off"
	one, two, three, vault := blob+" one unhealthy", blob+" two unhealthy", blob+" three unhealthy", "keyvault-resource-logs v unhealthy"
	tests := map[string]struct {
		filter    assess.Filter
		want      []string
		resources int
		slice     bool
	}{
		"none":               {assess.Filter{}, []string{one, two, three, vault}, 4, false},
		"everything":         {assess.Filter{Scopes: []string{"/"}}, []string{one, two, three, vault}, 4, false},
		"unit":               {assess.Filter{Scopes: []string{upper(unitA)}}, []string{one, two}, 2, false},
		"management_group":   {assess.Filter{Scopes: []string{top}}, []string{one, two}, 2, false},
		"two_scopes":         {assess.Filter{Scopes: []string{unitB, groupA}}, []string{one, three, vault}, 3, true},
		"resource_group":     {assess.Filter{Scopes: []string{groupA}}, []string{one}, 1, true},
		"resource":           {assess.Filter{Scopes: []string{groupA + "/providers/Microsoft.Storage/storageAccounts/one"}}, []string{one}, 1, true},
		"tag":                {assess.Filter{Scopes: []string{"tag:stage=production"}}, []string{one}, 1, true},
		"tag_of_other_value": {assess.Filter{Scopes: []string{"tag:stage=Production"}}, nil, 0, true},
		"two_tags":           {assess.Filter{Scopes: []string{"tag:a=b", "tag:stage=production"}}, []string{one}, 1, true},
		"type":               {assess.Filter{ResourceTypes: []string{"microsoft.keyvault/vaults"}}, []string{vault}, 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, estateOfTwo...)
			o.Library, o.BuiltIn, o.Policies, o.Filter = nil, builtIn(t), []string{blob, "keyvault-resource-logs"}, test.filter
			result, checks := run(t, o)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, lines(checks)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if result.Total != test.resources || result.Slice != test.slice {
				t.Errorf("%d resources, slice %v; want %d, %v", result.Total, result.Slice, test.resources, test.slice)
			}
			for _, u := range result.Score.Units {
				if (u.Max > 0) == test.slice {
					t.Errorf("unit %s of a slice %v has %v points", u.Scope, test.slice, u.Max)
				}
			}
		})
	}
}

// A slice of one unit has a percentage and no points, in its fixes neither.
func TestSlicesHaveNoPoints(t *testing.T) {
	for name, test := range map[string]struct {
		scope string
		has   bool
	}{"unit": {unitA, true}, "group": {groupA, false}} {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, estateOfTwo...)
			o.Library, o.BuiltIn, o.Filter.Scopes = nil, builtIn(t), []string{test.scope}
			result, _ := run(t, o)
			if !result.Score.HasScore || len(result.Fixes) == 0 {
				t.Fatalf("score %+v and fixes %v, want some", result.Score, result.Fixes)
			}
			if (result.Score.Max > 0) != test.has || (result.Fixes[0].Points > 0) != test.has || result.Fixes[0].Gain == 0 {
				t.Errorf("points of %v and fix of %+v", result.Score.Max, result.Fixes[0])
			}
		})
	}
}

// What is chosen, and nothing else, is judged; what is chosen and assigned is
// judged where it is assigned.
func TestChoices(t *testing.T) {
	set := initiative("set", "", member("h", "https", "")+","+member("l", "logged", ""), "")
	one, elsewhere := account(groupA, "one", plain), account(unitB+"/resourceGroups/app", "three", plain)
	assigned := assignment("x", unitA, "policySetDefinitions/set", "")
	alone := assignment("y", unitA, "policyDefinitions/https", "")
	httpsBoth, loggedBoth := []string{"https one unhealthy", "https three unhealthy"}, []string{"logged one unknown notCollected", "logged three unknown notCollected"}
	tests := map[string]struct {
		documents             []string
		policies, initiatives []string
		want                  []string
	}{
		"nothing_assigned":     {nil, nil, nil, append(append([]string{}, httpsBoth...), loggedBoth...)},
		"by_name":              {nil, []string{"HTTPS"}, nil, httpsBoth},
		"by_id":                {nil, []string{idOf + "https"}, nil, httpsBoth},
		"by_title":             {nil, []string{"title of https"}, nil, httpsBoth},
		"two":                  {nil, []string{"https", "logged"}, nil, append(append([]string{}, httpsBoth...), loggedBoth...)},
		"initiative":           {nil, nil, []string{"set"}, []string{"https one unhealthy <set:h>", "https three unhealthy <set:h>", "logged one unknown notCollected <set:l>", "logged three unknown notCollected <set:l>"}},
		"initiative_by_title":  {nil, nil, []string{"TITLE of set"}, []string{"https one unhealthy <set:h>", "https three unhealthy <set:h>", "logged one unknown notCollected <set:l>", "logged three unknown notCollected <set:l>"}},
		"assigned":             {[]string{alone}, nil, nil, []string{"https one unhealthy <y>"}},
		"assigned_and_chosen":  {[]string{alone}, []string{"https"}, nil, []string{"https one unhealthy <y>"}},
		"assigned_not_chosen":  {[]string{alone}, []string{"logged"}, nil, loggedBoth},
		"member_chosen":        {[]string{assigned}, []string{"logged"}, nil, []string{"logged one unknown notCollected <x:l>"}},
		"initiative_as_chosen": {[]string{assigned, alone}, nil, []string{"set"}, []string{"https one unhealthy <x:h>", "logged one unknown notCollected <x:l>"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, append([]string{https, logged, set}, test.documents...), one, elsewhere)
			o.Policies, o.Initiatives = test.policies, test.initiatives
			want(t, o, test.want...)
		})
	}
	t.Run("unknown_names_all_at_once", func(t *testing.T) {
		o := options(t, []string{https}, one)
		o.Policies, o.Initiatives = []string{"no-policy", "https"}, []string{"no-initiative"}
		_, _, err := assess.Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), `"no-policy"`) || !strings.Contains(err.Error(), `"no-initiative"`) {
			t.Errorf("got %v, want both names", err)
		}
	})
}

// Options name recommendations and standards of the catalogue too.
// Of two definitions with one id, or one name and no id, the first counts, and the
// other is told if the first is judged. Several of one name are all judged.
func TestDefinitionsOfOneName(t *testing.T) {
	one := account(groupA, "one", plain)
	nameless := func(field string) string {
		return `{"name":"p","properties":{"mode":"All","policyRule":{"if":{"field":"location","equals":"` + field + `"},"then":{"effect":"audit"}}}}`
	}
	stored := strings.ReplaceAll(https, idOf, top+idOf)
	assigned := assignment("x", unitA, "policyDefinitions/logged", "")
	tests := map[string]struct {
		library, policies []string
		told              string
	}{
		"one_id":         {[]string{https, https}, nil, "definition https of policy2.json:1:1 is left out; the one in policy1.json:1:1 has the same id"},
		"one_name":       {[]string{nameless("a"), nameless("b")}, nil, "definition p of policy2.json:1:1 is left out; the one in policy1.json:1:1 has the same name"},
		"not_judged":     {[]string{https, https, logged, assigned}, nil, ""},
		"two_ids":        {[]string{https, stored}, nil, ""},
		"two_ids_chosen": {[]string{https, stored}, []string{"https"}, `--policy "https" stands for 2: ` + idOf + `https (policy1.json:1:1), ` + top + idOf + `https (policy2.json:1:1); all are judged, an id is one of them`},
		"an_id_chosen":   {[]string{https, stored}, []string{top + idOf + "https"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.library, one)
			o.Policies = test.policies
			result, _ := run(t, o)
			if got := strings.Join(result.Warnings, "\n"); got != test.told {
				t.Errorf("warnings %q, want %q", got, test.told)
			}
		})
	}
}

func TestChoicesOfTheCatalogue(t *testing.T) {
	blob := "storage-blob-anonymous-access-off"
	o := options(t, []string{https}, account(groupA, "one", plain))
	o.BuiltIn, o.Policies = builtIn(t), []string{strings.ToUpper(blob)}
	want(t, o, blob+" one unhealthy")
	result, _ := run(t, o)
	if len(result.Compliance) != 0 {
		t.Errorf("compliance %v, want none", result.Compliance)
	}
	o.Policies, o.Initiatives = nil, []string{"MCSB-v1"}
	result, checks := run(t, o)
	if len(result.Compliance) != 1 || len(checks) < 2 || verdict(checks[0]) != blob+" one unhealthy" {
		t.Errorf("%d standards, %d checks; want the benchmark's", len(result.Compliance), len(checks))
	}
}

func TestParametersOfTheUser(t *testing.T) {
	one := account(groupA, "one", plain)
	give := func(policyName, parameter, value string) map[string]map[string]policy.Value {
		return map[string]map[string]policy.Value{policyName: {parameter: policy.StringValue(value)}}
	}
	tests := map[string]struct {
		given   map[string]map[string]policy.Value
		want    []string
		told    string
		refused string
	}{
		"by_name":      {give("HTTPS", "EFFECT", "Disabled"), nil, "disabled", ""},
		"by_id":        {give(idOf+"https", "effect", "Disabled"), nil, "disabled", ""},
		"wrong_value":  {give("https", "effect", "Never"), nil, "", `--parameters: policy "https": value of parameter "effect" is "Never"; want one of its allowedValues ["Audit","Deny","Disabled"]`},
		"wrong_name":   {give("https", "efect", "Audit"), nil, "", `--parameters: policy "https": unknown parameter "efect", want one of effect`},
		"wrong_policy": {give("htps", "effect", "Disabled"), nil, "", `--parameters: policy "htps": want a recommendation, or a policy or initiative of --catalog, by name or id`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https}, one)
			o.Parameters = test.given
			if test.refused != "" {
				if got := refusal(t, o); got != test.refused {
					t.Errorf("got  %s\nwant %s", got, test.refused)
				}
				return
			}
			want(t, o, test.want...)
			result, _ := run(t, o)
			if test.told != "" && (len(result.NotEvaluated) != 1 || result.NotEvaluated[0].Why != test.told) {
				t.Errorf("not evaluated %+v, want %q", result.NotEvaluated, test.told)
			}
		})
	}
}

// What comes from --catalog never scores.
func TestLibrariesNeverScore(t *testing.T) {
	o := options(t, []string{https}, estateOfTwo...)
	result, _ := run(t, o)
	if result.Score.HasScore || len(result.Fixes) > 0 || result.Recommendations[0].Gain != 0 {
		t.Errorf("score %+v, fixes %v, want none", result.Score, result.Fixes)
	}
	if r := result.Recommendations[0]; r.Recommendation != nil || r.Severity != posture.High || r.Title != "Title of https" {
		t.Errorf("row %+v", r)
	}
}

// Fixes are the five that are worth most, and what they give together is more
// than any and not more than all.
func TestFixes(t *testing.T) {
	o := assess.Options{Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Now: now, Workers: 1}
	result, _ := run(t, o)
	if len(result.Fixes) != 5 {
		t.Fatalf("%d fixes, want 5", len(result.Fixes))
	}
	for i, f := range result.Fixes {
		if i > 0 && f.Gain > result.Fixes[i-1].Gain || f.Gain <= 0 || f.Rule.Gain != f.Gain || f.Resources != f.Rule.Unhealthy {
			t.Errorf("fix %d: %+v of %+v", i, f, f.Rule)
		}
		if f.Points != 0 {
			t.Errorf("fix %d has %v points over several units", i, f.Points)
		}
	}
	if result.Together < result.Fixes[0].Gain || result.Together > 100-result.Score.Percent {
		t.Errorf("together %v, best %v, score %v", result.Together, result.Fixes[0].Gain, result.Score.Percent)
	}
}
