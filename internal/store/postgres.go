package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Advisory locks of PostgreSQL, each about one thing in one database.
const (
	migrationLock = 0x62617274_00000001 + iota
	writerLock
	intakeLock
)

// channel is where commits are announced.
const channel = "bartizan_commit"

// postgresDialect is PostgreSQL's way.
type postgresDialect struct{}

func (postgresDialect) bind(query string) string { return dollars(query) }

func (postgresDialect) migrations() (string, goose.Dialect) {
	return "migrations/postgres", goose.DialectPostgres
}

func (postgresDialect) alone(ctx context.Context, db *sql.DB) (func(), error) {
	return holdLock(ctx, db, "pg_advisory_lock($1)", "pg_advisory_unlock($1)", migrationLock)
}

// holdLock takes an advisory lock and holds it, with its connection, until
// release is called or the connection is lost.
func holdLock(ctx context.Context, db *sql.DB, take, give string, lock int64) (release func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT "+take, lock); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() { giveBack(ctx, conn, give, lock) }, nil
}

// giveBack releases a lock. Connections of this pool are not kept, so that the
// lock ends with its connection whatever happens; but the server notices that
// later.
func giveBack(ctx context.Context, conn *sql.Conn, give string, lock int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = conn.ExecContext(ctx, "SELECT "+give, lock)
	_ = conn.Close()
}

func (postgresDialect) share(ctx context.Context, db *sql.DB) (func(), error) {
	return holdLock(ctx, db, "pg_advisory_lock_shared($1)", "pg_advisory_unlock_shared($1)", intakeLock)
}

func (postgresDialect) sweepAlone(ctx context.Context, db *sql.DB) (release func(), taken bool, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(intakeLock)).Scan(&taken)
	if err != nil || !taken {
		return nil, false, errors.Join(err, conn.Close())
	}
	return func() { giveBack(ctx, conn, "pg_advisory_unlock($1)", intakeLock) }, true, nil
}

func (postgresDialect) lockWriter(ctx context.Context, at *session) error {
	_, err := at.exec(ctx, "SELECT pg_advisory_xact_lock(?)", int64(writerLock))
	return err
}

func (postgresDialect) announce(ctx context.Context, at *session) error {
	_, err := at.exec(ctx, "SELECT pg_notify(?, '')", channel)
	return err
}

// pollEvery is how long a follower believes that there is no commit because none
// was announced.
const pollEvery = 500 * time.Millisecond

func (postgresDialect) listen(ctx context.Context, s *Store) (wait func(context.Context, <-chan struct{}) error, end func()) {
	conn, err := s.held.Conn(ctx)
	if err != nil {
		return poll, func() {}
	}
	end = func() { _ = conn.Close() }
	if _, err := conn.ExecContext(ctx, "LISTEN "+channel); err != nil {
		return poll, end // a pooler in between may not let it
	}
	return func(ctx context.Context, _ <-chan struct{}) error {
		short, cancel := context.WithTimeout(ctx, s.pollEvery)
		defer cancel()
		err := conn.Raw(func(driver any) error {
			_, err := driver.(*stdlib.Conn).Conn().WaitForNotification(short)
			return err
		})
		switch {
		case err == nil, ctx.Err() == nil && short.Err() != nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		return poll(ctx, nil) // the connection was lost
	}, end
}

// poll waits for the next look.
func poll(ctx context.Context, _ <-chan struct{}) error {
	timer := time.NewTimer(pollEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (postgresDialect) copy(ctx context.Context, at *session, table string, columns []string, rows [][]any) error {
	return at.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		if err != nil {
			return fmt.Errorf("add %d rows to %s: %w", len(rows), table, err)
		}
		return nil
	})
}

func (postgresDialect) hasTable(ctx context.Context, on querier, table string) (bool, error) {
	at := session{dialect: postgresDialect{}, on: on}
	var there bool
	_, err := at.one(ctx, "SELECT to_regclass(?::text) IS NOT NULL", []any{table}, &there)
	return there, err
}

// damaged: the classes of data_corrupted and index_corrupted.
func (postgresDialect) damaged(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && (failed.Code == "XX001" || failed.Code == "XX002")
}

// sound: PostgreSQL checks its pages itself where it was made with checksums;
// amcheck is an extension that only its owner may add.
func (postgresDialect) sound(context.Context, *session) ([]string, error) { return nil, nil }

// openPostgres opens a database by its address.
func openPostgres(options Options) (*Store, error) {
	config, bare, err := parseAddress(options)
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: postgresDialect{}, address: config, shown: bare}
	s.writer, s.pool, s.held = stdlib.OpenDB(*config), stdlib.OpenDB(*config), stdlib.OpenDB(*config)
	s.writer.SetMaxOpenConns(1)
	s.pool.SetMaxOpenConns(4*runtime.GOMAXPROCS(0) + 4)
	s.pool.SetMaxIdleConns(4)
	s.held.SetMaxIdleConns(0)
	s.puts, s.pollEvery = s.pool, pollEvery
	return s, nil
}

// parseAddress reads the address of a database. No error of it shows a password.
func parseAddress(options Options) (config *pgx.ConnConfig, bare string, err error) {
	const wanted = "want an address like postgres://user@host:5432/name"
	address, err := url.Parse(options.URL)
	if err != nil || address.Scheme != "postgres" && address.Scheme != "postgresql" {
		return nil, "", errors.New("address of the database: " + wanted)
	}
	password, given := address.User.Password()
	parameter := address.Query().Get("password")
	if (given || parameter != "") && !options.PasswordInURL {
		return nil, "", fmt.Errorf("database %s: want the password in BARTIZAN_DATABASE or a pgpass file, where nobody else on the machine sees it", shown(address))
	}
	config, err = pgx.ParseConfig(options.URL)
	if err != nil {
		text := err.Error()
		for _, secret := range []string{password, url.QueryEscape(password), url.PathEscape(password), parameter, url.QueryEscape(parameter)} {
			if secret != "" {
				text = strings.ReplaceAll(text, secret, "…")
			}
		}
		return nil, "", fmt.Errorf("database %s: %s: %s", shown(address), wanted, text)
	}
	if options.ReadOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "bartizan"
	}
	return config, shown(address), nil
}

// shown is an address without password and parameters but for its host.
func shown(address *url.URL) string {
	bare := url.URL{Scheme: address.Scheme, Host: address.Host, Path: address.Path}
	if name := address.User.Username(); name != "" {
		bare.User = url.User(name)
	}
	if host := address.Query().Get("host"); host != "" { // a folder of sockets
		bare.RawQuery = url.Values{"host": {host}}.Encode()
	}
	return bare.String()
}
