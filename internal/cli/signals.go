package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// StopSignals are those on which a command ends in good order, Ctrl-C first: files
// that are half written go. That a terminal closes is one of them, unless the command
// was started not to mind, as by nohup.
func StopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
