package oidc

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/signon"
)

// TestCheck: an issuer says the right things of itself, and no text of what is
// there instead is told. (The flow itself is tested in internal/server, against a
// real provider.)
func TestCheck(t *testing.T) {
	const hidden = "of another service"
	tests := map[string]struct {
		change func(w http.ResponseWriter, said map[string]any)
		want   string // of the error
	}{
		"good":            {func(http.ResponseWriter, map[string]any) {}, ""},
		"no_methods_told": {func(_ http.ResponseWriter, said map[string]any) { delete(said, "code_challenge_methods_supported") }, ""},
		"another_issuer":  {func(_ http.ResponseWriter, said map[string]any) { said["issuer"] = hidden }, "it is of another issuer"},
		"plain_http": {func(_ http.ResponseWriter, said map[string]any) {
			said["token_endpoint"] = "http://login.example.com/" + hidden
		}, "token_endpoint: want an address with https"},
		"no_keys": {func(_ http.ResponseWriter, said map[string]any) { delete(said, "jwks_uri") }, "jwks_uri: want"},
		"no_PKCE": {func(_ http.ResponseWriter, said map[string]any) {
			said["code_challenge_methods_supported"] = []string{"plain"}
		}, "want S256"},
		"no_code":  {func(_ http.ResponseWriter, said map[string]any) { said["response_types_supported"] = []string{"token"} }, "want code"},
		"an_error": {func(w http.ResponseWriter, _ map[string]any) { http.Error(w, hidden, http.StatusForbidden) }, "got 403 Forbidden"},
		"moved": {func(w http.ResponseWriter, _ map[string]any) {
			w.Header().Set("Location", "/"+hidden)
			w.WriteHeader(302)
		}, "got 302 Found"},
		"no_JSON": {func(w http.ResponseWriter, _ map[string]any) { _, _ = w.Write([]byte(hidden)) }, "got no JSON"},
		"without_an_end": {func(w http.ResponseWriter, _ map[string]any) {
			_, _ = w.Write([]byte(`{"x":"` + strings.Repeat("x", 2*longest)))
		}, "got no JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			said := map[string]any{}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/.well-known/openid-configuration" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				test.change(w, said)
				_ = json.NewEncoder(w).Encode(said)
			}))
			defer s.Close()
			said["issuer"], said["authorization_endpoint"], said["token_endpoint"], said["jwks_uri"] = s.URL, s.URL+"/a", s.URL+"/t", s.URL+"/k"
			said["code_challenge_methods_supported"], said["response_types_supported"] = []string{"S256"}, []string{"code", "token"}
			got, err := New(time.Now).Check(t.Context(), s.URL)
			if test.want == "" && (err != nil || got.TokenEndpoint != s.URL+"/t") {
				t.Errorf("%+v, error %v", got, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), hidden)) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	p := signon.Provider{GroupsClaim: "groups", NameClaim: "upn"}
	tests := map[string]struct {
		claims string
		want   signon.Identity // none for an error
	}{
		"name":         {`{"upn":" anna ","email":"a@x","groups":["a","b"]}`, signon.Identity{Subject: "1", Name: "anna", Groups: []string{"a", "b"}}},
		"email":        {`{"upn":"","email":"a@x"}`, signon.Identity{Subject: "1", Name: "a@x"}},
		"nothing":      {`{}`, signon.Identity{Subject: "1", Name: "1"}},
		"too_many":     {`{"_claim_names":{"groups":"src1"},"_claim_sources":{}}`, signon.Identity{Subject: "1", Name: "1", GroupsUnknown: true}},
		"one":          {`{"groups":"a"}`, signon.Identity{Subject: "1", Name: "1", Groups: []string{"a"}}},
		"no_text":      {`{"groups":[1]}`, signon.Identity{}},
		"no_list":      {`{"groups":true}`, signon.Identity{}},
		"without_end":  {`{"groups":["x"` + strings.Repeat(`,"x"`, mostGroups) + `]}`, signon.Identity{}},
		"another_name": {`{"roles":["a"]}`, signon.Identity{Subject: "1", Name: "1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			claims := map[string]any{}
			if err := json.Unmarshal([]byte(test.claims), &claims); err != nil {
				t.Fatal(err)
			}
			got, err := identity(p, "1", claims)
			if wrong := test.want.Subject == ""; (err != nil) != wrong {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}
