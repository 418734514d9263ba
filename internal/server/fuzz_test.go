package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// FuzzBodies: whatever is sent as the body of whatever route takes one, the answer
// is none of 5xx, and what is wrong is a problem of HTTP that says so.
func FuzzBodies(f *testing.F) {
	r := newRunning(f)
	owner := r.token("owner", access.Owner, "/")
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, storageAccount(ownID)+"\n"); status != http.StatusOK {
		f.Fatalf("import: %d %s", status, text)
	}
	var routes []route
	for _, route := range r.server.routes {
		if slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, route.method) {
			routes = append(routes, route)
		}
	}
	for at, route := range routes {
		body := bodies[route.id]
		for _, seed := range []string{body, strings.Replace(body, ":", `:[null],"x":`, 1), strings.ReplaceAll(body, foreignUnit, ownUnit), body + body, "[" + body + "]", ""} {
			f.Add(uint8(at), seed)
		}
	}
	f.Fuzz(func(t *testing.T, at uint8, body string) {
		route := routes[int(at)%len(routes)]
		asking := *r
		asking.t = t
		status, text := asking.ask(route.method, route.path+"?"+samples[route.id], owner, body)
		if status >= http.StatusInternalServerError {
			t.Errorf("%s: %d %s", route.id, status, text)
		}
		var problem struct {
			Status        int
			Title, Detail string
			Error         string // of OAuth, which has a form of its own
		}
		if err := json.Unmarshal(text, &problem); status >= http.StatusBadRequest && (err != nil || (problem.Status != status || problem.Title == "") && (route.id != "get-token" || problem.Error == "")) {
			t.Errorf("%s: %d is no problem: %s", route.id, status, text)
		}
	})
}
