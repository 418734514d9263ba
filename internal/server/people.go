package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Principal is a user, a service principal or a group.
type Principal struct {
	ID       string    `json:"id" doc:"empty of a dry run"`
	Kind     string    `json:"kind" doc:"user, service-principal, group"`
	Name     string    `json:"name"`
	Disabled bool      `json:"disabled,omitempty"`
	Created  time.Time `json:"created"`
}

// Page is the body of lists that are short enough to come whole.
type Page[R any] struct {
	Rows  []R    `json:"rows"`
	Total int    `json:"total"`
	Unit  string `json:"unit"`
}

func pageOf[R any](unit string, rows []R) Page[R] {
	if rows == nil {
		rows = []R{}
	}
	return Page[R]{rows, len(rows), unit}
}

type principalsOutput struct{ Body Page[Principal] }

type newUserInput struct {
	DryRun
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"200"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type newServicePrincipalInput struct {
	DryRun
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"200"`
		Role  string `json:"role,omitempty" enum:"owner,contributor,security-admin,security-reader,reader" doc:"that it is given at once; with scope, and needed of who does not manage access at /"`
		Scope string `json:"scope,omitempty" maxLength:"2000"`
	}
}

func (in *newServicePrincipalInput) target() string { return cmp.Or(in.Body.Scope, access.Top) }

// NewSecret is something that was made with a secret, which is told this once.
type NewSecret struct {
	ID      string     `json:"id" doc:"empty of a dry run"`
	Secret  string     `json:"secret,omitempty" doc:"of a service principal"`
	Token   string     `json:"token,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
}

type idInput struct {
	DryRun
	ID string `query:"id" required:"true" maxLength:"200"`
}

type principalOutput struct {
	Status int
	Body   Principal
}

type secretOutput struct {
	Status int
	Body   NewSecret
}

func (s *Server) registerPeople() {
	top := func(method, path, id, summary string, status int) route {
		return route{method: method, path: "/api/v1/" + path, id: id, summary: summary, need: having, right: access.Administer, status: status}
	}
	handle(s, top(http.MethodGet, "users", "list-users", "List users", 0), s.principals(access.User, "users"))
	handle(s, top(http.MethodPost, "users", "create-user", "Add a user with a password", http.StatusCreated), s.createUser)
	handle(s, top(http.MethodDelete, "users", "delete-user", "Remove a user with all that is its own", http.StatusNoContent), s.removePrincipal(access.User))
	const programs = "/api/v1/service-principals"
	handle(s, route{method: http.MethodGet, path: programs, id: "list-service-principals", summary: "List service principals: those whose roles all lie where you manage access", need: signedIn}, s.servicePrincipals)
	handle(s, route{method: http.MethodPost, path: programs, id: "create-service-principal", summary: "Add a service principal with a secret", need: having, right: access.ManageAccess, status: http.StatusCreated}, s.createServicePrincipal)
	handle(s, route{method: http.MethodDelete, path: programs, id: "delete-service-principal", summary: "Remove a service principal whose roles all lie where you manage access", need: signedIn, status: http.StatusNoContent}, s.removePrincipal(access.ServicePrincipal))
}

func shownPrincipal(p access.Principal) Principal {
	return Principal{p.ID, string(p.Kind), p.Name, p.Disabled, p.Created}
}

func (s *Server) principals(kind access.PrincipalKind, unit string) func(context.Context, *caller, *struct{}) (*principalsOutput, error) {
	return func(ctx context.Context, _ *caller, _ *struct{}) (*principalsOutput, error) {
		all, err := s.Store.Principals(ctx)
		if err != nil {
			return nil, err
		}
		var rows []Principal
		for _, p := range all {
			if p.Kind == kind {
				rows = append(rows, shownPrincipal(p))
			}
		}
		return &principalsOutput{pageOf(unit, rows)}, nil
	}
}

func (s *Server) createUser(ctx context.Context, c *caller, in *newUserInput) (*principalOutput, error) {
	p, err := s.Accounts.CreateUser(ctx, c.trying(in.DryRun), in.Body.Name, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if in.DryRun.DryRun {
		p.ID = ""
	}
	return &principalOutput{in.madeStatus(http.StatusCreated), shownPrincipal(p)}, nil
}

// manages tells which principals somebody manages: those whose roles, of which there
// is one at least, all lie where he manages access; at / that is anybody.
func (s *Server) manages(ctx context.Context, c *caller) (func(principal string) bool, error) {
	if s.may(c, access.ManageAccess, access.Top) {
		return func(string) bool { return true }, nil
	}
	roles, err := s.Store.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	managed := map[string]bool{} // of those who have a role
	err = s.Follower.Read(func(x *index.Index) error {
		for _, r := range roles {
			before, met := managed[r.Principal]
			managed[r.Principal] = (before || !met) && c.Caller.May(access.ManageAccess, r.Scope, tree(x))
		}
		return nil
	})
	return func(principal string) bool { return managed[principal] }, err
}

func (s *Server) servicePrincipals(ctx context.Context, c *caller, _ *struct{}) (*principalsOutput, error) {
	if err := s.maySomewhere(c, access.ManageAccess); err != nil {
		return nil, err
	}
	shows, err := s.managesSome(ctx, c)
	if err != nil {
		return nil, err
	}
	out, err := s.principals(access.ServicePrincipal, "service principals")(ctx, c, nil)
	if err != nil {
		return nil, err
	}
	out.Body = pageOf(out.Body.Unit, slices.DeleteFunc(out.Body.Rows, func(p Principal) bool { return !shows(p.ID) }))
	return out, nil
}

// managesSome tells which principals have a role where somebody manages access, whatever
// roles others give them elsewhere; at / that is anybody.
func (s *Server) managesSome(ctx context.Context, c *caller) (func(principal string) bool, error) {
	if s.may(c, access.ManageAccess, access.Top) {
		return func(string) bool { return true }, nil
	}
	roles, err := s.Store.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	some := map[string]bool{}
	err = s.Follower.Read(func(x *index.Index) error {
		for _, r := range roles {
			some[r.Principal] = some[r.Principal] || c.Caller.May(access.ManageAccess, r.Scope, tree(x))
		}
		return nil
	})
	return func(principal string) bool { return some[principal] }, err
}

func (s *Server) createServicePrincipal(ctx context.Context, c *caller, in *newServicePrincipalInput) (*secretOutput, error) {
	if (in.Body.Role == "") != (in.Body.Scope == "") {
		return nil, huma.Error422UnprocessableEntity("want a role together with the scope at which it is given")
	}
	grant := access.Grant{Scope: in.Body.Scope}
	if in.Body.Role != "" {
		var err error
		if grant.Role, err = access.ParseRole(in.Body.Role); err != nil {
			return nil, huma.Error422UnprocessableEntity(err.Error())
		}
	}
	p, secret, err := s.Accounts.CreateServicePrincipal(ctx, c.trying(in.DryRun), in.Body.Name)
	if err != nil {
		return nil, err
	}
	out := &secretOutput{Status: in.madeStatus(http.StatusCreated)}
	if !in.DryRun.DryRun {
		if grant.Role != access.NoRole {
			if _, err := s.Accounts.Assign(ctx, c.by(), p, grant); err != nil {
				return nil, err
			}
		}
		out.Body = NewSecret{ID: p.ID, Secret: secret.Reveal()}
	}
	return out, nil
}

// named finds a principal by its id, or by its name if who asks sees it: one that has
// a role somewhere that he sees, or that he made.
func (s *Server) named(ctx context.Context, c *caller, who string) (access.Principal, error) {
	all, err := s.Store.Principals(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	if all, err = s.principalsSeen(ctx, c, all, who); err != nil {
		return access.Principal{}, err
	}
	found, err := access.FindPrincipal(all, who)
	if access.FaultOf(err) == access.Ambiguous && !s.may(c, access.ManageAccess, access.Top) {
		return found, huma.Error409Conflict(fmt.Sprintf("principal %q is ambiguous: several are called so; want the id of one", who)) // others' ids are not told
	}
	return found, err
}

// principalsSeen leaves out principals of a name that who asks does not see, so that he does
// not learn that they are there.
func (s *Server) principalsSeen(ctx context.Context, c *caller, all []access.Principal, name string) ([]access.Principal, error) {
	if s.may(c, access.ManageAccess, access.Top) {
		return all, nil
	}
	roles, err := s.Store.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{c.Caller.Principal.ID: true, strings.ToLower(name): true} // who knows an id may use it
	if err := s.Follower.Read(func(x *index.Index) error {
		for _, r := range roles {
			seen[r.Principal] = seen[r.Principal] || c.Caller.May(access.See, r.Scope, tree(x))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	folded := access.Fold(name)
	for _, p := range all {
		if seen[p.ID] || access.Fold(p.Name) != folded {
			continue
		}
		for e, err := range s.Store.AuditLog(ctx, ledger.AuditFilter{Actor: c.Caller.Principal.ID, Object: p.ID}) {
			if err != nil {
				return nil, err
			}
			seen[p.ID] = seen[p.ID] || strings.HasSuffix(e.Action, ".create")
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p access.Principal) bool { return !seen[p.ID] }), nil
}

// principal finds one by its id.
func (s *Server) principal(ctx context.Context, id string) (access.Principal, error) {
	all, err := s.Store.Principals(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return access.Principal{}, huma.Error404NotFound("there is no principal " + id)
}

func (s *Server) removePrincipal(kind access.PrincipalKind) func(context.Context, *caller, *idInput) (*struct{}, error) {
	return func(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
		p, err := s.principal(ctx, in.ID)
		missing := huma.Error404NotFound("there is no " + string(kind) + " " + in.ID)
		if err == nil && p.Kind != kind {
			err = missing
		}
		if err != nil {
			return nil, err
		}
		manages, err := s.manages(ctx, c)
		if err == nil && !manages(p.ID) {
			err = missing
		}
		if err != nil {
			return nil, err
		}
		defer s.revoked.ring()
		return nil, s.Accounts.Remove(ctx, c.trying(in.DryRun), p)
	}
}

// maySomewhere refuses who has a right at no scope.
func (s *Server) maySomewhere(c *caller, right access.Right) error {
	return s.Follower.Read(func(x *index.Index) error {
		if len(c.Caller.Scopes(right, tree(x))) == 0 {
			return huma.Error403Forbidden("this needs the right to " + right.Words() + " at some scope, which a role there or above gives")
		}
		return nil
	})
}

// may reports whether who asks has a right at a scope.
func (s *Server) may(c *caller, right access.Right, scope string) (yes bool) {
	_ = s.Follower.Read(func(x *index.Index) error {
		yes = c.Caller.May(right, scope, tree(x))
		return nil
	})
	return yes
}
