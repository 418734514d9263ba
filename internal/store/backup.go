package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// ErrNoBackup says that this database is backed up by its own programs; the
// error that wraps it names the command.
var ErrNoBackup = errors.New("PostgreSQL is backed up and restored by its own programs")

// Backup writes a copy of the database as of now to a file, which must not be
// there yet, and gives the last commit in it. The store may be used meanwhile.
// The copy was opened and read before it got its name; it holds no sealing key.
//
// For PostgreSQL it fails with [ErrNoBackup] and names the command.
func (s *Store) Backup(ctx context.Context, file string) (ledger.Number, error) {
	if s.address != nil {
		return 0, fmt.Errorf("%w: pg_dump --format=custom --file=%s %s", ErrNoBackup, quoted(file), quoted(s.shown))
	}
	if _, err := os.Stat(file); err == nil {
		return 0, fmt.Errorf("back up to %q: there is a file of that name", file)
	}
	part := file + ".part"
	head, err := s.copyTo(ctx, part)
	if err == nil {
		err = os.Rename(part, file)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(file))
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("back up to %q: %w", file, err), removeIfThere(part))
	}
	return head, nil
}

// copyTo writes the database to a file and looks whether it is there as it
// should be.
func (s *Store) copyTo(ctx context.Context, file string) (ledger.Number, error) {
	if err := removeIfThere(file); err != nil {
		return 0, err
	}
	empty, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if err := empty.Close(); err != nil {
		return 0, err
	}
	from, err := sqlitePool(s.file, 1, false)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	if _, err := from.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil { // it counts the copy as well
		return 0, err
	}
	if _, err := from.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return 0, err
	}
	if err := syncFile(file); err != nil {
		return 0, err
	}
	return verify(ctx, file, soundFile)
}

// scrutiny says how a copy of a database is looked at.
type scrutiny uint8

const (
	readable  scrutiny = iota // it can be opened
	soundFile                 // and the file has no damage
	soundAll                  // nor has what [Store.Check] reads in it
)

// verify opens a copy of a database and gives its last commit. It fails with
// [ErrDamagedBackup] where it opens and is not as it is wanted.
func verify(ctx context.Context, file string, wanted scrutiny) (ledger.Number, error) {
	pool, err := sqlitePool(file, 1, false)
	if err != nil {
		return 0, err
	}
	defer func() { // of a copy that was made by other means
		_ = removeIfThere(file + "-wal")
		_ = removeIfThere(file + "-shm")
	}()
	copied := &Store{dialect: sqliteDialect{}, file: file, pool: pool, writer: pool, readOnly: true}
	copied.forget()
	defer pool.Close()
	switch err := copied.migrate(ctx); {
	case errors.Is(err, errOlder) || errors.Is(err, ErrNothing):
		wanted = min(wanted, soundFile) // its tables are other ones
	case err != nil:
		return 0, fmt.Errorf("%q: %w", file, err)
	}
	head, err := copied.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", file, err)
	}
	checks := copied.checks()
	switch wanted {
	case readable:
		return head, nil
	case soundFile:
		checks = checks[:1]
	}
	findings, err := copied.run(ctx, checks)
	if err != nil {
		return 0, err
	}
	var damages []string
	for _, f := range findings {
		if !f.OK {
			damages = append(damages, f.Check+": "+f.Finding)
		}
	}
	if damages != nil {
		return 0, fmt.Errorf("%w: %s", ErrDamagedBackup, strings.Join(damages, "; "))
	}
	return head, nil
}

// Restore puts a backup in the place of the database in a data directory, which
// is made if there is none, and gives the last commit in it. A database that was
// there is kept beside it, under its name with ".replaced" behind it; one that
// was kept so before is removed. If it is stopped it can be called again.
//
// A backup in which [Store.Check] finds something fails with [ErrDamagedBackup], unless
// damaged is true: then any that opens is taken as it is. It fails with
// [OwnedError] while a process uses the directory. For PostgreSQL it fails with
// [ErrNoBackup] and names the command.
func Restore(ctx context.Context, file string, damaged bool, options Options) (ledger.Number, error) {
	if options.URL != "" {
		_, name, err := parseAddress(options)
		if err != nil {
			return 0, err
		}
		return 0, fmt.Errorf("%w: pg_restore --clean --if-exists --no-owner --single-transaction --dbname=%s %s", ErrNoBackup, quoted(name), quoted(file))
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return 0, fmt.Errorf("make data directory: %w", err)
	}
	owner, err := own(options.Dir)
	if err != nil {
		return 0, err
	}
	wanted := soundAll
	if damaged {
		wanted = readable
	}
	head, err := restore(ctx, file, wanted, filepath.Join(options.Dir, databaseFile))
	if err != nil {
		err = fmt.Errorf("restore %q: %w", file, err)
	}
	return head, errors.Join(err, owner.release())
}

func restore(ctx context.Context, file string, wanted scrutiny, database string) (ledger.Number, error) {
	part := database + ".part"
	if err := copyFile(file, part); err != nil {
		return 0, err
	}
	head, err := verify(ctx, part, wanted)
	if err != nil {
		return 0, errors.Join(err, removeIfThere(part))
	}
	if err := setAside(database); err != nil {
		return 0, err
	}
	if err := os.Rename(part, database); err != nil {
		return 0, err
	}
	return head, syncDirectory(filepath.Dir(database))
}

// setAside gives a database another name. Its log goes first: it is no good to
// the one that follows.
func setAside(database string) error {
	replaced := database + ".replaced"
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := removeIfThere(replaced + end); err != nil {
			return err
		}
	}
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(database+end, replaced+end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// syncFile waits until a file is on the disk.
func syncFile(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// quoted is a word for a shell.
func quoted(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
