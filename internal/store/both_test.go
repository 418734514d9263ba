//go:build unix

package store

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var _ estate.Store = (*Store)(nil)

// onBoth runs a test on SQLite and on PostgreSQL, each with a database of its
// own.
func onBoth(t *testing.T, test func(t *testing.T, where Options)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Options{Dir: t.TempDir()})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Options{URL: newDatabase(t)})
	})
}

// duplicate copies the database of a store that is closed.
func duplicate(t testing.TB, where Options) Options {
	t.Helper()
	if where.URL != "" {
		address, err := url.Parse(where.URL)
		if err != nil {
			t.Fatal(err)
		}
		return Options{URL: databaseLike(t, strings.TrimPrefix(address.Path, "/"))}
	}
	copied := Options{Dir: t.TempDir()}
	if err := copyFile(filepath.Join(where.Dir, databaseFile), filepath.Join(copied.Dir, databaseFile)); err != nil {
		t.Fatal(err)
	}
	return copied
}

// open opens a store until the end of the test.
func open(t testing.TB, where Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// noon is when the tests' commits are written.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func commitOf(kind ledger.Kind) ledger.Commit {
	return ledger.Commit{At: noon, Actor: "system", Kind: kind, Object: "x", Words: "a test"}
}

// write makes a commit that has to succeed.
func write(t testing.TB, s *Store, work func(ledger.Tx) error) ledger.Commit {
	t.Helper()
	c, err := s.Write(context.Background(), commitOf(ledger.Import), work)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// all gives what an iterator gives, without an error.
func all[T any](t testing.TB, rows iter.Seq2[T, error]) []T {
	t.Helper()
	var got []T
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	return got
}

// must gives a value that came without an error.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

var errOops = errors.New("oops")
