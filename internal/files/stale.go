package files

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
)

// partName is the form of the names that create gives; the number after the
// base is that of the process.
var partName = regexp.MustCompile(`^\..+\.([0-9]+)\.[0-9]+\.part$`)

// removeStale removes the temporary files of processes that have ended without
// doing so themselves. What does not work is left to the next run: nobody
// waits for it.
func removeStale(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		found := partName.FindStringSubmatch(entry.Name())
		if found == nil || !entry.Type().IsRegular() {
			continue
		}
		if pid, err := strconv.Atoi(found[1]); err == nil && ended(pid) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// ended reports whether there is certainly no process of this number. Signal 0
// only asks; where the system knows no such signal, the answer is no.
func ended(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	defer func() { _ = process.Release() }() // nothing depends on it
	return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) || unburied(pid)
}

// unburied reports whether a process has ended without its parent taking note,
// as Linux tells behind the last bracket: "7 (name) Z …". Elsewhere the file is
// not there.
func unburied(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" Z"))
}
