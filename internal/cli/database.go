package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/seal"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// sealingFile is the file in a data directory that holds the sealing keys.
const sealingFile = "sealing.key"

// Settings that messages name.
var (
	dataSetting    = settings.Named("data")
	sealingSetting = settings.Named("sealing-key")
)

// databaseFlags say where what is kept is.
type databaseFlags struct{ settingFlags }

func (f *databaseFlags) register(cmd *cobra.Command) {
	f.registerWith(cmd, func(d settings.Setting) bool { return d.Common })
}

// registerWith adds the flags of more settings than that.
func (f *databaseFlags) registerWith(cmd *cobra.Command, wanted func(settings.Setting) bool) {
	f.settingFlags.register(cmd, wanted)
	cmd.MarkFlagsMutuallyExclusive("data", "database")
}

// given reports whether a flag says where what is kept is.
func (f *databaseFlags) given() bool {
	return f.file != "" || f.cmd.Flags().Changed("data") || f.cmd.Flags().Changed("database")
}

// options gives where the store is.
func (f *databaseFlags) options(a *app) (store.Options, error) {
	s, err := f.load(a)
	if err != nil {
		return store.Options{}, err
	}
	return a.place(s)
}

// place gives where settings say that the store is. An address that is no flag
// may hold a password, because nobody else sees it.
func (a *app) place(s *settings.Settings) (store.Options, error) {
	if s.Database == "" {
		if s.Data != "" {
			return store.Options{Dir: s.Data}, nil
		}
		dir, err := dataDirectory(a.Getenv)
		return store.Options{Dir: dir}, err
	}
	o := store.Options{URL: s.Database, PasswordInURL: s.Origin("database").Kind != settings.FromFlag}
	if !s.DatabasePassword.Given() {
		return o, nil
	}
	password, err := a.secret("database-password", s.DatabasePassword)
	if err != nil {
		return o, err
	}
	address, err := url.Parse(o.URL)
	if _, given := address.User.Password(); err != nil || given && !o.PasswordInURL {
		return o, err // the store says that a password stands where all see it
	}
	address.User = url.UserPassword(address.User.Username(), password)
	return store.Options{URL: address.String(), PasswordInURL: true}, nil
}

// dataDirectory is where a user's programs keep what is theirs.
func dataDirectory(getenv func(string) string) (string, error) {
	base := getenv("XDG_DATA_HOME")
	switch home := getenv("HOME"); {
	case runtime.GOOS == "windows":
		base = getenv("LocalAppData")
	case runtime.GOOS == "darwin" && home != "":
		base = filepath.Join(home, "Library", "Application Support")
	case base == "" && home != "":
		base = filepath.Join(home, ".local", "share")
	}
	if base == "" {
		return "", usagef("no data directory is known: give --data or %s", dataSetting.Variable())
	}
	return filepath.Join(base, "bartizan"), nil
}

// inventory makes what is kept the input of an assessment, and gives how many places of
// what was imported could not be read, as a server counts them. The store stays open as
// long as the command.
func (f *databaseFlags) inventory(ctx context.Context, a *app, o *assess.Options) (rejected int, err error) {
	s, err := f.openOnly(ctx, a)
	if err != nil {
		return 0, err
	}
	a.closers = append(a.closers, s)
	head, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	if o.Hierarchy, err = estate.Hierarchy(ctx, s, head); err != nil {
		return 0, err
	}
	if o.Library == nil { // what is assigned; a catalog of one's own takes its place
		if o.Library, o.Assignments, err = estate.Assigned(ctx, s, head); err != nil {
			return 0, err
		}
	}
	losses, err := s.Losses(ctx, head)
	if err != nil {
		return 0, err
	}
	rejected, _ = estate.LostIn(losses, func(string) bool { return true })
	o.Partial = true // but for what read records call complete
	o.Inputs = []assess.Input{{
		Name: "what is kept", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, s, head), nil },
	}}
	return rejected, nil
}

// open opens the store. What the command line has to do with a failure is its
// fault: a directory that a server owns.
func (f *databaseFlags) open(ctx context.Context, a *app) (*store.Store, *settings.Settings, error) {
	s, err := f.load(a)
	if err != nil {
		return nil, nil, err
	}
	kept, err := a.openStore(ctx, s)
	return kept, s, err
}

// roomOfStore bounds what a process holds that keeps an estate: a first import of a
// million resources holds more than an assessment of them.
const roomOfStore = 5 << 29

func (a *app) openStore(ctx context.Context, s *settings.Settings) (*store.Store, error) {
	if a.BoundMemory != nil {
		a.BoundMemory(roomOfStore)
	}
	options, err := a.place(s)
	if err != nil {
		return nil, err
	}
	s.Data = options.Dir
	kept, err := store.Open(ctx, options)
	if errors.Is(err, store.ErrOwned) {
		return nil, usage(err)
	}
	return kept, err
}

