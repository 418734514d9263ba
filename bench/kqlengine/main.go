// Command kqlengine measures what package kql takes for work that is compared
// with nothing but itself: preparing a long query, asking a table that has an
// index, and patterns in a random graph. It prints a JSON line for each.
//
// CPU time counts, the least of all rounds, because other programs run on the
// same cores.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/bench/measure"
	"github.com/bartizan-dev/bartizan/kql"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result is what one work took.
type result struct {
	Name   string  `json:"name"`
	Micros float64 `json:"cpuMicroseconds"`
	Wall   float64 `json:"wallMicroseconds"`
	Rows   int     `json:"rows"`
	Allocs uint64  `json:"allocations"`
}

// work is one thing to measure; times is how often it is done in a round.
type work struct {
	name  string
	times int
	do    func() (rows int, err error)
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("kqlengine", flag.ContinueOnError)
	rounds := flags.Int("rounds", 3, "rounds to take the least time of")
	only := flags.String("only", "", "what the name of a work has to begin with, for profiles")
	profile := flags.String("cpuprofile", "", "file for a profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	works, err := allWorks(*only)
	if err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for _, w := range works {
		r, err := w.measure(*rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := json.NewEncoder(stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func allWorks(only string) ([]work, error) {
	var chosen []work
	for _, group := range []func() ([]work, error){preparing, indexed, patterns} {
		works, err := group()
		if err != nil {
			return nil, err
		}
		for _, w := range works {
			if strings.HasPrefix(w.name, only) {
				chosen = append(chosen, w)
			}
		}
	}
	return chosen, nil
}

func (w work) measure(rounds int) (result, error) {
	r := result{Name: w.name}
	for round := range rounds + 1 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began, used := time.Now(), measure.CPU()
		for range w.times {
			rows, err := w.do()
			if err != nil {
				return r, err
			}
			r.Rows = rows
		}
		cpu, wall := measure.CPU()-used, time.Since(began)
		runtime.ReadMemStats(&after)
		each := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(w.times) }
		if round == 1 || round > 1 && each(cpu) < r.Micros {
			r.Micros = each(cpu)
		}
		if round == 1 || round > 1 && each(wall) < r.Wall {
			r.Wall = each(wall)
		}
		r.Allocs = (after.Mallocs - before.Mallocs) / uint64(w.times)
	}
	return r, nil
}

// ask runs a query from its text on, and counts the rows.
func ask(text string, tables kql.Tables) (rows int, err error) {
	q, err := kql.Prepare(text, tables, kql.Options{MaxMemory: -1})
	if err != nil {
		return 0, err
	}
	for b, err := range q.Run(context.Background()).Batches() {
		if err != nil {
			return 0, err
		}
		rows += b.Len
	}
	return rows, nil
}
