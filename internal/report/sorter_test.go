package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSorter: what goes through a file comes back as what stays in memory.
func TestSorter(t *testing.T) {
	fill := func(s *sorter) string {
		s.room = 100
		for i := range 1000 {
			if err := s.add(i%7, fmt.Sprintf("%d;", i)); err != nil {
				t.Fatal(err)
			}
		}
		s.arrange([]int{6, 0, 3})
		var out bytes.Buffer
		for i := range 3 {
			if err := s.copy(&out, i); err != nil {
				t.Fatal(err)
			}
			out.WriteByte('\n')
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	opened := 0
	filed := newSorter(func() (Scratch, error) {
		opened++
		return os.Create(filepath.Join(t.TempDir(), "scratch"))
	})
	got, want := fill(filed), fill(newSorter(nil))
	if got != want || !strings.HasPrefix(got, "6;13;20;") {
		t.Errorf("through a file:\n%s\nin memory:\n%s", got, want)
	}
	if opened != 1 {
		t.Errorf("%d files, want 1", opened)
	}
	for _, g := range filed.groups {
		if len(g.buffer) >= filed.room {
			t.Errorf("%d bytes in memory, want less than %d", len(g.buffer), filed.room)
		}
	}
}

// TestSorterErrors: a full disk, or no place for a file, is an error of the
// format, and what was opened is closed.
func TestSorterErrors(t *testing.T) {
	full := errors.New("no space left")
	closed := false
	tests := map[string]func() (Scratch, error){
		"open":  func() (Scratch, error) { return nil, full },
		"write": func() (Scratch, error) { return &broken{full, &closed}, nil },
	}
	for name, open := range tests {
		t.Run(name, func(t *testing.T) {
			run := single()
			run.Scratch = open
			for check := range run.Checks {
				check.Detail = strings.Repeat("long ", sorterRoom)
			}
			if err := writeJUnit(&bytes.Buffer{}, run); !errors.Is(err, full) {
				t.Errorf("got %v, want the error of the file", err)
			}
		})
	}
	if !closed {
		t.Error("the file stays open")
	}
}

type broken struct {
	err    error
	closed *bool
}

func (b *broken) Write([]byte) (int, error)         { return 0, b.err }
func (b *broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }
func (b *broken) Close() error                      { *b.closed = true; return nil }
