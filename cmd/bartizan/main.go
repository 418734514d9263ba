// Command bartizan watches the posture of clouds and machines.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/bartizan-dev/bartizan/internal/cli"
)

func main() {
	// Most of what a run keeps is small next to what it passes by: collecting
	// less often costs a little memory and saves much time, up to a bound.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(200)
		debug.SetMemoryLimit(5 << 28) // 1.25 GiB
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, cli.Process{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Now: time.Now,
	})
	stop()
	os.Exit(code)
}
