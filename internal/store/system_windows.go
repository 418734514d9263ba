package store

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks a file unless another process has. What is locked lies far behind
// its text, which others read.
func lock(file *os.File) (taken bool, err error) {
	far := windows.Overlapped{OffsetHigh: 1}
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &far)
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("lock %q: %w", file.Name(), err)
	}
	return true, nil
}

// unlock gives a lock up.
func unlock(file *os.File) error {
	far := windows.Overlapped{OffsetHigh: 1}
	if err := windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, &far); err != nil {
		return fmt.Errorf("unlock %q: %w", file.Name(), err)
	}
	return nil
}

// syncDirectory does nothing: the system cannot be asked to.
func syncDirectory(string) error { return nil }
