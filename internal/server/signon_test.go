package server

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// withProvider is a server of two companies that a real provider signs people in
// to.
func withProvider(t *testing.T) (*running, *provider) {
	t.Helper()
	r, _ := twoCompanies(t)
	r.now = time.Now() // which is the provider's clock
	p := newProvider(t)
	settings := p.settings()
	settings.Roles = []signon.GroupRole{{Group: "ops", Role: access.Reader, Scope: "own"}, {Group: "security", Role: access.SecurityAdmin, Scope: "own"}}
	secret := providerSecret
	if err := r.accounts.SetProvider(t.Context(), account.System, settings, &secret); err != nil {
		t.Fatal(err)
	}
	return r, p
}

// browse gives the answer to what a browser with cookies asks.
func (r *running) browse(target string, cookies ...*http.Cookie) *http.Response {
	r.t.Helper()
	request := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, target, nil)
	request.Host = "127.0.0.1:7410"
	for _, c := range cookies {
		request.AddCookie(c)
	}
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	return answer.Result()
}

// signOn goes all the way, but for the last step, of which it gives the address
// and the cookies.
func (r *running) signOn(p *provider, returning string) (string, []*http.Cookie) {
	r.t.Helper()
	begun := r.browse("/api/v1/sign-on/test?return=" + url.QueryEscape(returning))
	if begun.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("begin: %d", begun.StatusCode)
	}
	return p.signsIn(r.t, begun.Header.Get("Location")).RequestURI(), begun.Cookies()
}

// session gives the cookie of a session, nil for none.
func session(answer *http.Response) *http.Cookie {
	i := slices.IndexFunc(answer.Cookies(), func(c *http.Cookie) bool { return c.Name == sessionCookie })
	if i < 0 {
		return nil
	}
	return answer.Cookies()[i]
}

// TestSignOn: who signs in elsewhere has the roles of his groups, and what the
// provider answers has to be right in everything.
func TestSignOn(t *testing.T) {
	if testing.Short() {
		t.Skip("TestSignOn_follows runs at once what can")
	}
	r, p := withProvider(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func()
		roles  string // "" for no session
	}{
		{"groups", func() { p.groups = []string{"ops", "others"} }, "reader at own"},
		{"one_group_as_text", func() { p.groups = "security" }, "security-admin at own"},
		{"groups_where_one_asks", func() { p.groups, p.ask = []string{"ops", "security"}, true }, "reader at own, security-admin at own"},
		{"no_groups", func() {}, "none"},
		{"group_of_another_case", func() { p.groups = []string{"OPS"} }, "none"},
		{"groups_that_are_none", func() { p.groups = map[string]any{"ops": true} }, ""},
		{"group_that_is_no_text", func() { p.groups = []any{"ops", 1} }, ""},
		{"wrong_nonce", func() { p.groups, p.nonce = []string{"ops"}, "another" }, ""},
		{"wrong_audience", func() { p.groups, p.client = []string{"ops"}, "another" }, ""},
		{"expired", func() { p.life = -2 * time.Hour }, ""},
		{"denied", func() { p.denies = true }, ""},
		{"new_key", func() { p.groups = []string{"ops"}; p.rotate(t, "second") }, "reader at own"},
		{"signed_by_another", func() { p.groups, p.forger = []string{"ops"}, other }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p.groups, p.ask, p.nonce, p.client, p.life, p.denies, p.forger = nil, false, "", "", time.Hour, false, nil
			test.change()
			address, cookies := r.signOn(p, "/recommendations?x=1")
			answer := r.browse(address, cookies...)
			c := session(answer)
			if test.roles == "" {
				if c != nil || answer.StatusCode != http.StatusUnauthorized {
					t.Errorf("%d, session %v", answer.StatusCode, c)
				}
				return
			}
			if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/recommendations?x=1" || c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Fatalf("%d to %s, session %v", answer.StatusCode, answer.Header.Get("Location"), c)
			}
			me := get[Me](r, "/api/v1/session", c.Value)
			roles := []string{}
			for _, g := range me.Grants {
				roles = append(roles, g.Role+" at "+g.Scope)
			}
			if got := strings.Join(roles, ", "); got != test.roles && !(got == "" && test.roles == "none") || me.Name != providerUser {
				t.Errorf("%s has %q, want %q", me.Name, got, test.roles)
			}
		})
	}
	failed := 0
	for e, err := range r.store.AuditLog(t.Context(), ledger.AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Action == "signIn.failed" {
			failed++
		}
	}
	if failed != 7 {
		t.Errorf("the audit log has %d sign-ins that failed, want 7", failed)
	}
}

