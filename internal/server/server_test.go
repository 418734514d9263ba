package server

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/oidc"
	"github.com/bartizan-dev/bartizan/internal/seal"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// running is a server with what stands behind it.
type running struct {
	t        testing.TB
	server   *Server
	accounts *account.Accounts
	store    *store.Store
	now      time.Time
}

func newRunning(t testing.TB) *running {
	t.Helper()
	r := &running{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	var mu sync.Mutex
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		r.now = r.now.Add(time.Second)
		return r.now
	}
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r.store = s
	kept, err := estate.Open(t.Context(), s, estate.Options{Catalog: c, Key: []byte("key"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	judges, err := estate.NewJudges(c)
	if err != nil {
		t.Fatal(err)
	}
	follower, err := follow.Open(t.Context(), s, follow.Options{Content: judges.Content, ContentID: judges.ID(), Now: now, Layings: govern.Layings})
	if err != nil {
		t.Fatal(err)
	}
	r.accounts = account.New(account.Options{Store: s, Passwords: access.CheapPasswords(t, rand.Reader), Limiter: access.NewLimiter(100), Random: rand.Reader, Now: now, Seal: sealing(t)})
	r.server, err = New(Options{
		Store: s, Follower: follower, Accounts: r.accounts, Catalog: c, Estate: kept, Version: "test", Now: now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), SignOn: oidc.New(now), Unpack: files.Unpack,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sealing is a key for secrets of the server.
func sealing(t testing.TB) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing(bytes.Repeat([]byte{1}, seal.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// token makes a user with a role at a scope, and a token of its.
func (r *running) token(name string, role access.Role, scope string) string {
	r.t.Helper()
	ctx := r.t.Context()
	p, err := r.accounts.CreateUser(ctx, account.System, name, "correct horse battery staple")
	if err != nil {
		r.t.Fatal(err)
	}
	if role != 0 {
		if _, err := r.accounts.Assign(ctx, account.System, p, access.Grant{Role: role, Scope: scope}); err != nil {
			r.t.Fatal(err)
		}
	}
	_, secret, err := r.accounts.CreateToken(ctx, account.System, p, "test", access.Grant{Role: access.Owner, Scope: "/"}, r.now.Add(24*time.Hour))
	if err != nil {
		r.t.Fatal(err)
	}
	return secret.Reveal()
}

// ask sends a request, and gives status and body.
func (r *running) ask(method, target, token string, body string) (int, []byte) {
	r.t.Helper()
	request := httptest.NewRequestWithContext(r.t.Context(), method, target, strings.NewReader(body))
	request.Host = "127.0.0.1:7410"
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	return answer.Code, answer.Body.Bytes()
}

// get asks for something that is there.
func get[T any](r *running, target, token string) T {
	r.t.Helper()
	var body T
	status, text := r.ask(http.MethodGet, target, token, "")
	if status != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", target, status, text)
	}
	if err := json.Unmarshal(text, &body); err != nil {
		r.t.Fatalf("GET %s: %v", target, err)
	}
	return body
}

// imports sends the demo's estate.
func (r *running) imports(token string) map[string]any {
	r.t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		r.t.Fatal(err)
	}
	status, text := r.ask(http.MethodPost, "/api/v1/inventory", token, b.String())
	if status != http.StatusOK {
		r.t.Fatalf("import: %d %s", status, text)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		r.t.Fatal(err)
	}
	return answer
}

// rows reads all pages of a list.
func rows(r *running, path, token string) []map[string]any {
	r.t.Helper()
	type list struct {
		Rows   []map[string]any
		Total  int
		Cursor string
	}
	var all []map[string]any
	for cursor := ""; ; {
		page := get[list](r, path+"&limit=200&cursor="+url.QueryEscape(cursor), token)
		all = append(all, page.Rows...)
		if cursor = page.Cursor; cursor == "" {
			if len(all) != page.Total {
				r.t.Errorf("%s: %d rows, total %d", path, len(all), page.Total)
			}
			return all
		}
	}
}

// TestPosture: an estate that is imported is told in all lists, which agree with
// each other.
func TestPosture(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	answer := r.imports(owner)
	if answer["new"].(float64) < 800 || len(answer["rejected"].([]any)) != 0 {
		t.Errorf("import: %v", answer)
	}
	resources := rows(r, "/api/v1/resources?sort=name", owner)
	if !slices.IsSortedFunc(resources, func(a, b map[string]any) int {
		return strings.Compare(strings.ToLower(a["name"].(string)), strings.ToLower(b["name"].(string)))
	}) {
		t.Error("resources do not come by name")
	}
	recommendations := rows(r, "/api/v1/recommendations?", owner)
	unhealthy := 0.0
	for _, row := range recommendations {
		unhealthy += row["unhealthy"].(float64)
	}
	checks := rows(r, "/api/v1/checks?state=unhealthy", owner)
	if len(checks) == 0 || float64(len(checks)) != unhealthy {
		t.Errorf("%d unhealthy checks, recommendations say %v", len(checks), unhealthy)
	}
	first := checks[0]["resource"].(map[string]any)
	one := get[map[string]any](r, "/api/v1/resource?id="+url.QueryEscape(first["id"].(string))+"&type="+url.QueryEscape(first["type"].(string))+"&unit="+url.QueryEscape(first["unit"].(string)), owner)
	if one["state"] != "unhealthy" || one["body"] == nil || len(one["history"].([]any)) != 1 {
		t.Errorf("resource: %v", one)
	}
	score := get[Score](r, "/api/v1/score", owner)
	history := get[map[string]any](r, "/api/v1/score/history?scope="+url.QueryEscape(score.Units[0].Scope), owner)
	points := history["points"].([]any)
	if last := points[len(points)-1].(map[string]any); last["percent"] != *score.Units[0].Percent {
		t.Errorf("history ends with %v, score is %v", last, *score.Units[0].Percent)
	}
	for _, path := range []string{"/api/v1/scopes", "/api/v1/coverage", "/api/v1/compliance", "/api/v1/compliance/mcsb-v1", "/api/openapi.json"} {
		get[map[string]any](r, path, owner)
	}
	type list struct {
		Total  int
		Facets map[string][]index.FacetValue
		AsOf   AsOf
	}
	for _, scope := range []string{"tag:owner=webshop-team", "tag:OWNER=webshop-team"} {
		of := "scope=" + url.QueryEscape(scope)
		want := get[list](r, "/api/v1/resources?tag=owner%3Dwebshop-team", owner).Total
		if got := get[list](r, "/api/v1/resources?"+of, owner).Total; got == 0 || got != want {
			t.Errorf("resources of %s: %d, want %d", scope, got, want)
		}
		if slice := get[Score](r, "/api/v1/score?"+of, owner); slice.Percent == nil || !slice.Slice || len(slice.Units) != 1 || slice.Units[0].Max != nil {
			t.Errorf("score of %s: %+v", scope, slice)
		}
	}
	facets := get[list](r, "/api/v1/checks?severity=high&facets=state,severity,cloud", owner).Facets
	if len(facets["severity"]) < 2 || len(facets["cloud"]) < 3 || facets["state"][0].Count == 0 {
		t.Errorf("facets: %v", facets)
	}
	past := get[list](r, "/api/v1/resources?at="+url.QueryEscape(r.now.Format(time.RFC3339)), owner)
	if past.Total != len(resources) || past.AsOf.Time == nil {
		t.Errorf("as of now: %d resources, want %d", past.Total, len(resources))
	}
}

// TestRounded: a difference of scores has as many decimals as they.
func TestRounded(t *testing.T) {
	before, after := 100.0, 83.34
	if got := rounded(after - before); got != -16.66 {
		t.Errorf("%v, want -16.66", got)
	}
}

// post sends a request that is changed before.
func (r *running) post(target string, change func(*http.Request)) (int, http.Header) {
	r.t.Helper()
	request := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, target, nil)
	request.Host = "127.0.0.1:7410"
	change(request)
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	return answer.Code, answer.Header()
}

// TestSignIn: the first user comes by the link, signs in with the password, and
// is nobody any more once signed out.
func TestSignIn(t *testing.T) {
	r := newRunning(t)
	for _, path := range []string{"/healthz", "/readyz"} { // anonymous, whatever else is sent
		if status, text := r.ask(http.MethodGet, path, "bzt_nonsense", ""); status != http.StatusOK {
			t.Errorf("%s with a bad token: %d %s", path, status, text)
		}
	}
	link, needed, err := r.accounts.FirstRun(t.Context())
	if err != nil || !needed {
		t.Fatalf("first run: needed %v, %v", needed, err)
	}
	first := `{"link":"` + link.Reveal() + `","name":"anna","password":"correct horse battery staple"}`
	if status, text := r.ask(http.MethodPost, "/api/v1/session/first-run", "", first); status != http.StatusOK {
		t.Fatalf("first run: %d %s", status, text)
	}
	if status, _ := r.ask(http.MethodPost, "/api/v1/session/first-run", "", first); status != http.StatusUnauthorized {
		t.Errorf("the same link again: %d, want 401", status)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/session", "", `{"name":"anna","password":"wrong"}`); status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d %s", status, text)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/session", strings.NewReader(`{"name":"anna","password":"correct horse battery staple"}`))
	request.Host = "127.0.0.1:7410"
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	cookies := answer.Result().Cookies()
	if answer.Code != http.StatusOK || len(cookies) != 1 || !cookies[0].HttpOnly {
		t.Fatalf("signing in: %d %v", answer.Code, cookies)
	}
	ask := func(method string) int {
		request := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/session", nil)
		request.Host = "127.0.0.1:7410"
		request.AddCookie(cookies[0])
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		return answer.Code
	}
	if got := []int{ask(http.MethodGet), ask(http.MethodDelete), ask(http.MethodGet)}; !slices.Equal(got, []int{200, 204, 401}) {
		t.Errorf("asking, signing out, asking: %v", got)
	}
}

// TestMetrics: requests are counted by route and status, never by address.
func TestMetrics(t *testing.T) {
	r, owner := twoCompanies(t)
	r.ask(http.MethodGet, "/api/v1/resource?id=nothing", owner, "")
	r.ask(http.MethodGet, "/somewhere/else", owner, "")
	_, text := r.ask(http.MethodGet, "/metrics", owner, "")
	for _, want := range []string{
		`bartizan_http_requests_total{route="POST /api/v1/inventory",status="200"} 2`,
		`bartizan_http_requests_total{route="GET /api/v1/resource",status="404"} 1`,
		`bartizan_http_requests_total{route="none",status="404"} 1`,
		`bartizan_http_request_seconds_bucket{route="GET /api/v1/resource",le="+Inf"} 1`, `bartizan_http_request_seconds_count{route="GET /api/v1/resource"} 1`,
		"bartizan_resources 2\n", "process_resident_memory_bytes",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("metrics lack %s: %s", want, text)
		}
	}
}

// TestTags: who has an answer gets it again only once it is another one.
func TestTags(t *testing.T) {
	r, owner := twoCompanies(t)
	askAt := func(path, token, tag string) (int, string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Host = "127.0.0.1:7410"
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("If-None-Match", tag)
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		return answer.Code, answer.Header().Get("ETag")
	}
	ask := func(token, tag string) (int, string) { return askAt("/api/v1/resources", token, tag) }
	live := []string{"reads", "coverage/not-read", "jobs", "audit", "search?q=own"}
	tags := map[string]string{}
	for _, path := range live {
		_, tags[path] = askAt("/api/v1/"+path, owner, "")
		if status, again := askAt("/api/v1/"+path, owner, tags[path]); status != http.StatusNotModified || again != tags[path] {
			t.Errorf("%s the same again: %d, tag %s, before %s", path, status, again, tags[path])
		}
	}
	_, tag := ask(owner, "")
	for _, same := range []string{"*", strings.TrimPrefix(tag, "W/"), `"other" , ` + tag} {
		if status, _ := ask(owner, same); status != http.StatusNotModified {
			t.Errorf("If-None-Match %s: %d, want 304", same, status)
		}
	}
	if status, again := ask(owner, tag); status != http.StatusNotModified || again != tag {
		t.Errorf("the same again: %d, tag %s, before %s", status, again, tag)
	}
	reader := r.token("reader", access.Reader, "own")
	if status, _ := ask(reader, tag); status != http.StatusOK {
		t.Errorf("another caller with the tag: %d", status)
	}
	if status, _ := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, strings.ReplaceAll(storageAccount(ownID), "westeurope", "northeurope")); status != http.StatusOK {
		t.Fatalf("import: %d", status)
	}
	if status, _ := ask(owner, tag); status != http.StatusOK {
		t.Errorf("after a change: %d", status)
	}
	for _, path := range []string{"jobs", "audit"} {
		if status, _ := askAt("/api/v1/"+path, owner, tags[path]); status != http.StatusOK {
			t.Errorf("%s after a change: %d", path, status)
		}
	}
}

// TestPacked: answers come packed to who takes them so.
func TestPacked(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	for _, encoding := range []string{"gzip", "zstd", ""} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/resources", nil)
		request.Host = "127.0.0.1:7410"
		request.Header.Set("Authorization", "Bearer "+owner)
		request.Header.Set("Accept-Encoding", encoding)
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		if got := answer.Header().Get("Content-Encoding"); got != encoding || answer.Code != http.StatusOK {
			t.Errorf("%q: %d %q", encoding, answer.Code, got)
		}
	}
}

// got reads a body.
func got[T any](t testing.TB, text []byte) (body T) {
	t.Helper()
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return body
}
