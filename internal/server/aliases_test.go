package server

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestAliases: a table, in whatever form it comes, lets definitions make checks, as
// its preview said; it has versions, is as it was as of then, and is undone.
func TestAliases(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	text := strings.ReplaceAll(definition(ownUnit, "house", "audit"), "/supportsHttpsTrafficOnly", "/house")
	if kept := r.writes(http.MethodPost, "/api/v1/definitions", admin, text); len(kept.Warnings) != 1 || !strings.Contains(kept.Warnings[0], "unknown alias") {
		t.Errorf("definition: %+v", kept)
	}
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "house", id, ""))
	of := func(query string) []map[string]any {
		return rows(r, "/api/v1/checks?recommendation="+url.QueryEscape(id)+query, owner)
	}
	if len(of("")) != 0 {
		t.Fatalf("without a table: %v", of(""))
	}
	then := "&at=" + url.QueryEscape(r.now.UTC().Format(time.RFC3339))
	var table bytes.Buffer
	packing := gzip.NewWriter(&table)
	_, _ = packing.Write([]byte(`[{"namespace":"Microsoft.Storage","resourceTypes":[{"resourceType":"storageAccounts","aliases":[{"name":"Microsoft.Storage/storageAccounts/house","defaultPath":"properties.supportsHttpsTrafficOnly","paths":[]}]}]}]`))
	_ = packing.Close()
	for _, token := range []string{admin, r.token("reader", access.Reader, "/")} {
		if status, answer := r.ask(http.MethodPost, "/api/v1/aliases?id=azure", token, "no matter what"); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("by who may not govern everything: %d %s", status, answer)
		}
	}
	preview := r.writes(http.MethodPost, "/api/v1/aliases?id=azure&dryRun=true", owner, table.String())
	if preview.Checks != 1 || preview.Resources != 1 || preview.Commit != 0 || len(of("")) != 0 {
		t.Errorf("preview %+v", preview)
	}
	first := r.writes(http.MethodPost, "/api/v1/aliases?id=azure", owner, table.String())
	if list := of(""); first.Checks != 1 || first.ID != "/providers/bartizan/aliastables/azure" || len(list) != 1 || list[0]["state"] != "unhealthy" {
		t.Errorf("written %+v: %v", first, list)
	}
	if kept := r.writes(http.MethodPost, "/api/v1/definitions?dryRun=true", admin, text); len(kept.Warnings) != 0 {
		t.Errorf("definition, once there is a table: %+v", kept)
	}
	between := "&at=" + url.QueryEscape(r.now.UTC().Format(time.RFC3339))
	r.now = r.now.Add(time.Minute)
	other := r.writes(http.MethodPost, "/api/v1/aliases?id=azure", owner, `{"Microsoft.Storage/storageAccounts":{"house":"name"},"a/b":{"c":"d"}}`)
	if list := rows(r, "/api/v1/aliases?", owner); other.Checks != 0 || len(list) != 1 || list[0]["name"] != "azure" || list[0]["aliases"] != 2.0 || len(rows(r, "/api/v1/aliases?", admin)) != 0 {
		t.Errorf("written again %+v: %v", other, list)
	}
	one := get[PolicyBody](r, "/api/v1/alias-table?id=AZURE", owner)
	if len(one.Versions) != 2 || string(one.Document) != `{"Microsoft.Storage/storageAccounts":{"house":"name"},"a/b":{"c":"d"}}` {
		t.Errorf("table: %+v", one)
	}
	if was := get[PolicyBody](r, "/api/v1/alias-table?id=azure"+between, owner); !strings.Contains(string(was.Document), "supportsHttps") {
		t.Errorf("table as of the first: %s", was.Document)
	}
	resource := "/api/v1/resource?id=" + url.QueryEscape(ownID) + "&recommendation=" + url.QueryEscape(id)
	for query, want := range map[string]string{"": "name", between: "properties.supportsHttpsTrafficOnly", then: ""} {
		got := ""
		for _, c := range get[ResourceBody](r, resource+query, owner).Checks {
			for _, e := range c.Evidence {
				got += e.Path
			}
		}
		if got != want {
			t.Errorf("evidence %q, want %q, as of %s", got, want, query)
		}
	}
	if was := of(then); len(was) != 0 {
		t.Errorf("as of before the table: %v", was)
	}
	for query, want := range map[string]string{"": "mine", between[4:]: "false"} {
		asked := QueryRequest{Query: `resources | where name == "mine" | project v = tostring(aliases["Microsoft.Storage/storageAccounts/house"])`}
		if query != "" {
			asked.At, _ = url.QueryUnescape(query)
		}
		if got := r.answered(owner, asked).Rows; len(got) != 1 || got[0][0] != want {
			t.Errorf("aliases in a query as of %q: %s", query, got)
		}
	}
	asked := QueryRequest{Query: `securityresources | where name == "house" | project p = tostring(properties.bartizan.evidence[0].path)`}
	if got := r.answered(owner, asked).Rows; len(got) != 1 || got[0][0] != "name" {
		t.Errorf("evidence in a query: %s", got)
	}
	back := r.undo(owner, other)
	if one := get[PolicyBody](r, "/api/v1/alias-table?id=azure", owner); len(one.Versions) != 3 || !strings.Contains(string(one.Document), "supportsHttps") || back.Commit == 0 {
		t.Errorf("undone %+v: %s", back, one.Document)
	}
	gone := r.writes(http.MethodDelete, "/api/v1/aliases?id=azure&dryRun=true", owner, "")
	if gone.Checks != 1 || len(gone.Warnings) != 1 || !strings.Contains(gone.Warnings[0], "make no checks: "+id) {
		t.Errorf("what removing it would do: %+v", gone)
	}
	if gone = r.writes(http.MethodDelete, "/api/v1/aliases?id=azure", owner, ""); len(of("")) != 0 || len(gone.Warnings) != 1 {
		t.Errorf("removed: %+v, %v", gone, of(""))
	}
	if r.undo(owner, gone); len(of("")) != 1 {
		t.Errorf("removing undone: %v", of(""))
	}
	for body, want := range map[string]string{"{": "body:1:2", "{}": "no alias in it", text: "other documents than alias tables"} {
		if status, answer := r.ask(http.MethodPost, "/api/v1/aliases?id=x", owner, body); status != http.StatusUnprocessableEntity || !strings.Contains(string(answer), want) {
			t.Errorf("%s: %d %s, want %s", body, status, answer, want)
		}
	}
}
