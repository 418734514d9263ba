package store

import (
	"context"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// AddLink keeps a link that is good once.
func (s *Store) AddLink(ctx context.Context, l access.Link, hash access.Hash) error {
	if l.ID == "" || (l.Purpose == access.FirstRun) != (l.Principal == "") || l.Purpose == access.SignIn && l.Expires.IsZero() {
		return fmt.Errorf("add link %q of %q: want an id, and to sign in a principal and an end", l.Purpose, l.Principal)
	}
	return s.beside(ctx, nil, func(at *session) error {
		return at.insertValues(ctx, "link", []string{"id", "hash", "purpose", "principal", "created_ms", "expires_ms"}, "",
			[][]any{{l.ID, hash[:], string(l.Purpose), l.Principal, milliseconds(l.Created), milliseconds(l.Expires)}})
	})
}

// Link gives a link that is good at a time, without using it; any other is
// Refused.
func (s *Store) Link(ctx context.Context, secret access.Secret, now time.Time) (l access.Link, err error) {
	err = s.reading(ctx, func(at *session) error {
		l, err = at.link(ctx, secret, now)
		return err
	})
	return l, err
}

// UseLink uses a link up, for this commit.
func (t *Tx) UseLink(ctx context.Context, secret access.Secret) (access.Link, error) {
	l, err := t.at.useLink(ctx, secret, t.when)
	if err != nil || l.Purpose != access.FirstRun {
		return l, err
	}
	// A link that lay around while somebody became owner is none.
	if err := t.touchAccess(ctx); err != nil {
		return access.Link{}, err
	}
	if t.owned {
		return access.Link{}, errLink
	}
	return l, nil
}

// TradeLink uses a link up for what trade makes of it: a session, with the entry
// of the audit log that tells of it. Of several who try at once one succeeds; if
// trade fails the link is as good as before.
func (s *Store) TradeLink(ctx context.Context, secret access.Secret, now time.Time, trade func(access.Link) (access.Session, access.Hash, ledger.AuditEntry, error)) error {
	return s.inTransaction(ctx, s.puts, nil, func(at *session) error {
		l, err := at.useLink(ctx, secret, now)
		if err != nil {
			return err
		}
		login, hash, entry, err := trade(l)
		if err != nil {
			return err
		}
		if err := checkAudit(entry); err != nil {
			return err
		}
		if err := at.addLogin(ctx, login, hash); err != nil {
			return err
		}
		return at.addAudit(ctx, []ledger.AuditEntry{entry})
	})
}

var errLink = access.Errorf(access.Refused, "link: it was used, has ended, or is not one of ours")

// link reads a link that is good.
func (s *session) link(ctx context.Context, secret access.Secret, now time.Time) (access.Link, error) {
	l := access.Link{ID: secret.ID()}
	var hash []byte
	var created, expires int64
	found, err := s.one(ctx, "SELECT hash, purpose, principal, created_ms, expires_ms FROM link WHERE id = ?", []any{l.ID}, &hash, &l.Purpose, &l.Principal, &created, &expires)
	if err != nil {
		return access.Link{}, fmt.Errorf("read a link: %w", err)
	}
	if l.Created, l.Expires = moment(created), moment(expires); !found || !secret.Is(hash) || !l.Holds(now) {
		return access.Link{}, errLink
	}
	return l, nil
}

// useLink reads a link that is good and removes it. With the one that was used
// for the first run all others of that purpose go.
func (s *session) useLink(ctx context.Context, secret access.Secret, now time.Time) (access.Link, error) {
	l, err := s.link(ctx, secret, now)
	if err != nil {
		return access.Link{}, err
	}
	// Whoever comes second finds none to delete, whatever was read before.
	n, err := s.exec(ctx, "DELETE FROM link WHERE id = ?", l.ID)
	if err == nil && l.Purpose == access.FirstRun {
		_, err = s.exec(ctx, "DELETE FROM link WHERE purpose = ?", string(access.FirstRun))
	}
	switch {
	case err != nil:
		return access.Link{}, fmt.Errorf("use a link: %w", err)
	case n != 1:
		return access.Link{}, errLink
	}
	return l, nil
}
