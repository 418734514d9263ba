package server

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
)

// sessionCookie holds the secret of a browser's session.
const sessionCookie = "bartizan_session"

// caller is who asks, and from where.
type caller struct {
	*account.Credential
	address string
}

type (
	callerKey  struct{}
	addressKey struct{}
)

// addressOf gives where a request comes from.
func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// callerOf gives who asks; nil for nobody known.
func callerOf(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	return c
}

// by is the caller as the audit log names it.
func (c *caller) by() account.By { return c.By(c.address) }

// trying is by for who may only want to know what would be.
func (c *caller) trying(d DryRun) account.By {
	by := c.by()
	by.DryRun = d.DryRun
	return by
}

// identify finds out who asks. A request with a secret that proves nothing is
// refused; one without any goes on as nobody's, and so do questions after health.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), addressKey{}, s.address(r)))
		secret, fromCookie := secretOf(r)
		if secret == "" || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		credential, err := s.Accounts.Authenticate(r.Context(), secret)
		switch {
		case err == nil && fromCookie && credential.Session == nil, access.FaultOf(err) == access.Refused:
			if fromCookie { // it has ended: who asks is nobody now
				gone := s.cookie("", -1)
				http.SetCookie(w, &gone)
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			problem(w, http.StatusUnauthorized, "the token is not good, or good no longer; sign in again or make another")
			return
		case err != nil:
			s.Log.ErrorContext(r.Context(), "finding out who asks", "error", err)
			problem(w, http.StatusServiceUnavailable, "who asks could not be looked up; try again")
			return
		}
		c := &caller{credential, addressOf(r.Context())}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
		if err := s.Accounts.Used(context.WithoutCancel(r.Context()), credential); err != nil {
			s.Log.WarnContext(r.Context(), "keeping when a credential was used", "error", err)
		}
	})
}

func secretOf(r *http.Request) (secret string, fromCookie bool) {
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(rest), false
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		return c.Value, true
	}
	return "", false
}

// address is that of who asks.
func (s *Server) address(r *http.Request) string {
	if s.BehindProxy {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// cookie holds a session's secret; below zero seconds it goes.
func (s *Server) cookie(secret string, seconds int) http.Cookie {
	return http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	}
}
