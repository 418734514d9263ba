package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// CreateUser adds a user with a password.
func (a *Accounts) CreateUser(ctx context.Context, by By, name, password string) (access.Principal, error) {
	if err := access.CheckName(access.User, name); err != nil {
		return access.Principal{}, err
	}
	hash, err := a.Passwords.Hash(ctx, name, password)
	if err != nil {
		return access.Principal{}, err
	}
	return a.create(ctx, by, access.Principal{Kind: access.User, Name: name}, func(tx access.Tx, p access.Principal) error {
		return tx.SetPassword(ctx, p.ID, hash, "")
	})
}

// CreateServicePrincipal adds a service principal with a secret that does not
// end.
func (a *Accounts) CreateServicePrincipal(ctx context.Context, by By, name string) (access.Principal, access.Secret, error) {
	secret, err := access.NewSecret(access.ClientSecret, a.Random)
	if err != nil {
		return access.Principal{}, access.Secret{}, err
	}
	p, err := a.create(ctx, by, access.Principal{Kind: access.ServicePrincipal, Name: name}, func(tx access.Tx, p access.Principal) error {
		return tx.AddToken(ctx, access.Token{ID: secret.ID(), Kind: access.ClientSecret, Principal: p.ID, Created: p.Created}, secret.Hash())
	})
	if err != nil {
		return access.Principal{}, access.Secret{}, err
	}
	return p, secret, nil
}

// CreateGroup adds a group, so that it can be given roles. Its name is the value
// of the claim that says who is in it.
func (a *Accounts) CreateGroup(ctx context.Context, by By, name string) (access.Principal, error) {
	return a.create(ctx, by, access.Principal{Kind: access.Group, Name: name}, func(access.Tx, access.Principal) error { return nil })
}

// create adds a principal, and more in the same commit.
func (a *Accounts) create(ctx context.Context, by By, p access.Principal, more func(access.Tx, access.Principal) error) (access.Principal, error) {
	var err error
	if p.ID, err = access.NewID(a.Random); err != nil {
		return access.Principal{}, err
	}
	p.Created = a.now()
	e := ledger.AuditEntry{Action: object(p.Kind) + ".create", Object: p.ID, Scope: access.Top, Detail: detail("name", p.Name)}
	err = a.write(ctx, by, shown(p)+" added", e, func(tx access.Tx) error {
		if err := tx.SetPrincipals(ctx, []access.Principal{p}); err != nil {
			return err
		}
		return more(tx, p)
	})
	if err != nil {
		return access.Principal{}, err
	}
	return p, nil
}

// Remove removes a principal with all that is its own.
func (a *Accounts) Remove(ctx context.Context, by By, p access.Principal) error {
	e := ledger.AuditEntry{Action: object(p.Kind) + ".remove", Object: p.ID, Scope: access.Top, Detail: detail("name", p.Name)}
	return a.write(ctx, by, shown(p)+" removed", e, func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{p.ID}) })
}

// Disable lets a principal do nothing any more; its sessions end.
func (a *Accounts) Disable(ctx context.Context, by By, id string) error {
	return a.change(ctx, by, id, "disable", func(p *access.Principal) { p.Disabled = true })
}

// Enable takes [Accounts.Disable] back.
func (a *Accounts) Enable(ctx context.Context, by By, id string) error {
	return a.change(ctx, by, id, "enable", func(p *access.Principal) { p.Disabled = false })
}

func (a *Accounts) change(ctx context.Context, by By, id, verb string, change func(*access.Principal)) error {
	p, err := find(ctx, a.Store, id)
	if err != nil {
		return err
	}
	e := ledger.AuditEntry{Action: object(p.Kind) + "." + verb, Object: p.ID, Scope: access.Top, Detail: detail("name", p.Name)}
	return a.write(ctx, by, shown(p)+" "+verb+"d", e, func(tx access.Tx) error {
		p, err := find(ctx, tx, id) // as it is by now
		if err != nil {
			return err
		}
		change(&p)
		return tx.SetPrincipals(ctx, []access.Principal{p})
	})
}

// SetPassword gives a user another password. Sessions of the user end, but the
// one of id keep.
func (a *Accounts) SetPassword(ctx context.Context, by By, id, password, keep string) error {
	p, err := find(ctx, a.Store, id)
	if err != nil {
		return err
	}
	hash, err := a.Passwords.Hash(ctx, p.Name, password)
	if err != nil {
		return err
	}
	e := ledger.AuditEntry{Action: "user.password", Object: p.ID, Scope: access.Top, Detail: detail("name", p.Name)}
	return a.write(ctx, by, shown(p)+" has another password", e, func(tx access.Tx) error { return tx.SetPassword(ctx, id, hash, keep) })
}

