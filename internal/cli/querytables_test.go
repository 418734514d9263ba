package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCSVRoundTrip: texts that are printed as CSV and read again are the same, byte
// for byte.
func TestCSVRoundTrip(t *testing.T) {
	text := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"\r\n", "\r", "\n", `"`, ",", " ", "a", "é"})),
		func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 3).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(text, width, width), 1, 5).Draw(t, "rows")
		columns := []string{`["a","string"]`, `["b","string"]`, `["c","string"]`}[:width]
		given := bytes.NewBufferString(`{"$schema":[` + strings.Join(columns, ",") + "]}\n")
		encoder := json.NewEncoder(given)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				t.Fatal(err)
			}
		}
		printed := answered(t, given.String(), "t", "--tables", "t=jsonl:-", "--format", "csv")
		again := answered(t, printed, "t", "--tables", "t=csv:-", "--format", "jsonl")
		if want := answered(t, given.String(), "t", "--tables", "t=jsonl:-", "--format", "jsonl"); again != want {
			t.Errorf("printed as\n%q\nread again as\n%s\nwant\n%s", printed, again, want)
		}
	})
}

// answered runs a query that succeeds, and gives what it printed.
func answered(t *rapid.T, in string, args ...string) string {
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Args: append([]string{"query"}, args...), In: strings.NewReader(in), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(string) string { return "" },
	})
	if code != exitFine {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	return stdout.String()
}
