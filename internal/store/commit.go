package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// ForgottenError says that a commit was asked for whose state is no longer
// kept.
type ForgottenError struct{ Asked, Oldest ledger.Number }

// Error names the oldest commit that is kept.
func (e *ForgottenError) Error() string {
	return fmt.Sprintf("commit %d: history before commit %d was given up", e.Asked, e.Oldest)
}

// Unwrap gives [ledger.ErrForgotten].
func (e *ForgottenError) Unwrap() error { return ledger.ErrForgotten }

var commitColumns = []string{"number", "at_ms", "actor", "kind", "object", "words", "last_resource"}

// oldestSetting holds the number of the oldest commit whose state is kept.
const oldestSetting = "oldest commit"

// Head gives the number of the last commit, 0 before the first.
func (s *Store) Head(ctx context.Context) (head ledger.Number, err error) {
	err = s.reading(ctx, func(at *session) error {
		head, _, err = at.kept(ctx)
		return err
	})
	return head, err
}

// Oldest gives the number of the oldest commit whose state is kept; 0 is the
// empty state before the first.
func (s *Store) Oldest(ctx context.Context) (oldest ledger.Number, err error) {
	err = s.reading(ctx, func(at *session) error {
		_, oldest, err = at.kept(ctx)
		return err
	})
	return oldest, err
}

// kept gives the last commit and the oldest whose state is kept.
func (s *session) kept(ctx context.Context) (head, oldest ledger.Number, err error) {
	var text string
	err = s.each(ctx, "SELECT coalesce(max(number), 0), coalesce((SELECT value FROM setting WHERE name = ?), '0') FROM commit_log", []any{oldestSetting},
		func(scan func(...any) error) error { return scan(&head, &text) })
	if err != nil {
		return 0, 0, fmt.Errorf("read the last commit: %w", err)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("setting %q: %w", oldestSetting, err)
	}
	return head, ledger.Number(n), nil
}

// view reads one snapshot in which the state as of commit n is whole.
func (s *Store) view(ctx context.Context, n ledger.Number, read func(*session) error) error {
	return s.reading(ctx, func(at *session) error {
		head, oldest, err := at.kept(ctx)
		switch {
		case err != nil:
			return err
		case n < oldest:
			return &ForgottenError{n, oldest}
		case n > head:
			return fmt.Errorf("commit %d: the last one is %d", n, head)
		}
		return read(at)
	})
}

// Commits gives the commits after from, up to and with to, in order. They are
// kept longer than what they changed.
func (s *Store) Commits(ctx context.Context, from, to ledger.Number) (commits []ledger.Commit, err error) {
	err = s.reading(ctx, func(at *session) error {
		commits, err = at.commits(ctx, from, to)
		return err
	})
	return commits, err
}

func (s *session) commits(ctx context.Context, from, to ledger.Number) ([]ledger.Commit, error) {
	var commits []ledger.Commit
	err := s.each(ctx, "SELECT number, at_ms, actor, kind, object, words FROM commit_log WHERE number > ? AND number <= ? ORDER BY number", []any{int64(from), int64(to)},
		func(scan func(...any) error) error {
			var c ledger.Commit
			var ms int64
			var kind string
			if err := scan(&c.Number, &ms, &c.Actor, &kind, &c.Object, &c.Words); err != nil {
				return err
			}
			c.At = time.UnixMilli(ms).UTC()
			var err error
			c.Kind, err = ledger.ParseKind(kind)
			commits = append(commits, c)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read commits after %d: %w", from, err)
	}
	return commits, nil
}

// At gives the last commit that is not after a time, 0 if there is none. The
// state as of it may have been given up.
func (s *Store) At(ctx context.Context, when time.Time) (n ledger.Number, err error) {
	err = s.reading(ctx, func(at *session) error {
		_, err := at.one(ctx, "SELECT number FROM commit_log WHERE at_ms <= ? ORDER BY at_ms DESC, number DESC LIMIT 1", []any{when.UnixMilli()}, &n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find the commit at %s: %w", when.UTC().Format(time.RFC3339), err)
	}
	return n, nil
}
