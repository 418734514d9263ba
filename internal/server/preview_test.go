package server

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// kept is how much a server keeps: the last commit, and entries of the audit log.
func (r *running) kept() string {
	r.t.Helper()
	head, err := r.store.Head(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	entries := 0
	for _, err := range r.store.AuditLog(r.t.Context(), ledger.AuditFilter{}) {
		if err != nil {
			r.t.Fatal(err)
		}
		entries++
	}
	jobs, err := r.store.Jobs(r.t.Context(), "", 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	return fmt.Sprintf("commit %d, %d entries, %d jobs", head, entries, len(jobs))
}

// TestImportPreview: a dry run of an import tells the numbers that the import then
// has, and writes nothing; unknown parameters are refused.
func TestImportPreview(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	numbers := func(target, body string) ImportAnswer {
		t.Helper()
		status, text := r.ask(http.MethodPost, target, owner, body)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", target, status, text)
		}
		return got[ImportAnswer](t, text)
	}
	for n, body := range []string{
		demoText(t), demoText(t),
		demoText(t, `"supportsHttpsTrafficOnly":false`, `"supportsHttpsTrafficOnly":true`) + "{}\n" + bucket,
		`{"bartizan":"read","scope":"111122223333","type":"*","complete":true}`,
	} {
		before := r.kept()
		would := numbers("/api/v1/inventory?dryRun=true", body)
		if after := r.kept(); after != before {
			t.Errorf("%d: a dry run wrote: %s, before %s", n, after, before)
		}
		is := numbers("/api/v1/inventory?dryRun=false", body)
		if is.Job == "" || would.Job != "" {
			t.Errorf("%d: jobs %q %q", n, would.Job, is.Job)
		}
		would.Job, would.Commit, is.Job, is.Commit = "", 0, "", 0
		if fmt.Sprint(would) != fmt.Sprint(is) {
			t.Errorf("%d: it would come to %+v, came to %+v", n, would, is)
		}
		if want := []bool{true, false, true, false}[n]; want != (is.New > 0) {
			t.Errorf("%d: %+v", n, is)
		}
	}
	for _, query := range []string{"dryrun=true", "dryRun=perhaps", "colour=red"} {
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory?"+query, owner, bucket); status != http.StatusUnprocessableEntity || !bytes.Contains(text, []byte("query."+strings.Split(query, "=")[0])) {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
	r.server.Stop() // a stream that begins ends
	if status, _ := r.ask(http.MethodGet, "/api/v1/events?colour=red", owner, ""); status != http.StatusUnprocessableEntity {
		t.Errorf("events: %d", status)
	}
}

// TestHoverSchema: what hover says of nothing is what its description says.
func TestHoverSchema(t *testing.T) {
	r := newRunning(t)
	word := r.server.api.OpenAPI().Components.Schemas.Map()["QueryHover"].Properties["word"]
	if len(word.AnyOf) != 2 || !slices.ContainsFunc(word.AnyOf, func(s *huma.Schema) bool { return s.Type == "null" }) {
		t.Errorf("%+v", word)
	}
}
