package server

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// maxTokenForm bounds the body of a request for a token, in bytes.
const maxTokenForm = 16 << 10

// tokenAnswer is the answer of the token endpoint, in the words of RFC 6749.
type tokenAnswer struct {
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	AccessToken string `json:"access_token"`
}

// tokenError is that of a request which gets none.
type tokenError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (s *Server) registerTokenEndpoint(mux *http.ServeMux) {
	r := route{method: http.MethodPost, path: "/{root}/oauth2/v2.0/token", id: "get-token", summary: "Change a service principal's secret for a bearer token (client credentials)", need: anybody}
	s.routes = append(s.routes, r)
	schemas := s.api.OpenAPI().Components.Schemas
	responses := map[string]*huma.Response{"200": {Description: "A token that is good for an hour.", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(typeOf[tokenAnswer](), true, "TokenAnswer")},
	}}}
	for status, words := range map[string]string{
		"400": "The request is not one of the client credentials grant.", "401": "Id and secret do not belong to a service principal, or there is no such root.",
		"429": "Too many attempts; Retry-After says when to try again.", "503": "The token could not be made.",
	} {
		responses[status] = &huma.Response{Description: words, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(typeOf[tokenError](), true, "TokenError")},
		}}
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary,
		Parameters:  []*huma.Param{{Name: "root", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "the name of any root, or default where there is none yet: roles say what the token is good for"}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-www-form-urlencoded": {}}},
		Responses:   responses,
	})
	mux.HandleFunc("POST "+r.path, s.token)
}

// hasRoot reports whether there is a root; before the first import there is default.
func (s *Server) hasRoot(name string) (has bool) {
	_ = s.Follower.Read(func(x *index.Index) error { // which gives no error
		if scope, known := tree(x).Scope(name); known {
			has = scope.Kind == posture.Root
			return nil
		}
		has = name == "default" && !slices.ContainsFunc(x.Scopes(), func(scope posture.Scope) bool { return scope.Kind == posture.Root })
		return nil
	})
	return has
}

// token answers a request of the client credentials grant. Id and secret come in
// the form or as basic authentication.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code, why string) { writeJSON(w, status, tokenError{code, why}) }
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenForm)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		refuse(http.StatusBadRequest, "invalid_request", "want a form: application/x-www-form-urlencoded")
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != "client_credentials" {
		refuse(http.StatusBadRequest, "unsupported_grant_type", "want grant_type=client_credentials")
		return
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if !s.hasRoot(r.PathValue("root")) {
		secret = "" // refused as a wrong one is, so that nobody learns which roots there are
	}
	session, shown, err := s.Accounts.SignInClient(r.Context(), id, secret, from(r.Context(), r.UserAgent()))
	var retry *access.RetryError
	switch {
	case errors.As(err, &retry):
		w.Header().Set("Retry-After", strconv.Itoa(int(retry.After.Seconds())+1))
		refuse(http.StatusTooManyRequests, "temporarily_unavailable", retry.Error())
	case access.FaultOf(err) == access.Refused:
		if basic {
			w.Header().Set("WWW-Authenticate", `Basic realm="bartizan"`)
		}
		refuse(http.StatusUnauthorized, "invalid_client", "id and secret do not belong to a service principal, or there is no such root")
	case err != nil:
		s.Log.ErrorContext(r.Context(), "giving a token", "error", err)
		refuse(http.StatusServiceUnavailable, "temporarily_unavailable", "the token could not be made; try again")
	default:
		writeJSON(w, http.StatusOK, tokenAnswer{"Bearer", int(session.Expires.Sub(s.Now()) / time.Second), shown.Reveal()})
	}
}
