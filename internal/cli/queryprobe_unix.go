//go:build unix

package cli

import (
	"io"
	"os"
	"regexp"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// mostAnswer is how long a terminal may take to tell where its cursor is. One that
// tells later hangs the line editor, so a slow connection has its time.
const mostAnswer = 2 * time.Second

var cursorAnswer = regexp.MustCompile("\x1b\\[[0-9]+;[0-9]+R")

// asksCursor asks a terminal where its cursor is, which the line editor does too and
// waits for without end. It reports whether the terminal answers, and what was
// typed meanwhile. What is no terminal, or cannot be asked, is taken to answer.
func asksCursor(in *os.File, out io.Writer) (typed []byte, answers bool) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, true
	}
	defer func() { _ = term.Restore(int(in.Fd()), before) }()
	if _, err := io.WriteString(out, "\x1b[6n"); err != nil {
		return nil, true
	}
	buf := make([]byte, 1024)
	for end := time.Now().Add(mostAnswer); ; {
		left := time.Until(end)
		if left <= 0 {
			return typed, false
		}
		ready := []unix.PollFd{{Fd: int32(in.Fd()), Events: unix.POLLIN}}
		switch n, err := unix.Poll(ready, int(left.Milliseconds())+1); {
		case err == unix.EINTR || err == nil && n == 0:
			continue
		case err != nil:
			return typed, true
		}
		n, err := in.Read(buf)
		if err != nil || n == 0 {
			return typed, true // the line editor meets the same
		}
		typed = append(typed, buf[:n]...)
		if at := cursorAnswer.FindIndex(typed); at != nil {
			return append(typed[:at[0]:at[0]], typed[at[1]:]...), true
		}
	}
}
