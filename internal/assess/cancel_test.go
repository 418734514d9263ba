package assess_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// Whoever is interrupted while it begins to read has not read an empty input.
func TestInterruptedIsNoEmptyInput(t *testing.T) {
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		o := options(t, []string{https})
		o.Inputs = []assess.Input{{Name: "a", Open: func() (io.ReadCloser, error) {
			cancel()
			return io.NopCloser(strings.NewReader(account(groupA, "a", plain) + "\n")), nil
		}}}
		if _, _, err := assess.Run(ctx, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context canceled", err)
		}
		cancel()
	}
}
