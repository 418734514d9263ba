package store

import (
	"context"
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

var scopeRows = &intervals{table: "scope", key: []string{"id"}, value: []string{"parent", "kind", "name", "cloud", "named"}}

// SetScopes says what nodes of the tree are from this commit on.
func (t *Tx) SetScopes(ctx context.Context, scopes []posture.Scope) error {
	var ids []string
	for _, s := range scopes {
		ids = append(ids, s.ID, s.Parent)
	}
	number, err := t.numbers(ctx, t.store.scopes, ids)
	if err != nil {
		return fmt.Errorf("set scopes: %w", err)
	}
	changes := make([]change, len(scopes))
	for i, s := range scopes {
		if s.ID == "" {
			return fmt.Errorf("set scopes: %q has no id", s.Name)
		}
		changes[i] = change{
			key:   []any{number(s.ID)},
			value: []any{number(s.Parent), int64(s.Kind), clean(s.Name), s.Cloud.String(), int64(s.Named)},
		}
	}
	return t.set(ctx, scopeRows, changes)
}

// RemoveScopes says that nodes are no longer in the tree.
func (t *Tx) RemoveScopes(ctx context.Context, ids []string) error {
	number, err := t.numbers(ctx, t.store.scopes, ids)
	if err != nil {
		return fmt.Errorf("remove scopes: %w", err)
	}
	changes := make([]change, len(ids))
	for i, id := range ids {
		changes[i] = change{key: []any{number(id)}}
	}
	return t.set(ctx, scopeRows, changes)
}

// Scopes gives the tree as of commit n, in no order. An id has the spelling in
// which it was first met.
func (s *Store) Scopes(ctx context.Context, n ledger.Number) (scopes []ledger.ScopeVersion, err error) {
	err = s.view(ctx, n, func(at *session) error {
		scopes, err = s.readScopes(ctx, at, "since <= ? AND until > ?", int64(n), int64(n))
		return err
	})
	return scopes, err
}

// ScopesChanged gives the rows of scopes that began or ended at a commit after from,
// up to and with to, by scope and in order.
func (s *Store) ScopesChanged(ctx context.Context, from, to ledger.Number) (scopes []ledger.ScopeVersion, err error) {
	err = s.view(ctx, from, func(at *session) error {
		scopes, err = s.readScopes(ctx, at, changedBetween, int64(from), int64(to), int64(from), int64(to))
		return err
	})
	return scopes, err
}

// scopeRow is a scope with words by number.
type scopeRow struct {
	ledger.ScopeVersion
	id, parent, kind, named int64
	cloud                   string
}

func (s *Store) readScopes(ctx context.Context, at *session, which string, args ...any) ([]ledger.ScopeVersion, error) {
	var rows []scopeRow
	words := map[int64]bool{}
	query := "SELECT id, since, until, parent, kind, name, cloud, named FROM scope WHERE " + which + " ORDER BY id, since"
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var r scopeRow
		err := scan(&r.id, &r.Since, &r.Until, &r.parent, &r.kind, &r.Name, &r.cloud, &r.named)
		words[r.id], words[r.parent] = true, true
		rows = append(rows, r)
		return err
	})
	if err == nil {
		err = s.scopes.spell(ctx, at, words)
	}
	if err != nil {
		return nil, fmt.Errorf("read scopes: %w", err)
	}
	scopes := make([]ledger.ScopeVersion, len(rows))
	for i, r := range rows {
		r.ID, r.Parent, r.Scope.Kind, r.Named = s.scopes.name(r.id), s.scopes.name(r.parent), posture.ScopeKind(r.kind), posture.NameSource(r.named)
		if r.Cloud, err = parseCloud(r.cloud); err != nil {
			return nil, fmt.Errorf("scope %q: %w", r.ID, err)
		}
		scopes[i] = r.ScopeVersion
	}
	return scopes, nil
}
