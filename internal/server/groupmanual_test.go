package server

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestManualControls_at_a_group: the check of a manual control is on the unit, so a
// resource group has none, also where all that the unit has stands in it. Lists,
// compliance, coverage and queries say so alike, and who sees the group alone does
// not learn what was attested of the unit.
func TestManualControls_at_a_group(t *testing.T) {
	r, owner := twoCompanies(t)
	const control = "2.1.4"
	group := ownUnit + "/resourceGroups/g"
	r.writes(http.MethodPost, "/api/v1/attestations", owner, fmt.Sprintf(`{"scope":%q,"recommendation":"cis-azure-3.0:%s","state":"healthy","text":"looked"}`, ownUnit, control))
	type counted struct {
		Healthy, Manual int
	}
	tell := func(token, scope string) (all [5]int) {
		t.Helper()
		at := "scope=" + url.QueryEscape(scope)
		one := get[struct {
			Controls []struct {
				ID string
				counted
			}
		}](r, "/api/v1/compliance/cis-azure-3.0?"+at, token)
		for _, c := range one.Controls {
			if c.ID == control {
				all[0], all[1] = c.Healthy, c.Manual
			}
		}
		all[2] = get[List[map[string]any]](r, "/api/v1/checks?recommendation=cis-azure-3.0:"+control+"&"+at, token).Total
		all[3] = get[struct{ Coverage Coverage }](r, "/api/v1/compliance?"+at, token).Coverage.Manual
		all[4] = len(r.answered(token, QueryRequest{Scopes: []string{scope}, Query: "securityresources | where name == 'cis-azure-3.0:" + control + "'"}).Rows)
		return all
	}
	member := r.token("member", access.Reader, group)
	for name, token := range map[string]string{"who sees all": owner, "who sees the group": member} {
		if got := tell(token, group); got != [5]int{} {
			t.Errorf("%s is told of the group: %d healthy, %d manual; %d checks; %d manual in coverage; %d in a query; want none", name, got[0], got[1], got[2], got[3], got[4])
		}
	}
	if got := tell(owner, ownUnit); got[0] != 1 || got[2] != 1 || got[3] == 0 || got[4] != 1 {
		t.Errorf("of the unit: %v", got)
	}
}
