package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Options say where a store is.
type Options struct {
	// Dir is a data directory for SQLite; it is made if there is none. Either it
	// or URL is given.
	Dir string
	// URL is the address of a PostgreSQL database.
	URL string
	// PasswordInURL says that URL was given where nobody else sees it, by the
	// environment, so that it may hold a password.
	PasswordInURL bool
	// ReadOnly changes nothing: a database that has to be migrated is refused.
	ReadOnly bool
	// FailPoint is called at each of [FailPoints], so that tests can end the
	// process there. Nil for none.
	FailPoint func(point string)
}

// Store is an open database. Its methods may be called by many goroutines at
// once.
type Store struct {
	dialect  dialect
	readOnly bool
	fail     func(point string)

	owner   *owner          // SQLite
	file    string          // SQLite: the database
	address *pgx.ConnConfig // PostgreSQL
	shown   string          // PostgreSQL: the address, fit to be shown

	writer *sql.DB // one connection: commits
	puts   *sql.DB // what is put outside of commits
	pool   *sql.DB // reads
	held   *sql.DB // PostgreSQL: connections that are held for as long as something is

	pollEvery time.Duration // PostgreSQL: see there

	types, scopes *dictionary
	codec         *codec
	evaluations   numbered
	heads         *heads
	intakes       sync.RWMutex // read by intakes, locked by sweeps
}

// ErrDamaged says that what is kept cannot be read any more.
var ErrDamaged = errors.New("the database is damaged; restore the newest backup")

// ErrDamagedBackup says that a backup has faults, which stand behind it.
var ErrDamagedBackup = errors.New("the backup is damaged")

// Open opens a store. A new or older database is migrated; one that a newer
// program made is refused ([ErrNewer]), and so are a data directory that another
// process owns ([OwnedError]) and what is no sound database ([ErrDamaged]).
func Open(ctx context.Context, options Options) (*Store, error) {
	if (options.Dir == "") == (options.URL == "") {
		return nil, errors.New("open store: want either a data directory or the address of a database")
	}
	open := openSQLite
	if options.URL != "" {
		open = openPostgres
	}
	s, err := open(options)
	if err != nil {
		return nil, err
	}
	s.readOnly, s.fail = options.ReadOnly, options.FailPoint
	if s.fail == nil {
		s.fail = func(string) {}
	}
	s.forget()
	if err := s.migrate(ctx); err != nil {
		if s.dialect.damaged(err) {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return nil, errors.Join(fmt.Errorf("open %s: %w", s.place(), err), s.Close())
	}
	return s, nil
}

// forget makes what is remembered of the database empty, as it begins.
func (s *Store) forget() {
	s.types = newDictionary("type_name", foldType)
	s.scopes = newDictionary("scope_name", foldScope)
	s.codec = newCodec()
	s.evaluations.by = map[ledger.Evaluation]uint32{}
	s.heads = newHeads()
}

// place names the database for people, without secrets.
func (s *Store) place() string {
	if s.address != nil {
		return "database " + s.shown
	}
	return fmt.Sprintf("database %q", s.file)
}

// Announce writes into the data directory where this process's server listens,
// for those who find the directory owned. It does nothing on PostgreSQL.
func (s *Store) Announce(listen string) error {
	if s.owner == nil {
		return nil
	}
	return s.owner.announce(listen)
}

// Close ends all connections and gives the data directory up. Nothing may be
// running. Closing twice does nothing.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.pool, s.held, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.owner.release())...)
}

// reading is a session that reads one snapshot.
func (s *Store) reading(ctx context.Context, read func(*session) error) error {
	return s.inTransaction(ctx, s.pool, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, read)
}

// inTransaction runs work in a transaction of its own, which is rolled back if
// it fails or panics.
func (s *Store) inTransaction(ctx context.Context, db *sql.DB, options *sql.TxOptions, work func(*session) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", s.place(), err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing is left of it after Commit
	if err := work(&session{dialect: s.dialect, on: tx, conn: conn}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
