// Package measure times how long an engine takes from JSON bytes to verdicts,
// in CPU time of the process, and keeps the verdicts so that engines can be
// compared. The OPA benchmark, a module of its own, prints the same [Result].
package measure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"
)

// Result is what one engine took; durations are the median of the rounds.
type Result struct {
	Engine      string  `json:"engine"`
	Resources   int     `json:"resources"`
	Bytes       int     `json:"bytes"`
	CPUSeconds  float64 `json:"cpuSeconds"`  // of all threads, garbage collection included
	WallSeconds float64 `json:"wallSeconds"` //
	Unhealthy   int     `json:"unhealthy"`   // verdicts
}

// Mask has bit i set where rule number i is unhealthy.
type Mask = uint32

// Judge gives the verdicts on one resource.
type Judge func(line []byte) (Mask, error)

// Lines reads all lines of a file into memory.
func Lines(file string) ([][]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	return lines, nil
}

// Rounds judges all lines, once to warm up and then rounds times, and gives
// the median with the verdicts of the last round.
func Rounds(engine string, lines [][]byte, rounds int, judge Judge) (Result, []Mask, error) {
	result := Result{Engine: engine, Resources: len(lines)}
	for _, line := range lines {
		result.Bytes += len(line)
	}
	masks := make([]Mask, len(lines))
	var cpu, wall []time.Duration
	for round := range rounds + 1 {
		began, used := time.Now(), CPU()
		for i, line := range lines {
			mask, err := judge(line)
			if err != nil {
				return result, nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			masks[i] = mask
		}
		if round > 0 {
			cpu, wall = append(cpu, CPU()-used), append(wall, time.Since(began))
		}
	}
	for _, mask := range masks {
		for ; mask != 0; mask &= mask - 1 {
			result.Unhealthy++
		}
	}
	result.CPUSeconds, result.WallSeconds = median(cpu).Seconds(), median(wall).Seconds()
	return result, masks, nil
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// CPU is the CPU time that this process has used, user and system.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Print writes a result as one JSON line.
func Print(out io.Writer, r Result) error { return json.NewEncoder(out).Encode(r) }

// WriteMasks writes one mask a line, in hexadecimal; without a file nothing.
func WriteMasks(file string, masks []Mask) error {
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
