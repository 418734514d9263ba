package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
)

// What is shown is stored bytes of stored bytes, in every stage and however often
// it begins anew; what comes out of a packed input is more.
func TestProgressCountsStoredBytes(t *testing.T) {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	a := &app{Process: Process{Err: &out, Getenv: func(string) string { return "" }, Now: func() time.Time {
		at = at.Add(10 * time.Second)
		return at
	}}}
	o := assess.Options{Inputs: []assess.Input{{Name: "a", Size: 1000}}}
	clear := a.progress(&o)
	for _, stage := range []string{"reading", "bodies", "checks", "checks"} {
		a.meter.begin()
		for part := range int64(2) {
			a.meter.add(500)
			o.Progress(stage, 5000*(part+1), 1000)
		}
	}
	clear()
	for line := range strings.Lines(out.String()) {
		if !strings.Contains(line, "B of 1.0 kB") && !strings.Contains(line, "B of 1 kB") || strings.Contains(line, "5 kB of") {
			t.Errorf("%q, want bytes of 1 kB", line)
		}
	}
	if strings.Count(out.String(), "checks: ") != 4 {
		t.Errorf("got %q", out.String())
	}
}

// A query may read the inputs more than once without a new stage.
func TestProgressOfTwoReadings(t *testing.T) {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	a := &app{Process: Process{Err: &out, Getenv: func(string) string { return "" }, Now: func() time.Time {
		at = at.Add(10 * time.Second)
		return at
	}}}
	o := assess.Options{Inputs: []assess.Input{{Name: "a", Size: 1000}}}
	clear := a.progress(&o)
	for range 4 {
		a.meter.add(500)
		o.Progress("reading", 0, 0)
	}
	clear()
	if strings.Contains(out.String(), "1.5 kB") || strings.Contains(out.String(), "2 kB") || strings.Count(out.String(), "of 1") != 4 {
		t.Errorf("got %q", out.String())
	}
}

// Each format reads the checks anew: the lines say for which file.
func TestProgressNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	estate := filepath.Join(dir, "estate.json")
	const account = `[{"id": "/subscriptions/a/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/open", "type": "Microsoft.Storage/storageAccounts", "name": "open", "properties": {}}]`
	if err := os.WriteFile(estate, []byte(account), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var out, errs bytes.Buffer
	p := Process{
		Args: []string{"assess", estate, "--format", "csv,jsonl", "--output", dir}, Out: &out, Err: &errs,
		Getenv: func(string) string { return "" },
		Now: func() time.Time {
			at = at.Add(10 * time.Second)
			return at
		},
	}
	if code := Run(context.Background(), p); code != exitFine {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{"\nchecks for report.csv: ", "\nchecks for verdicts.jsonl: "} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%q is not in %q", want, errs.String())
		}
	}
	if strings.Contains(errs.String(), "checks: ") {
		t.Errorf("%q, want a file with each", errs.String())
	}
}

// An import that reads its inputs twice, as one does whose policies came late, begins
// anew; one of an input whose size nobody knows has no end.
func TestProgressOfAnImport(t *testing.T) {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	a := &app{Process: Process{Err: &out, Getenv: func(string) string { return "" }, Now: func() time.Time {
		at = at.Add(10 * time.Second)
		return at
	}}}
	var o estate.ImportOptions
	clear := a.importProgress(&o)
	for range 4 {
		a.meter.add(500)
		o.Progress("reading", 50000, 1000)
	}
	o.Progress("reading", 50000, 0)
	clear()
	if got := out.String(); strings.Count(got, "of 1") != 4 || strings.Contains(got, "1.5 kB of") || strings.Contains(got, "2 kB of") || !strings.Contains(got, "2 kB") && !strings.Contains(got, "2.0 kB") {
		t.Errorf("got %q", got)
	}
}
