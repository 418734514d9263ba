package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// writes sends a change of a document that has to succeed.
func (r *running) writes(method, target, token, body string) Written {
	r.t.Helper()
	status, text := r.ask(method, target, token, body)
	var w Written
	if err := json.Unmarshal(text, &w); status != http.StatusOK || err != nil {
		r.t.Fatalf("%s %s: %d %s", method, target, status, text)
	}
	return w
}

// undo sends the request that takes a change back.
func (r *running) undo(token string, w Written) Written {
	r.t.Helper()
	return r.writes(w.Undo.Method, w.Undo.Path, token, string(w.Undo.Body))
}

// exempt counts the checks that are exempt.
func (r *running) exempt(token string) int {
	r.t.Helper()
	return len(rows(r, "/api/v1/checks?state=exempt", token))
}

// TestDocuments: an exemption does at once what its preview said, is undone by what
// its answer names, ends by itself, and is told in lists, history and audit log.
func TestDocuments(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	const path = "/api/v1/exemptions"
	good := strings.Replace(storageAccount(ownID+"2"), `"supportsHttpsTrafficOnly":false`, `"supportsHttpsTrafficOnly":true`, 1)
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, good); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	expires := r.now.Add(time.Hour).Format(time.RFC3339)
	body := fmt.Sprintf(`{"scope":%q,"selector":{"locations":["westeurope"]},"recommendations":[%q],"category":"mitigated","reason":"a proxy","expiresOn":%q}`, ownUnit, storageRule, expires)
	preview := r.writes(http.MethodPost, path+"?dryRun=true", admin, body)
	if preview.Checks != 2 || preview.Resources != 2 || preview.Undo != nil || preview.Commit != 0 || r.exempt(owner) != 0 {
		t.Fatalf("preview %+v, %d checks are exempt", preview, r.exempt(owner))
	}
	written := r.writes(http.MethodPost, path, admin, body)
	if written.Checks != 2 || *written.ScoreAfter != *preview.ScoreAfter || r.exempt(owner) != 2 {
		t.Errorf("written %+v, the preview was %+v; %d checks are exempt", written, preview, r.exempt(owner))
	}
	score := get[Score](r, "/api/v1/score?scope="+url.QueryEscape(ownUnit), admin)
	if *score.Percent != *preview.ScoreAfter {
		t.Errorf("the score is %v, the preview said %v", *score.Percent, *preview.ScoreAfter)
	}
	if list := rows(r, path+"?state=active", admin); len(list) != 1 || list[0]["id"] != written.ID || list[0]["active"] != true || list[0]["reason"] != "a proxy" {
		t.Errorf("list: %v", list)
	}
	late := strings.Replace(body, expires, "2020-01-01T00:00:00Z", 1)
	if over := r.writes(http.MethodPost, path+"?dryRun=true", admin, late); over.Checks != 0 || len(over.Warnings) != 1 || !strings.Contains(over.Warnings[0], "2020-01-01T00:00:00Z is over") {
		t.Errorf("one that has ended: %+v", over)
	}
	if len(preview.Warnings) > 0 {
		t.Errorf("warnings: %v", preview.Warnings)
	}
	gone := r.undo(admin, written)
	if r.exempt(owner) != 0 || len(rows(r, path+"?", admin)) != 0 {
		t.Error("undone it still holds")
	}
	back := r.undo(admin, gone)
	if back.ID != written.ID || r.exempt(owner) != 2 {
		t.Errorf("undone twice it is %+v", back)
	}
	changed := r.writes(http.MethodPost, path, admin, strings.Replace(body, `{`, `{"id":"`+written.ID+`",`, 1))
	if changed.Commit != 0 || changed.Checks != 0 || changed.Undo != nil {
		t.Errorf("the same again: %+v", changed)
	}
	r.now = r.now.Add(2 * time.Hour)
	if err := r.server.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.server.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list := rows(r, path+"?state=expired", admin); len(list) != 1 || list[0]["active"] != false || r.exempt(owner) != 0 {
		t.Errorf("after its end: %v, %d checks are exempt", list, r.exempt(owner))
	}
	history := get[struct{ Points []ScorePoint }](r, "/api/v1/score/history?scope="+url.QueryEscape(ownUnit), admin)
	var causes []string
	for _, p := range history.Points {
		for _, c := range p.Causes {
			causes = append(causes, c.Kind+" "+strings.Replace(c.Object, written.ID, "it", 1))
		}
	}
	if want := []string{"scope " + ownUnit, "estate Microsoft.Storage/storageAccounts", "exemption it", "exemption it", "exemption it", "exemption it"}; !slices.Equal(causes, want) {
		t.Errorf("history: %v, want %v", causes, want)
	}
	entries := get[struct{ Rows []AuditRow }](r, "/api/v1/audit?action=exemption.", admin).Rows
	if len(entries) != 4 || entries[0].Action != "exemption.end" || entries[0].Actor != "system" || entries[0].Scope != ownUnit || entries[0].Commit == 0 ||
		entries[2].Action != "exemption.remove" || entries[2].Name != "admin" || entries[2].Scope != ownUnit {
		t.Errorf("audit log: %+v", entries)
	}
}

