// Command bartizan watches the posture of clouds and machines.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/bartizan-dev/bartizan/internal/cli"
)

func main() {
	// Most of what a run keeps is small next to what it passes by: collecting
	// less often costs a little memory and saves much time, up to a bound.
	process := cli.Process{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Environ: os.Environ, Now: time.Now,
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		collectSeldom()
		process.BoundMemory = func(bytes int64) { debug.SetMemoryLimit(bytes) }
	}
	ctx, stop := signal.NotifyContext(context.Background(), cli.StopSignals()...)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Run(ctx, process)
	stop()
	os.Exit(code)
}

// collectSeldom lets the heap grow fivefold, up to 1.25 GiB. Before the first
// collection there is nothing to multiply, so it would come in the middle of
// loading the rules, most of which stay: it waits for 80 MiB.
func collectSeldom() {
	const percent, atFirst = 400, 2000 // of 4 MiB at first
	debug.SetMemoryLimit(5 << 28)
	debug.SetGCPercent(atFirst)
	runtime.AddCleanup(new([16]byte), func(int) { debug.SetGCPercent(percent) }, 0)
}
