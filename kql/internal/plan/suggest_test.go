package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	candidates := []string{"name", "names", "id", "type", "location", "t", "cot", "count"}
	tests := map[string]struct {
		word string
		want []string
	}{
		"letters_exchanged": {"naem", []string{"name"}},
		"none_left_out":     {"cont", []string{"count"}},
		"one_too_many":      {"coot", []string{"cot"}},
		"only_the_closest":  {"nam", []string{"name"}},
		"other_case":        {"Type", []string{"type"}},
		"short_words_match": {"T", []string{"t"}},
		"nothing_near":      {"colour", nil},
		"one_letter":        {"x", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, nearest(test.word, candidates)); diff != "" && len(test.want)+len(nearest(test.word, candidates)) > 0 {
				t.Error(diff)
			}
		})
	}
}