// TestDocuments_refused: all that is wrong is told at once; what one does not see is
// not there, and what one sees but does not govern is forbidden.
func TestDocuments_refused(t *testing.T) {
	r, owner := twoCompanies(t)
	ownAdmin, reader := r.token("admin", access.SecurityAdmin, ownUnit+"/resourceGroups/g"), r.token("reader", access.Reader, ownUnit)
	foreign := r.writes(http.MethodPost, "/api/v1/disablings", owner, bodies["write-disabling"]).ID
	of := func(place string) string {
		return `{` + place + `,"category":"waiver","reason":"x"}`
	}
	tests := map[string]struct {
		method, path, token, body string
		status                    int
		want                      []string
	}{
		"all_problems": {"POST", "exemptions", ownAdmin, `{"scop":"/","category":"x"}`, 422, []string{"body.scop", `did you mean \"scope\"?`, "body.category", "body.reason"}},
		"no_such_rule": {"POST", "disablings", ownAdmin, `{"scope":"` + ownUnit + `/resourceGroups/g","recommendation":"storage-secure-transfr","reason":"x"}`, 422, []string{`did you mean \"` + storageRule}},
		"own_id":       {"POST", "exemptions", ownAdmin, `{"id":"mine","scope":"/","category":"waiver","reason":"x"}`, 422, []string{"body.id"}},
		"no_json":      {"POST", "exemptions", ownAdmin, `{`, 422, []string{"want a JSON object"}},
		"reader":       {"POST", "exemptions", reader, of(`"scope":"` + ownUnit + `"`), 403, []string{"govern"}},
		"above":        {"POST", "exemptions", ownAdmin, of(`"scope":"` + ownUnit + `"`), 404, nil},
		"own_group":    {"POST", "exemptions?dryRun=true", ownAdmin, of(`"scope":"` + ownUnit + `/resourceGroups/g"`), 200, []string{`"resources":1`}},
		"own_resource": {"POST", "exemptions?dryRun=true", ownAdmin, of(`"resources":[{"id":"` + ownID + `"}]`), 200, []string{`"resources":1`}},
		"one_foreign":  {"POST", "exemptions", ownAdmin, of(`"resources":[{"id":"` + ownID + `"},{"id":"` + foreignID + `"}]`), 404, []string{"there is no resource"}},
		"no_group":     {"POST", "exemptions", owner, of(`"scope":"` + ownUnit + `/resourceGroups/none"`), 404, nil},
		"no_resource":  {"POST", "exemptions", owner, of(`"resources":[{"id":"` + ownID + `x"}]`), 404, nil},
		"foreign_id":   {"DELETE", "disablings?id=" + foreign, ownAdmin, "", 404, nil},
		"over_foreign": {"POST", "disablings", ownAdmin, `{"id":"` + foreign + `","scope":"` + ownUnit + `/resourceGroups/g","recommendation":"` + storageRule + `","reason":"x"}`, 404, nil},
		"of_this_kind": {"DELETE", "exemptions?id=" + foreign, owner, "", 404, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, text := r.ask(test.method, "/api/v1/"+test.path, test.token, test.body)
			if status != test.status {
				t.Errorf("%d, want %d: %s", status, test.status, text)
			}
			for _, want := range test.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s; want %s in it", text, want)
				}
			}
		})
	}
	if list := rows(r, "/api/v1/exemptions?", owner); len(list) != 0 {
		t.Errorf("what was refused is kept: %v", list)
	}
}

