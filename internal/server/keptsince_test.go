package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestBeforeHistory: what was before history begins is gone, whoever asks for it
// and how, and the answer says since when it is kept.
func TestBeforeHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	const then = "1999-01-01"
	for _, path := range []string{
		"checks?at=", "resources?at=", "recommendations?at=", "score?at=", "compliance?at=", "compliance/mcsb-v1?at=", "coverage?at=", "scopes?at=",
		"overview?at=", "exemptions?at=", "difference?before=", "score/history?scope=%2F&from=", "score/history?scope=%2F&to=", "compliance/mcsb-v1/history?from=", "exports?list=checks&format=csv&at=",
	} {
		status, text := r.ask(http.MethodGet, "/api/v1/"+path+url.QueryEscape(then), owner, "")
		if status != http.StatusGone || !strings.Contains(string(text), "history begins at 2026-11-22T12:00:") {
			t.Errorf("%s: %d %.200s", path, status, text)
		}
	}
	status, text := r.ask(http.MethodPost, "/api/v1/query", owner, `{"query":"resources | count","at":"`+then+`"}`)
	if status != http.StatusGone || !strings.Contains(string(text), "history begins at") {
		t.Errorf("query: %d %.200s", status, text)
	}
	// A range of which nobody says when it begins does not begin before history does.
	for _, path := range []string{"score/history?scope=%2F", "compliance/mcsb-v1/history"} {
		if status, text := r.ask(http.MethodGet, "/api/v1/"+path, owner, ""); status != http.StatusOK || !strings.Contains(string(text), `"commit"`) {
			t.Errorf("%s: %d %.200s", path, status, text)
		}
	}
}
