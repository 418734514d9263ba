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
		"subscription":         {"/SUBSCRIPTIONS/S", "", nil, "true", " true"},
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

// What may be the scope of an assignment, an exemption or an attestation: ids of
// every cloud, and names of nodes of a tree.
func TestCheckScope(t *testing.T) {
	for id, want := range map[string]string{
		"/": "", "contoso": "", "00000000-0000-4000-8000-00000000000a": "",
		"/subscriptions/s": "", "/SUBSCRIPTIONS/S": "", "/subscriptions/s/resourceGroups/g": "",
		"/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f": "", "/subscriptions/s/providers/A.B/c/d": "",
		"/subscriptions/s/providers/A.B/c/d/providers/E.F/g/h": "",
		"/subscriptions/s/resourceGroups/providers":            "", // a group of this name
		"/providers/Microsoft.Management/managementGroups/top": "",
		"111122223333": "", "o-abc": "", "ou-1": "", "r-1": "", "organizations/9": "", "folders/7": "", "projects/contoso-web": "",
		"machines/plant-a": "", "machines/plant-a/machine/srv-17": "",
		"arn:aws:iam::111122223333:role/team/Admin": "", "111122223333/AWS::IAM::Role/Admin": "", "web|sg-1": "",
		"/aws/lambda/resize":                    "", // a log group of AWS
		"//storage.googleapis.com/contoso-logs": "", "//cloudresourcemanager.googleapis.com/projects/42": "",

		"": "is blank", "\t ": "is blank", " /subscriptions/s": "has blanks around it", "projects/p\n": "has blanks around it",
		"/subscriptions/s/": "ends in a slash", "111122223333/": "ends in a slash", "//": "ends in a slash", "projects/": "ends in a slash",
		"/subscriptions": "no whole id", "/subscriptions/s/resourceGroups": "no whole id", "/subscriptions/s/providers": "no whole id",
		"/subscriptions/s/providers/A.B": "no whole id", "/subscriptions/s/providers/A.B/c": "no whole id",
		"/providers/Microsoft.Management/managementGroups": "no whole id", "/subscriptions//resourceGroups/g": "no whole id",
		"projects": "no whole id", "folders": "no whole id", "organizations": "no whole id", "machines": "no whole id",
		"//storage.googleapis.com": "no whole id",
		"subscriptions/s":          "did you mean \"/subscriptions/s\"?", "Providers/A.B/c/d": "did you mean \"/Providers/A.B/c/d\"?", "resourceGroups/g": "is no id",
	} {
		err := CheckScope(id)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", id, err, want)
		}
	}
}