// TestDocuments_of_what_is_gone: who granted an exemption of a resource sees and
// withdraws it when the resource is gone.
func TestDocuments_of_what_is_gone(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit+"/resourceGroups/g")
	id := r.writes(http.MethodPost, "/api/v1/exemptions", admin, `{"resources":[{"id":"`+ownID+`"}],"category":"waiver","reason":"x"}`).ID
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, bodies["import-inventory"]); status != http.StatusOK || !strings.Contains(string(text), `"deleted":1`) {
		t.Fatalf("import: %d %s", status, text)
	}
	if list := rows(r, "/api/v1/exemptions?", admin); len(list) != 1 {
		t.Errorf("list: %v", list)
	}
	r.writes(http.MethodDelete, "/api/v1/exemptions?id="+id, admin, "")
}

// TestDocuments_during_an_import: who grants something does not wait for its end.
func TestDocuments_during_an_import(t *testing.T) {
	r, owner := twoCompanies(t)
	r.server.importing.Lock()
	defer r.server.importing.Unlock()
	r.writes(http.MethodPost, "/api/v1/disablings", owner, bodies["write-disabling"])
}

// TestDocuments_pages: pages come to all rows, the latest first.
func TestDocuments_pages(t *testing.T) {
	r, owner := twoCompanies(t)
	var want, got []string
	for range 3 {
		want = append(want, r.writes(http.MethodPost, "/api/v1/disablings", owner, bodies["write-disabling"]).ID)
	}
	slices.Reverse(want)
	for cursor, more := "", true; more; more = cursor != "" {
		page := get[List[DisablingRow]](r, "/api/v1/disablings?limit=2&cursor="+cursor, owner)
		for _, row := range page.Rows {
			got = append(got, row.ID)
		}
		if cursor = page.Cursor; page.Total != 3 {
			t.Errorf("total %d, want 3", page.Total)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if scoped := rows(r, "/api/v1/disablings?scope=own", owner); len(scoped) != 0 {
		t.Errorf("in another root: %v", scoped)
	}
}

// TestRunClock: what ends is written when it does, also what ended before.
func TestRunClock(t *testing.T) {
	r, owner := twoCompanies(t)
	for _, hours := range []time.Duration{1, 5} {
		body := fmt.Sprintf(`{"scope":%q,"category":"waiver","reason":"x","expiresOn":%q}`, []string{ownUnit, foreignUnit}[hours/5], r.now.Add(hours*time.Hour).Format(time.RFC3339))
		r.writes(http.MethodPost, "/api/v1/exemptions", owner, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	head := r.server.Follower.Head()
	done := make(chan error)
	wait := func() {
		t.Helper()
		if _, err := r.store.Wait(t.Context(), head); err != nil {
			t.Fatal(err)
		}
		head++
		commits, err := r.store.Commits(t.Context(), head-1, head)
		if err != nil || commits[0].Kind != ledger.Judge {
			t.Errorf("commit %+v, error %v", commits, err)
		}
	}
	r.now = r.now.Add(2 * time.Hour)
	go func() { done <- r.server.RunClock(ctx) }()
	wait()
	r.now = r.now.Add(4 * time.Hour)
	if err := r.server.Follower.CatchUp(ctx); err != nil { // as Follower.Run does at the instant
		t.Fatal(err)
	}
	wait()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
