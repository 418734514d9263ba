package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestReadme holds the capture in the README against what the demo prints.
func TestReadme(t *testing.T) {
	const file, begin, end = "../../README.md", "```text\n", "```\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatalf("%s: no block that begins with %q", file, begin)
	}
	capture, after, _ := strings.Cut(rest, end)
	const columns = "118"
	if command := "COLUMNS=" + columns + " make -s demo | cat"; !strings.Contains(before, command) {
		t.Errorf("%s: does not say how the capture is made: %s", file, command)
	}

	var out, errs bytes.Buffer
	code := Run(context.Background(), Process{
		Args: []string{"demo", "--report"}, Out: &out, Err: &errs, Now: time.Now,
		Getenv: func(name string) string { return map[string]string{"COLUMNS": columns}[name] },
	})
	if code != exitFine {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+shortened(out.String())+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(shortened(out.String()), capture); diff != "" {
		t.Errorf("%s: the capture is old; go test ./internal/cli -run TestReadme -update (-demo +capture):\n%s", file, diff)
	}
}

// shortened leaves out most recommendations: a README is no report.
func shortened(report string) string {
	const kept = 16
	lines := strings.SplitAfter(report, "\n")
	first := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Recommendations ") }) + 2
	last := first + slices.IndexFunc(lines[first:], func(l string) bool { return strings.HasPrefix(l, "  healthy wherever") })
	if last-first <= kept {
		return report
	}
	more := fmt.Sprintf("  … and %d more lines like these\n", last-first-kept)
	return strings.Join(slices.Concat(lines[:first+kept], []string{more}, lines[last:]), "")
}
