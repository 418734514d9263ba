package account

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// Credential is what somebody proved who he is with: a session or a token.
type Credential struct {
	Caller  access.Caller
	Session *access.Session // nil for a token
	Token   *access.Token   // nil for a session
}

// By is the caller as the audit log names it.
func (c *Credential) By(address string) By {
	by := By{ID: c.Caller.Principal.ID, Name: c.Caller.Principal.Name, From: address}
	switch {
	case c.Token != nil:
		by.Token, by.Ends = c.Token.ID, c.Token.Expires
	case c.Session != nil && c.Session.Kind == access.BearerSecret:
		by.Ends = c.Session.Expires
	}
	return by
}

var errCredential = access.Errorf(access.Refused, "credential: it is not known, has ended, or is of somebody disabled; sign in again")

// Authenticate finds out who has a secret, of a session or a personal token; any
// other is Refused. It asks the store each time, so that what was revoked is good
// no longer at once. It writes nothing: see [Accounts.Used].
func (a *Accounts) Authenticate(ctx context.Context, text string) (*Credential, error) {
	kind := access.KindOf(text)
	secret, err := access.ParseSecret(kind, text)
	if err != nil {
		return nil, errCredential
	}
	var c Credential
	var hash []byte
	var principal string
	var groups []string
	var limit *access.Grant
	holds := false
	switch kind {
	case access.SessionSecret, access.BearerSecret:
		var s access.Session
		if s, hash, err = a.Store.Session(ctx, secret.ID()); err == nil {
			c.Session, principal, groups, holds = &s, s.Principal, s.Groups, s.Kind == kind && s.Holds(a.now())
		}
	case access.PersonalToken:
		var t access.Token
		if t, hash, err = a.Store.Token(ctx, secret.ID()); err == nil {
			c.Token, principal, limit, holds = &t, t.Principal, t.Limit, t.Kind == kind && t.Limit != nil && t.Holds(a.now())
		}
	}
	if err == nil && !(holds && secret.Is(hash)) || access.FaultOf(err) == access.Refused {
		return nil, errCredential
	}
	if err != nil {
		return nil, err
	}
	p, of, assignments, err := a.Store.Identity(ctx, principal, groups)
	if access.FaultOf(err) == access.Missing || p.Disabled {
		return nil, errCredential
	}
	if err != nil {
		return nil, err
	}
	c.Caller = access.NewCaller(p, of, assignments, limit)
	if c.Session != nil && c.Session.Via == access.ViaElsewhere {
		grants, err := a.elsewhere(ctx, p, groups)
		if err != nil {
			return nil, err
		}
		c.Caller.Grants = append(c.Caller.Grants, grants...)
	}
	return &c, nil
}

// Used keeps, to the minute, when a credential was used; a session that is used
// stays good. It may have to wait for a commit, so it is called after the answer.
func (a *Accounts) Used(ctx context.Context, c *Credential) error {
	now := a.now()
	switch {
	case c.Session != nil && access.Worth(c.Session.Used, now):
		return a.Store.UsedSession(ctx, c.Session.ID, now)
	case c.Token != nil && access.Worth(c.Token.Used, now):
		return a.Store.UsedToken(ctx, c.Token.ID, now)
	}
	return nil
}
