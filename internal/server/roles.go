package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/policy"
)

// RoleRow is a role that somebody has at a scope and below.
type RoleRow struct {
	ID        string `json:"id" doc:"empty of a dry run"`
	Principal string `json:"principal" doc:"its id"`
	Name      string `json:"name" doc:"of the principal"`
	Kind      string `json:"kind" doc:"of the principal"`
	Grant
}

// TokenRow is a personal token without its secret.
type TokenRow struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" doc:"token, or secret of a service principal"`
	Principal string     `json:"principal" doc:"id of its owner"`
	Name      string     `json:"name"`
	Limit     *Grant     `json:"limit,omitempty" doc:"what it is good for at most"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires" doc:"null for never"`
	Used      *time.Time `json:"used,omitempty" doc:"to the minute"`
	MadeBy    string     `json:"madeBy,omitempty" doc:"id of the token by which it was made, if you see that: it ends and is revoked with it"`
}

type rolesOutput struct{ Body Page[RoleRow] }

type newRoleInput struct {
	DryRun
	Body struct {
		Principal string `json:"principal" doc:"its id or name" maxLength:"200"`
		Role      string `json:"role" enum:"owner,contributor,security-admin,security-reader,reader"`
		Scope     string `json:"scope" minLength:"1" maxLength:"2000"`
	}
}

func (in *newRoleInput) target() string { return in.Body.Scope }

type roleOutput struct {
	Status int
	Body   RoleRow
}

type tokensOutput struct{ Body Page[TokenRow] }

type newTokenInput struct {
	DryRun
	Body struct {
		Name    string `json:"name" doc:"what it is for" maxLength:"200"`
		Role    string `json:"role" enum:"owner,contributor,security-admin,security-reader,reader"`
		Scope   string `json:"scope" minLength:"1" maxLength:"2000"`
		Expires string `json:"expires" doc:"30d, 12h, a day or an instant; within 366 days, and by a token not after that one's own end" maxLength:"40"`
		// Principal is whose token it is.
		Principal string `json:"principal,omitempty" doc:"id of another user or service principal whose roles all lie where you manage access; yourself without it" maxLength:"200"`
	}
}

type tokensInput struct {
	Owner string `query:"owner" enum:"me,anybody" default:"me" doc:"anybody is also those of others whose roles all lie where you manage access"`
}

func (s *Server) registerRoles() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/roles", id: "list-roles", summary: "List the roles that are given where you manage access, and your own", need: signedIn}, s.roles)
	handle(s, route{method: http.MethodPost, path: "/api/v1/roles", id: "create-role", summary: "Give somebody a role at a scope and below", need: having, right: access.ManageAccess, status: http.StatusCreated}, s.createRole)
	handle(s, route{method: http.MethodDelete, path: "/api/v1/roles", id: "delete-role", summary: "Take a role back", need: signedIn, status: http.StatusNoContent}, s.removeRole)
	handle(s, route{method: http.MethodGet, path: "/api/v1/tokens", id: "list-tokens", summary: "List your tokens, or as an owner those of others too", need: signedIn}, s.tokens)
	handle(s, route{method: http.MethodPost, path: "/api/v1/tokens", id: "create-token", summary: "Make a token of your own, or as an owner of another", need: signedIn, status: http.StatusCreated}, s.createToken)
	handle(s, route{method: http.MethodDelete, path: "/api/v1/tokens", id: "delete-token", summary: "Revoke a token: your own, or as an owner that of another", need: signedIn, status: http.StatusNoContent}, s.removeToken)
}

func (s *Server) roles(ctx context.Context, c *caller, _ *struct{}) (*rolesOutput, error) {
	all, err := s.Store.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	people, err := s.Store.Principals(ctx)
	if err != nil {
		return nil, err
	}
	named := map[string]access.Principal{}
	for _, p := range people {
		named[p.ID] = p
	}
	var rows []RoleRow
	err = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		for _, r := range all {
			if r.Principal == c.Caller.Principal.ID || c.Caller.May(access.ManageAccess, r.Scope, scopes) {
				p := named[r.Principal]
				rows = append(rows, RoleRow{r.ID, r.Principal, p.Name, string(p.Kind), Grant{r.Role.String(), r.Scope}})
			}
		}
		return nil
	})
	return &rolesOutput{pageOf("roles", rows)}, err
}

func (s *Server) createRole(ctx context.Context, c *caller, in *newRoleInput) (*roleOutput, error) {
	p, err := s.named(ctx, c, in.Body.Principal)
	if err != nil {
		return nil, err
	}
	role, err := access.ParseRole(in.Body.Role)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	if err := s.knows(in.Body.Scope); err != nil {
		return nil, err
	}
	r, err := s.Accounts.Assign(ctx, c.trying(in.DryRun), p, access.Grant{Role: role, Scope: in.Body.Scope})
	if err != nil {
		return nil, err
	}
	if in.DryRun.DryRun {
		r.ID = ""
	}
	return &roleOutput{in.madeStatus(http.StatusCreated), RoleRow{r.ID, p.ID, p.Name, string(p.Kind), Grant{role.String(), r.Scope}}}, nil
}

