package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestManualControls: a control that is marked manual has a check in every unit,
// which people attest, exempt and disable where they may.
func TestManualControls(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	const control = "2.1.4"
	state := func(token string) string {
		one := get[struct {
			Controls []struct {
				ID                         string
				State                      string
				Healthy, Unhealthy, Manual int
				Exempt                     int
			}
		}](r, "/api/v1/compliance/cis-azure-3.0", token)
		for _, c := range one.Controls {
			if c.ID == control {
				return fmt.Sprintf("%s %d healthy %d unhealthy %d manual %d exempt", c.State, c.Healthy, c.Unhealthy, c.Manual, c.Exempt)
			}
		}
		return "no such control"
	}
	// asked is what queries say: of the control's rows, and of its checks.
	asked := func(token string) string {
		a := r.answered(token, QueryRequest{Query: `securityresources
			| where type endswith '/regulatorycompliancecontrols' and id contains '/cis-azure-3.0/' and name == '` + control + `'
			| extend b = properties.bartizan
			| summarize h = sum(tolong(b.healthy)), u = sum(tolong(b.unhealthy)), m = sum(tolong(b.manual)), e = sum(tolong(b.exempt))
			| project strcat(h, ' healthy ', u, ' unhealthy ', m, ' manual ', e, ' exempt')`})
		checks := r.answered(token, QueryRequest{Query: `securityresources | where name == 'cis-azure-3.0:` + control + `'
			| summarize h = countif(properties.bartizan.state == 'healthy' and properties.bartizan.attested == true), u = countif(properties.status.code == 'Unhealthy'),
				m = countif(properties.bartizan.state == 'manual'), e = countif(properties.bartizan.exempt.category == 'waiver')
			| project strcat(h, ' healthy ', u, ' unhealthy ', m, ' manual ', e, ' exempt')`})
		if one, other := a.Rows[0][0], checks.Rows[0][0]; one != other {
			t.Errorf("the control says %s, its checks %s", one, other)
		}
		return a.Rows[0][0].(string)
	}
	attest := func(scope, state, expires string) string {
		return fmt.Sprintf(`{"scope":%q,"recommendation":"cis-azure-3.0:%s","state":%q,"text":"looked"%s}`, scope, control, state, expires)
	}
	hour := fmt.Sprintf(`,"expiresOn":%q`, r.now.Add(time.Hour).Format(time.RFC3339))
	exempt := fmt.Sprintf(`{"scope":%q,"recommendations":["CIS-Azure-3.0:%s"],"category":"waiver","reason":"x"}`, ownUnit, control)
	steps := []struct {
		name, noun, body string
		admin, owner     string // what each sees then
	}{
		{"nothing is said", "", "", "Manual 0 healthy 0 unhealthy 1 manual 0 exempt", "Manual 0 healthy 0 unhealthy 2 manual 0 exempt"},
		{"attested at the unit", "attestations", attest(ownUnit, "healthy", ""), "Passed 1 healthy 0 unhealthy 0 manual 0 exempt", "Manual 1 healthy 0 unhealthy 1 manual 0 exempt"},
		{"otherwise, later, for an hour", "attestations", attest(ownUnit, "unhealthy", hour), "Failed 0 healthy 1 unhealthy 0 manual 0 exempt", "Failed 0 healthy 1 unhealthy 1 manual 0 exempt"},
		{"exempt", "exemptions", exempt, "Not applicable 0 healthy 0 unhealthy 0 manual 1 exempt", "Manual 0 healthy 0 unhealthy 1 manual 1 exempt"},
		{"disabled", "disablings", fmt.Sprintf(`{"scope":%q,"recommendation":"cis-azure-3.0:%s","reason":"x"}`, ownUnit, control), "Manual 0 healthy 0 unhealthy 0 manual 0 exempt", "Manual 0 healthy 0 unhealthy 1 manual 0 exempt"},
	}
	touched := map[string]string{ // checks and resources that the preview says, and the change
		"attested at the unit": "1 1", "otherwise, later, for an hour": "1 1", "exempt": "1 1", "disabled": "1 1",
	}
	var last Written
	for _, step := range steps {
		if step.noun != "" {
			preview := r.writes(http.MethodPost, "/api/v1/"+step.noun+"?dryRun=true", admin, step.body)
			last = r.writes(http.MethodPost, "/api/v1/"+step.noun, admin, step.body)
			for _, w := range []Written{preview, last} {
				if got := fmt.Sprint(w.Checks, w.Resources); got != touched[step.name] {
					t.Errorf("%s touches %s, want %s", step.name, got, touched[step.name])
				}
			}
		}
		if got := state(admin); got != step.admin {
			t.Errorf("%s: %s, want %s", step.name, got, step.admin)
		}
		if got := state(owner); got != step.owner {
			t.Errorf("%s: who sees all sees %s, want %s", step.name, got, step.owner)
		}
		if got := asked(admin); !strings.HasSuffix(step.admin, got) {
			t.Errorf("%s: queries say %s, want %s", step.name, got, step.admin)
		}
		if got := asked(owner); !strings.HasSuffix(step.owner, got) {
			t.Errorf("%s: queries of who sees all say %s, want %s", step.name, got, step.owner)
		}
	}
	r.undo(admin, last)
	r.writes(http.MethodDelete, "/api/v1/exemptions?id="+url.QueryEscape(rows(r, "/api/v1/exemptions?", admin)[0]["id"].(string)), admin, "")
	r.now = r.now.Add(2 * time.Hour)
	if got := state(admin); !strings.HasPrefix(got, "Passed 1") {
		t.Errorf("when the later one has ended: %s", got)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/attestations", admin, strings.Replace(attest(ownUnit, "healthy", ""), control, "4.1", 1)); status != http.StatusUnprocessableEntity {
		t.Errorf("a control that is not manual: %d %s", status, text)
	}
}
