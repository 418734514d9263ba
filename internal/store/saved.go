package store

import (
	"context"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var viewColumns = []string{"id", "owner", "name", "page", "scope", "shared", "parameters", "created_ms", "changed_ms"}

// PutView keeps a view under its id, in the place of one that is there, with the
// entries of the audit log that tell of it. One principal has at most so many: more
// are Invalid.
func (s *Store) PutView(ctx context.Context, v ledger.SavedView, most int, entries ...ledger.AuditEntry) error {
	err := s.beside(ctx, entries, func(at *session) error {
		if _, err := at.exec(ctx, "DELETE FROM saved_view WHERE id = ?", v.ID); err != nil {
			return err
		}
		var count int
		if _, err := at.one(ctx, "SELECT count(*) FROM saved_view WHERE owner = ?", []any{v.Owner}, &count); err != nil {
			return err
		}
		if count >= most {
			return access.Errorf(access.Invalid, "views: one has at most %d; remove one before", most)
		}
		return at.insertValues(ctx, "saved_view", viewColumns, "", [][]any{{
			v.ID, v.Owner, clean(v.Name), clean(v.Page), clean(v.Scope), bit(v.Shared), clean(string(v.Parameters)), milliseconds(v.Created), milliseconds(v.Changed),
		}})
	})
	if err != nil {
		return fmt.Errorf("keep view %s: %w", v.ID, err)
	}
	return nil
}

// RemoveView removes a view, if it is there.
func (s *Store) RemoveView(ctx context.Context, id string, entries ...ledger.AuditEntry) error {
	return s.beside(ctx, entries, func(at *session) error {
		if _, err := at.exec(ctx, "DELETE FROM saved_view WHERE id = ?", id); err != nil {
			return fmt.Errorf("remove view %s: %w", id, err)
		}
		return nil
	})
}

// Views gives the views of a principal and those that others share, by name.
func (s *Store) Views(ctx context.Context, owner string) (views []ledger.SavedView, err error) {
	err = s.reading(ctx, func(at *session) error {
		const query = "SELECT id, owner, name, page, scope, shared, parameters, created_ms, changed_ms FROM saved_view WHERE owner = ? OR shared = 1 ORDER BY name, id"
		return at.each(ctx, query, []any{owner}, func(scan func(...any) error) error {
			var v ledger.SavedView
			var shared, created, changed int64
			var parameters string
			err := scan(&v.ID, &v.Owner, &v.Name, &v.Page, &v.Scope, &shared, &parameters, &created, &changed)
			v.Shared, v.Parameters, v.Created, v.Changed = shared != 0, []byte(parameters), moment(created), moment(changed)
			views = append(views, v)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read views: %w", err)
	}
	return views, nil
}

// SetPreferences keeps the preferences of a principal, a JSON object, with the entries
// of the audit log that tell of it.
func (s *Store) SetPreferences(ctx context.Context, principal string, value []byte, now time.Time, entries ...ledger.AuditEntry) error {
	err := s.beside(ctx, entries, func(at *session) error {
		if _, err := at.exec(ctx, "DELETE FROM preference WHERE principal = ?", principal); err != nil {
			return err
		}
		return at.insertValues(ctx, "preference", []string{"principal", "value", "changed_ms"}, "", [][]any{{principal, clean(string(value)), milliseconds(now)}})
	})
	if err != nil {
		return fmt.Errorf("keep preferences of %s: %w", principal, err)
	}
	return nil
}

// Preferences gives those of a principal, nil if there are none.
func (s *Store) Preferences(ctx context.Context, principal string) (value []byte, err error) {
	err = s.reading(ctx, func(at *session) error {
		var text string
		found, err := at.one(ctx, "SELECT value FROM preference WHERE principal = ?", []any{principal}, &text)
		if found {
			value = []byte(text)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read preferences of %s: %w", principal, err)
	}
	return value, nil
}
