package policy

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Where an assignment covers a resource and which effect it gives a member.
func TestPlacement(t *testing.T) {
	const (
		top  = "/providers/Microsoft.Management/managementGroups/top"
		id   = "/subscriptions/s/resourceGroups/g/providers/A.B/c/d"
		here = `"selectors":[{"kind":"resourceLocation","in":["West Europe"]}]`
	)
	disabled := `"overrides":[{"kind":"policyVersion","value":"1.*.*"},{"kind":"policyEffect","value":"Disabled",` + here + `}]`
	unread := func(r *Resource) { r.Location, r.Gaps = "", []Gap{{Path: "location", Reason: "denied"}} }
	tests := map[string]struct {
		scope, rest    string
		alter          func(*Resource)
		covers, effect string
	}{
		"management_group":     {top, "", nil, "true", " true"},
		"all":                  {"/", "", nil, "true", " true"},
		"subscription":         {"/SUBSCRIPTIONS/S/", "", nil, "true", " true"},
		"other":                {"/subscriptions/s/resourceGroups/gg", "", nil, "false", " true"},
		"not":                  {top, `"notScopes":["` + id + `"]`, nil, "false", " true"},
		"location":             {top, `"resourceSelectors":[{` + here + `}]`, nil, "true", " true"},
		"unread":               {top, `"resourceSelectors":[{` + here + `}]`, unread, "unknown (denied)", " true"},
		"unread_outside":       {"/subscriptions/t", `"resourceSelectors":[{` + here + `}]`, unread, "false", " true"},
		"effect":               {top, disabled, nil, "true", "Disabled true"},
		"effect_unread":        {top, disabled, unread, "true", "Disabled unknown (denied)"},
		"effect_elsewhere":     {top, strings.Replace(disabled, "West", "North", 1), nil, "true", " true"},
		"effect_of_a_member":   {top, `"overrides":[{"kind":"policyEffect","value":"Audit","selectors":[{"kind":"policyDefinitionReferenceId","in":["M"]}]}]`, nil, "true", "Audit true"},
		"effect_of_another":    {top, `"overrides":[{"kind":"policyEffect","value":"Audit","selectors":[{"kind":"policyDefinitionReferenceId","notIn":["M"]}]}]`, nil, "true", " true"},
		"of_no_resource_group": {top, `"resourceSelectors":[{"selectors":[{"kind":"resourceWithoutLocation","in":["subscriptionLevelResources"]}]}]`, nil, "false", " true"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.rest != "" {
				test.rest = "," + test.rest
			}
			a, problems := ParseAssignment("a.json", []byte(`{"id":"x","properties":{"policyDefinitionId":"d","scope":"`+test.scope+`"`+test.rest+`}}`))
			if a == nil {
				t.Fatal(problems)
			}
			r, err := ParseResource([]byte(`{"id":"` + id + `","name":"d","type":"A.B/c","location":"westeurope"}`))
			if err != nil {
				t.Fatal(err)
			}
			if test.alter != nil {
				test.alter(r)
			}
			at := PlaceOf(r, top)
			effect, certain := a.EffectOf("m", at)
			if covers := a.Covers(at).String(); covers != test.covers || effect+" "+certain.String() != test.effect {
				t.Errorf("covers %s, effect %q %s, want %s and %q", covers, effect, certain, test.covers, test.effect)
			}
		})
	}
}

// What an exemption and an attestation are for, and until when.
func TestPlacementOfExemptions(t *testing.T) {
	r := &Resource{ID: "/subscriptions/s/resourceGroups/g/providers/A.B/c/d", Type: "A.B/c", Location: "x"}
	at := PlaceOf(r)
	e := &Exemption{Scope: "/subscriptions/s", ReferenceIDs: []string{"one"}, ExpiresOn: "2026-01-31"}
	day := func(d int) time.Time { return time.Date(2026, 1, d, 12, 0, 0, 0, time.UTC) }
	a := &Attestation{Scope: "/subscriptions/t", ExpiresOn: "soon"}
	got := []bool{
		e.Covers(at).True(), e.IsAbout("ONE"), e.InForce(day(31)), (&Exemption{}).IsAbout("two"), (&Exemption{}).InForce(day(1)),
		e.IsAbout("two"), e.InForce(day(32)), a.InForce(day(1)), a.Covers(at), (&Exemption{Scope: "/subscriptions/t"}).Covers(at).True(),
	}
	want := []bool{true, true, true, true, true, false, false, false, false, false}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
