// Command estate writes a made-up Azure estate as JSON lines, for benchmarks:
//
//	go run ./bench/estate --resources 100000 --seed 1 --output bench/out/estate.jsonl
//
// The same number and seed give the same bytes. See package tenant.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bartizan-dev/bartizan/bench/estate/tenant"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("estate", flag.ContinueOnError)
	resources := flags.Int("resources", 10_000, "how many resources to write")
	seed := flags.Uint64("seed", 1, "the same seed gives the same bytes")
	output := flags.String("output", "", "file to write (default standard output)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	out := stdout
	if *output != "" {
		file, err2 := os.Create(*output)
		if err2 != nil {
			return err2
		}
		defer func() {
			if err2 := file.Close(); err == nil {
				err = err2
			}
		}()
		out = file
	}
	return tenant.Write(out, tenant.Options{Resources: *resources, Seed: *seed})
}
