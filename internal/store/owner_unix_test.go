//go:build !windows

package store

import (
	"syscall"
	"testing"
)

// TestRelease: a directory that was given up is free at once, also while a
// process that is being started still has a copy of the file of its lock.
func TestRelease(t *testing.T) {
	dir := t.TempDir()
	o, err := own(dir)
	if err != nil {
		t.Fatal(err)
	}
	held, err := syscall.Dup(int(o.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(held) //nolint:errcheck // a copy
	if err := o.release(); err != nil {
		t.Fatal(err)
	}
	again, err := own(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.release(); err != nil {
		t.Error(err)
	}
}
