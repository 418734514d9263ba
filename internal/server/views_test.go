package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestViews: a view is its owner's, and seen by others only where it is shared at a
// scope that they see; sharing is told by the audit log, keeping for oneself is not.
func TestViews(t *testing.T) {
	r, owner := twoCompanies(t)
	anna, bob, eve := r.token("anna", access.Reader, "own"), r.token("bob", access.Reader, "own"), r.token("eve", access.Reader, "foreign")
	keep := func(token, body string, want int) ViewRow {
		t.Helper()
		var v ViewRow
		status, text := r.ask(http.MethodPost, "/api/v1/views", token, body)
		if status != want {
			t.Fatalf("keep %s: %d %s, want %d", body, status, text, want)
		}
		if want == http.StatusOK {
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	seen := func(token, query string) (names []string) {
		t.Helper()
		for _, v := range get[Page[ViewRow]](r, "/api/v1/views?"+query, token).Rows {
			names = append(names, v.Name)
		}
		return names
	}
	keep(anna, `{"name":"mine","page":"checks","parameters":{"state":["unhealthy"]}}`, http.StatusOK)
	ours := keep(anna, `{"name":"ours","page":"overview","scope":"own","shared":true}`, http.StatusOK)
	keep(anna, `{"name":"not mine to share","page":"overview","scope":"foreign","shared":true}`, http.StatusNotFound)
	for _, test := range []struct{ token, query, want string }{
		{anna, "", "mine ours"}, {anna, "page=checks", "mine"}, {anna, "scope=own", "ours"}, {bob, "", "ours"}, {eve, "", ""}, {owner, "", "ours"},
	} {
		if got := strings.Join(seen(test.token, test.query), " "); got != test.want {
			t.Errorf("views %q: %q, want %q", test.query, got, test.want)
		}
	}
	change := `{"id":"` + ours.ID + `","name":"our overview","page":"overview","scope":"own","shared":true}`
	keep(bob, change, http.StatusForbidden)
	keep(eve, change, http.StatusNotFound)
	if v := keep(anna, change, http.StatusOK); v.ID != ours.ID || !v.Created.Equal(ours.Created) || !v.Changed.After(ours.Changed) {
		t.Errorf("changed view %+v, was %+v", v, ours)
	}
	keep(anna, `{"name":"large","page":"x","parameters":{"a":"`+strings.Repeat("a", mostSaved)+`"}}`, http.StatusUnprocessableEntity)
	for _, test := range []struct {
		token string
		want  int
	}{{eve, http.StatusNotFound}, {bob, http.StatusForbidden}, {owner, http.StatusNoContent}, {anna, http.StatusNotFound}} {
		if status, text := r.ask(http.MethodDelete, "/api/v1/views?id="+ours.ID, test.token, ""); status != test.want {
			t.Errorf("remove: %d %s, want %d", status, text, test.want)
		}
	}
	if log := rowsOf(get[map[string]any](r, "/api/v1/audit?action=view.", owner)); len(log) != 3 {
		t.Errorf("audit log of views: %v", log)
	}
}

func rowsOf(list map[string]any) []any { return list["rows"].([]any) }

// TestPreferences are the caller's own, small, and any object.
func TestPreferences(t *testing.T) {
	r := newRunning(t)
	anna, bob := r.token("anna", 0, ""), r.token("bob", 0, "")
	for body, want := range map[string]int{
		`{"theme":"dark","columns":{"checks":["title"]}}`: http.StatusOK, `{"a":"` + strings.Repeat("a", mostSaved) + `"}`: http.StatusUnprocessableEntity,
	} {
		if status, text := r.ask(http.MethodPut, "/api/v1/preferences", anna, body); status != want {
			t.Errorf("%d %s, want %d", status, text, want)
		}
	}
	if got := get[map[string]any](r, "/api/v1/preferences", anna); got["theme"] != "dark" {
		t.Errorf("preferences %v", got)
	}
	if got := get[map[string]any](r, "/api/v1/preferences", bob); len(got) != 0 {
		t.Errorf("preferences of another: %v", got)
	}
}
