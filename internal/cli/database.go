package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// The environment of commands that work on what is kept.
const (
	dataVariable     = "BARTIZAN_DATA"
	databaseVariable = "BARTIZAN_DATABASE"
	sealingVariable  = "BARTIZAN_SEALING_KEY"
)

// sealingFile is the file in a data directory that holds the sealing key.
const sealingFile = "sealing.key"

// databaseFlags say where what is kept is.
type databaseFlags struct{ data, database string }

func (f *databaseFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "data directory (default: $"+dataVariable+", else one of the user's own)")
	flags.StringVar(&f.database, "database", "", "address of a PostgreSQL database, without a password: that is taken from $"+databaseVariable+" or a pgpass file")
	cmd.MarkFlagsMutuallyExclusive("data", "database")
	wantValue(cmd, "a folder", "data")
	wantValue(cmd, "an address such as postgres://user@host/name", "database")
}

// options gives where the store is. An address in the environment may hold a
// password, because nobody else sees it.
func (f *databaseFlags) options(a *app) (store.Options, error) {
	switch {
	case f.database != "":
		return store.Options{URL: f.database}, nil
	case f.data != "":
		return store.Options{Dir: f.data}, nil
	case a.Getenv(databaseVariable) != "":
		return store.Options{URL: a.Getenv(databaseVariable), PasswordInURL: true}, nil
	}
	dir, err := dataDirectory(a.Getenv)
	return store.Options{Dir: dir}, err
}

// dataDirectory is where a user's programs keep what is theirs.
func dataDirectory(getenv func(string) string) (string, error) {
	if dir := getenv(dataVariable); dir != "" {
		return dir, nil
	}
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
		return "", usagef("no data directory is known: give --data or %s", dataVariable)
	}
	return filepath.Join(base, "bartizan"), nil
}

// given reports whether a flag says where what is kept is.
func (f *databaseFlags) given() bool { return f.data != "" || f.database != "" }

// inventory makes what is kept the input of an assessment. The store stays open
// as long as the command.
func (f *databaseFlags) inventory(ctx context.Context, a *app, o *assess.Options) error {
	s, err := f.openOnly(ctx, a)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, s)
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if o.Hierarchy, err = estate.Hierarchy(ctx, s, head); err != nil {
		return err
	}
	if o.Library == nil { // what is assigned; a catalog of one's own takes its place
		if o.Library, o.Assignments, err = estate.Assigned(ctx, s, head); err != nil {
			return err
		}
	}
	o.Partial = true // but for what read records call complete
	o.Inputs = []assess.Input{{
		Name: "what is kept", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, s, head), nil },
	}}
	return nil
}

// open opens the store. What the command line has to do with a failure is its
// fault: a directory that a server owns.
func (f *databaseFlags) open(ctx context.Context, a *app) (*store.Store, store.Options, error) {
	options, err := f.options(a)
	if err != nil {
		return nil, options, err
	}
	s, err := store.Open(ctx, options)
	if errors.Is(err, store.ErrOwned) {
		return nil, options, usage(err)
	}
	return s, options, err
}

// openOnly opens a store that is there already, to read it.
func (f *databaseFlags) openOnly(ctx context.Context, a *app) (*store.Store, error) {
	options, err := f.options(a)
	if err != nil {
		return nil, err
	}
	options.ReadOnly = true
	s, err := store.Open(ctx, options)
	if errors.Is(err, store.ErrOwned) {
		return nil, usage(err)
	}
	return s, err
}

// sealingKey reads the key that secrets are sealed with, from the environment or
// a file of the data directory, which is made if there is none.
func sealingKey(a *app, options store.Options) ([]byte, error) {
	if text := a.Getenv(sealingVariable); text != "" {
		return parseSealingKey("$"+sealingVariable, text)
	}
	if options.Dir == "" {
		return nil, usagef("no sealing key: set %s, the same for all processes on the database, to 32 random bytes in base64", sealingVariable)
	}
	path := filepath.Join(options.Dir, sealingFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return parseSealingKey(path, string(text))
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("reading the sealing key: %w", err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	if err := writeOnce(path, base64.StdEncoding.EncodeToString(key)+"\n"); err != nil {
		return nil, fmt.Errorf("writing the sealing key: %w", err)
	}
	return key, nil
}

func parseSealingKey(from, text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("sealing key of %s: want at least 32 bytes in base64", from)
	}
	return key, nil
}

// knownFile holds, in a data directory, what is known of resources.
const knownFile = "inventory.known"

// keepKnown writes it.
func keepKnown(ctx context.Context, place store.Options, e *estate.Estate) error {
	if place.Dir == "" {
		return nil
	}
	return writeWhole(filepath.Join(place.Dir, knownFile), func(w io.Writer) error { return e.WriteKnown(ctx, w) })
}

// readIfThere reads a file of a data directory, nil for none.
func readIfThere(place store.Options, name string) ([]byte, error) {
	if place.Dir == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(place.Dir, name))
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
