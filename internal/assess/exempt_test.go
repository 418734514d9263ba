package assess_test

import (
	"encoding/json"
	"testing"

	"github.com/bartizan-dev/bartizan/policy"
)

// exemption makes exemptions in the short form, as the command line reads them.
func exemption(t testing.TB, texts ...string) []*policy.Exemption {
	t.Helper()
	var all []*policy.Exemption
	for _, s := range texts {
		e := short(t, s)
		category := "Waiver"
		if e["category"] != "" {
			category = e["category"]
		}
		all = append(all, &policy.Exemption{
			Scope: e["scope"], ReferenceIDs: []string{e["recommendation"]}, Category: category, ExpiresOn: e["expiresOn"],
		})
	}
	return all
}

// attestation makes attestations in the short form.
func attestation(t testing.TB, texts ...string) []*policy.Attestation {
	t.Helper()
	var all []*policy.Attestation
	for _, s := range texts {
		a := short(t, s)
		all = append(all, &policy.Attestation{
			Scope: a["scope"], ReferenceID: a["recommendation"], State: a["state"], ExpiresOn: a["expiresOn"], AssessmentDate: a["on"],
		})
	}
	return all
}

func short(t testing.TB, s string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(s), &fields); err != nil {
		t.Fatal(err)
	}
	if fields["scope"] == "" {
		fields["scope"] = "/"
	}
	return fields
}