// TestSignOn_ends_once: in the browser that began it, for the provider that it was
// begun for, and within its time.
func TestSignOn_ends_once(t *testing.T) {
	if testing.Short() {
		t.Skip("TestSignOn_follows runs at once what can")
	}
	r, p := withProvider(t)
	good := func() (string, []*http.Cookie) { return r.signOn(p, "/") }
	tests := map[string]func() (string, []*http.Cookie){
		"replayed": func() (string, []*http.Cookie) {
			address, cookies := good()
			if answer := r.browse(address, cookies...); session(answer) == nil {
				t.Fatalf("the first time: %d", answer.StatusCode)
			}
			return address, cookies
		},
		"another_browser": func() (string, []*http.Cookie) {
			address, _ := good()
			return address, nil
		},
		"another_sign_in_of_the_browser": func() (string, []*http.Cookie) {
			address, cookies := good()
			_, others := good()
			return address, []*http.Cookie{{Name: cookies[0].Name, Value: others[0].Value}}
		},
		"another_provider": func() (string, []*http.Cookie) {
			address, cookies := good()
			return strings.Replace(address, "/test/", "/other/", 1), cookies
		},
		"no_state": func() (string, []*http.Cookie) {
			_, cookies := good()
			return "/api/v1/sign-on/test/call-back?code=x", cookies
		},
		"of_another_issuer": func() (string, []*http.Cookie) {
			address, cookies := good()
			return address + "&iss=https%3A%2F%2Fevil.example", cookies
		},
		"too_late": func() (string, []*http.Cookie) {
			address, cookies := good()
			r.now = r.now.Add(access.AttemptLife)
			return address, cookies
		},
	}
	for name, begin := range tests {
		t.Run(name, func(t *testing.T) {
			address, cookies := begin()
			before := p.exchange
			if answer := r.browse(address, cookies...); answer.StatusCode != http.StatusUnauthorized || session(answer) != nil || p.exchange != before {
				t.Errorf("%d, session %v, %d codes changed", answer.StatusCode, session(answer), p.exchange-before)
			}
		})
	}
	for returning, want := range map[string]int{"//evil.example": http.StatusUnprocessableEntity, "/\\evil.example": http.StatusUnprocessableEntity, "/ok": http.StatusSeeOther} {
		if answer := r.browse("/api/v1/sign-on/test?return=" + url.QueryEscape(returning)); answer.StatusCode != want {
			t.Errorf("to go to %s: %d, want %d", returning, answer.StatusCode, want)
		}
	}
	if answer := r.browse("/api/v1/sign-on/none"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("no such provider: %d", answer.StatusCode)
	}
}

// TestSignOn_follows: roles are those of the latest sign-in, in every session;
// somebody disabled stays out; without the provider nobody is in by it.
func TestSignOn_follows(t *testing.T) {
	r, p := withProvider(t)
	p.groups = []string{"ops"}
	enter := func() *http.Cookie {
		address, cookies := r.signOn(p, "/")
		return session(r.browse(address, cookies...))
	}
	first := enter()
	if list := get[map[string]any](r, "/api/v1/resources", first.Value); list["total"] != 1.0 {
		t.Errorf("a reader at own sees %v resources", list["total"])
	}
	p.groups = []string{}
	if enter() == nil {
		t.Fatal("no session without groups")
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/resources", first.Value, ""); status != http.StatusForbidden {
		t.Errorf("the first session after a sign-in without groups: %d", status)
	}
	me := get[Me](r, "/api/v1/session", first.Value)
	if err := r.accounts.Disable(t.Context(), account.System, me.ID); err != nil {
		t.Fatal(err)
	}
	if enter() != nil {
		t.Error("somebody disabled is in")
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/session", first.Value, ""); status != http.StatusUnauthorized {
		t.Errorf("somebody disabled has a session: %d", status)
	}
	if err := r.accounts.Enable(t.Context(), account.System, me.ID); err != nil {
		t.Fatal(err)
	}
	last := enter()
	if err := r.accounts.RemoveProvider(t.Context(), account.System, "test"); err != nil {
		t.Fatal(err)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/session", last.Value, ""); status != http.StatusUnauthorized {
		t.Errorf("a session of a provider that is gone: %d", status)
	}
}

