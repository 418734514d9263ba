package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrOwned is below every [OwnedError].
var ErrOwned = errors.New("another process owns the data directory")

// OwnedError says that another process owns a data directory.
type OwnedError struct {
	Dir    string
	PID    int    // of the owner, 0 if it did not say
	Listen string // where its server listens, "" if it does not or did not say
}

// Error names the owner.
func (e *OwnedError) Error() string {
	text := fmt.Sprintf("data directory %q: another process owns it", e.Dir)
	if e.PID != 0 {
		text += fmt.Sprintf(" (process %d", e.PID)
		if e.Listen != "" {
			text += ", a server at " + e.Listen
		}
		text += ")"
	}
	return text
}

// Unwrap gives [ErrOwned].
func (e *OwnedError) Unwrap() error { return ErrOwned }

// lockFile is the name of the file in a data directory whose lock is held by
// its owner. The system releases the lock when the owner ends, however it does.
const lockFile = "owner.lock"

// owner is the right to a data directory.
type owner struct{ file *os.File }

// claim is what an owner writes into its lock file, for people.
type claim struct {
	PID    int    `json:"pid"`
	Listen string `json:"listen,omitempty"`
}

// own takes a data directory, or says whose it is.
func own(dir string) (*owner, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("own data directory %q: %w", dir, err)
	}
	taken, err := lock(file)
	if err == nil && taken {
		o := &owner{file}
		if err = o.say(claim{PID: os.Getpid()}); err == nil {
			return o, nil
		}
	} else if err == nil {
		err = ownedBy(dir, file)
	}
	return nil, errors.Join(err, file.Close())
}

func ownedBy(dir string, file *os.File) error {
	var c claim
	text, err := io.ReadAll(io.LimitReader(file, 4096))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		c = claim{} // it is about to write it
	}
	return &OwnedError{Dir: dir, PID: c.PID, Listen: c.Listen}
}

func (o *owner) say(c claim) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := o.file.Truncate(0); err != nil {
		return fmt.Errorf("write %q: %w", o.file.Name(), err)
	}
	if _, err := o.file.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("write %q: %w", o.file.Name(), err)
	}
	return nil
}

// release gives the directory up. The file stays: removing it would let two
// processes lock two files of the same name.
func (o *owner) release() error {
	if o == nil || o.file == nil {
		return nil
	}
	file := o.file
	o.file = nil
	return errors.Join(file.Truncate(0), unlock(file), file.Close())
}

func (o *owner) announce(listen string) error {
	return o.say(claim{PID: os.Getpid(), Listen: listen})
}
