package server

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
)

// TestEvents: each event is with who listens at once, whatever packing is taken.
func TestEvents(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	served := httptest.NewServer(r.server)
	defer served.Close()
	defer r.server.Stop()                                      // or streams keep it from closing
	ctx, stop := context.WithTimeout(t.Context(), time.Minute) // only so that a server which sends nothing fails
	defer stop()
	var heard []*bufio.Reader
	packings := []string{"identity", "gzip", "zstd", "gzip, zstd"}
	for _, packing := range packings {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, served.URL+"/api/v1/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+owner)
		request.Header.Set("Accept-Encoding", packing)
		answer, err := served.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" || answer.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %s, packed %q", packing, kind, answer.Header.Get("Content-Encoding"))
		}
		lines := bufio.NewReader(answer.Body)
		if line, err := lines.ReadString('\n'); line != ": listening\n" {
			t.Fatalf("%s: began with %q, error %v", packing, line, err)
		}
		heard = append(heard, lines)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, bucket); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	for i, lines := range heard {
		line := ""
		for !strings.HasPrefix(line, "data: ") {
			var err error
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("%s: no event: %v", packings[i], err)
			}
		}
		if !strings.Contains(line, `"rows":1`) {
			t.Errorf("%s: %s", packings[i], line)
		}
	}
}

// bucket is an inventory of one resource.
const bucket = `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`

// listen opens a stream of events, and gives what reads the next one: false at the
// stream's end.
func (r *running) listen(served *httptest.Server, name, value string) (next func() (Event, bool)) {
	r.t.Helper()
	ctx, stop := context.WithTimeout(r.t.Context(), time.Minute)
	r.t.Cleanup(stop)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, served.URL+"/api/v1/events", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set(name, value)
	answer, err := served.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	if !lines.Scan() || lines.Text() != ": listening" {
		r.t.Fatalf("began with %q", lines.Text())
	}
	return func() (e Event, more bool) {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return e, json.Unmarshal([]byte(text), &e) == nil
			}
		}
		if ctx.Err() != nil {
			r.t.Error("the stream neither told anything nor ended")
		}
		return e, false
	}
}

// TestEventsSeen: an event names what changed and nothing else, and goes only to
// those who may see that.
func TestEventsSeen(t *testing.T) {
	r, owner := twoCompanies(t)
	served := httptest.NewServer(r.server)
	defer served.Close()
	defer r.server.Stop()
	reader := r.listen(served, "Authorization", "Bearer "+r.token("reader", access.Reader, "own"))
	all := r.listen(served, "Authorization", "Bearer "+owner)
	own := strings.NewReplacer(foreignID, ownID, foreignUnit, ownUnit)
	posture := []string{"checks", "compliance", "recommendations", "resources", "score"}
	for _, step := range []struct {
		noun, body string
		lists      []string
		rows       int
	}{
		{"exemptions", bodies["write-exemption"], append([]string{"exemptions"}, posture...), 1},
		{"attestations", bodies["write-attestation"], []string{"attestations"}, 0},
		{"attestations", `{"scope":"` + foreignUnit + `","recommendation":"cis-azure-3.0:2.1.4","state":"healthy","text":"x"}`, []string{"attestations", "checks", "compliance"}, 1},
		{"exemptions", `{"scope":"` + foreignUnit + `","recommendations":["cis-azure-3.0:2.1.4"],"category":"waiver","reason":"x"}`, []string{"exemptions", "checks", "compliance"}, 1},
		{"disablings", bodies["write-disabling"], append([]string{"disablings"}, posture...), 1},
		{"definitions", bodies["write-definition"], []string{"definitions"}, 0},
		{"standards?id=house&scope=" + url.QueryEscape(foreignUnit), bodies["write-standard"], []string{"compliance", "standards"}, 0},
		{"inventory?root=foreign", storageAccount(foreignID + "2"), append([]string{"reads"}, posture...), 1},
	} {
		slices.Sort(step.lists)
		for _, at := range []string{"foreign", "own"} {
			noun, body := step.noun, step.body
			if at == "own" {
				noun, body = strings.NewReplacer(url.QueryEscape(foreignUnit), url.QueryEscape(ownUnit), "root=foreign", "root=own").Replace(noun), own.Replace(body)
			}
			if status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body); status != http.StatusOK {
				t.Fatalf("%s at %s: %d %s", noun, at, status, text)
			}
			if e, _ := all(); !slices.Equal(e.Lists, step.lists) && step.noun != "inventory?root=foreign" || e.Rows != step.rows {
				t.Errorf("%s at %s: %+v, want %v and %d rows", step.noun, at, e, step.lists, step.rows)
			}
		}
		if e, _ := reader(); !slices.Equal(e.Lists, step.lists) && step.noun != "inventory?root=foreign" || e.Rows != step.rows || e.Commit != int64(r.server.Follower.Head()) {
			t.Errorf("the reader of own hears of %s: %+v, want %v and %d rows of commit %d", step.noun, e, step.lists, step.rows, r.server.Follower.Head())
		}
	}
	gone := `{"bartizan":"read","scope":"` + ownUnit + `","type":"*","complete":true,"startedAt":"2026-11-23T00:00:00Z"}`
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, gone); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	if e, _ := reader(); e.Rows != 2 {
		t.Errorf("two resources went: %+v", e)
	}
}

// TestEventsRevoked: a stream works by the rights of the moment, and ends before any
// further event once its credential or last role is gone.
func TestEventsRevoked(t *testing.T) {
	r, owner := twoCompanies(t)
	served := httptest.NewServer(r.server)
	defer served.Close()
	defer r.server.Stop()
	remove := func(path string) {
		t.Helper()
		if status, text := r.ask(http.MethodDelete, path, owner, ""); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", path, status, text)
		}
	}
	found := func(path, name string) string {
		t.Helper()
		for _, row := range get[Page[map[string]any]](r, path, owner).Rows {
			if row["name"] == name || row["principal"] == name {
				return row["id"].(string)
			}
		}
		t.Fatalf("%s has no %s", path, name)
		return ""
	}
	ends := map[string]func(name string){
		"user": func(name string) { remove("/api/v1/users?id=" + found("/api/v1/users", name)) },
		"role": func(name string) { remove("/api/v1/roles?id=" + found("/api/v1/roles", name)) },
		"token": func(name string) {
			remove("/api/v1/tokens?id=" + found("/api/v1/tokens?owner=anybody", found("/api/v1/users", name)))
		},
	}
	for name, end := range ends {
		next := r.listen(served, "Authorization", "Bearer "+r.token(name, access.Reader, "own"))
		end(name)
		if e, more := next(); more {
			t.Errorf("without its %s it hears %+v", name, e)
		}
	}
	r.token("anna", access.Reader, "own")
	_, secret, err := r.accounts.SignIn(t.Context(), "anna", "correct horse battery staple", account.Client{})
	if err != nil {
		t.Fatal(err)
	}
	next := r.listen(served, "Cookie", sessionCookie+"="+secret.Reveal())
	request := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/api/v1/session", http.NoBody)
	request.Host = "127.0.0.1:7410"
	request.Header.Set("Cookie", sessionCookie+"="+secret.Reveal())
	r.server.ServeHTTP(httptest.NewRecorder(), request)
	if e, more := next(); more {
		t.Errorf("signed out it hears %+v", e)
	}

	narrowed := r.token("narrowed", access.Reader, "foreign")
	p := get[Page[RoleRow]](r, "/api/v1/roles", owner).Rows
	id := p[slices.IndexFunc(p, func(row RoleRow) bool { return row.Name == "narrowed" })]
	if status, text := r.ask(http.MethodPost, "/api/v1/roles", owner, `{"principal":"narrowed","role":"reader","scope":"own"}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	hears := r.listen(served, "Authorization", "Bearer "+narrowed)
	remove("/api/v1/roles?id=" + id.ID)
	for _, root := range []string{"foreign", "own"} {
		body := strings.ReplaceAll(map[string]string{"foreign": storageAccount(foreignID), "own": storageAccount(ownID)}[root], "westeurope", "northeurope")
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root="+root, owner, body); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	if e, _ := hears(); e.Commit != int64(r.server.Follower.Head()) || e.Rows != 1 {
		t.Errorf("with one role of two: %+v, want that of commit %d", e, r.server.Follower.Head())
	}
}
