package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every line is parsed once, wherever the blocks are cut.
func TestParseFileCountsEveryLine(t *testing.T) {
	var b strings.Builder
	const lines = 300
	for i := range lines {
		fmt.Fprintf(&b, `{"n":%d,"text":%q}`+"\n", i, strings.Repeat("x", i*7%211))
	}
	for name, text := range map[string]string{
		"ends_with_line_end": b.String(), "ends_without": strings.TrimSuffix(b.String(), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "lines.jsonl")
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			for block := 1; block < 700; block += 13 {
				got, err := parseFile(file, 2, block)
				if err != nil {
					t.Fatalf("blocks of %d: %v", block, err)
				}
				if want := (totals{lines, int64(len(text))}); got != want {
					t.Fatalf("blocks of %d: got %v, want %v", block, got, want)
				}
			}
		})
	}
}

func TestParseFileReportsBrokenLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lines.jsonl")
	if err := os.WriteFile(file, []byte("{}\n{\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := parseFile(file, 1, 100); err == nil || !strings.Contains(err.Error(), "lines.jsonl: block at 0") {
		t.Errorf("got %v, want the file and the block", err)
	}
}
