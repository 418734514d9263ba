package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// made sends what makes something, and gives the answer.
func (r *running) made(path, token, body string) map[string]any {
	r.t.Helper()
	status, text := r.ask(http.MethodPost, path, token, body)
	if status != http.StatusCreated {
		r.t.Fatalf("POST %s: %d %s", path, status, text)
	}
	var of map[string]any
	if err := json.Unmarshal(text, &of); err != nil {
		r.t.Fatal(err)
	}
	return of
}

// TestPeople: an owner adds a user, gives a role, and takes it back; the user makes
// a token for less than the role, which is good until it is revoked; the audit log
// has all of it.
func TestPeople(t *testing.T) {
	r, owner := twoCompanies(t)
	bert := r.made("/api/v1/users", owner, `{"name":"bert","password":"correct horse battery staple"}`)
	role := r.made("/api/v1/roles", owner, `{"principal":"`+bert["id"].(string)+`","role":"contributor","scope":"own"}`)
	if again := r.made("/api/v1/roles", owner, `{"principal":"Bert","role":"reader","scope":"foreign"}`); again["principal"] != bert["id"] {
		t.Errorf("a role by name: %v, want of %v", again, bert["id"])
	} else if status, _ := r.ask(http.MethodDelete, "/api/v1/roles?id="+url.QueryEscape(again["id"].(string)), owner, ""); status != http.StatusNoContent {
		t.Errorf("taking it back: %d", status)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/roles", owner, `{"principal":"bertha","role":"reader","scope":"own"}`); status != http.StatusNotFound {
		t.Errorf("a role of nobody: %d %s", status, text)
	}
	person, err := r.server.principal(t.Context(), bert["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	session, secret, err := r.accounts.SignIn(t.Context(), person.Name, "correct horse battery staple", from(t.Context(), ""))
	if err != nil || session.ID == "" {
		t.Fatal(err)
	}
	token := r.made("/api/v1/tokens", secret.Reveal(), `{"name":"laptop","role":"reader","scope":"own","expires":"30d"}`)
	read := token["token"].(string)
	if list := get[map[string]any](r, "/api/v1/resources", read); list["total"] != 1.0 {
		t.Errorf("resources by the token: %v", list["total"])
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", read, storageAccount(ownID)); status != http.StatusForbidden {
		t.Errorf("import by a reader's token: %d %s", status, text)
	}
	if status, _ := r.ask(http.MethodPost, "/api/v1/tokens", read, `{"name":"more","role":"contributor","scope":"own","expires":"30d"}`); status != http.StatusForbidden {
		t.Errorf("a token of more by a token of less: %d", status)
	}
	if status, _ := r.ask(http.MethodDelete, "/api/v1/tokens?id="+url.QueryEscape(token["id"].(string)), secret.Reveal(), ""); status != http.StatusNoContent {
		t.Errorf("revoking: %d", status)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/resources", read, ""); status != http.StatusUnauthorized {
		t.Errorf("a token that was revoked: %d", status)
	}
	if status, _ := r.ask(http.MethodDelete, "/api/v1/roles?id="+url.QueryEscape(role["id"].(string)), owner, ""); status != http.StatusNoContent {
		t.Errorf("taking a role back: %d", status)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/resources", secret.Reveal(), ""); status != http.StatusForbidden {
		t.Errorf("without the role: %d", status)
	}
	_, text := r.ask(http.MethodGet, "/api/v1/audit", owner, "")
	for _, action := range []string{"user.create", "role.create", "token.create", "token.remove", "role.remove"} {
		if !strings.Contains(string(text), `"`+action+`"`) {
			t.Errorf("the audit log has no %s: %s", action, text)
		}
	}
	robot := r.made("/api/v1/service-principals", owner, `{"name":"robot"}`)
	r.made("/api/v1/roles", owner, `{"principal":"`+robot["id"].(string)+`","role":"reader","scope":"own"}`)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {robot["id"].(string)}, "client_secret": {robot["secret"].(string)}}
	tests := map[string]struct {
		change func(url.Values)
		want   int
	}{
		"right":         {func(url.Values) {}, http.StatusOK},
		"wrong_secret":  {func(v url.Values) { v.Set("client_secret", "bzs_nonsense") }, http.StatusUnauthorized},
		"nobodys_id":    {func(v url.Values) { v.Set("client_id", "nobody") }, http.StatusUnauthorized},
		"another_grant": {func(v url.Values) { v.Set("grant_type", "password") }, http.StatusBadRequest},
	}
	for name, test := range tests {
		values := url.Values{}
		for key, value := range form {
			values[key] = value
		}
		test.change(values)
		status, text := r.askForm("/own/oauth2/v2.0/token", values)
		if status != test.want {
			t.Errorf("token, %s: %d %s", name, status, text)
		}
		if test.want != http.StatusOK {
			continue
		}
		var answer struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		if list := get[map[string]any](r, "/api/v1/resources", answer.AccessToken); list["total"] != 1.0 {
			t.Errorf("resources by the robot: %v", list["total"])
		}
	}
	_, wrong := r.askForm("/own/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"nobody"}, "client_secret": {"x"}})
	for _, root := range []string{"nosuchroot", "default", url.PathEscape(ownUnit)} {
		if status, text := r.askForm("/"+root+"/oauth2/v2.0/token", form); status != http.StatusUnauthorized || string(text) != string(wrong) {
			t.Errorf("token of %s: %d %s, want %s", root, status, text, wrong)
		}
	}
}

// TestToken_before_the_first_import: there is no root yet, and default will be.
func TestToken_before_the_first_import(t *testing.T) {
	r := newRunning(t)
	robot := r.made("/api/v1/service-principals", r.token("owner", access.Owner, "/"), `{"name":"robot"}`)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {robot["id"].(string)}, "client_secret": {robot["secret"].(string)}}
	for root, want := range map[string]int{"default": http.StatusOK, "other": http.StatusUnauthorized} {
		if status, text := r.askForm("/"+root+"/oauth2/v2.0/token", form); status != want {
			t.Errorf("token of %s: %d %s", root, status, text)
		}
	}
}

// TestRole_of_several: an owner of a root does not hear the ids of those who are called
// as he says.
func TestRole_of_several(t *testing.T) {
	r, top := twoCompanies(t)
	owner := r.token("owner-of-own", access.Owner, "own")
	theirs := r.made("/api/v1/service-principals", top, `{"name":"Carl","role":"reader","scope":"foreign"}`)["id"].(string)
	r.token("carl", access.Reader, "foreign")
	const body = `{"principal":"carl","role":"reader","scope":"own"}`
	if status, text := r.ask(http.MethodPost, "/api/v1/roles", owner, body); status != http.StatusNotFound || strings.Contains(string(text), theirs) {
		t.Errorf("of those who have roles elsewhere only: %d %s", status, text)
	}
	people, err := r.store.Principals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if access.Fold(p.Name) == "carl" {
			r.made("/api/v1/roles", top, `{"principal":"`+p.ID+`","role":"reader","scope":"`+ownUnit+`"}`)
		}
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/roles", owner, body); status != http.StatusConflict || strings.Contains(string(text), theirs) || !strings.Contains(string(text), "want the id") {
		t.Errorf("by an owner of a root: %d %s", status, text)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/roles", top, body); status != http.StatusConflict || !strings.Contains(string(text), theirs) {
		t.Errorf("by who owns all: %d %s", status, text)
	}
}

