package store

import (
	"context"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// ServerSettings gives what was set up over the API, by name.
func (s *Store) ServerSettings(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	err := s.reading(ctx, func(at *session) error {
		return at.each(ctx, "SELECT name, value FROM server_setting", nil, func(scan func(...any) error) error {
			var name, value string
			err := scan(&name, &value)
			all[name] = value
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the server's settings: %w", err)
	}
	return all, nil
}

// SetServerSetting keeps a setting, or none for "". It is a change that makes a
// commit, although it has no history.
func (t *Tx) SetServerSetting(ctx context.Context, name, value string) (err error) {
	if value == "" {
		_, err = t.at.exec(ctx, "DELETE FROM server_setting WHERE name = ?", name)
	} else {
		_, err = t.at.exec(ctx, "INSERT INTO server_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	}
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	t.wrote = true
	return nil
}

// Sealed gives the server's secrets, sealed, by their places.
func (s *Store) Sealed(ctx context.Context) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := s.reading(ctx, func(at *session) error {
		return at.each(ctx, "SELECT place, sealed FROM sealed", nil, func(scan func(...any) error) error {
			var place string
			var sealed []byte
			err := scan(&place, &sealed)
			all[place] = sealed
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read sealed secrets: %w", err)
	}
	return all, nil
}

// SetSealed keeps a sealed secret, or none for nil.
func (t *Tx) SetSealed(ctx context.Context, place string, sealed []byte) (err error) {
	if sealed == nil {
		_, err = t.at.exec(ctx, "DELETE FROM sealed WHERE place = ?", place)
	} else {
		_, err = t.at.exec(ctx, "INSERT INTO sealed (place, sealed) VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET sealed = excluded.sealed", place, sealed)
	}
	if err != nil {
		return fmt.Errorf("keep the secret of %s: %w", place, err)
	}
	t.wrote = true
	return nil
}

// mostAttempts bounds how many sign-ins elsewhere are under way: anybody may begin
// one.
const mostAttempts = 10_000

// AddAttempt keeps a sign-in elsewhere that begins. Those that ended before a time
// go.
func (s *Store) AddAttempt(ctx context.Context, a access.Attempt, now time.Time) error {
	return s.beside(ctx, nil, func(at *session) error {
		if _, err := at.exec(ctx, "DELETE FROM sign_on_attempt WHERE expires_ms <= ?", now.UnixMilli()); err != nil {
			return fmt.Errorf("sweep sign-ins elsewhere: %w", err)
		}
		var n int64
		if _, err := at.one(ctx, "SELECT count(*) FROM sign_on_attempt", nil, &n); err != nil {
			return fmt.Errorf("count sign-ins elsewhere: %w", err)
		}
		if n >= mostAttempts {
			return &access.RetryError{After: time.Minute}
		}
		return at.insertValues(ctx, "sign_on_attempt", []string{"state", "browser", "provider", "return_path", "expires_ms"}, "", [][]any{
			{a.State[:], a.Browser[:], a.Provider, clean(a.Return), milliseconds(a.Expires)},
		})
	})
}

// UseAttempt gives a sign-in elsewhere by its state, once. One that is not there
// any more, or was ended, is Refused.
func (s *Store) UseAttempt(ctx context.Context, state access.Hash, now time.Time) (a access.Attempt, err error) {
	err = s.beside(ctx, nil, func(at *session) error {
		var browser []byte
		var expires int64
		_, err := at.one(ctx, "SELECT browser, provider, return_path, expires_ms FROM sign_on_attempt WHERE state = ?", []any{state[:]}, &browser, &a.Provider, &a.Return, &expires)
		if err != nil {
			return fmt.Errorf("read a sign-in elsewhere: %w", err)
		}
		n, err := at.exec(ctx, "DELETE FROM sign_on_attempt WHERE state = ?", state[:])
		if err != nil {
			return fmt.Errorf("end a sign-in elsewhere: %w", err)
		}
		a.State, a.Expires = state, moment(expires)
		copy(a.Browser[:], browser)
		if n == 0 || !now.Before(a.Expires) {
			a = access.Attempt{}
		}
		return nil
	})
	if err == nil && a.Provider == "" {
		err = access.Errorf(access.Refused, "sign in: this sign-in has ended, or was used already; begin again")
	}
	return a, err
}
