package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// databaseFile is the database's name in a data directory.
const databaseFile = "bartizan.db"

// sqliteDialect is SQLite's way.
type sqliteDialect struct{}

func (sqliteDialect) bind(query string) string { return query }

func (sqliteDialect) migrations() (string, goose.Dialect) {
	return "migrations/sqlite", goose.DialectSQLite3
}

// alone: whoever opened the directory owns it.
func (sqliteDialect) alone(context.Context, *sql.DB) (func(), error) { return func() {}, nil }

// share and sweepAlone: nobody but this process is there.
func (sqliteDialect) share(context.Context, *sql.DB) (func(), error) { return func() {}, nil }

func (sqliteDialect) sweepAlone(context.Context, *sql.DB) (func(), bool, error) {
	return func() {}, true, nil
}

// lockWriter: the writer's transactions begin as such (_txlock=immediate).
func (sqliteDialect) lockWriter(context.Context, *session) error { return nil }

// announce: those who wait are in this process and hear of it there.
func (sqliteDialect) announce(context.Context, *session) error { return nil }

func (sqliteDialect) listen(context.Context, *Store) (func(context.Context, <-chan struct{}) error, func()) {
	wait := func(ctx context.Context, next <-chan struct{}) error {
		select {
		case <-next:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return wait, func() {}
}

func (sqliteDialect) copy(ctx context.Context, at *session, table string, columns []string, rows [][]any) error {
	return at.insertValues(ctx, table, columns, "", rows)
}

func (sqliteDialect) hasTable(ctx context.Context, on querier, table string) (bool, error) {
	at := session{dialect: sqliteDialect{}, on: on}
	return at.one(ctx, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", []any{table}, new(int))
}

func (sqliteDialect) sound(ctx context.Context, at *session) ([]string, error) {
	var complaints []string
	err := at.each(ctx, "PRAGMA integrity_check(100)", nil, func(scan func(...any) error) error {
		var line string
		if err := scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			complaints = append(complaints, line)
		}
		return nil
	})
	return complaints, err
}

// Result codes of SQLite for a file that is damaged, or no database at all.
const (
	codeCorrupt    = 11
	codeNoDatabase = 26
)

func (sqliteDialect) damaged(err error) bool {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return false
	}
	code := failed.Code() & 0xff // without what it adds to it
	return code == codeCorrupt || code == codeNoDatabase
}

// Files that a data directory has besides the database, made from it.
const (
	KnownFile      = "inventory.known"
	CheckpointFile = "posture.index"
)

// lost is the error of a directory whose database is empty or not there, although
// what was made from it is: opening it would begin another one without a word.
func lost(dir string) error {
	file := filepath.Join(dir, databaseFile)
	state := "is empty"
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		state = "is not there"
	case err != nil || info.Size() > 0:
		return nil
	}
	for _, name := range []string{KnownFile, CheckpointFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%w: %q %s, and %s beside it was made from it; to begin anew, remove that", ErrDamaged, file, state, name)
		}
	}
	return nil
}

// openSQLite opens the database of a data directory, which is made if there is
// none, and owns it until it is closed.
func openSQLite(options Options) (*Store, error) {
	if err := lost(options.Dir); err != nil {
		return nil, err
	}
	if err := makeDirectory(options); err != nil {
		return nil, err
	}
	owner, err := own(options.Dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(options.Dir, databaseFile)
	s := &Store{dialect: sqliteDialect{}, owner: owner, file: file}
	if s.writer, err = sqlitePool(file, 1, !options.ReadOnly); err == nil {
		s.pool, err = sqlitePool(file, 4*runtime.GOMAXPROCS(0)+4, false)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.puts = s.writer
	return s, nil
}

// notThere is an error of a file that is not there, which says that nothing was kept.
type notThere struct{ error }

// Unwrap implements errors.Is.
func (e notThere) Unwrap() []error { return []error{e.error, ErrNothing} }

func makeDirectory(options Options) error {
	if options.ReadOnly {
		if _, err := os.Stat(filepath.Join(options.Dir, databaseFile)); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				err = notThere{err}
			}
			return fmt.Errorf("open data directory %q: want a database in it: %w", options.Dir, err)
		}
		return nil
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(options.Dir, databaseFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open data directory %q: %w", options.Dir, err)
	}
	return file.Close()
}

// sqlitePool opens connections to a database file. Those that write are
// immediate: a transaction waits for its turn when it begins.
func sqlitePool(file string, most int, writes bool) (*sql.DB, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", file, err)
	}
	settings := url.Values{
		"_busy_timeout": {"60000"},
		"_pragma":       {"cache_size(-16000)", "temp_store(2)", "wal_autocheckpoint(4000)"},
		"_dqs":          {"false"},
		"_error_rc":     {"true"},
	}
	if writes {
		settings.Set("_txlock", "immediate")
		settings.Set("_journal_mode", "WAL")
		settings.Set("_synchronous", "FULL")
	} else {
		settings.Set("_query_only", "true")
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: settings.Encode()}
	connector, err := sqlite.NewConnector(address.String())
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", file, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}
