package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Client is where somebody signs in from.
type Client struct{ Address, Agent string }

// errSignIn says nothing of what was wrong.
var errSignIn = access.Errorf(access.Refused, "sign in: the name or the password is wrong, or the user is disabled")

// SignIn begins a session of a user who knows the password. Whoever does not is
// Refused, in the same words and after the same work whatever was wrong, and
// after some attempts has to wait ([access.RetryError]).
func (a *Accounts) SignIn(ctx context.Context, name, password string, from Client) (access.Session, access.Secret, error) {
	now := a.now()
	if err := a.Limiter.Try(now, name, from.Address); err != nil {
		return access.Session{}, access.Secret{}, err
	}
	user, hash, err := a.Store.Password(ctx, name)
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	right, rehash, err := a.Passwords.Verify(ctx, hash, password)
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	if !right || user.Disabled {
		return a.failed(ctx, user, from, "password", errSignIn)
	}
	a.Limiter.Succeeded(name, from.Address)
	if rehash {
		if err := a.rehash(ctx, user, hash, password); err != nil {
			return access.Session{}, access.Secret{}, err
		}
	}
	return a.begin(ctx, access.Session{Kind: access.SessionSecret, Principal: user.ID, Via: "password"}, user, from)
}

// rehash keeps a password by what a hash costs today. One that the rules of today
// refuse stays as it is until it is changed.
func (a *Accounts) rehash(ctx context.Context, user access.Principal, before, password string) error {
	hash, err := a.Passwords.Hash(ctx, user.Name, password)
	if access.FaultOf(err) == access.Invalid {
		return nil
	}
	if err != nil {
		return err
	}
	return a.Store.Rehash(ctx, user.ID, before, hash)
}

// failed tells the audit log of a sign-in that failed. What was given for a name
// that nobody has is not told: it may be a password.
func (a *Accounts) failed(ctx context.Context, p access.Principal, from Client, via string, why error) (access.Session, access.Secret, error) {
	err := a.Store.Audit(ctx, ledger.AuditEntry{
		At: a.now(), Actor: p.ID, Name: p.Name, Action: "signIn.failed", Object: p.ID, Scope: access.Top, From: from.Address, Detail: detail("via", via),
	})
	return access.Session{}, access.Secret{}, errors.Join(why, err)
}

// begin begins a session, of which kind, principal, groups and way are given.
func (a *Accounts) begin(ctx context.Context, s access.Session, p access.Principal, from Client) (access.Session, access.Secret, error) {
	s, secret, entry, err := a.session(s, p, from)
	if err == nil {
		err = a.Store.AddSession(ctx, s, secret.Hash(), entry)
	}
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	return s, secret, nil
}

// longestAgent is how much is kept of what a browser calls itself, in bytes.
const longestAgent = 300

func (a *Accounts) session(s access.Session, p access.Principal, from Client) (access.Session, access.Secret, ledger.AuditEntry, error) {
	secret, err := access.NewSecret(s.Kind, a.Random)
	if err != nil {
		return access.Session{}, access.Secret{}, ledger.AuditEntry{}, err
	}
	life, idle := a.SessionLife, a.SessionIdle
	if s.Kind == access.BearerSecret {
		life, idle = access.BearerLife, access.BearerLife
	}
	now := a.now()
	s.ID, s.Created, s.Used, s.Expires, s.Idle = secret.ID(), now, now, now.Add(life), idle
	s.From, s.Agent = from.Address, from.Agent[:min(len(from.Agent), longestAgent)]
	return s, secret, ledger.AuditEntry{
		At: now, Actor: p.ID, Name: p.Name, Action: "signIn." + s.Via, Object: p.ID, Scope: access.Top, From: from.Address, Detail: detail("session", s.ID),
	}, nil
}

// SignInClient begins a session of a service principal that knows one of its
// secrets, for an hour: the answer of the token endpoint.
func (a *Accounts) SignInClient(ctx context.Context, id, text string, from Client) (access.Session, access.Secret, error) {
	if err := a.Limiter.Try(a.now(), id, from.Address); err != nil {
		return access.Session{}, access.Secret{}, err
	}
	p, err := a.client(ctx, id, text)
	if access.FaultOf(err) == access.Refused {
		return a.failed(ctx, p, from, "client", err)
	}
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	a.Limiter.Succeeded(id, from.Address)
	return a.begin(ctx, access.Session{Kind: access.BearerSecret, Principal: p.ID, Via: "client"}, p, from)
}

