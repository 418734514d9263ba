package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestTokens_of_tokens: a token that a token made ends with that at the latest, gives no
// more than it, and is revoked with it, whosever it is and however many lie between; the
// audit log has each of them. What a browser's session makes is not bound to it.
func TestTokens_of_tokens(t *testing.T) {
	r, top := twoCompanies(t)
	ends := *get[Page[TokenRow]](r, "/api/v1/tokens", top).Rows[0].Expires // in a day
	robot := r.made("/api/v1/service-principals", top, `{"name":"robot","role":"reader","scope":"own"}`)
	token := func(by, body string) (id, secret string) {
		t.Helper()
		made := r.made("/api/v1/tokens", by, body)
		if until, err := time.Parse(time.RFC3339, made["expires"].(string)); err != nil || until.After(ends) {
			t.Errorf("%s: until %s, error %v; want %s at the latest", body, made["expires"], err, ends)
		}
		return made["id"].(string), made["token"].(string)
	}
	short, _ := token(top, `{"name":"short","role":"reader","scope":"own","expires":"1h"}`)
	child, childSecret := token(top, `{"name":"child","role":"owner","scope":"/","expires":"30d"}`)
	grandchild, grandchildSecret := token(childSecret, `{"name":"grandchild","role":"reader","scope":"own","expires":"2d"}`)
	others, othersSecret := token(childSecret, `{"principal":"`+robot["id"].(string)+`","name":"other","role":"reader","scope":"own","expires":"30d"}`)
	preview := r.dryRun("/api/v1/tokens", childSecret, `{"name":"x","role":"reader","scope":"own","expires":"30d"}`)
	if until, err := time.Parse(time.RFC3339, preview["expires"].(string)); err != nil || !until.Equal(ends) {
		t.Errorf("preview: until %v, error %v, want %s", preview["expires"], err, ends)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/tokens", grandchildSecret, `{"name":"x","role":"owner","scope":"/","expires":"1h"}`); status != http.StatusForbidden {
		t.Errorf("more by one of less: %d %s", status, text)
	}
	madeBy := map[string]string{}
	for _, row := range get[Page[TokenRow]](r, "/api/v1/tokens?owner=anybody", top).Rows {
		madeBy[row.ID] = row.MadeBy
	}
	if madeBy[child] == "" || madeBy[short] != madeBy[child] || madeBy[grandchild] != child || madeBy[others] != child || madeBy[madeBy[child]] != "" {
		t.Errorf("made by %v", madeBy)
	}
	for _, secret := range []string{childSecret, grandchildSecret, othersSecret} {
		if status, text := r.ask(http.MethodGet, "/api/v1/resources", secret, ""); status != http.StatusOK {
			t.Fatalf("before: %d %s", status, text)
		}
	}
	if status, text := r.ask(http.MethodDelete, "/api/v1/tokens?id="+child, top, ""); status != http.StatusNoContent {
		t.Fatalf("revoking: %d %s", status, text)
	}
	for _, secret := range []string{childSecret, grandchildSecret, othersSecret} {
		if status, _ := r.ask(http.MethodGet, "/api/v1/resources", secret, ""); status != http.StatusUnauthorized {
			t.Errorf("after: %d", status)
		}
	}
	var revoked []string
	for _, e := range get[struct{ Rows []AuditRow }](r, "/api/v1/audit?action=token.remove", top).Rows {
		revoked = append(revoked, e.Object)
		if e.Actor == "" || e.Commit == 0 {
			t.Errorf("entry %+v", e)
		}
	}
	if slices.Sort(revoked); !slices.Equal(revoked, slices.Sorted(slices.Values([]string{child, grandchild, others}))) {
		t.Errorf("revoked by the audit log: %q", revoked)
	}
	if list := get[Page[TokenRow]](r, "/api/v1/tokens", top); !slices.ContainsFunc(list.Rows, func(row TokenRow) bool { return row.ID == short }) {
		t.Error("what another token made is gone")
	}
	_, answer := r.askForm("/own/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {robot["id"].(string)}, "client_secret": {robot["secret"].(string)}})
	var bearer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer, &bearer); err != nil {
		t.Fatal(err)
	}
	ends = r.now.Add(access.BearerLife)
	token(bearer.AccessToken, `{"name":"x","role":"reader","scope":"own","expires":"30d"}`)
	bert := r.made("/api/v1/users", top, `{"name":"bert","password":"correct horse battery staple"}`)
	r.made("/api/v1/roles", top, `{"principal":"`+bert["id"].(string)+`","role":"reader","scope":"own"}`)
	_, session, err := r.accounts.SignIn(t.Context(), "bert", "correct horse battery staple", from(t.Context(), ""))
	if err != nil {
		t.Fatal(err)
	}
	if long := r.made("/api/v1/tokens", session.Reveal(), `{"name":"x","role":"reader","scope":"own","expires":"30d"}`)["expires"].(string); long < r.now.Add(29*24*time.Hour).UTC().Format(time.RFC3339) {
		t.Errorf("by a session until %s", long)
	}
}

// dryRun posts what is only to be tried.
func (r *running) dryRun(path, token, body string) (of map[string]any) {
	r.t.Helper()
	status, text := r.ask(http.MethodPost, path+"?dryRun=true", token, body)
	if err := json.Unmarshal(text, &of); status != http.StatusOK || err != nil {
		r.t.Fatalf("%s: %d %s", path, status, text)
	}
	return of
}

// TestRole_of_somebody_elsewhere: an owner of a root does not learn by a name that there
// is somebody called so who has roles elsewhere only; by an id he gives a role, and to
// whom he sees or made himself by the name.
func TestRole_of_somebody_elsewhere(t *testing.T) {
	r, top := twoCompanies(t)
	owner := r.token("owner-of-own", access.Owner, "own")
	r.token("seen", access.Reader, ownUnit)
	r.token("everywhere", access.Reader, "/")
	theirs := r.made("/api/v1/service-principals", top, `{"name":"theirs","role":"reader","scope":"foreign"}`)["id"].(string)
	r.made("/api/v1/users", top, `{"name":"idle","password":"correct horse battery staple"}`)
	made := r.made("/api/v1/service-principals", owner, `{"name":"mine","role":"reader","scope":"own"}`)["id"].(string)
	for _, role := range get[Page[RoleRow]](r, "/api/v1/roles", owner).Rows {
		if role.Principal == made {
			r.ask(http.MethodDelete, "/api/v1/roles?id="+role.ID, owner, "")
		}
	}
	give := func(who string) (int, string) {
		status, text := r.ask(http.MethodPost, "/api/v1/roles?dryRun=true", owner, `{"principal":"`+who+`","role":"reader","scope":"`+ownUnit+`/resourceGroups/g"}`)
		return status, strings.ReplaceAll(string(text), who, "WHO")
	}
	_, unknown := give("nobody")
	for _, who := range []string{"theirs", "THEIRS", "everywhere", "idle"} {
		if status, text := give(who); status != http.StatusNotFound || text != unknown {
			t.Errorf("%s: %d %s, want %s", who, status, text, unknown)
		}
	}
	for _, who := range []string{"seen", "mine", "owner-of-own", theirs, strings.ToUpper(theirs)} {
		if status, text := give(who); status != http.StatusOK {
			t.Errorf("%s: %d %s", who, status, text)
		}
	}
}
