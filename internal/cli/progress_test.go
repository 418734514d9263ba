package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
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