var errClient = access.Errorf(access.Refused, "sign in: the client's id or secret is wrong, or it is disabled")

// client gives the service principal of an id and a secret. Of one that is
// refused it is given as far as it is known.
func (a *Accounts) client(ctx context.Context, id, text string) (access.Principal, error) {
	secret, err := access.ParseSecret(access.ClientSecret, text)
	if err != nil {
		return access.Principal{}, errClient
	}
	p, err := a.provenBy(ctx, secret)
	if err == nil && p.ID != id {
		return access.Principal{}, errClient
	}
	if access.FaultOf(err) == access.Refused {
		return p, errClient
	}
	return p, err
}

// provenBy gives the principal that a secret of a service principal proves.
func (a *Accounts) provenBy(ctx context.Context, secret access.Secret) (access.Principal, error) {
	token, hash, err := a.Store.Token(ctx, secret.ID())
	if err != nil {
		return access.Principal{}, err
	}
	if !secret.Is(hash) || token.Kind != secret.Kind() || !token.Holds(a.now()) {
		return access.Principal{}, errClient
	}
	p, _, _, err := a.Store.Identity(ctx, token.Principal, nil)
	if access.FaultOf(err) == access.Missing || p.Disabled {
		return p, errClient
	}
	if err == nil && access.Worth(token.Used, a.now()) {
		err = a.Store.UsedToken(ctx, token.ID, a.now())
	}
	return p, err
}

// SignInElsewhere begins a session of a user whom another sign-in vouches for.
// The subject tells who it is, issuer included; a user who is new is added. A name
// that another user has is Taken: who comes from elsewhere never becomes one of
// ours by a name.
func (a *Accounts) SignInElsewhere(ctx context.Context, subject, name string, groups []string, from Client) (access.Session, access.Secret, error) {
	if subject == "" {
		return access.Session{}, access.Secret{}, access.Errorf(access.Invalid, "sign in elsewhere: want a subject")
	}
	p, there, err := a.Store.Subject(ctx, subject)
	if err == nil && !there {
		by := By{ID: access.System, Name: access.System, From: from.Address}
		p, err = a.create(ctx, by, access.Principal{Kind: access.User, Name: name, Subject: subject}, func(access.Tx, access.Principal) error { return nil })
	}
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	if p.Disabled {
		return a.failed(ctx, p, from, access.ViaElsewhere, errSignIn)
	}
	return a.begin(ctx, access.Session{Kind: access.SessionSecret, Principal: p.ID, Groups: groups, Via: access.ViaElsewhere}, p, from)
}

// FirstRun gives a link by which the first user comes in, or says that there is
// somebody already who owns the server.
func (a *Accounts) FirstRun(ctx context.Context) (link access.Secret, needed bool, err error) {
	principals, err := a.Store.Principals(ctx)
	if err != nil {
		return access.Secret{}, false, err
	}
	assignments, err := a.Store.Assignments(ctx)
	if err != nil {
		return access.Secret{}, false, err
	}
	owner := slices.ContainsFunc(assignments, func(r access.RoleAssignment) bool {
		return r.Grant() == access.Grant{Role: access.Owner, Scope: access.Top} &&
			slices.ContainsFunc(principals, func(p access.Principal) bool { return p.ID == r.Principal && !p.Disabled })
	})
	if owner {
		return access.Secret{}, false, nil
	}
	link, err = a.link(ctx, access.Link{Purpose: access.FirstRun})
	return link, err == nil, err
}

func (a *Accounts) link(ctx context.Context, l access.Link) (access.Secret, error) {
	secret, err := access.NewSecret(access.LinkSecret, a.Random)
	if err != nil {
		return access.Secret{}, err
	}
	l.ID, l.Created = secret.ID(), a.now()
	return secret, a.Store.AddLink(ctx, l, secret.Hash())
}

// SignInLink gives a link that signs a principal in, once, within the hour.
func (a *Accounts) SignInLink(ctx context.Context, p access.Principal) (access.Secret, error) {
	return a.link(ctx, access.Link{Purpose: access.SignIn, Principal: p.ID, Expires: a.now().Add(access.LinkLife)})
}

