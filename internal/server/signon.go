package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// signOnPath is where sign-ins elsewhere begin and end.
const signOnPath = "/api/v1/sign-on"

// SignOnChoice is a sign-in elsewhere that people may choose.
type SignOnChoice struct {
	Name  string `json:"name"`
	Title string `json:"title" doc:"what stands on the button"`
	Path  string `json:"path" doc:"where a browser goes; ?return= takes a path of this server to come back to"`
}

type signOnOutput struct{ Body Page[SignOnChoice] }

func (s *Server) registerSignOn(mux *http.ServeMux) {
	handle(s, route{method: http.MethodGet, path: signOnPath, id: "list-sign-on", summary: "The sign-ins elsewhere that one may choose", need: anybody}, s.signOnChoices)
	parameter := func(name string) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	add := func(r route, parameters []*huma.Param, wrong map[string]string, answer http.HandlerFunc) {
		responses := s.problems(wrong)
		responses["303"] = &huma.Response{Description: "Where the browser goes next."}
		s.routes = append(s.routes, r)
		s.api.OpenAPI().AddOperation(&huma.Operation{
			Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Parameters: append([]*huma.Param{parameter("provider")}, parameters...),
			Responses: responses,
		})
		mux.HandleFunc(r.method+" "+r.path, answer)
	}
	begin := route{method: http.MethodGet, path: signOnPath + "/{provider}", id: "begin-sign-on", summary: "Sign in elsewhere (OpenID Connect)", need: anybody}
	add(begin, queryParameters("return"), map[string]string{
		"404": "There is no such sign-in.", "422": "The page to come back to is not one of this server.", "429": "Too many sign-ins are under way.",
		"502": "The provider does not answer as it has to.", "default": "Error",
	}, func(w http.ResponseWriter, r *http.Request) {
		if err := s.beginSignOn(w, r); err != nil {
			s.fail(w, r, begin, err)
		}
	})
	end := route{method: http.MethodGet, path: signOnPath + "/{provider}/call-back", id: "end-sign-on", summary: "Where the sign-in elsewhere sends the browser back to", need: anybody}
	add(end, queryParameters("code", "state", "error"), map[string]string{
		"401": "The sign-in was not begun here by this browser, is over, or was refused.", "404": "There is no such sign-in.", "409": "The name is that of another user.",
		"503": "The secret that the provider knows the server by cannot be opened.", "default": "Error",
	}, func(w http.ResponseWriter, r *http.Request) {
		if err := s.endSignOn(w, r); err != nil {
			s.fail(w, r, end, err)
		}
	})
}

func (s *Server) signOnChoices(ctx context.Context, _ *caller, _ *struct{}) (*signOnOutput, error) {
	all, err := s.Accounts.Providers(ctx)
	if err != nil {
		return nil, err
	}
	var rows []SignOnChoice
	for _, p := range all {
		rows = append(rows, SignOnChoice{p.Name, p.Title, signOnPath + "/" + p.Name})
	}
	return &signOnOutput{pageOf("sign-ins", rows)}, nil
}

// backFrom is the address that a provider sends browsers back to. The host was
// looked at before.
func (s *Server) backFrom(r *http.Request, provider string) string {
	base := url.URL{Scheme: "http", Host: r.Host}
	if s.Secure {
		base.Scheme = "https"
	}
	if public, err := url.Parse(s.PublicURL); err == nil && s.PublicURL != "" {
		base = url.URL{Scheme: public.Scheme, Host: public.Host}
	}
	return base.String() + signOnPath + "/" + url.PathEscape(provider) + "/call-back"
}

