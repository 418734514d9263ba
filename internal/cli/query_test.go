package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// TestMemoryIsBounded: the process is bounded by what a query may hold, and
// some room; not where an estate is held beside it, or anything may be held.
func TestMemoryIsBounded(t *testing.T) {
	tests := map[string]struct {
		args        string
		least, most int64 // 0: the process's own bound stays
	}{
		"small":          {"--max-memory 100MB", 125e6, 400e6},
		"large":          {"--max-memory 8GB", 10e9, 10.3e9},
		"any_number":     {"--max-memory 0", 0, 0},
		"with_an_estate": {"--max-memory 100MB --inventory testdata/query.txt", 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out, problems bytes.Buffer
			var got int64
			Run(context.Background(), Process{
				Args: append([]string{"query", "print 1"}, strings.Fields(tt.args)...),
				In:   strings.NewReader(""), Out: &out, Err: &problems, Getenv: func(string) string { return "" }, Now: time.Now,
				BoundMemory: func(bytes int64) { got = bytes },
			})
			if !strings.Contains(out.String(), "1") {
				t.Fatalf("no answer: %s", &problems)
			}
			if got < tt.least || got > tt.most {
				t.Errorf("bound to %d bytes, want %d to %d", got, tt.least, tt.most)
			}
		})
	}
}

// TestManyProblems: an assessment only counts problems beyond a thousand, which
// have a place all the same where the inputs are read beside it.
func TestManyProblems(t *testing.T) {
	var out, problems bytes.Buffer
	Run(context.Background(), Process{
		Args: []string{"query", "securityresources | count", "--inventory", "-"},
		In:   strings.NewReader(strings.Repeat("{\"a\":1}\n", 1003)), Out: &out, Err: &problems,
		Getenv: func(string) string { return "" }, Now: time.Now,
	})
	got := problems.String()
	if !strings.Contains(got, "-:5: not a shape") || !strings.Contains(got, "\nand 998 more problems\nbartizan: ") {
		t.Errorf("told %s", got)
	}
}
