package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestAll: what is asked for with all=true judges what is seen and has no check, or no
// resource, there; nobody hears of what is assigned where he sees nothing.
func TestAll(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	vaults := func(unit string) string {
		return strings.ReplaceAll(strings.ReplaceAll(definition(unit, "vaults", "audit"), "Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly", "location"), "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults")
	}
	for _, unit := range []string{ownUnit, foreignUnit} {
		id, set := govern.PolicyID(ledger.Definition, unit, "vaults"), govern.PolicyID(ledger.Initiative, unit, "set")
		r.writes(http.MethodPost, "/api/v1/definitions", owner, vaults(unit))
		r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(unit, "vaults", id, ""))
		r.writes(http.MethodPost, "/api/v1/initiatives", owner, fmt.Sprintf(`{"id":%q,"properties":{"policyDefinitions":[{"policyDefinitionReferenceId":"v","policyDefinitionId":%q}]}}`, set, id))
		r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(unit, "set", set, fmt.Sprintf(`,"notScopes":[%q]`, unit)))
	}
	own, foreign := govern.PolicyID(ledger.Definition, ownUnit, "vaults"), govern.PolicyID(ledger.Definition, foreignUnit, "vaults")
	recommendations := func(query, token string) (ids []string) {
		for _, row := range rows(r, "/api/v1/recommendations?"+query, token) {
			ids = append(ids, row["id"].(string))
		}
		return ids
	}
	some, all := recommendations("", admin), recommendations("all=true", admin)
	for _, id := range some {
		if !slices.Contains(all, id) {
			t.Errorf("all is without %s, which has checks", id)
		}
	}
	if len(some) == 0 || len(some) > 20 || len(all) < 200 || slices.Contains(some, own) || !slices.Contains(all, own) || slices.Contains(all, foreign) {
		t.Errorf("%d recommendations with checks, %d in all; own %v, foreign %v", len(some), len(all), slices.Contains(all, own), slices.Contains(all, foreign))
	}
	if everybody := recommendations("all=true", owner); !slices.Contains(everybody, foreign) || len(everybody) != len(all)+1 {
		t.Errorf("%d recommendations in all for who sees all, want one more than %d", len(everybody), len(all))
	}
	for query, want := range map[string]bool{
		"cloud=azure": true, "cloud=!azure": true, "severity=low": true, "severity=high": false, "state=healthy": false, "reason=denied": false,
		"recommendation=" + own: true, "recommendation=" + foreign: false, "type=Microsoft.Storage/storageAccounts": true, "control=none": true,
	} {
		if got := slices.Contains(recommendations("all=true&"+query, admin), own); got != want {
			t.Errorf("%s: the policy is there %v, want %v", query, got, want)
		}
	}
	aws := recommendations("all=true&cloud=aws", admin)
	if !slices.Contains(aws, "s3-bucket-block-public-access") || slices.Contains(aws, storageRule) {
		t.Errorf("of AWS: %v", aws)
	}
	for query, want := range map[string]int{"": 0, "?all=true": 1} {
		n := 0
		for _, row := range get[struct{ Rows []StandardRow }](r, "/api/v1/compliance"+query, admin).Rows {
			if row.Document == "" {
				continue
			}
			if n++; row.Document != govern.PolicyID(ledger.Initiative, ownUnit, "set") || row.NotApplicable != 1 || row.Rate != nil {
				t.Errorf("compliance%s: %+v", query, row)
			}
		}
		if n != want {
			t.Errorf("compliance%s: %d initiatives, want %d", query, n, want)
		}
	}
	if q := get[struct{ Query string }](r, "/api/v1/recommendations?all=true", admin).Query; q != "" {
		t.Errorf("KQL that does not give the rows: %s", q)
	}
}
