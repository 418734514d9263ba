package files

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A process that was killed and that its parent has not taken note of, as the
// first process of a container may never do, has ended.
func TestWriteFileRemovesWhatTheUnburiedLeft(t *testing.T) {
	const byNumber = 1 // P_PID of waitid
	short := exec.Command(os.Args[0], "-test.run=^$")
	if err := short.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = short.Wait() }()
	pid := short.Process.Pid
	if _, _, errno := syscall.Syscall6(syscall.SYS_WAITID, byNumber, uintptr(pid), 0, syscall.WEXITED|syscall.WNOWAIT, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	left := fmt.Sprintf(".report.json.%d.0.part", pid)
	dir := folder(t, left)
	if err := WriteFile(filepath.Join(dir, "report.csv"), func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, left)); err == nil {
		t.Errorf("%s is still there", left)
	}
}
