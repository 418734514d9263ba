// Command baseline reads a file of JSON lines and parses every line with
// fastjson, and does nothing else: what any assessment must at least do. It
// runs on as many goroutines as --cores says, each with its own parser and
// buffer, and each reads blocks of its own at offsets taken from a shared
// counter, so that no goroutine waits for another.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/bartizan-dev/bartizan/bench/measure"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("baseline", flag.ContinueOnError)
	cores := flags.Int("cores", 2, "goroutines")
	block := flags.Int("block", 1<<20, "bytes a read")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("got %d files, want one", flags.NArg())
	}
	began := time.Now()
	total, err := parseFile(flags.Arg(0), *cores, *block)
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	return json.NewEncoder(os.Stdout).Encode(report{
		Resources: total.lines, Bytes: total.bytes, WallSeconds: took, CPUSeconds: measure.CPU().Seconds(),
		ResourcesPerSecond: float64(total.lines) / took, MBPerSecond: float64(total.bytes) / 1e6 / took,
	})
}

type report struct {
	Resources          int     `json:"resources"` // lines, read records included
	Bytes              int64   `json:"bytes"`
	WallSeconds        float64 `json:"wallSeconds"`
	CPUSeconds         float64 `json:"cpuSeconds"`
	ResourcesPerSecond float64 `json:"resourcesPerSecond"`
	MBPerSecond        float64 `json:"mbPerSecond"`
}