// TestSignOnSettings: a provider is set up over the API once its issuer answers
// for itself; its secret is told by nothing, and is for its issuer alone.
func TestSignOnSettings(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	p := newProvider(t)
	const path = "/api/v1/settings/sign-on"
	body := func(change ...string) string {
		text := `{"name":"test","title":"Test","issuer":"` + p.issuer + `","clientId":"bartizan","clientSecret":"` + providerSecret + `","roles":[{"group":"ops","role":"reader","scope":"/"}]}`
		return strings.NewReplacer(change...).Replace(text)
	}
	steps := []struct {
		name, method, path, body string
		want                     int
		has                      string
	}{
		{"dry_run", http.MethodPut, path + "?dryRun=true", body(), http.StatusOK, p.issuer + "/oauth/token"},
		{"dry_run_changes_nothing", http.MethodGet, path, "", http.StatusOK, `"total":0`},
		{"no_issuer", http.MethodPut, path, body(p.issuer, p.issuer+"/other"), http.StatusUnprocessableEntity, "got 404 Not Found, want a discovery document"},
		{"bad_issuer", http.MethodPut, path, body(p.issuer, "http://login.example.com"), http.StatusUnprocessableEntity, "want https"},
		{"bad_name", http.MethodPut, path, body(`"test"`, `"a/b"`), http.StatusUnprocessableEntity, `"location":"body.name"`},
		{"bad_role", http.MethodPut, path, body("reader", "boss"), http.StatusUnprocessableEntity, "roles[0].role"},
		{"set", http.MethodPut, path, body(), http.StatusOK, `"hasSecret":true`},
		{"get", http.MethodGet, path, "", http.StatusOK, `"callBack":"/api/v1/sign-on/test/call-back"`},
		{"choose", http.MethodGet, "/api/v1/sign-on", "", http.StatusOK, `"path":"/api/v1/sign-on/test"`},
		{"one_issuer", http.MethodPut, path, body(`"test"`, `"again"`), http.StatusConflict, "sign-on test has the issuer"},
		{"keep_the_secret", http.MethodPut, path, body(`"clientSecret":"`+providerSecret+`",`, "", "Test", "Ours"), http.StatusOK, `"hasSecret":true`},
		{"not_to_another_issuer", http.MethodPut, path, body(`"clientSecret":"`+providerSecret+`",`, "", p.issuer, p.issuer+"/other"), http.StatusUnprocessableEntity, "want it again"},
		{"take_the_secret_away", http.MethodPut, path, body(providerSecret, ""), http.StatusOK, `"hasSecret":false`},
		{"remove_none", http.MethodDelete, path + "?name=other", "", http.StatusNotFound, "there is none"},
		{"remove_dry_run", http.MethodDelete, path + "?name=test&dryRun=true", "", http.StatusNoContent, ""},
		{"remove", http.MethodDelete, path + "?name=test", "", http.StatusNoContent, ""},
		{"removed", http.MethodGet, path, "", http.StatusOK, `"total":0`},
	}
	for _, step := range steps {
		status, text := r.ask(step.method, step.path, owner, step.body)
		if status != step.want || !strings.Contains(string(text), step.has) || strings.Contains(string(text), providerSecret) {
			t.Errorf("%s: %d, want %d with %s: %s", step.name, status, step.want, step.has, text)
		}
		sealed, err := r.store.Sealed(t.Context())
		if err != nil || len(sealed) > 1 {
			t.Errorf("%s: %d secrets are sealed, error %v", step.name, len(sealed), err)
		}
		for place, text := range sealed {
			if strings.Contains(string(text), providerSecret) {
				t.Errorf("%s: %s is kept as it is", step.name, place)
			}
		}
	}
	var actions []string
	for e, err := range r.store.AuditLog(t.Context(), ledger.AuditFilter{}) {
		if err != nil || strings.Contains(string(e.Detail), providerSecret) {
			t.Errorf("audit log: %s, error %v", e.Detail, err)
		}
		if strings.HasPrefix(e.Action, "signOn.") {
			actions = append(actions, e.Action+" by "+e.Name)
		}
	}
	if want := []string{"signOn.remove by anna", "signOn.set by anna", "signOn.set by anna", "signOn.set by anna"}; !slices.Equal(actions, want) {
		t.Errorf("audit log %q", actions)
	}
}
