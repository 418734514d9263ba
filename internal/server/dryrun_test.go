package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// noWrites are routes that change nothing which is kept, but for sessions, though
// their method is not GET.
var noWrites = []string{
	"sign-in", "first-run", "sign-in-by-link", "sign-out", "get-token", "run-query", "complete-query", "hover-query", "explain-query", "delete-query",
}

// TestDryRun: every write can be tried; that says what the write would, writes
// nothing and gives no secret.
func TestDryRun(t *testing.T) {
	r, owner := twoCompanies(t)
	for _, route := range r.server.routes {
		if route.method == http.MethodGet || slices.Contains(noWrites, route.id) {
			continue
		}
		item := r.server.api.OpenAPI().Paths[route.path]
		of := map[string]*huma.Operation{http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete}[route.method]
		if !slices.ContainsFunc(of.Parameters, func(p *huma.Param) bool { return p.Name == "dryRun" }) {
			t.Errorf("%s has no dryRun", route.id)
		}
	}
	r.token("bert", access.Reader, "own")
	make := func(path, body string) map[string]any {
		t.Helper()
		method := http.MethodPost
		status, text := r.ask(method, path, owner, body)
		if status/100 != 2 {
			t.Fatalf("%s: %d %s", path, status, text)
		}
		return got[map[string]any](t, text)
	}
	id := func(of map[string]any) string { return "id=" + url.QueryEscape(of["id"].(string)) }
	robot := make("/api/v1/service-principals", `{"name":"robot"}`)
	view := make("/api/v1/views", `{"name":"mine","page":"overview","shared":true,"scope":"own"}`)
	role := make("/api/v1/roles", `{"principal":"bert","role":"reader","scope":"foreign"}`)
	token := make("/api/v1/tokens", `{"name":"ci","role":"reader","scope":"own","expires":"30d"}`)
	job := make("/api/v1/exports", bodies["create-export"])
	user := func(name string) string {
		rows := get[Page[Principal]](r, "/api/v1/users", owner).Rows
		return "id=" + rows[slices.IndexFunc(rows, func(p Principal) bool { return p.Name == name })].ID
	}
	roles := get[Page[RoleRow]](r, "/api/v1/roles", owner).Rows
	last := roles[slices.IndexFunc(roles, func(row RoleRow) bool { return row.Role == "owner" })].ID
	for _, try := range []struct {
		method, path, query, body string
		want                      int
	}{
		{"POST", "users", "", `{"name":"new","password":"correct horse battery staple"}`, 200},
		{"POST", "users", "", `{"name":"bert","password":"correct horse battery staple"}`, 409},
		{"POST", "users", "", `{"name":"new","password":"short"}`, 422},
		{"DELETE", "users", user("bert"), "", 204},
		{"DELETE", "users", user("owner"), "", 409},
		{"POST", "service-principals", "", `{"name":"new"}`, 200},
		{"POST", "service-principals", "", `{"name":"robot"}`, 409},
		{"DELETE", "service-principals", id(robot), "", 204},
		{"POST", "roles", "", `{"principal":"bert","role":"contributor","scope":"own"}`, 200},
		{"POST", "roles", "", `{"principal":"bert","role":"reader","scope":"foreign"}`, 409},
		{"POST", "roles", "", `{"principal":"nobody","role":"reader","scope":"foreign"}`, 404},
		{"DELETE", "roles", id(role), "", 204},
		{"DELETE", "roles", "id=" + last, "", 409},
		{"POST", "tokens", "", `{"name":"new","role":"reader","scope":"own","expires":"30d"}`, 200},
		{"POST", "tokens", "", `{"name":"new","role":"reader","scope":"own","expires":"900d"}`, 422},
		{"DELETE", "tokens", id(token), "", 204},
		{"POST", "views", "", `{"name":"new","page":"overview"}`, 200},
		{"POST", "views", "", `{"id":"other","name":"new","page":"overview"}`, 404},
		{"DELETE", "views", id(view), "", 204},
		{"PUT", "preferences", "", `{"theme":"dark"}`, 200},
		{"PUT", "preferences", "", `{"theme":"` + strings.Repeat("dark", 10_000) + `"}`, 422},
		{"POST", "exports", "", bodies["create-export"], 200},
		{"DELETE", "jobs", id(job), "", 204},
		{"POST", "inventory", "root=own", storageAccount(ownID + "3"), 200},
		{"POST", "exemptions", "", bodies["write-exemption"], 200},
		{"POST", "definitions", "", bodies["write-definition"], 200},
	} {
		before, mine := r.kept()+r.everyone(owner), get[map[string]any](r, "/api/v1/preferences", owner)
		for _, wrong := range []string{"dryRun=", "dryRun", "dryRun=true&dryRun=", "dryRun=yes"} {
			if status, text := r.ask(try.method, "/api/v1/"+try.path+"?"+try.query+"&"+wrong, owner, try.body); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "query.dryRun") {
				t.Errorf("%s %s %s: %d %s", try.method, try.path, wrong, status, text)
			}
		}
		status, text := r.ask(try.method, "/api/v1/"+try.path+"?dryRun=true&"+try.query, owner, try.body)
		if status != try.want {
			t.Errorf("%s %s %s: %d, want %d: %s", try.method, try.path, try.query, status, try.want, text)
		}
		if after := r.kept() + r.everyone(owner); after != before || fmt.Sprint(mine) != fmt.Sprint(get[map[string]any](r, "/api/v1/preferences", owner)) {
			t.Errorf("%s %s wrote: %s, before %s", try.method, try.path, after, before)
		}
		if bytes.Contains(text, []byte("commit")) && status == http.StatusConflict {
			t.Errorf("%s %s tells how it works inside: %s", try.method, try.path, text)
		}
		if bytes.Contains(text, []byte(`"secret":`)) || bytes.Contains(text, []byte(`"token":"`)) {
			t.Errorf("%s %s gives a secret: %s", try.method, try.path, text)
		}
	}
	reader := r.token("carl", access.Reader, "own")
	if status, text := r.ask(http.MethodPost, "/api/v1/users?dryRun=true", reader, `{"name":"new","password":"correct horse battery staple"}`); status != http.StatusForbidden {
		t.Errorf("by a reader: %d %s", status, text)
	}
}

// everyone is what there is of people and what is theirs.
func (r *running) everyone(owner string) string {
	counts := []int{}
	for _, noun := range []string{"users", "service-principals", "roles", "tokens?owner=anybody", "views", "jobs"} {
		counts = append(counts, total(r, "/api/v1/"+noun, owner))
	}
	return fmt.Sprint(counts)
}