// openOnly opens a store that is there already, to read it.
func (f *databaseFlags) openOnly(ctx context.Context, a *app) (*store.Store, error) {
	s, _, err := f.openWith(ctx, a)
	return s, err
}

// openWith is openOnly, and gives the settings too.
func (f *databaseFlags) openWith(ctx context.Context, a *app) (*store.Store, *settings.Settings, error) {
	set, err := f.load(a)
	if err != nil {
		return nil, nil, err
	}
	options, err := a.place(set)
	if err != nil {
		return nil, nil, err
	}
	options.ReadOnly, set.Data = true, options.Dir
	s, err := store.Open(ctx, options)
	if errors.Is(err, store.ErrOwned) {
		return nil, nil, usage(err)
	}
	return s, set, err
}

// openForImport opens the store that an import goes into, with the key that secrets are
// sealed with. A dry run changes nothing there; where nothing is kept yet it has an empty
// store that is gone when it is done, and a key of its own.
func (f *databaseFlags) openForImport(ctx context.Context, a *app, dryRun bool) (s *store.Store, set *settings.Settings, key []byte, done func() error, err error) {
	done = func() error { return s.Close() }
	if a.BoundMemory != nil {
		a.BoundMemory(roomOfStore)
	}
	if !dryRun {
		s, set, err = f.open(ctx, a)
	} else if s, set, err = f.openWith(ctx, a); errors.Is(err, store.ErrNothing) {
		s, done, err = openForNow(ctx)
	}
	if err != nil {
		return nil, nil, nil, nil, err
	}
	ring, err := a.sealingKeysThere(set)
	switch {
	case err != nil:
	case ring != nil:
		key = ring.Oldest()
	case dryRun && set.Database == "":
		key = make([]byte, seal.KeyBytes)
		_, err = rand.Read(key)
	default:
		if ring, err = a.sealingKeys(set); err == nil {
			key = ring.Oldest()
		}
	}
	if err != nil {
		return nil, nil, nil, nil, errors.Join(err, done())
	}
	return s, set, key, done, nil
}

// openForNow opens an empty store in a temporary place.
func openForNow(ctx context.Context) (s *store.Store, done func() error, err error) {
	dir, err := os.MkdirTemp("", "bartizan-dry-run-*")
	if err != nil {
		return nil, nil, err
	}
	if s, err = store.Open(ctx, store.Options{Dir: dir}); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, func() error { return errors.Join(s.Close(), os.RemoveAll(dir)) }, nil
}

// sealingKeysThere reads the keys that secrets are sealed with, nil if there are
// none yet.
func (a *app) sealingKeysThere(s *settings.Settings) (*seal.Ring, error) {
	if s.SealingKey.Given() {
		text, err := a.secret("sealing-key", s.SealingKey)
		if err != nil {
			return nil, err
		}
		return parseSealingKeys(s.Origin("sealing-key").String(), text)
	}
	if s.Database != "" {
		return nil, nil
	}
	path := filepath.Join(s.Data, sealingFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return parseSealingKeys(path, string(text))
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("reading the sealing key: %w", err)
	}
	return nil, nil
}

// sealingKeys reads the keys that secrets are sealed with: those of the settings,
// or of a file of the data directory, which is made if there is none.
func (a *app) sealingKeys(s *settings.Settings) (*seal.Ring, error) {
	ring, err := a.sealingKeysThere(s)
	if ring != nil || err != nil {
		return ring, err
	}
	d := sealingSetting
	if s.Database != "" {
		return nil, usagef("no sealing key: set %s or %s_FILE, or %s in the settings, the same for all processes on the database, to %d random bytes in base64", d.Variable(), d.Variable(), d.Name, seal.KeyBytes)
	}
	path := filepath.Join(s.Data, sealingFile)
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := writeOnce(path, key+"\n"); err != nil {
		return nil, fmt.Errorf("writing the sealing key: %w", err)
	}
	a.note("made %s, the key that secrets are sealed with: keep a copy of it apart, no backup has it", path)
	return parseSealingKeys(path, key)
}

func parseSealingKeys(from, text string) (*seal.Ring, error) {
	ring, err := seal.ParseRing(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return ring, nil
}

// knownFile holds, in a data directory, what is known of resources.
const knownFile = store.KnownFile

// keepKnown writes it.
func keepKnown(ctx context.Context, dir string, e *estate.Estate) error {
	if dir == "" {
		return nil
	}
	return writeWhole(filepath.Join(dir, knownFile), func(w io.Writer) error { return e.WriteKnown(ctx, w) })
}

// readIfThere reads a file of a data directory, nil for none, or without one.
func readIfThere(dir, name string) ([]byte, error) {
	if dir == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// writeOnce writes a file that only its owner reads, whole or not at all.
func writeOnce(path, text string) error {
	return writeWhole(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// writeWhole is writeOnce for what is written bit by bit.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	err = write(file)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
