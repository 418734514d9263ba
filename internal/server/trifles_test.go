package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestRefused: a scope that is not there is not found for views either, and what is
// no number is no place in a list.
func TestRefused(t *testing.T) {
	r, owner := twoCompanies(t)
	for path, want := range map[string]int{
		"views?scope=nope": http.StatusNotFound, "views?scope=own": http.StatusOK,
		"checks?seek=NaN": http.StatusUnprocessableEntity, "resources?seek=NaN": http.StatusUnprocessableEntity, "recommendations?seek=NaN": http.StatusUnprocessableEntity,
	} {
		if status, text := r.ask(http.MethodGet, "/api/v1/"+path, owner, ""); status != want {
			t.Errorf("%s: %d %.200s, want %d", path, status, text, want)
		}
	}
}

// TestExemptCategory: rows of exempt checks say which kind of exemption it is.
func TestExemptCategory(t *testing.T) {
	for _, category := range []string{"waiver", "mitigated"} {
		r, owner := twoCompanies(t)
		r.writes(http.MethodPost, "/api/v1/exemptions", owner, strings.Replace(bodies["write-exemption"], "waiver", category, 1))
		rows := get[List[CheckRow]](r, "/api/v1/checks?state=exempt", owner).Rows
		if len(rows) == 0 || rows[0].Category != category || rows[0].Mitigated != (category == "mitigated") {
			t.Errorf("%s: %+v", category, rows)
		}
	}
}

// TestAuditOfSmallThings: what people keep and have done for themselves is in the
// audit log as well.
func TestAuditOfSmallThings(t *testing.T) {
	r, owner := twoCompanies(t)
	reader := r.token("reader", access.Reader, "own")
	if status, text := r.ask(http.MethodPut, "/api/v1/preferences", reader, `{"theme":"dark"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	status, text := r.ask(http.MethodPost, "/api/v1/exports", reader, `{"list":"resources","format":"csv"}`)
	if status != http.StatusAccepted {
		t.Fatalf("%d %s", status, text)
	}
	_, after, _ := strings.Cut(string(text), `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	for range 2 { // cancelled, then removed
		if status, text := r.ask(http.MethodDelete, "/api/v1/jobs?id="+id, reader, ""); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, text)
		}
	}
	_, log := r.ask(http.MethodGet, "/api/v1/audit", owner, "")
	for _, action := range []string{"preferences.write", "job.create", "job.cancel", "job.remove"} {
		if !strings.Contains(string(log), `"action":"`+action+`"`) {
			t.Errorf("the audit log has no %s", action)
		}
	}
}
