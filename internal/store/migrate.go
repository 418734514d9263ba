package store

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrNewer says that a newer program made the database.
var ErrNewer = errors.New("a newer version of bartizan made this database; this one cannot read it")

// ErrNothing says that there is no database, or that nothing was kept in it yet.
var ErrNothing = errors.New("the database is empty: nothing was kept in it yet")

var errOlder = errors.New("the database is of an older format; open it once for writing to bring it up to date")

// versionTable is goose's own.
const versionTable = "goose_db_version"

// migrate brings the database to this program's format, or refuses it.
func (s *Store) migrate(ctx context.Context) error {
	provider, err := s.migrator()
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	if done, err := s.current(ctx, newest); done || err != nil {
		return err
	}
	if s.readOnly {
		empty, err := s.empty(ctx)
		if empty && err == nil {
			err = ErrNothing
		}
		return cmp.Or(err, errOlder)
	}
	release, err := s.dialect.alone(ctx, s.held)
	if err != nil {
		return fmt.Errorf("wait for others to migrate: %w", err)
	}
	defer release()
	if done, err := s.current(ctx, newest); done || err != nil { // another process was first
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// empty reports whether the database was never migrated.
func (s *Store) empty(ctx context.Context) (empty bool, err error) {
	err = s.reading(ctx, func(at *session) error {
		ours, err := s.dialect.hasTable(ctx, at.on, versionTable)
		empty = !ours
		return err
	})
	return empty, err
}

func (s *Store) migrator() (*goose.Provider, error) {
	folder, dialect := s.dialect.migrations()
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.writer, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// current reports whether the database has the newest format, and refuses one
// that is newer still or not ours.
func (s *Store) current(ctx context.Context, newest int64) (bool, error) {
	var version int64
	err := s.reading(ctx, func(at *session) error {
		ours, err := s.dialect.hasTable(ctx, at.on, versionTable)
		if err != nil || !ours {
			return err
		}
		_, err = at.one(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable, nil, &version)
		return err
	})
	if err == nil && version > newest {
		err = fmt.Errorf("%w (format %d, want at most %d)", ErrNewer, version, newest)
	}
	return version == newest, err
}