// TestOwnerOfARoot: an owner of a root sees those service principals that have a role
// there, and makes and removes those, and their tokens, whose roles all lie there, and no
// others.
func TestOwnerOfARoot(t *testing.T) {
	r, top := twoCompanies(t)
	owner := r.token("owner-of-own", access.Owner, "own")
	const path = "/api/v1/service-principals"
	theirs := r.made(path, top, `{"name":"theirs","role":"reader","scope":"foreign"}`)["id"].(string)
	idle := r.made(path, top, `{"name":"idle"}`)["id"].(string)
	both := r.made(path, top, `{"name":"both","role":"reader","scope":"own"}`)["id"].(string)
	r.made("/api/v1/roles", top, `{"principal":"`+both+`","role":"reader","scope":"foreign"}`)
	ours := r.made(path, owner, `{"name":"ours","role":"reader","scope":"`+ownUnit+`"}`)["id"].(string)
	for body, want := range map[string]int{
		`{"name":"free"}`: http.StatusForbidden, `{"name":"far","role":"reader","scope":"foreign"}`: http.StatusNotFound, `{"name":"top","role":"reader","scope":"/"}`: http.StatusForbidden,
		`{"name":"half","role":"reader"}`: http.StatusForbidden,
	} {
		if status, text := r.ask(http.MethodPost, path, owner, body); status != want {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	sees := map[string]bool{}
	for _, p := range get[Page[Principal]](r, path, owner).Rows {
		sees[p.ID] = true
	}
	if !sees[ours] || !sees[both] || len(sees) != 2 { // whatever roles others give it elsewhere
		t.Errorf("sees %v", sees)
	}
	token := func(of string) string {
		return `{"principal":"` + of + `","name":"x","role":"reader","scope":"own","expires":"1d"}`
	}
	for _, other := range []string{theirs, idle, both} {
		if status, _ := r.ask(http.MethodDelete, path+"?id="+other, owner, ""); status != http.StatusNotFound {
			t.Errorf("removing another's: %d", status)
		}
		if status, _ := r.ask(http.MethodPost, "/api/v1/tokens", owner, token(other)); status != http.StatusForbidden {
			t.Errorf("a token of another's: %d", status)
		}
	}
	made := r.made("/api/v1/tokens", owner, token(ours))["id"].(string)
	if list := get[Page[TokenRow]](r, "/api/v1/tokens?owner=anybody", owner); !slices.ContainsFunc(list.Rows, func(row TokenRow) bool { return row.ID == made }) ||
		slices.ContainsFunc(list.Rows, func(row TokenRow) bool {
			return row.Principal == theirs || row.Principal == both || row.Principal == idle
		}) {
		t.Errorf("tokens: %+v", list)
	}
	for _, path := range []string{"/api/v1/tokens?id=" + made, path + "?id=" + ours} {
		if status, text := r.ask(http.MethodDelete, path, owner, ""); status != http.StatusNoContent {
			t.Errorf("removing %s: %d %s", path, status, text)
		}
	}
	if list := get[Page[Principal]](r, path, top); list.Total != 3 {
		t.Errorf("who owns all sees %+v", list)
	}
}

// askForm posts a form.
func (r *running) askForm(target string, form url.Values) (int, []byte) {
	r.t.Helper()
	request := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	request.Host = "127.0.0.1:7410"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	return answer.Code, answer.Body.Bytes()
}

// TestRoles_where_nobody_knows: a role is given at a scope that is there, or at a group
// or resource in a unit that is.
func TestRoles_where_nobody_knows(t *testing.T) {
	r, owner := twoCompanies(t)
	r.token("bert", 0, "")
	for scope, want := range map[string]int{
		"/": http.StatusCreated, "own": http.StatusCreated, strings.ToUpper(ownUnit): http.StatusCreated, ownUnit + "/resourceGroups/new": http.StatusCreated, ownID: http.StatusCreated,
		"owm": http.StatusNotFound, "/subscriptions/x": http.StatusNotFound, "/subscriptions/x/resourceGroups/g": http.StatusNotFound, "tag:a=b": http.StatusNotFound, "111122223333": http.StatusNotFound,
	} {
		for _, dryRun := range []string{"?dryRun=true", ""} {
			status, text := r.ask(http.MethodPost, "/api/v1/roles"+dryRun, owner, `{"principal":"bert","role":"reader","scope":"`+scope+`"}`)
			if dryRun != "" && want == http.StatusCreated {
				continue
			}
			if status != want || want == http.StatusNotFound && !strings.Contains(string(text), "there is no scope "+scope) {
				t.Errorf("%s%s: %d %s, want %d", scope, dryRun, status, text, want)
			}
		}
	}
}

// TestRights_in_words: who is refused is told what he may not in words.
func TestRights_in_words(t *testing.T) {
	r, _ := twoCompanies(t)
	reader := r.token("reader", access.Reader, "own")
	for _, route := range r.server.routes {
		if route.id == "hear-events" || route.id == "sign-out" {
			continue // the one does not end, the other ends all
		}
		status, text := r.ask(route.method, route.path+"?"+samples[route.id], reader, bodies[route.id])
		for _, right := range []access.Right{access.SeeAudit, access.ManageAccess} {
			if status == http.StatusForbidden && strings.Contains(string(text), right.String()) {
				t.Errorf("%s: %s", route.id, text)
			}
		}
	}
}
