package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens a pseudo terminal: our end, and the program's.
func pseudoTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ours.Close() })
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	return ours, theirs
}

// TestLetters types letters beyond ASCII at the prompt of a terminal, under an
// inputrc that takes them for keys with Meta.
func TestLetters(t *testing.T) {
	home := t.TempDir()
	inputrc := "set cursor-position-probe off\nset convert-meta on\nset input-meta off\n"
	if err := os.WriteFile(filepath.Join(home, ".inputrc"), []byte(inputrc), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := pseudoTerminal(t)
	cmd := exec.Command(program)
	cmd.Args = []string{"bartizan", "query", "--format", "csv"}
	cmd.Env = []string{"HOME=" + home, "XDG_STATE_HOME=" + home, "INPUTRC=" + filepath.Join(home, ".inputrc"), "TERM=xterm"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	theirs.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(ours) // ends with an error when the program ends
		shown <- string(text)
	}()
	letters := "äöüßé€日ñÿ¡e\u0301👩\u200d👩!"
	fmt.Fprintf(ours, "print s=strcat(\"<\", \"%s>\")\r\x1b[200~print s=strcat(\"[\", \"%s]\")\x1b[201~\r.exit\r", letters, letters)
	err = cmd.Wait()
	got := <-shown
	if err != nil || !strings.Contains(got, "\n<"+letters+">") || !strings.Contains(got, "\n["+letters+"]") {
		t.Errorf("%v; shown:\n%q", err, got)
	}
}
