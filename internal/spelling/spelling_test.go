package spelling_test

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

func TestDistance(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want int
	}{
		"nothing":      {"", "", 0},
		"same":         {"field", "field", 0},
		"all_added":    {"", "allOf", 5},
		"all_dropped":  {"anyOf", "", 5},
		"one_replaced": {"equals", "equald", 1},
		"two_swapped":  {"filed", "field", 2},
		"mixed":        {"kitten", "sitting", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := spelling.Distance(tt.a, tt.b); got != tt.want {
				t.Errorf("Distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
			}
		})
	}
}
