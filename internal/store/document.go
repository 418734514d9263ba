package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var documentRows = &intervals{table: "document", key: []string{"kind", "id"}, value: []string{"scope", "hash", "text", "name"}}

// SetDocuments says what documents are from this commit on; their intervals do
// not count.
func (t *Tx) SetDocuments(ctx context.Context, documents []ledger.DocumentVersion) error {
	var scopes []string
	for i := range documents {
		scopes = append(scopes, documents[i].Scope)
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, scopes)
	if err != nil {
		return fmt.Errorf("set documents: %w", err)
	}
	changes := make([]change, len(documents))
	for i := range documents {
		d := &documents[i]
		if err := errors.Join(checkKey("kind of a document", string(d.Kind)), checkKey("id of a document", d.ID)); err != nil {
			return err
		}
		hash := ledger.HashOf(d.Text)
		changes[i] = change{key: []any{string(d.Kind), d.ID}, value: []any{scopeOf(d.Scope), hash[:], append([]byte{}, d.Text...), clean(d.Name)}}
	}
	return t.set(ctx, documentRows, changes)
}

// RemoveDocuments says that documents hold no longer; of each, Kind and ID
// count.
func (t *Tx) RemoveDocuments(ctx context.Context, documents []ledger.DocumentVersion) error {
	changes := make([]change, len(documents))
	for i := range documents {
		changes[i] = change{key: []any{string(documents[i].Kind), documents[i].ID}}
	}
	return t.set(ctx, documentRows, changes)
}

// Documents gives the documents of a kind as of commit n, by id; of all kinds
// for "".
func (s *Store) Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) (documents []ledger.DocumentVersion, err error) {
	err = s.view(ctx, n, func(at *session) error {
		if kind == "" {
			documents, err = s.readDocuments(ctx, at, "since <= ? AND until > ?", int64(n), int64(n))
		} else {
			documents, err = s.readDocuments(ctx, at, "since <= ? AND until > ? AND kind = ?", int64(n), int64(n), string(kind))
		}
		return err
	})
	return documents, err
}

// DocumentsChanged gives the last commit up to n with which a document began or ended,
// or the oldest that is kept: between it and n documents are the same.
func (s *Store) DocumentsChanged(ctx context.Context, n ledger.Number) (changed ledger.Number, err error) {
	err = s.view(ctx, n, func(at *session) error {
		_, oldest, err := at.kept(ctx)
		if err != nil {
			return err
		}
		changed = oldest
		for _, query := range [...]string{
			"SELECT COALESCE(MAX(since), 0) FROM document WHERE since <= ?",
			"SELECT COALESCE(MAX(until), 0) FROM document WHERE until <= ? AND until < 4611686018427387904",
		} {
			var last ledger.Number
			if _, err := at.one(ctx, query, []any{int64(n)}, &last); err != nil {
				return fmt.Errorf("look for the last change of documents: %w", err)
			}
			changed = max(changed, last)
		}
		return nil
	})
	return changed, err
}

// DocumentHistory gives all that is kept of what a document was, the oldest
// first.
func (s *Store) DocumentHistory(ctx context.Context, kind ledger.DocumentKind, id string) (documents []ledger.DocumentVersion, err error) {
	err = s.reading(ctx, func(at *session) error {
		documents, err = s.readDocuments(ctx, at, "kind = ? AND id = ?", string(kind), id)
		return err
	})
	return documents, err
}

func (s *Store) readDocuments(ctx context.Context, at *session, which string, args ...any) ([]ledger.DocumentVersion, error) {
	var documents []ledger.DocumentVersion
	var scopes []int64
	words := map[int64]bool{}
	query := "SELECT kind, id, since, until, scope, text, name FROM document WHERE " + which + " ORDER BY kind, id, since"
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var d ledger.DocumentVersion
		var scope int64
		err := scan(&d.Kind, &d.ID, &d.Since, &d.Until, &scope, &d.Text, &d.Name)
		documents, scopes = append(documents, d), append(scopes, scope)
		words[scope] = true
		return err
	})
	if err == nil {
		err = s.scopes.spell(ctx, at, words)
	}
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	for i := range documents {
		documents[i].Scope = s.scopes.name(scopes[i])
	}
	return documents, nil
}
