package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// SignOnRole gives who is in a group a role.
type SignOnRole struct {
	Group string `json:"group" doc:"as the claim has it, to the letter" maxLength:"500"`
	Role  string `json:"role" enum:"owner,contributor,security-admin,security-reader,reader"`
	Scope string `json:"scope" doc:"id of a scope, / for everything" maxLength:"500"`
}

// SignOnProvider is a sign-in elsewhere. Its client's secret is not told.
type SignOnProvider struct {
	Name        string       `json:"name" doc:"stands in addresses"`
	Title       string       `json:"title"`
	Issuer      string       `json:"issuer"`
	ClientID    string       `json:"clientId"`
	HasSecret   bool         `json:"hasSecret"`
	Scopes      []string     `json:"scopes" doc:"asked for beside openid"`
	GroupsClaim string       `json:"groupsClaim"`
	NameClaim   string       `json:"nameClaim"`
	Roles       []SignOnRole `json:"roles"`
	Configured  bool         `json:"configured" doc:"set up by the server's settings: not changed here"`
	CallBack    string       `json:"callBack" doc:"path that the provider has to send browsers back to"`
}

// SignOnDocument is what a sign-in elsewhere is set up by.
type SignOnDocument struct {
	Name         string       `json:"name" maxLength:"63"`
	Title        string       `json:"title,omitempty" maxLength:"500"`
	Issuer       string       `json:"issuer" maxLength:"500"`
	ClientID     string       `json:"clientId" maxLength:"500"`
	ClientSecret *string      `json:"clientSecret,omitempty" maxLength:"4000" doc:"left out: the one that is kept; empty: none. It is sealed and never told" writeOnly:"true"`
	Scopes       []string     `json:"scopes,omitempty" maxItems:"50"`
	GroupsClaim  string       `json:"groupsClaim,omitempty" maxLength:"500"`
	NameClaim    string       `json:"nameClaim,omitempty" maxLength:"500"`
	Roles        []SignOnRole `json:"roles,omitempty" maxItems:"1000"`
}

// SignOnWritten is the answer to setting one up, or to trying that.
type SignOnWritten struct {
	SignOnProvider
	DryRun                bool   `json:"dryRun"`
	AuthorizationEndpoint string `json:"authorizationEndpoint" doc:"as the issuer says"`
	TokenEndpoint         string `json:"tokenEndpoint" doc:"as the issuer says"`
}

type (
	signOnsOutput    struct{ Body Page[SignOnProvider] }
	writeSignOnInput struct {
		DryRun bool `query:"dryRun" doc:"reads what the issuer says, and changes nothing"`
		Body   SignOnDocument
	}
	writeSignOnOutput struct{ Body SignOnWritten }
	signOnNameInput   struct {
		Name   string `query:"name" required:"true" maxLength:"63"`
		DryRun bool   `query:"dryRun"`
	}
)

func (s *Server) registerSettings() {
	top := func(method, id, summary string, status int) route {
		return route{method: method, path: "/api/v1/settings/sign-on", id: id, summary: summary, need: having, right: access.Administer, status: status}
	}
	handle(s, top(http.MethodGet, "get-sign-on-settings", "The sign-ins elsewhere, without their secrets", 0), s.signOnSettings)
	handle(s, top(http.MethodPut, "set-sign-on-settings", "Set up a sign-in elsewhere, or change it", 0), s.setSignOn)
	handle(s, top(http.MethodDelete, "delete-sign-on-settings", "Remove a sign-in elsewhere; who came by it is out", http.StatusNoContent), s.removeSignOn)
}

func shownProvider(p account.Provider) SignOnProvider {
	shown := SignOnProvider{
		Name: p.Name, Title: p.Title, Issuer: p.Issuer, ClientID: p.ClientID, HasSecret: p.HasSecret, Scopes: append([]string{}, p.Scopes...),
		GroupsClaim: p.GroupsClaim, NameClaim: p.NameClaim, Roles: []SignOnRole{}, Configured: p.Configured, CallBack: signOnPath + "/" + p.Name + "/call-back",
	}
	for _, r := range p.Roles {
		shown.Roles = append(shown.Roles, SignOnRole{r.Group, r.Role.String(), r.Scope})
	}
	return shown
}

func (s *Server) signOnSettings(ctx context.Context, _ *caller, _ *struct{}) (*signOnsOutput, error) {
	all, err := s.Accounts.Providers(ctx)
	if err != nil {
		return nil, err
	}
	var rows []SignOnProvider
	for _, p := range all {
		rows = append(rows, shownProvider(p))
	}
	return &signOnsOutput{pageOf("sign-ins", rows)}, nil
}

// provider makes one of a document.
func (d *SignOnDocument) provider() (signon.Provider, error) {
	p := signon.Provider{
		Name: strings.TrimSpace(d.Name), Title: d.Title, Issuer: d.Issuer, ClientID: d.ClientID, Scopes: d.Scopes, GroupsClaim: d.GroupsClaim, NameClaim: d.NameClaim,
	}
	for _, r := range d.Roles {
		role, err := access.ParseRole(r.Role)
		if err != nil {
			return p, err
		}
		p.Roles = append(p.Roles, signon.GroupRole{Group: r.Group, Role: role, Scope: r.Scope})
	}
	return p.WithDefaults(), nil
}

// setSignOn sets a provider up once its issuer answers for itself.
func (s *Server) setSignOn(ctx context.Context, c *caller, in *writeSignOnInput) (*writeSignOnOutput, error) {
	p, err := in.Body.provider()
	if err == nil {
		err = s.Accounts.CheckProvider(ctx, p, in.Body.ClientSecret)
	}
	if err != nil {
		return nil, err
	}
	said, err := s.SignOn.Check(ctx, p.Issuer)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity("the issuer does not answer for itself", &huma.ErrorDetail{Message: err.Error(), Location: "body.issuer", Value: p.Issuer})
	}
	shown := account.Provider{Provider: p, HasSecret: in.Body.ClientSecret != nil && *in.Body.ClientSecret != ""}
	if !in.DryRun {
		if err := s.Accounts.SetProvider(ctx, c.by(), p, in.Body.ClientSecret); err != nil {
			return nil, err
		}
		if shown, err = s.Accounts.Provider(ctx, p.Name); err != nil {
			return nil, err
		}
	} else if before, err := s.Accounts.Provider(ctx, p.Name); err == nil && in.Body.ClientSecret == nil {
		shown.HasSecret = before.HasSecret
	}
	return &writeSignOnOutput{SignOnWritten{shownProvider(shown), in.DryRun, said.AuthorizationEndpoint, said.TokenEndpoint}}, nil
}

func (s *Server) removeSignOn(ctx context.Context, c *caller, in *signOnNameInput) (*struct{}, error) {
	if in.DryRun {
		p, err := s.Accounts.Provider(ctx, in.Name)
		if err == nil && p.Configured {
			err = access.Errorf(access.Taken, "sign-on %s is set up by the server's settings; change them there", in.Name)
		}
		return nil, err
	}
	return nil, s.Accounts.RemoveProvider(ctx, c.by(), in.Name)
}
