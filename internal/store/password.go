package store

import (
	"context"
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// SetPassword keeps the hash of a user's password, or none for "". It is a change
// that makes a commit, although nothing of it has a history.
func (t *Tx) SetPassword(ctx context.Context, principal, hash, keep string) error {
	found, err := t.at.principals(ctx, isNow+" AND id = ? AND kind = ?", principal, string(access.User))
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return access.Errorf(access.Missing, "set a password: there is no user of id %q", principal)
	}
	if hash == "" {
		_, err = t.at.exec(ctx, "DELETE FROM password WHERE principal = ?", principal)
	} else {
		_, err = t.at.exec(ctx, "INSERT INTO password (principal, hash) VALUES (?, ?) ON CONFLICT (principal) DO UPDATE SET hash = excluded.hash", principal, hash)
	}
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", principal, err)
	}
	t.wrote = true
	return t.at.endLogins(ctx, principal, keep)
}

// Password gives the user of a name and the hash of the password, "" for none.
// Without such a user both are empty.
func (s *Store) Password(ctx context.Context, name string) (user access.Principal, hash string, err error) {
	err = s.reading(ctx, func(at *session) error {
		found, err := at.principals(ctx, isNow+" AND folded = ? AND kind = ?", access.Fold(name), string(access.User))
		if err != nil || len(found) == 0 {
			return err
		}
		user = found[0]
		_, err = at.one(ctx, "SELECT hash FROM password WHERE principal = ?", []any{user.ID}, &hash)
		return err
	})
	if err != nil {
		return access.Principal{}, "", fmt.Errorf("read a password: %w", err)
	}
	return user, hash, nil
}

// Rehash keeps a new hash of the same password, unless it was changed since. It
// is no commit.
func (s *Store) Rehash(ctx context.Context, principal, before, hash string) error {
	return s.beside(ctx, nil, func(at *session) error {
		_, err := at.exec(ctx, "UPDATE password SET hash = ? WHERE principal = ? AND hash = ?", hash, principal, before)
		return err
	})
}
