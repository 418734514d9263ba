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

func TestNearest(t *testing.T) {
	tests := map[string]struct{ name, want string }{
		"one_letter_left_out": {"storage-acess", "storage-access"},
		"two_swapped":         {"slq", "sql"},
		"case_is_no_edit":     {"STORAGE-ACCESS", "storage-access"},
		"too_far":             {"nothing", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := spelling.Nearest(test.name, []string{"storage-access", "sql"}); got != test.want {
				t.Errorf("Nearest(%q) = %q, want %q", test.name, got, test.want)
			}
		})
	}
}
