// Package signon says what a sign-in elsewhere is: a provider of OpenID Connect,
// which of its groups give which roles, and where a browser may go afterwards. It
// speaks to nobody; internal/oidc does.
package signon

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// Provider is a sign-in elsewhere, without the secret.
type Provider struct {
	Name     string // stands in addresses
	Title    string // what people read on the button; "" for the name
	Issuer   string // address, to the letter
	ClientID string
	Scopes   []string // asked for beside openid
	// GroupsClaim and NameClaim name the claims of the ID token, or of the answer
	// about the user, that hold the groups and what the user is called.
	GroupsClaim, NameClaim string
	Roles                  []GroupRole
}

// GroupRole gives who is in a group a role at a scope, for as long as the session.
type GroupRole struct {
	Group string // as the claim has it, to the letter
	Role  access.Role
	Scope string
}

// What a provider is asked for unless it says otherwise.
const (
	DefaultGroupsClaim = "groups"
	DefaultNameClaim   = "preferred_username"
)

// DefaultScopes are asked for beside openid unless a provider has its own.
var DefaultScopes = []string{"profile", "email"}

// WithDefaults fills in what is left out.
func (p Provider) WithDefaults() Provider {
	if p.Title == "" {
		p.Title = p.Name
	}
	if p.GroupsClaim == "" {
		p.GroupsClaim = DefaultGroupsClaim
	}
	if p.NameClaim == "" {
		p.NameClaim = DefaultNameClaim
	}
	if p.Scopes == nil {
		p.Scopes = slices.Clone(DefaultScopes)
	}
	return p
}

// Problem is something that is not as it has to be.
type Problem struct {
	Path string // such as issuer or roles[0].scope
	Want string
}

// Problems are all of them.
type Problems []Problem

// Error gives one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Path + ": " + p.Want
	}
	return strings.Join(lines, "\n")
}

// providerName is what stands in addresses without being escaped.
var providerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// longest bounds texts of a provider, in bytes.
const longest = 500

// Check gives all that is wrong with a provider, nil for nothing.
func (p Provider) Check() Problems {
	var wrong Problems
	add := func(path, format string, args ...any) {
		wrong = append(wrong, Problem{path, fmt.Sprintf(format, args...)})
	}
	if !providerName.MatchString(p.Name) {
		add("name", "got %q, want lower-case letters, digits and -, as it stands in addresses", p.Name)
	}
	if err := CheckIssuer(p.Issuer); err != nil {
		add("issuer", "%s", err)
	}
	if p.ClientID == "" {
		add("clientId", "want the id that the provider gave this server")
	}
	for path, text := range map[string]string{"title": p.Title, "issuer": p.Issuer, "clientId": p.ClientID, "groupsClaim": p.GroupsClaim, "nameClaim": p.NameClaim} {
		if len(text) > longest {
			add(path, "want at most %d bytes", longest)
		}
	}
	for i, s := range p.Scopes {
		if err := CheckScope(s); err != nil {
			add(fmt.Sprintf("scopes[%d]", i), "%s", err)
		}
	}
	for i, r := range p.Roles {
		if r.Group == "" {
			add(fmt.Sprintf("roles[%d].group", i), "want a group as the claim has it")
		}
		if r.Role == access.NoRole {
			add(fmt.Sprintf("roles[%d].role", i), "want one of %s", strings.Join(access.RoleNames(), ", "))
		}
		if r.Scope == "" {
			add(fmt.Sprintf("roles[%d].scope", i), "want the id of a scope, / for everything")
		}
	}
	slices.SortStableFunc(wrong, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return wrong
}

// CheckScope refuses what cannot be a scope of OAuth 2.0.
func CheckScope(scope string) error {
	if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
		return fmt.Errorf("got %q, want a scope of OAuth 2.0 such as email", scope)
	}
	return nil
}

// CheckIssuer refuses what is no address of an issuer: https, or http on this
// machine, without query and fragment.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("got %q, want an address such as https://login.example.com, as the provider's discovery document has it", issuer)
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("got %q, want https (http on this machine alone)", issuer)
}

// CheckEndpoint refuses an address that secrets may not be sent to: it has to be
// https, or http on this machine.
func CheckEndpoint(address string) error {
	u, err := url.Parse(address)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())) {
		return nil
	}
	return fmt.Errorf("got %q, want an address with https", address)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Grants are the roles that groups give.
func (p Provider) Grants(groups []string) []access.Grant {
	var grants []access.Grant
	for _, r := range p.Roles {
		if g := (access.Grant{Role: r.Role, Scope: r.Scope}); slices.Contains(groups, r.Group) && !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	return grants
}

// Subject is who somebody is to us: the issuer's address and its word for who it
// is. Nobody else has it, whatever names change to.
func Subject(issuer, subject string) string { return issuer + " " + subject }

// IssuerOf gives the issuer of a [Subject], "" for a user of our own.
func IssuerOf(subject string) string {
	issuer, _, _ := strings.Cut(subject, " ")
	return issuer
}

// CheckReturn refuses an address that a browser would not take for a path of this
// server.
func CheckReturn(path string) error {
	u, err := url.Parse(path)
	ours := err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
	if !ours || len(path) > 2000 {
		return access.Errorf(access.Invalid, "return: got %.100q, want a path of this server such as /recommendations", path)
	}
	return nil
}