// Assign gives a principal a role at a scope. That the scope is there is not
// looked at.
func (a *Accounts) Assign(ctx context.Context, by By, p access.Principal, g access.Grant) (access.RoleAssignment, error) {
	id, err := access.NewID(a.Random)
	if err != nil {
		return access.RoleAssignment{}, err
	}
	assignment := access.RoleAssignment{ID: id, Principal: p.ID, Role: g.Role, Scope: g.Scope}
	e := ledger.AuditEntry{Action: "role.create", Object: id, Scope: g.Scope, Detail: detail("principal", p.ID, "name", p.Name, "role", g.Role.String())}
	err = a.write(ctx, by, fmt.Sprintf("%s is %s at %s", shown(p), g.Role, g.Scope), e, func(tx access.Tx) error {
		return tx.AddAssignments(ctx, []access.RoleAssignment{assignment})
	})
	if err != nil {
		return access.RoleAssignment{}, err
	}
	return assignment, nil
}

// Unassign takes a role back.
func (a *Accounts) Unassign(ctx context.Context, by By, r access.RoleAssignment) error {
	e := ledger.AuditEntry{Action: "role.remove", Object: r.ID, Scope: r.Scope, Detail: detail("principal", r.Principal, "role", r.Role.String())}
	return a.write(ctx, by, fmt.Sprintf("%s is no longer %s at %s", r.Principal, r.Role, r.Scope), e, func(tx access.Tx) error {
		return tx.RemoveAssignments(ctx, []string{r.ID})
	})
}

// CreateToken adds a personal token of a principal, good for a grant at most. One that
// is made by a token ends with that at the latest, and is revoked with it.
func (a *Accounts) CreateToken(ctx context.Context, by By, p access.Principal, name string, limit access.Grant, expires time.Time) (access.Token, access.Secret, error) {
	return a.addToken(ctx, by, p, access.Token{Kind: access.PersonalToken, Name: name, Limit: &limit, Expires: expires})
}

// CreateSecret adds another secret of a service principal; expires may be zero
// for never.
func (a *Accounts) CreateSecret(ctx context.Context, by By, p access.Principal, name string, expires time.Time) (access.Token, access.Secret, error) {
	if p.Kind != access.ServicePrincipal {
		return access.Token{}, access.Secret{}, access.Errorf(access.Invalid, "secret of %s: want a service principal", shown(p))
	}
	return a.addToken(ctx, by, p, access.Token{Kind: access.ClientSecret, Name: name, Expires: expires})
}

func (a *Accounts) addToken(ctx context.Context, by By, p access.Principal, t access.Token) (access.Token, access.Secret, error) {
	if p.Kind == access.Group {
		return access.Token{}, access.Secret{}, access.Errorf(access.Invalid, "token of %s: want a user or a service principal", shown(p))
	}
	secret, err := access.NewSecret(t.Kind, a.Random)
	if err != nil {
		return access.Token{}, access.Secret{}, err
	}
	t.ID, t.Principal, t.Created, t.Expires, t.MadeBy = secret.ID(), p.ID, a.now(), t.Expires.UTC().Truncate(time.Millisecond), by.Token
	if err := t.Check(); err != nil {
		return access.Token{}, access.Secret{}, err
	}
	if !by.Ends.IsZero() && (t.Expires.IsZero() || by.Ends.Before(t.Expires)) {
		t.Expires = by.Ends
	}
	e := ledger.AuditEntry{Action: "token.create", Object: t.ID, Scope: access.Top}
	told := []string{"principal", p.ID, "kind", string(t.Kind), "name", t.Name}
	if t.Limit != nil {
		e.Scope = t.Limit.Scope
		told = append(told, "role", t.Limit.Role.String())
	}
	if !t.Expires.IsZero() {
		told = append(told, "expires", t.Expires.Format(time.RFC3339))
	}
	if t.MadeBy != "" {
		told = append(told, "madeBy", t.MadeBy)
	}
	e.Detail = detail(told...)
	err = a.write(ctx, by, shown(p)+" has another token", e, func(tx access.Tx) error { return tx.AddToken(ctx, t, secret.Hash()) })
	if err != nil {
		return access.Token{}, access.Secret{}, err
	}
	return t, secret, nil
}

// RemoveToken revokes a token, or a secret of a service principal, and with it the
// tokens that were made by it.
func (a *Accounts) RemoveToken(ctx context.Context, by By, t access.Token) error {
	return a.write(ctx, by, "token "+t.ID+" revoked", revoked(by, t), func(tx access.Tx) error {
		all, err := tx.RemoveTokens(ctx, []string{t.ID})
		for _, made := range all {
			if made.ID != t.ID {
				err = errors.Join(err, tx.Audit(ctx, revoked(by, made)))
			}
		}
		return err
	})
}

// revoked is the entry of the audit log about a token that is revoked.
func revoked(by By, t access.Token) ledger.AuditEntry {
	told := []string{"principal", t.Principal, "kind", string(t.Kind), "name", t.Name}
	if t.MadeBy != "" {
		told = append(told, "madeBy", t.MadeBy)
	}
	e := ledger.AuditEntry{Actor: by.ID, Name: by.Name, From: by.From, Action: "token.remove", Object: t.ID, Scope: access.Top, Detail: detail(told...)}
	if t.Limit != nil {
		e.Scope = t.Limit.Scope
	}
	return e
}
