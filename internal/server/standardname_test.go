package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestStandardsOfOneName: initiatives of one name at several roots, and one that is
// called as a built-in standard is, are each reached by their ids; the name means what
// is told where one asks, and where that is several says so.
func TestStandardsOfOneName(t *testing.T) {
	r, owner := twoCompanies(t)
	foreigner := r.token("foreigner", access.Reader, "foreign")
	for root, wanted := range map[string]string{"own": "Hot", "foreign": "Cool"} {
		write := func(noun, body string) {
			t.Helper()
			if status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body); status != http.StatusOK {
				t.Fatalf("%s: %d %s", noun, status, text)
			}
		}
		house := govern.PolicyID(ledger.Definition, root, "house")
		write("definitions", `{"id":"`+house+`","properties":{"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"kind","notEquals":"`+wanted+`"}]},"then":{"effect":"audit"}}}}`)
		for _, name := range []string{"ini", "mcsb-v1"} {
			set := govern.PolicyID(ledger.Initiative, root, name)
			write("initiatives", `{"id":"`+set+`","properties":{"displayName":"The set","policyDefinitions":[{"policyDefinitionReferenceId":"`+root+`","policyDefinitionId":"`+house+`"}]}}`)
			write("assignments", `{"id":"`+govern.PolicyID(ledger.Assignment, root, name)+`","properties":{"scope":"`+root+`","policyDefinitionId":"`+set+`"}}`)
		}
	}
	// control is the first control of the standard of that name.
	control := func(token, name, scope string) string {
		status, text := r.ask(http.MethodGet, "/api/v1/compliance/"+url.PathEscape(name)+scope, token, "")
		if status != http.StatusOK {
			return string(text)
		}
		_, rest, _ := strings.Cut(string(text), `"controls":[{"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		return id
	}
	own, foreign := govern.PolicyID(ledger.Initiative, "own", "ini"), govern.PolicyID(ledger.Initiative, "foreign", "ini")
	tests := map[string]struct{ token, name, scope, want string }{
		"by_id":           {owner, own, "", "own"},
		"by_other_id":     {owner, strings.ToUpper(foreign), "", "foreign"},
		"name_in_scope":   {owner, "ini", "?scope=foreign", "foreign"},
		"name_in_a_unit":  {owner, "INI", "?scope=" + url.QueryEscape(ownUnit), "own"},
		"name_if_one":     {foreigner, "ini", "", "foreign"},
		"name_of_several": {owner, "ini", "", foreign + ", " + own},
		"title":           {owner, "the set", "?scope=own", "several standards are called the set"},
		"not_seen":        {foreigner, own, "", "there is no standard"},
		"built_in":        {owner, "mcsb-v1", "?scope=own", "AM"},
		"named_as_it":     {owner, govern.PolicyID(ledger.Initiative, "own", "mcsb-v1"), "", "own"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := control(test.token, test.name, test.scope); !strings.Contains(got, test.want) {
				t.Errorf("%.500s, want %s", got, test.want)
			}
		})
	}
	t.Run("listed", func(t *testing.T) {
		found := map[string]string{}
		for _, row := range get[struct{ Rows []StandardRow }](r, "/api/v1/compliance?scope=foreign", owner).Rows {
			if row.Document != "" {
				found[row.Document] = row.ID
			}
		}
		if found[foreign] != "ini" || found[own] != "" {
			t.Errorf("told are %v", found)
		}
	})
	t.Run("checks", func(t *testing.T) {
		for _, ask := range []string{"ini&scope=foreign", url.QueryEscape(foreign)} {
			found := rows(r, "/api/v1/checks?standard="+ask, owner)
			if len(found) != 1 || found[0]["policy"] != govern.PolicyID(ledger.Definition, "foreign", "house") {
				t.Errorf("checks of %s: %v", ask, found)
			}
		}
		if status, text := r.ask(http.MethodGet, "/api/v1/checks?standard=ini", owner, ""); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), own) {
			t.Errorf("checks of several: %d %s", status, text)
		}
	})
	t.Run("history", func(t *testing.T) {
		if status, text := r.ask(http.MethodGet, "/api/v1/compliance/"+url.PathEscape(foreign)+"/history", owner, ""); status != http.StatusOK || !strings.Contains(string(text), `"id":"foreign"`) || strings.Contains(string(text), `"id":"own"`) {
			t.Errorf("history: %d %.500s", status, text)
		}
		if status, text := r.ask(http.MethodGet, "/api/v1/compliance/ini/history", owner, ""); status != http.StatusUnprocessableEntity {
			t.Errorf("history of several: %d %.500s", status, text)
		}
	})
}
