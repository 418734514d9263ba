//go:build !windows

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock locks a file unless another process has.
func lock(file *os.File) (taken bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("lock %q: %w", file.Name(), err)
	}
	return true, nil
}

// unlock gives a lock up, also where a process that is just being started still
// holds a copy of the file.
func unlock(file *os.File) error {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_UN); err != nil {
		return fmt.Errorf("unlock %q: %w", file.Name(), err)
	}
	return nil
}

// syncDirectory waits until the names in a directory are on the disk.
func syncDirectory(name string) error { return syncFile(name) }