// Link says what a link is good for, without using it. Any that is good no longer
// is Refused.
func (a *Accounts) Link(ctx context.Context, text string) (access.Link, error) {
	secret, err := access.ParseSecret(access.LinkSecret, text)
	if err != nil {
		return access.Link{}, err
	}
	return a.Store.Link(ctx, secret, a.now())
}

// UseFirstRun uses a link of the first run up for the first user, who owns the
// server, and begins a session.
func (a *Accounts) UseFirstRun(ctx context.Context, text, name, password string, from Client) (access.Session, access.Secret, error) {
	fail := func(err error) (access.Session, access.Secret, error) { return access.Session{}, access.Secret{}, err }
	if l, err := a.Link(ctx, text); err != nil || l.Purpose != access.FirstRun {
		return fail(errors.Join(err, purposeError(l, access.FirstRun)))
	}
	secret, err := access.ParseSecret(access.LinkSecret, text)
	if err != nil {
		return fail(err)
	}
	if err := access.CheckName(access.User, name); err != nil {
		return fail(err)
	}
	hash, err := a.Passwords.Hash(ctx, name, password)
	if err != nil {
		return fail(err)
	}
	id, err := access.NewID(a.Random)
	if err != nil {
		return fail(err)
	}
	p := access.Principal{ID: id, Kind: access.User, Name: name, Created: a.now()}
	role := access.RoleAssignment{Principal: p.ID, Role: access.Owner, Scope: access.Top}
	if role.ID, err = access.NewID(a.Random); err != nil {
		return fail(err)
	}
	e := ledger.AuditEntry{Action: "user.create", Object: p.ID, Scope: access.Top, Detail: detail("name", p.Name, "role", role.Role.String(), "via", "first run")}
	err = a.write(ctx, By{ID: p.ID, Name: p.Name, From: from.Address}, shown(p)+" is the first owner", e, func(tx access.Tx) error {
		if _, err := tx.UseLink(ctx, secret); err != nil {
			return err
		}
		if err := tx.SetPrincipals(ctx, []access.Principal{p}); err != nil {
			return err
		}
		if err := tx.AddAssignments(ctx, []access.RoleAssignment{role}); err != nil {
			return err
		}
		return tx.SetPassword(ctx, p.ID, hash, "")
	})
	if err != nil {
		return fail(err)
	}
	return a.begin(ctx, access.Session{Kind: access.SessionSecret, Principal: p.ID, Via: "link"}, p, from)
}

func purposeError(l access.Link, want access.LinkPurpose) error {
	if l.Purpose == want || l.Purpose == "" {
		return nil
	}
	return access.Errorf(access.Refused, "link: it is good for %s, want one for %s", l.Purpose, want)
}

// UseSignInLink uses a link up for a session of whom it signs in.
func (a *Accounts) UseSignInLink(ctx context.Context, text string, from Client) (session access.Session, shown access.Secret, err error) {
	secret, err := access.ParseSecret(access.LinkSecret, text)
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	l, err := a.Store.Link(ctx, secret, a.now())
	if err = errors.Join(err, purposeError(l, access.SignIn)); err != nil {
		return access.Session{}, access.Secret{}, err
	}
	p, _, _, err := a.Store.Identity(ctx, l.Principal, nil)
	if err != nil {
		return access.Session{}, access.Secret{}, fmt.Errorf("sign in by a link: %w", err)
	}
	err = a.Store.TradeLink(ctx, secret, a.now(), func(access.Link) (access.Session, access.Hash, ledger.AuditEntry, error) {
		var entry ledger.AuditEntry
		session, shown, entry, err = a.session(access.Session{Kind: access.SessionSecret, Principal: p.ID, Via: "link"}, p, from)
		return session, shown.Hash(), entry, err
	})
	if err != nil {
		return access.Session{}, access.Secret{}, err
	}
	return session, shown, nil
}

// EndSessions ends sessions, of whomever, and counts those that were there.
func (a *Accounts) EndSessions(ctx context.Context, by By, sessions []access.Session) (int64, error) {
	var ids []string
	entry := ledger.AuditEntry{At: a.now(), Actor: by.ID, Name: by.Name, Action: "session.end", Scope: access.Top, From: by.From}
	for _, s := range sessions {
		ids = append(ids, s.ID)
		entry.Object = s.Principal
	}
	if len(ids) == 0 {
		return 0, nil
	}
	entry.Detail = detail("sessions", fmt.Sprint(ids))
	return a.Store.EndSessions(ctx, ids, entry)
}
