//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func TestOpenOwned(t *testing.T) {
	where := Options{Dir: t.TempDir()}
	s := open(t, where)
	if err := s.Announce("127.0.0.1:7410"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), where)
	var owned *OwnedError
	if !errors.As(err, &owned) || !errors.Is(err, ErrOwned) {
		t.Fatalf("error %v, want an OwnedError", err)
	}
	if want := (OwnedError{where.Dir, os.Getpid(), "127.0.0.1:7410"}); *owned != want {
		t.Errorf("%+v, want %+v", *owned, want)
	}
	if text := err.Error(); !strings.Contains(text, "a server at 127.0.0.1:7410") {
		t.Errorf("error %q does not name the server", text)
	}
	closeStore(t, s)
	closeStore(t, open(t, where))
	// An owner that is gone leaves its words behind, and they mean nothing.
	if err := os.WriteFile(filepath.Join(where.Dir, lockFile), []byte(`{"pid":1,"listen":"old"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, where)
}

// TestOpenAtOnce: processes that meet at an empty database migrate it once.
func TestOpenAtOnce(t *testing.T) {
	where := Options{URL: newDatabase(t)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := Open(t.Context(), where)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Head(t.Context()); err != nil {
				t.Error(err)
			}
			closeStore(t, s)
		})
	}
	all.Wait()
}

func TestOpenRefuses(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		readOnly := where
		readOnly.ReadOnly = true
		if where.Dir != "" {
			readOnly.Dir = filepath.Join(where.Dir, "none")
		}
		if s, err := Open(t.Context(), readOnly); err == nil {
			t.Errorf("an empty database was opened for reading only")
			closeStore(t, s)
		}
		readOnly.Dir = where.Dir

		s := open(t, where)
		c := write(t, s, func(tx ledger.Tx) error { return tx.SetDocuments(t.Context(), document("d", "1")) })
		closeStore(t, s)
		s = open(t, readOnly)
		if head := must(s.Head(t.Context()))(t); head != c.Number {
			t.Errorf("read only: head %d", head)
		}
		if _, err := s.Write(t.Context(), c, func(tx ledger.Tx) error { return tx.SetDocuments(t.Context(), document("d", "2")) }); err == nil {
			t.Error("read only: a commit was written")
		}
		closeStore(t, s)

		s = open(t, where)
		if _, err := s.writer.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)"); err != nil {
			t.Fatal(err)
		}
		closeStore(t, s)
		if _, err := Open(t.Context(), where); !errors.Is(err, ErrNewer) {
			t.Errorf("error %v, want ErrNewer", err)
		}
	})
}

func TestAddressShowsNoPassword(t *testing.T) {
	tests := map[string]Options{
		"password":            {URL: "postgres://anna:s3cret@localhost/b"},
		"password_parameter":  {URL: "postgres://anna@localhost/b?password=s3cret"},
		"bad_port":            {URL: "postgres://anna:s3cret@localhost:x/b", PasswordInURL: true},
		"bad_escape":          {URL: "postgres://anna:s3cret%zz@localhost/b", PasswordInURL: true},
		"unescaped":           {URL: "postgres://anna:s3cret/more@localhost/b", PasswordInURL: true},
		"bad_parameter":       {URL: "postgres://anna:s3cret@localhost/b?sslmode=s3cret", PasswordInURL: true},
		"no_url":              {URL: "host=localhost password=s3cret", PasswordInURL: true},
		"nobody_there":        {URL: "postgres://anna:s3cret@127.0.0.1:1/b?connect_timeout=1", PasswordInURL: true},
		"nobody_and_escaped":  {URL: "postgres://anna:s3cret%2F@127.0.0.1:1/b", PasswordInURL: true},
		"both":                {URL: "postgres://anna:s3cret@localhost/b", Dir: "x"},
		"another_data_source": {URL: "mysql://anna:s3cret@localhost/b"},
	}
	for name, where := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), where)
			if err == nil {
				closeStore(t, s)
				t.Fatal("it was opened")
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// TestMigrationsAgree: both databases have the same tables and columns.
func TestMigrationsAgree(t *testing.T) {
	columns := func(s *Store, query string) map[string]bool {
		found := map[string]bool{}
		rows, err := s.pool.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				t.Fatal(err)
			}
			found[table+"."+column] = !strings.HasPrefix(table, "goose_")
		}
		return found
	}
	lite := columns(open(t, Options{Dir: t.TempDir()}), "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'")
	full := columns(open(t, Options{URL: newDatabase(t)}), "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
	if diff := cmp.Diff(lite, full); diff != "" {
		t.Errorf("columns: -SQLite +PostgreSQL\n%s", diff)
	}
	if len(lite) < 60 {
		t.Errorf("%d columns, want more", len(lite))
	}
}
