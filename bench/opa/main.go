// Command opa judges resources by the thirty rules of bench/rules with OPA as
// a library. It is a module of its own, so that ours does not carry OPA.
//
// One prepared query answers all rules. How the JSON bytes become OPA's input
// is a choice (--input-as); bench/run takes the one that was fastest here,
// and docs/performance.md has the figures of all.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result has the same form as the one of bench/measure.
type result struct {
	Engine      string  `json:"engine"`
	Resources   int     `json:"resources"`
	Bytes       int     `json:"bytes"`
	CPUSeconds  float64 `json:"cpuSeconds"`
	WallSeconds float64 `json:"wallSeconds"`
	Unhealthy   int     `json:"unhealthy"`
}

func run(args []string) error {
	flags := flag.NewFlagSet("opa", flag.ContinueOnError)
	input := flags.String("input", "", "JSON lines, one resource each")
	folder := flags.String("rules", "../rules", "folder with rules.rego and definitions/")
	as := flags.String("input-as", "fastjson", "how bytes become input: "+strings.Join(inputs(), ", "))
	partial := flags.Bool("partial", false, "evaluate partially when preparing the query")
	rounds := flags.Int("rounds", 3, "rounds to take the median of, after one to warm up")
	verdicts := flags.String("verdicts", "", "file for the verdicts, one mask a line")
	if err := flags.Parse(args); err != nil {
		return err
	}
	numbers, err := ruleNumbers(*folder)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(*input)
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	e, err := newEngine(filepath.Join(*folder, "rules.rego"), *as, *partial, numbers)
	if err != nil {
		return err
	}
	r, masks, err := measure(e, lines, *rounds)
	if err != nil {
		return err
	}
	if err := write(*verdicts, masks); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// ruleNumbers numbers the rules by the order of their files' names.
func ruleNumbers(folder string) (map[string]int, error) {
	files, err := filepath.Glob(filepath.Join(folder, "definitions", "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("list rules in %s: %w (want definitions/*.json)", folder, err)
	}
	slices.Sort(files)
	numbers := map[string]int{}
	for i, file := range files {
		numbers[strings.TrimSuffix(filepath.Base(file), ".json")] = i
	}
	return numbers, nil
}

func measure(e *engine, lines [][]byte, rounds int) (result, []uint32, error) {
	r := result{Engine: "opa " + e.name, Resources: len(lines)}
	for _, line := range lines {
		r.Bytes += len(line)
	}
	masks := make([]uint32, len(lines))
	var used, took []float64
	for round := range rounds + 1 {
		began, before := time.Now(), cpu()
		for i, line := range lines {
			mask, err := e.judge(line)
			if err != nil {
				return r, nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			masks[i] = mask
		}
		if round > 0 {
			used, took = append(used, (cpu()-before).Seconds()), append(took, time.Since(began).Seconds())
		}
	}
	for _, mask := range masks {
		for ; mask != 0; mask &= mask - 1 {
			r.Unhealthy++
		}
	}
	slices.Sort(used)
	slices.Sort(took)
	r.CPUSeconds, r.WallSeconds = used[len(used)/2], took[len(took)/2]
	return r, masks, nil
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func write(file string, masks []uint32) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, mask := range masks {
		fmt.Fprintf(w, "%08x\n", mask)
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