// knows refuses a scope that is neither in the tree nor lies in a unit of it.
func (s *Server) knows(scope string) error {
	return s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		for _, id := range []string{scope, policy.UnitOf(scope)} {
			if _, node := scopes.Scope(id); node || id == access.Top {
				return nil
			}
		}
		return noScope(scope)
	})
}

func (s *Server) removeRole(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	all, err := s.Store.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.ID != in.ID {
			continue
		}
		switch {
		case s.may(c, access.ManageAccess, r.Scope):
			defer s.revoked.ring()
			return nil, s.Accounts.Unassign(ctx, c.trying(in.DryRun), r)
		case r.Principal == c.Caller.Principal.ID:
			return nil, huma.Error403Forbidden("taking a role back needs the right to " + access.ManageAccess.Words() + " at " + r.Scope)
		}
	}
	return nil, huma.Error404NotFound("there is no role assignment " + in.ID)
}

func (s *Server) tokens(ctx context.Context, c *caller, in *tokensInput) (*tokensOutput, error) {
	of := c.Caller.Principal.ID
	shows := func(string) bool { return true }
	if in.Owner == "anybody" {
		var err error
		if shows, err = s.manages(ctx, c); err != nil {
			return nil, err
		}
		of = ""
	}
	all, err := s.Store.Tokens(ctx, of)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t access.Token) bool { return t.Principal != c.Caller.Principal.ID && !shows(t.Principal) })
	var rows []TokenRow
	for _, t := range all {
		row := TokenRow{ID: t.ID, Kind: "token", Principal: t.Principal, Name: t.Name, Created: t.Created}
		if t.Kind == access.ClientSecret {
			row.Kind = "secret"
		}
		if !t.Expires.IsZero() {
			row.Expires = &t.Expires
		}
		if t.Limit != nil {
			row.Limit = &Grant{t.Limit.Role.String(), t.Limit.Scope}
		}
		if !t.Used.IsZero() {
			row.Used = &t.Used
		}
		if slices.ContainsFunc(all, func(other access.Token) bool { return other.ID == t.MadeBy }) {
			row.MadeBy = t.MadeBy
		}
		rows = append(rows, row)
	}
	return &tokensOutput{pageOf("tokens", rows)}, nil
}

// createToken makes a token for no more than who asks may: by a token no token of
// more is made, and none that is good for longer.
func (s *Server) createToken(ctx context.Context, c *caller, in *newTokenInput) (*secretOutput, error) {
	role, err := access.ParseRole(in.Body.Role)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	expires, err := access.ParseExpiry(in.Body.Expires, s.Now())
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	grant := access.Grant{Role: role, Scope: in.Body.Scope}
	gives := false
	_ = s.Follower.Read(func(x *index.Index) error {
		gives = c.Caller.MayGive(grant, tree(x))
		return nil
	})
	if !gives {
		return nil, huma.Error403Forbidden("a token gives at most what you may yourself, which is less than " + role.String() + " at " + in.Body.Scope)
	}
	whose := c.Caller.Principal
	if other := in.Body.Principal; other != "" && other != whose.ID {
		manages, err := s.manages(ctx, c)
		if err != nil {
			return nil, err
		}
		whose, err = s.named(ctx, c, other)
		if !s.may(c, access.ManageAccess, access.Top) && (err != nil || !manages(whose.ID)) {
			return nil, huma.Error403Forbidden("tokens of another are for who has the right to " + access.ManageAccess.Words() + " wherever that one has a role")
		}
		if err != nil {
			return nil, err
		}
	}
	t, secret, err := s.Accounts.CreateToken(ctx, c.trying(in.DryRun), whose, in.Body.Name, grant, expires)
	if err != nil {
		return nil, err
	}
	out := &secretOutput{in.madeStatus(http.StatusCreated), NewSecret{Expires: &t.Expires}}
	if !in.DryRun.DryRun {
		out.Body.ID, out.Body.Token = t.ID, secret.Reveal()
	}
	return out, nil
}

func (s *Server) removeToken(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	manages, err := s.manages(ctx, c)
	if err != nil {
		return nil, err
	}
	t, _, err := s.Store.Token(ctx, in.ID)
	missing := access.FaultOf(err) == access.Missing || access.FaultOf(err) == access.Refused
	switch own := err == nil && t.Principal == c.Caller.Principal.ID; {
	case missing, err == nil && !own && !manages(t.Principal):
		return nil, huma.Error404NotFound("there is no token " + in.ID)
	case err != nil:
		return nil, err
	}
	defer s.revoked.ring()
	return nil, s.Accounts.RemoveToken(ctx, c.trying(in.DryRun), t)
}
