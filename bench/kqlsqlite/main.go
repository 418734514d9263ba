// Command kqlsqlite compares package kql with SQLite on equal work over the
// same rows in memory. It is a module of its own, so that ours does not carry
// SQLite.
//
//	go run . --input ../out/estate-1000000.jsonl
//
// The rows are the resources of an estate. Both sides take turns, in one
// process; of each the least time of all rounds counts, because the rest is
// what other programs took. Both must come to the same sum of rows.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bartizan-dev/bartizan/bench/measure"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// took is what one work took on one side.
type took struct {
	Wall float64 `json:"wallSeconds"`
	CPU  float64 `json:"cpuSeconds"`
	sum  sum
}

// sum tells whether two sides came to the same.
type sum struct {
	rows  int
	total int64 // of all whole numbers
	bytes int   // of all texts
}

// result is one work on both sides.
type result struct {
	Name   string `json:"name"`
	KQL    string `json:"kql"`
	SQL    string `json:"sql"`
	Rows   int    `json:"rows"`
	Ours   took   `json:"ours"`
	SQLite took   `json:"sqlite"`
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("kqlsqlite", flag.ContinueOnError)
	input := flags.String("input", "", "JSON lines of an estate")
	rounds := flags.Int("rounds", 3, "rounds to take the least time of")
	only := flags.String("only", "", "the name of one work, for profiles")
	side := flags.String("side", "both", "both, ours or sqlite, for profiles")
	profile := flags.String("cpuprofile", "", "file for a profile of the rounds")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rows, err := load(*input)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%d rows\n", rows.count)
	var lite *sqlite
	if *side != "ours" {
		if lite, err = newSQLite(rows); err != nil {
			return err
		}
		defer lite.close()
	}
	stop, err := profiling(*profile)
	if err != nil {
		return err
	}
	defer stop()
	for _, w := range works {
		if *only != "" && *only != w.name {
			continue
		}
		r, err := compare(w, rows, lite, *rounds, *side)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := json.NewEncoder(stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// compare lets both sides do a work in turns.
func compare(w work, rows *rows, lite *sqlite, rounds int, side string) (result, error) {
	r := result{Name: w.name, KQL: w.kql, SQL: w.sql}
	for range rounds {
		if side != "sqlite" {
			if err := least(&r.Ours, func() (sum, error) { return rows.ask(w.kql) }); err != nil {
				return r, err
			}
		}
		if side != "ours" {
			if err := least(&r.SQLite, func() (sum, error) { return lite.ask(w.sql) }); err != nil {
				return r, err
			}
		}
	}
	r.Rows = max(r.Ours.sum.rows, r.SQLite.sum.rows)
	if side == "both" && r.Ours.sum != r.SQLite.sum {
		return r, fmt.Errorf("sums differ: ours %+v, SQLite's %+v", r.Ours.sum, r.SQLite.sum)
	}
	return r, nil
}

// least keeps the least times.
func least(t *took, do func() (sum, error)) error {
	began, used := time.Now(), measure.CPU()
	s, err := do()
	wall, cpu := time.Since(began).Seconds(), (measure.CPU() - used).Seconds()
	if t.Wall == 0 {
		*t = took{wall, cpu, s}
	}
	t.Wall, t.CPU = min(t.Wall, wall), min(t.CPU, cpu)
	return err
}
