// Package account is what one does with principals: add and remove them, give
// them roles and tokens, sign them in, and find out who asks. Every change is one
// commit with its entry of the audit log; sign-ins are entries alone.
//
// Nobody's rights are checked here: whoever calls asks [access.Caller.May] first.
// Start with [Accounts]; change.go changes, signin.go signs in, authenticate.go
// finds out who asks, signon.go has sign-ins elsewhere and their secrets.
package account

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/seal"
)

// Store is what this package needs of a store.
type Store interface {
	WriteAccess(ctx context.Context, c ledger.Commit, work func(access.Tx) error) (ledger.Commit, error)
	TryAccess(ctx context.Context, c ledger.Commit, work func(access.Tx) error) error
	Audit(ctx context.Context, e ledger.AuditEntry) error

	Principals(ctx context.Context) ([]access.Principal, error)
	Assignments(ctx context.Context) ([]access.RoleAssignment, error)
	Identity(ctx context.Context, id string, groups []string) (access.Principal, []access.Principal, []access.RoleAssignment, error)
	Subject(ctx context.Context, subject string) (access.Principal, bool, error)
	Password(ctx context.Context, name string) (access.Principal, string, error)
	Rehash(ctx context.Context, principal, before, hash string) error

	Tokens(ctx context.Context, principal string) ([]access.Token, error)
	Token(ctx context.Context, id string) (access.Token, []byte, error)
	UsedToken(ctx context.Context, id string, now time.Time) error

	AddSession(ctx context.Context, s access.Session, hash access.Hash, entry ledger.AuditEntry) error
	Session(ctx context.Context, id string) (access.Session, []byte, error)
	Sessions(ctx context.Context, principal string) ([]access.Session, error)
	UsedSession(ctx context.Context, id string, now time.Time) error
	EndSessions(ctx context.Context, ids []string, entry ledger.AuditEntry) (int64, error)

	ServerSettings(ctx context.Context) (map[string]string, error)
	Sealed(ctx context.Context) (map[string][]byte, error)
	AddAttempt(ctx context.Context, a access.Attempt, now time.Time) error
	UseAttempt(ctx context.Context, state access.Hash, now time.Time) (access.Attempt, error)

	AddLink(ctx context.Context, l access.Link, hash access.Hash) error
	Link(ctx context.Context, secret access.Secret, now time.Time) (access.Link, error)
	TradeLink(ctx context.Context, secret access.Secret, now time.Time, trade func(access.Link) (access.Session, access.Hash, ledger.AuditEntry, error)) error
}

// Options say what accounts are made of. Limiter may be nil where nobody signs
// in; the times of sessions may be 0 for the usual ones.
type Options struct {
	Store       Store
	Passwords   *access.Passwords
	Limiter     *access.Limiter
	Random      io.Reader
	Now         func() time.Time
	SessionLife time.Duration
	SessionIdle time.Duration
	// Seal are the keys of the server's own secrets; nil where there are none.
	Seal *seal.Ring
	// Configured are the sign-ins elsewhere of the server's settings.
	Configured []Provider
}

// Accounts are the principals of one store. It may be used by many goroutines.
type Accounts struct{ Options }

// New gives the accounts of a store.
func New(o Options) *Accounts {
	if o.SessionLife == 0 {
		o.SessionLife = access.SessionLife
	}
	if o.SessionIdle == 0 {
		o.SessionIdle = access.SessionIdle
	}
	return &Accounts{o}
}

// By is who does something, and where from.
type By struct {
	ID, Name string // of the principal
	From     string // address, "" for the command line
	DryRun   bool   // everything is checked, and nothing written
	// Token is the id of the token by which it is done, "" for none, and Ends when what
	// a program shows ends, zero for who has signed in: no token that is made outlives
	// these.
	Token string
	Ends  time.Time
}

// System is the server itself, and its command line.
var System = By{ID: access.System, Name: access.System}

// now is the time, as exactly as it is kept.
func (a *Accounts) now() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

// detail is that of an entry of the audit log; pairs are key, value, key, …
func detail(pairs ...string) []byte {
	told := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		told[pairs[i]] = pairs[i+1]
	}
	text, err := json.Marshal(told)
	if err != nil { // strings only
		return nil
	}
	return text
}

// write makes a commit that the audit log tells by one entry, of which action,
// object, scope and detail are given.
func (a *Accounts) write(ctx context.Context, by By, words string, e ledger.AuditEntry, work func(access.Tx) error) error {
	e.Actor, e.Name, e.From = by.ID, by.Name, by.From
	c := ledger.Commit{At: a.now(), Actor: by.ID, Object: e.Object, Words: words}
	told := func(tx access.Tx) error {
		if err := work(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, e)
	}
	if by.DryRun {
		return a.Store.TryAccess(ctx, c, told)
	}
	_, err := a.Store.WriteAccess(ctx, c, told)
	return err
}

// find gives a principal by its id.
func find(ctx context.Context, from interface {
	Principals(ctx context.Context) ([]access.Principal, error)
}, id string,
) (access.Principal, error) {
	all, err := from.Principals(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return access.Principal{}, access.Errorf(access.Missing, "principal %q: there is none of this id", id)
}

// shown names a principal in a line of words.
func shown(p access.Principal) string { return fmt.Sprintf("%s %q", p.Kind, p.Name) }

// object is the part of an action before its dot.
func object(kind access.PrincipalKind) string {
	if kind == access.ServicePrincipal {
		return "servicePrincipal"
	}
	return string(kind)
}