// attemptCookie holds the secret of a browser that signs in elsewhere, one for each
// time, so that two tabs do not get in each other's way.
func (s *Server) attemptCookie(state, secret string, life time.Duration) *http.Cookie {
	of := sha256.Sum256([]byte(state))
	seconds := int(life / time.Second)
	if secret == "" {
		seconds = -1
	}
	return &http.Cookie{
		Name: "bartizan_sign_on_" + hex.EncodeToString(of[:6]), Value: secret, Path: signOnPath, MaxAge: seconds, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// beginSignOn sends a browser to a provider.
func (s *Server) beginSignOn(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), r.PathValue("provider")
	returning := r.URL.Query().Get("return")
	if returning == "" {
		returning = "/"
	}
	begun, err := s.Accounts.BeginElsewhere(ctx, name, s.backFrom(r, name), returning, from(ctx, r.UserAgent()))
	if err != nil {
		return err
	}
	address, err := s.SignOn.Address(ctx, begun.Provider.Provider, begun.Exchange)
	if err != nil {
		s.Log.ErrorContext(ctx, "asking a sign-in elsewhere", "provider", name, "error", err)
		return huma.Error502BadGateway("the sign-in elsewhere does not answer as it has to; the server's log says why")
	}
	http.SetCookie(w, s.attemptCookie(begun.Exchange.State, begun.Browser, access.AttemptLife))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// endSignOn begins the session of a browser that comes back from a provider.
func (s *Server) endSignOn(w http.ResponseWriter, r *http.Request) error {
	ctx, name, query := r.Context(), r.PathValue("provider"), r.URL.Query()
	client, state := from(ctx, r.UserAgent()), query.Get("state")
	browser := ""
	if c, err := r.Cookie(s.attemptCookie(state, "", 0).Name); err == nil {
		browser = c.Value
	}
	http.SetCookie(w, s.attemptCookie(state, "", 0))
	begun, err := s.Accounts.ResumeElsewhere(ctx, name, s.backFrom(r, name), state, browser, client)
	if err != nil {
		return err
	}
	refuse := func(why error) error {
		s.Log.WarnContext(ctx, "a sign-in elsewhere was refused", "provider", name, "error", why)
		return s.Accounts.RefusedElsewhere(ctx, client, access.Errorf(access.Refused, "sign in: what %s answered was refused; the server's log says why", begun.Provider.Title))
	}
	if word := query.Get("error"); word != "" {
		s.Log.WarnContext(ctx, "a sign-in elsewhere ended with an error", "provider", name, "error", word, "description", query.Get("error_description"))
		return s.Accounts.RefusedElsewhere(ctx, client, access.Errorf(access.Refused, "sign in: %s did not sign you in (%.100q)", begun.Provider.Title, word))
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != begun.Provider.Issuer { // RFC 9207
		return refuse(huma.Error400BadRequest("it came back from " + issuer))
	}
	session, secret, err := s.signedElsewhere(ctx, begun, query.Get("code"), client, refuse)
	if err != nil {
		return err
	}
	cookie := s.cookie(secret.Reveal(), int(session.Expires.Sub(s.Now())/time.Second))
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, begun.Return, http.StatusSeeOther)
	return nil
}

// signedElsewhere begins the session of whom a code is of.
func (s *Server) signedElsewhere(ctx context.Context, begun account.Begun, code string, client account.Client, refuse func(error) error) (session access.Session, shown access.Secret, err error) {
	p := begun.Provider
	secret, err := s.Accounts.ProviderSecret(ctx, p)
	if err != nil {
		s.Log.ErrorContext(ctx, "opening the secret of a sign-in elsewhere", "provider", p.Name, "error", err)
		return session, shown, huma.Error503ServiceUnavailable("the secret of " + p.Title + " cannot be opened here; the server's log says why")
	}
	who, err := s.SignOn.Identify(ctx, p.Provider, secret, code, begun.Exchange)
	if err != nil {
		return session, shown, refuse(err)
	}
	if who.GroupsUnknown {
		s.Log.WarnContext(ctx, "a sign-in elsewhere left out groups: there are too many, so none counts", "provider", p.Name, "subject", who.Subject)
	}
	return s.Accounts.SignInElsewhere(ctx, signon.Subject(p.Issuer, who.Subject), who.Name, who.Groups, client)
}
