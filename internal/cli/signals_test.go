package cli

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
)

// A terminal that closes ends a command in good order, but not under nohup.
func TestStopSignals(t *testing.T) {
	started := !signal.Ignored(syscall.SIGHUP) // as this test was
	if got := StopSignals(); got[0] != os.Interrupt || slices.Contains(got, os.Signal(syscall.SIGHUP)) != started {
		t.Errorf("got %v, want Ctrl-C first, and that the terminal closes", got)
	}
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	if got := StopSignals(); slices.Contains(got, os.Signal(syscall.SIGHUP)) {
		t.Errorf("got %v, want none that is ignored", got)
	}
}
