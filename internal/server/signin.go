package server

import (
	"context"
	"net/http"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
)

// Me is who is signed in.
type Me struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Grants  []Grant  `json:"grants" doc:"roles at scopes"`
	Limit   *Grant   `json:"limit,omitempty" doc:"what the token gives at most"`
	Expires *string  `json:"expires,omitempty" doc:"of the session"`
	Rights  []string `json:"rights" doc:"that the roles give somewhere"`
}

// Grant is a role at a scope and below.
type Grant struct {
	Role  string `json:"role"`
	Scope string `json:"scope"`
}

type meOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

type signInInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Name     string `json:"name" maxLength:"200"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type firstRunInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Link     string `json:"link" doc:"the secret that the server printed" maxLength:"300"`
		Name     string `json:"name" maxLength:"200"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type linkInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Link string `json:"link" maxLength:"300"`
	}
}

type signOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) registerSignIn() {
	const path = "/api/v1/session"
	handle(s, route{method: http.MethodPost, path: path, id: "sign-in", summary: "Sign in with a password", need: anybody}, s.signIn)
	handle(s, route{method: http.MethodPost, path: path + "/first-run", id: "first-run", summary: "Make the first user, who owns the server, by the link that the server printed", need: anybody}, s.firstRun)
	handle(s, route{method: http.MethodPost, path: path + "/link", id: "sign-in-by-link", summary: "Sign in by a one-time link", need: anybody}, s.signInByLink)
	handle(s, route{method: http.MethodGet, path: path, id: "get-session", summary: "Who is signed in", need: signedIn}, s.me)
	handle(s, route{method: http.MethodDelete, path: path, id: "sign-out", summary: "Sign out", need: signedIn, status: http.StatusNoContent}, s.signOut)
}

// from says where somebody signs in from.
func from(ctx context.Context, agent string) account.Client {
	return account.Client{Address: addressOf(ctx), Agent: agent}
}

func (s *Server) signIn(ctx context.Context, _ *caller, in *signInInput) (*meOutput, error) {
	session, secret, err := s.Accounts.SignIn(ctx, in.Body.Name, in.Body.Password, from(ctx, in.UserAgent))
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, session, secret)
}

func (s *Server) firstRun(ctx context.Context, _ *caller, in *firstRunInput) (*meOutput, error) {
	session, secret, err := s.Accounts.UseFirstRun(ctx, in.Body.Link, in.Body.Name, in.Body.Password, from(ctx, in.UserAgent))
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, session, secret)
}

func (s *Server) signInByLink(ctx context.Context, _ *caller, in *linkInput) (*meOutput, error) {
	session, secret, err := s.Accounts.UseSignInLink(ctx, in.Body.Link, from(ctx, in.UserAgent))
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, session, secret)
}

// begun answers with a session that has begun.
func (s *Server) begun(ctx context.Context, session access.Session, secret access.Secret) (*meOutput, error) {
	credential, err := s.Accounts.Authenticate(ctx, secret.Reveal())
	if err != nil {
		return nil, err
	}
	seconds := int(session.Expires.Sub(s.Now()) / time.Second)
	return &meOutput{SetCookie: s.cookie(secret.Reveal(), seconds), Body: meOf(credential)}, nil
}

func meOf(c *account.Credential) Me {
	p := c.Caller.Principal
	me := Me{ID: p.ID, Name: p.Name, Kind: string(p.Kind), Grants: []Grant{}, Rights: []string{}}
	for _, g := range c.Caller.Grants {
		me.Grants = append(me.Grants, Grant{g.Role.String(), g.Scope})
	}
	if l := c.Caller.Limit; l != nil {
		me.Limit = &Grant{l.Role.String(), l.Scope}
	}
	if c.Session != nil {
		text := c.Session.Expires.UTC().Format(time.RFC3339)
		me.Expires = &text
	}
	for _, right := range access.Rights {
		for _, g := range c.Caller.Grants {
			if g.Role.Gives(right) && (c.Caller.Limit == nil || c.Caller.Limit.Role.Gives(right)) {
				me.Rights = append(me.Rights, right.String())
				break
			}
		}
	}
	return me
}

func (s *Server) me(_ context.Context, c *caller, _ *struct{}) (*struct{ Body Me }, error) {
	return &struct{ Body Me }{meOf(c.Credential)}, nil
}

func (s *Server) signOut(ctx context.Context, c *caller, _ *struct{}) (*signOutOutput, error) {
	if c.Session != nil {
		if _, err := s.Accounts.EndSessions(ctx, c.by(), []access.Session{*c.Session}); err != nil {
			return nil, err
		}
		s.revoked.ring()
	}
	return &signOutOutput{s.cookie("", -1)}, nil
}
