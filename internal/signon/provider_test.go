package signon_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

func TestProvider_Check(t *testing.T) {
	good := signon.Provider{Name: "entra", Issuer: "https://login.example.com/tenant/v2.0", ClientID: "bartizan"}
	tests := map[string]struct {
		change func(*signon.Provider)
		want   string // paths
	}{
		"good":              {func(*signon.Provider) {}, ""},
		"nothing":           {func(p *signon.Provider) { *p = signon.Provider{} }, "clientId issuer name"},
		"name_of_a_path":    {func(p *signon.Provider) { p.Name = "a/b" }, "name"},
		"plain_http":        {func(p *signon.Provider) { p.Issuer = "http://login.example.com" }, "issuer"},
		"http_of_loopback":  {func(p *signon.Provider) { p.Issuer = "http://127.0.0.1:5556/dex" }, ""},
		"issuer_with_query": {func(p *signon.Provider) { p.Issuer += "?x=1" }, "issuer"},
		"scope_of_two":      {func(p *signon.Provider) { p.Scopes = []string{"email profile"} }, "scopes[0]"},
		"empty_role":        {func(p *signon.Provider) { p.Roles = []signon.GroupRole{{}} }, "roles[0].group roles[0].role roles[0].scope"},
		"long_title":        {func(p *signon.Provider) { p.Title = strings.Repeat("x", 501) }, "title"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := good
			test.change(&p)
			var paths []string
			for _, problem := range p.Check() {
				paths = append(paths, problem.Path)
			}
			if got := strings.Join(paths, " "); got != test.want {
				t.Errorf("problems of %q, want %q: %v", got, test.want, p.Check())
			}
		})
	}
}

func TestProvider_Grants(t *testing.T) {
	p := signon.Provider{Roles: []signon.GroupRole{
		{Group: "ops", Role: access.Reader, Scope: "/"},
		{Group: "security", Role: access.SecurityAdmin, Scope: "contoso"},
		{Group: "audit", Role: access.Reader, Scope: "/"},
	}}
	tests := map[string]struct {
		groups []string
		want   []access.Grant
	}{
		"none":          {nil, nil},
		"unknown":       {[]string{"OPS", "other"}, nil},
		"one":           {[]string{"security"}, []access.Grant{{Role: access.SecurityAdmin, Scope: "contoso"}}},
		"two_give_once": {[]string{"audit", "ops"}, []access.Grant{{Role: access.Reader, Scope: "/"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, p.Grants(test.groups)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCheckReturn: a browser is sent to no other server, however it reads an
// address.
func TestCheckReturn(t *testing.T) {
	for _, path := range []string{"/", "/recommendations?scope=%2F&state=unhealthy#x", "/a/b:c"} {
		if err := signon.CheckReturn(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, path := range []string{
		"", "recommendations", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example/", "/\t/evil.example", "/\n/evil.example",
		"javascript:alert(1)", "/ /evil.example", "/%zz", "/" + strings.Repeat("x", 2000),
	} {
		if err := signon.CheckReturn(path); access.FaultOf(err) != access.Invalid {
			t.Errorf("%q is taken: %v", path, err)
		}
	}
}

func TestSubject(t *testing.T) {
	if got := signon.IssuerOf(signon.Subject("https://login.example.com", "some body")); got != "https://login.example.com" {
		t.Errorf("issuer %q", got)
	}
	if got := signon.IssuerOf(""); got != "" {
		t.Errorf("issuer of a user of our own: %q", got)
	}
}
