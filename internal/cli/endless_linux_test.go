package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// waiting is a stream that nobody ends: its reader waits, after it has said so.
type waiting struct{ reading func() }

func (w waiting) Read([]byte) (int, error) {
	w.reading()
	select {}
}

// TestEndlessInput: what waits for its input ends with the command's context, as on
// Ctrl-C, and with --timeout.
func TestEndlessInput(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { release(t, pipe) })
	query := filepath.Join(dir, "query.kql")
	if err := os.WriteFile(query, []byte("resources | count"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"inventory":        {"query", "resources | count", "--inventory", "-"},
		"inventory, pipe":  {"query", "@" + query, "--inventory", pipe},
		"query":            {"query", "-"},
		"query, pipe":      {"query", "@" + pipe},
		"table":            {"query", "t", "--tables", "t=csv:-"},
		"table, pipe":      {"query", "t", "--tables", "t=jsonl:" + pipe},
		"cases":            {"query", "--cases", "-"},
		"hierarchy, pipe":  {"query", "resources | count", "--inventory", query, "--hierarchy", pipe},
		"catalog, pipe":    {"query", "resources | count", "--inventory", query, "--catalog", pipe},
		"assess":           {"assess", "-"},
		"assess, pipe":     {"assess", pipe},
		"baseline, pipe":   {"assess", query, "--baseline", pipe},
		"standard, pipe":   {"assess", query, "--standard", pipe},
		"lint, pipe":       {"policy", "lint", pipe},
		"policy explain":   {"policy", "explain", "-", query},
		"policy eval":      {"policy", "eval", "--cases", pipe},
		"password":         {"admin", "user", "create", "ada", "--password-file", "-", "--data", dir},
		"password, pipe":   {"admin", "user", "create", "ada", "--password-file", pipe, "--data", dir},
		"definition, pipe": {"admin", "definition", "set", pipe, "--data", dir},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			if strings.Contains(strings.Join(args, " "), pipe) {
				cancel() // nobody tells when a pipe waits
			}
			if code, said := ends(ctx, waiting{cancel}, args...); code != exitError || said != "bartizan: interrupted\n" {
				t.Errorf("interrupted: exit %d, %q", code, said)
			}
		})
		if args[0] == "query" {
			t.Run(name+", late", func(t *testing.T) {
				code, said := ends(t.Context(), waiting{func() {}}, append(args, "--timeout", "1ms")...)
				if code != exitError || said != "bartizan: the query ran longer than 1ms (--timeout)\n" {
					t.Errorf("exit %d, %q", code, said)
				}
			})
		}
	}
}

// ends runs a command line, and gives its exit code and what it said.
func ends(ctx context.Context, in io.Reader, args ...string) (code int, said string) {
	var stderr bytes.Buffer
	code = Run(ctx, Process{
		Args: args, In: in, Out: io.Discard, Err: &stderr, Now: time.Now,
		Getenv: func(string) string { return "" },
	})
	return code, stderr.String()
}

// release lets go who waits to open a pipe.
func release(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
