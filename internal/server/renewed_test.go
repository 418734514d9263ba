package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestReadsAsOf: an answer as of a moment tells of no read that came later. A read that
// says the same again renews its row, and nothing is kept of when it came.
func TestReadsAsOf(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	imports := func(lines string) {
		t.Helper()
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, lines); status != http.StatusOK {
			t.Fatalf("import: %d %s", status, text)
		}
	}
	stamp := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	// read says at some time that the account could not be read, and gives a moment after it.
	read := func(began time.Time) (then string) {
		t.Helper()
		imports(fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":"*","complete":true,"startedAt":%q,"denied":[{"id":%q,"action":"x"}]}`+"\n", ownUnit, stamp(began), ownID))
		r.now = r.now.Add(time.Minute)
		return stamp(r.now)
	}
	// told is the time in the list of reads and in an export of it, and whether the
	// account is marked as stale since the first read.
	first := time.Time{}
	told := func(at string) (times [2]string) {
		t.Helper()
		if at != "" {
			at = "&at=" + url.QueryEscape(at)
		}
		reads := get[struct{ Rows []ReadRow }](r, "/api/v1/reads?scope="+url.QueryEscape(ownUnit)+at, owner).Rows
		var exported ReadRow
		_, text := r.ask(http.MethodGet, "/api/v1/exports?list=reads&format=jsonl&scope="+url.QueryEscape(ownUnit)+at, owner, "")
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(&exported); err != nil {
			t.Fatalf("export: %v in %s", err, text)
		}
		list := get[struct{ Rows []ResourceRow }](r, "/api/v1/resources?scope="+url.QueryEscape(ownUnit)+at, owner).Rows
		one := get[ResourceBody](r, "/api/v1/resource?id="+url.QueryEscape(ownID)+at, owner)
		if len(reads) != 1 || len(list) != 1 || list[0].Stale == nil || one.Stale == nil {
			t.Fatalf("%s: reads %+v, resources %+v, one %+v", at, reads, list, one.Stale)
		}
		for _, mark := range []*StaleMark{list[0].Stale, one.Stale} {
			if mark.Since.Before(first) || mark.Since.After(first.Add(time.Minute)) {
				t.Errorf("%s: stale since %s, want since the first read of %s", at, mark.Since, first)
			}
		}
		for i, at := range []*time.Time{reads[0].StartedAt, exported.StartedAt} {
			if at != nil {
				times[i] = stamp(*at)
			}
		}
		return times
	}
	both := func(at string) [2]string { return [2]string{at, at} }

	imports(storageAccount(ownID) + "\n")
	first = r.now
	then := read(first)
	if got := told(then); got != both(stamp(first)) {
		t.Errorf("as of %s, before any other read: %q", then, got)
	}
	r.now = r.now.Add(6 * time.Hour)
	second := r.now
	later := read(second)
	imports(storageAccount(foreignID) + "\n") // a commit
	if got := told(""); got != both(stamp(second)) {
		t.Errorf("now: %q, want the second read's %s", got, stamp(second))
	}
	for _, at := range []string{then, later} { // which of both had come by then is not kept
		if got := told(at); got != both("") {
			t.Errorf("as of %s: %q, want no times", at, got)
		}
	}
	// A read that began before a moment and came after it.
	r.now = r.now.Add(6 * time.Hour)
	third, before := r.now, stamp(r.now.Add(time.Minute))
	r.now = r.now.Add(time.Hour)
	read(third)
	if got := told(before); got != both("") {
		t.Errorf("as of %s, when it was under way: %q", before, got)
	}
}
