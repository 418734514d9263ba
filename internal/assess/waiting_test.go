package assess_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// shrinking is a file that is shorter when it is opened again.
type shrinking struct {
	*bytes.Reader
}

func (shrinking) Close() error { return nil }

// A resource that waits for its group and is gone when it is read again is
// told, and counts as unknown in the coverage.
func TestWaitingResourceThatIsGone(t *testing.T) {
	blank := strings.Repeat(" ", 300_000) + "\n" // large enough to be read in blocks
	text := account(groupA, "first", secure) + "\n" + blank + group(groupA, `,"tags":{"stage":"production"}`) + "\n" + account(groupA, "late", secure) + "\n"
	opened := 0
	o := options(t, []string{tagged})
	o.Workers = 1
	o.Inputs = []assess.Input{{Name: "in", Open: func() (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return shrinking{bytes.NewReader([]byte("{}"))}, nil
		}
		return shrinking{bytes.NewReader([]byte(text))}, nil
	}}}
	result, _, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Coverage.Rejected != 1 || result.Coverage.Unknown != 1 || len(result.Problems) != 1 ||
		!strings.Contains(result.Problems[0].Reason, "cannot be read again") {
		t.Errorf("coverage %+v, problems %v; want one rejected", result.Coverage, result.Problems)
	}
}
