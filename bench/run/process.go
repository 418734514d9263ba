package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// usage is what one process took.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // resident bytes
	stdout    []byte
}

// start runs a program to its end on so many cores.
func start(cores int, name string, args ...string) (usage, error) {
	var out, problems bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	cmd.Stdout, cmd.Stderr = &out, &problems
	began := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(began), stdout: out.Bytes()}
	if err != nil {
		return u, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(problems.String()))
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peak = r.Maxrss << 10
	}
	return u, nil
}

// median gives the middle wall and CPU time and the highest peak.
func median(all []usage) usage {
	var m usage
	var wall, cpu []time.Duration
	for _, u := range all {
		wall, cpu = append(wall, u.wall), append(cpu, u.cpu)
		m.peak = max(m.peak, u.peak)
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	m.wall, m.cpu = wall[len(wall)/2], cpu[len(cpu)/2]
	return m
}
