package server

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestWrittenCounts: a write counts the checks that show otherwise in lists then, and no
// others; what holds no longer counts none.
func TestWrittenCounts(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	const unit = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"
	states := func() map[string]string {
		found := map[string]string{}
		for _, row := range rows(r, "/api/v1/checks?scope="+url.QueryEscape(unit), owner) {
			at := fmt.Sprint(row["recommendation"], " ", row["resource"].(map[string]any)["id"])
			found[at] = fmt.Sprint(row["state"], row["category"], row["attested"])
		}
		return found
	}
	exempt := func(category, more string) string {
		return fmt.Sprintf(`{"scope":%q,"category":%q,"reason":"x"%s}`, unit, category, more)
	}
	ftps := `,"recommendations":["appservice-ftps-only"]`
	tests := []struct {
		name, noun, body string
		none             bool
	}{
		{"over_already", "exemptions", exempt("waiver", `,"expiresOn":"2020-01-01T00:00:00Z"`), true},
		{"attested_once", "attestations", fmt.Sprintf(`{"scope":%q,"recommendation":"mcsb-v1:IR-1","state":"healthy","text":"x","expiresOn":"2020-01-01T00:00:00Z"}`, unit), true},
		{"not_applicable", "exemptions", exempt("waiver", ftps), false},
		{"mitigated", "exemptions", exempt("mitigated", ftps), false},
		{"all", "exemptions", exempt("waiver", ""), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, want := states(), 0
			preview := r.writes(http.MethodPost, "/api/v1/"+test.noun+"?dryRun=true", owner, test.body)
			written := r.writes(http.MethodPost, "/api/v1/"+test.noun, owner, test.body)
			after := states()
			for at, state := range after {
				if before[at] != state {
					want++
				}
			}
			for _, w := range []Written{preview, written} {
				if w.Checks != want || test.none != (want == 0) || test.none != (w.Resources == 0) {
					t.Errorf("says %d checks of %d resources, %d show otherwise", w.Checks, w.Resources, want)
				}
			}
		})
	}
}

// TestAttestingNothing: an attestation that changes no check says so.
func TestAttestingNothing(t *testing.T) {
	r, owner := twoCompanies(t)
	attest := func(rule, scope string) string {
		return fmt.Sprintf(`{"scope":%q,"recommendation":%q,"state":"healthy","text":"x"}`, scope, rule)
	}
	for name, test := range map[string]struct {
		body string
		warn bool
	}{
		"judged":        {attest("storage-secure-transfer", ownUnit), true},
		"in_a_group":    {attest("mcsb-v1:IR-1", ownUnit+"/resourceGroups/g"), true},
		"manual":        {attest("mcsb-v1:IR-1", ownUnit), false},
		"manual_of_all": {attest("mcsb-v1:IR-1", "/"), false},
	} {
		t.Run(name, func(t *testing.T) {
			told := r.writes(http.MethodPost, "/api/v1/attestations?dryRun=true", owner, test.body)
			if warned := len(told.Warnings) > 0; warned != test.warn {
				t.Errorf("warnings: %q", told.Warnings)
			}
		})
	}
}
