package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// AddToken adds a token and what is kept of its secret.
func (t *Tx) AddToken(ctx context.Context, token access.Token, hash access.Hash) error {
	if err := errors.Join(token.Check(), checkKey("id of a token", token.ID)); err != nil {
		return err
	}
	if err := t.knows(ctx, principalRows, "principal", token.Principal); err != nil {
		return err
	}
	if token.MadeBy != "" {
		if err := t.knows(ctx, tokenRows, "token", token.MadeBy); err != nil {
			return err
		}
	}
	var role, at string
	if token.Limit != nil {
		role, at = token.Limit.Role.String(), token.Limit.Scope
		if token.Limit.Role == access.NoRole || at == "" {
			return access.Errorf(access.Invalid, "add token: want a role and a scope that it is good for")
		}
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, []string{at})
	if err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	err = t.set(ctx, tokenRows, []change{{
		key:   []any{token.ID},
		value: []any{string(token.Kind), token.Principal, clean(token.Name), role, scopeOf(at), milliseconds(token.Created), milliseconds(token.Expires), token.MadeBy},
	}})
	if err != nil {
		return err
	}
	return t.at.insertValues(ctx, "token_secret", []string{"id", "hash", "used_ms"}, "", [][]any{{token.ID, hash[:], int64(0)}})
}

// RemoveTokens revokes tokens, those that were made by them, and so on. It gives all of
// them.
func (t *Tx) RemoveTokens(ctx context.Context, ids []string) (removed []access.Token, err error) {
	for _, id := range ids {
		if err := t.knows(ctx, tokenRows, "token", id); err != nil {
			return nil, err
		}
	}
	gone := map[string]bool{}
	for waiting := slices.Clone(ids); len(waiting) > 0; waiting = waiting[1:] {
		id := waiting[0]
		if gone[id] {
			continue
		}
		gone[id] = true
		found, err := t.store.readTokens(ctx, t.at, "t."+isNow+" AND (t.id = ? OR t.made_by = ?)", id, id)
		if err == nil {
			_, err = t.at.exec(ctx, "DELETE FROM token_secret WHERE id = ?", id)
		}
		if err != nil {
			return nil, fmt.Errorf("remove token %s: %w", id, err)
		}
		if err := t.set(ctx, tokenRows, []change{{key: []any{id}}}); err != nil {
			return nil, err
		}
		for _, one := range found {
			if one.ID == id {
				removed = append(removed, one)
			} else {
				waiting = append(waiting, one.ID)
			}
		}
	}
	return removed, nil
}

// Tokens gives the tokens that there are now, also those that have expired, by
// the time when they were made: of one principal, or of all for "".
func (s *Store) Tokens(ctx context.Context, principal string) (tokens []access.Token, err error) {
	which, args := "t."+isNow, []any(nil)
	if principal != "" {
		which, args = which+" AND t.principal = ?", []any{principal}
	}
	err = s.reading(ctx, func(at *session) error {
		tokens, err = s.readTokens(ctx, at, which, args...)
		return err
	})
	return tokens, err
}

// Token gives a token and the hash of its secret; one that is not there is
// Refused.
func (s *Store) Token(ctx context.Context, id string) (token access.Token, hash []byte, err error) {
	err = s.reading(ctx, func(at *session) error {
		found, err := s.readTokens(ctx, at, "t."+isNow+" AND t.id = ?", id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return access.Errorf(access.Refused, "token: there is none like it")
		}
		token = found[0]
		_, err = at.one(ctx, "SELECT hash FROM token_secret WHERE id = ?", []any{id}, &hash)
		return err
	})
	return token, hash, err
}

func (s *Store) readTokens(ctx context.Context, at *session, which string, args ...any) ([]access.Token, error) {
	const query = `SELECT t.id, t.kind, t.principal, t.name, t.role, t.scope, t.created_ms, t.expires_ms, coalesce(x.used_ms, 0), t.made_by
		FROM token t LEFT JOIN token_secret x ON x.id = t.id WHERE `
	var tokens []access.Token
	var scopes []int64
	err := at.each(ctx, query+which+" ORDER BY t.created_ms, t.id", args, func(scan func(...any) error) error {
		var t access.Token
		var role string
		var scope, created, expires, used int64
		err := scan(&t.ID, &t.Kind, &t.Principal, &t.Name, &role, &scope, &created, &expires, &used, &t.MadeBy)
		t.Created, t.Expires, t.Used = moment(created), moment(expires), moment(used)
		if err == nil && role != "" {
			t.Limit = &access.Grant{}
			t.Limit.Role, err = access.ParseRole(role)
		}
		tokens, scopes = append(tokens, t), append(scopes, scope)
		return err
	})
	names, spelling := s.scopeNames(ctx, at, scopes)
	if err = errors.Join(err, spelling); err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	for i := range tokens {
		if tokens[i].Limit != nil {
			tokens[i].Limit.Scope = names(scopes[i])
		}
	}
	return tokens, nil
}

// UsedToken notes that a token is used, at most once a minute.
func (s *Store) UsedToken(ctx context.Context, id string, now time.Time) error {
	return s.used(ctx, "token_secret", id, now)
}

func (s *Store) used(ctx context.Context, table, id string, now time.Time) error {
	last := now.Add(-access.UsedEvery).UnixMilli()
	return s.beside(ctx, nil, func(at *session) error {
		_, err := at.exec(ctx, "UPDATE "+table+" SET used_ms = ? WHERE id = ? AND used_ms <= ?", now.UnixMilli(), id, last)
		return err
	})
}
