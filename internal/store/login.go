package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// A session of somebody who signed in is a row of table login, and called a login
// here: sessions are those of the database.
var loginColumns = []string{"id", "kind", "hash", "principal", "group_names", "via", "address", "agent", "created_ms", "used_ms", "expires_ms", "idle_ms"}

// AddSession keeps a session and what is kept of its secret, with the entry of
// the audit log that tells of the sign-in. Of a principal that is not there or
// disabled it is Refused.
func (s *Store) AddSession(ctx context.Context, login access.Session, hash access.Hash, entry ledger.AuditEntry) error {
	return s.beside(ctx, []ledger.AuditEntry{entry}, func(at *session) error { return at.addLogin(ctx, login, hash) })
}

func (s *session) addLogin(ctx context.Context, l access.Session, hash access.Hash) error {
	if l.ID == "" || l.Used.IsZero() || l.Idle <= 0 || !l.Expires.After(l.Created) {
		return fmt.Errorf("add a session of %q: want an id, a time of use, and an end", l.Principal)
	}
	found, err := s.one(ctx, "SELECT 1 FROM principal WHERE "+isNow+" AND id = ? AND disabled = 0", []any{l.Principal}, new(int))
	switch {
	case err != nil:
		return fmt.Errorf("look up principal %s: %w", l.Principal, err)
	case !found:
		return access.Errorf(access.Refused, "sign in: principal %q is not there or disabled", l.Principal)
	}
	groups, err := json.Marshal(append([]string{}, l.Groups...))
	if err != nil {
		return fmt.Errorf("add a session of %q: %w", l.Principal, err)
	}
	if l.Via == access.ViaElsewhere { // who left a group has lost it in other browsers too
		if _, err := s.exec(ctx, "UPDATE login SET group_names = ? WHERE principal = ? AND via = ?", clean(string(groups)), l.Principal, l.Via); err != nil {
			return fmt.Errorf("set the groups of sessions of %q: %w", l.Principal, err)
		}
	}
	return s.insertValues(ctx, "login", loginColumns, "", [][]any{{
		l.ID, string(l.Kind), hash[:], l.Principal, clean(string(groups)), l.Via, clean(l.From), clean(l.Agent),
		milliseconds(l.Created), milliseconds(l.Used), milliseconds(l.Expires), l.Idle.Milliseconds(),
	}})
}

// Session gives a session and the hash of its secret; one that is not there is
// Refused. It may have ended: see [access.Session.Holds].
func (s *Store) Session(ctx context.Context, id string) (login access.Session, hash []byte, err error) {
	err = s.reading(ctx, func(at *session) error {
		logins, hashes, err := at.logins(ctx, "id = ?", id)
		if err == nil && len(logins) == 0 {
			err = access.Errorf(access.Refused, "session: there is none like it")
		}
		if err == nil {
			login, hash = logins[0], hashes[0]
		}
		return err
	})
	return login, hash, err
}

// Sessions gives the sessions of a principal, or all for "", those that began
// last first.
func (s *Store) Sessions(ctx context.Context, principal string) (logins []access.Session, err error) {
	err = s.reading(ctx, func(at *session) error {
		if principal == "" {
			logins, _, err = at.logins(ctx, "principal <> ''")
		} else {
			logins, _, err = at.logins(ctx, "principal = ?", principal)
		}
		return err
	})
	return logins, err
}

func (s *session) logins(ctx context.Context, which string, args ...any) (logins []access.Session, hashes [][]byte, err error) {
	const query = "SELECT id, kind, hash, principal, group_names, via, address, agent, created_ms, used_ms, expires_ms, idle_ms FROM login WHERE "
	err = s.each(ctx, query+which+" ORDER BY created_ms DESC, id", args, func(scan func(...any) error) error {
		var l access.Session
		var hash []byte
		var groups string
		var created, used, expires, idle int64
		if err := scan(&l.ID, &l.Kind, &hash, &l.Principal, &groups, &l.Via, &l.From, &l.Agent, &created, &used, &expires, &idle); err != nil {
			return err
		}
		l.Created, l.Used, l.Expires, l.Idle = moment(created), moment(used), moment(expires), time.Duration(idle)*time.Millisecond
		logins, hashes = append(logins, l), append(hashes, hash)
		return json.Unmarshal([]byte(groups), &logins[len(logins)-1].Groups)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read sessions: %w", err)
	}
	return logins, hashes, nil
}

// UsedSession notes that a session is used, at most once a minute.
func (s *Store) UsedSession(ctx context.Context, id string, now time.Time) error {
	return s.used(ctx, "login", id, now)
}

// EndSessions ends sessions, with the entry of the audit log that tells of it,
// and counts those that were there.
func (s *Store) EndSessions(ctx context.Context, ids []string, entry ledger.AuditEntry) (ended int64, err error) {
	err = s.beside(ctx, []ledger.AuditEntry{entry}, func(at *session) error {
		ended, err = execOf(ctx, at, "DELETE FROM login WHERE id IN ", nil, ids)
		return err
	})
	return ended, err
}

// endLogins ends the sessions of a principal but one.
func (s *session) endLogins(ctx context.Context, principal, keep string) error {
	if _, err := s.exec(ctx, "DELETE FROM login WHERE principal = ? AND id <> ?", principal, keep); err != nil {
		return fmt.Errorf("end the sessions of %s: %w", principal, err)
	}
	return nil
}

// SweepAccess forgets the sessions and links that ended before a time.
func (s *Store) SweepAccess(ctx context.Context, now time.Time) error {
	return s.beside(ctx, nil, func(at *session) error {
		ms := now.UnixMilli()
		if _, err := at.exec(ctx, "DELETE FROM login WHERE expires_ms <= ? OR used_ms + idle_ms <= ?", ms, ms); err != nil {
			return fmt.Errorf("sweep sessions: %w", err)
		}
		if _, err := at.exec(ctx, "DELETE FROM link WHERE expires_ms > 0 AND expires_ms <= ?", ms); err != nil {
			return fmt.Errorf("sweep links: %w", err)
		}
		return nil
	})
}
