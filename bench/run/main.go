// Command run measures how fast an assessment is and prints one table:
// ratios first, since only they carry over to other machines, then the
// absolute figures of this run. make bench calls it from the module's root.
//
//	go run ./bench/run            10,000 and 100,000 resources
//	go run ./bench/run --million  1,000,000 as well
//	go run ./bench/run --part query
//
// docs/performance.md says what each line means.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings say what to measure.
type settings struct {
	million  bool
	rounds   int
	part     string // the only one of parts to run; "" for all
	out      string // folder for binaries, estates and verdicts
	policies string // folder of the shared Azure Policy data
}

func run(args []string, stdout, stderr io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.BoolVar(&s.million, "million", false, "measure 1,000,000 resources too")
	flags.IntVar(&s.rounds, "rounds", 5, "rounds to take the median of")
	flags.StringVar(&s.part, "part", "", "measure only one part: rules, assess, start, query or server")
	flags.StringVar(&s.out, "out", "bench/out", "folder for binaries, estates and verdicts")
	flags.StringVar(&s.policies, "policies", "../shared/azure-policy", "folder with the built-in definitions and the alias table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.rounds < 1 {
		return fmt.Errorf("rounds %d: want at least 1", s.rounds)
	}
	if s.part != "" && !slices.ContainsFunc(parts, func(p part) bool { return p.name == s.part }) {
		return fmt.Errorf("part %q: want rules, assess, start, query or server", s.part)
	}
	b := &bench{settings: s, log: stderr}
	if err := b.prepare(); err != nil {
		return err
	}
	// One part that cannot run does not hide the others.
	var err error
	for _, part := range parts {
		if s.part == "" || s.part == part.name {
			err = errors.Join(err, part.run(b))
		}
	}
	return errors.Join(b.table.print(stdout), err)
}

type part struct {
	name string
	run  func(*bench) error
}

// parts are what a run measures.
var parts = []part{
	{"rules", (*bench).rules}, {"assess", (*bench).whole}, {"start", (*bench).start}, {"query", (*bench).queries}, {"server", (*bench).server},
}

// bench is one run.
type bench struct {
	settings
	log   io.Writer
	table table
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }
