package assess_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// changing is an input that reads as the next of its contents each time, and
// as the last from then on.
func changing(name string, contents ...[]string) assess.Input {
	opened := 0
	return assess.Input{Name: name, Open: func() (io.ReadCloser, error) {
		lines := contents[min(opened, len(contents)-1)]
		opened++
		return io.NopCloser(strings.NewReader(strings.Join(lines, "\n") + "\n")), nil
	}}
}

// What was judged and is gone when the checks are told is an error, not a
// shorter list.
func TestInputThatChanges(t *testing.T) {
	a, b, c := account(groupA, "a", secure), account(groupA, "b", secure), account(groupA, "c", secure)
	tests := map[string]struct {
		contents [][]string
		told     int
		want     string
	}{
		"stays":          {[][]string{{a, b}}, 2, ""},
		"grows":          {[][]string{{a, b}, {a, b, c}}, 2, ""},
		"one_is_gone":    {[][]string{{a, b}, {a}}, 1, "x changed while it was read: 1 of its 2 resources could not be told"},
		"all_are_others": {[][]string{{a, b}, {c}}, 0, "x changed while it was read: 2 of its 2 resources could not be told"},
		"one_twice":      {[][]string{{a, b}, {a, a}}, 1, "x changed while it was read: 1 of its 2 resources could not be told"},
		"empty":          {[][]string{{a}, nil}, 0, "x changed while it was read: 1 of its 1 resources could not be told"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https})
			o.Inputs, o.Evidence = []assess.Input{text("other", account(groupA, "other", secure)), changing("x", test.contents...)}, true
			_, checks, err := assess.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			got, told := "", -1 // but for the other one
			for _, err := range checks {
				if err != nil {
					got = err.Error()
					continue
				}
				told++
			}
			if diff := cmp.Diff(test.want, got); diff != "" || told != test.told {
				t.Errorf("%d checks, want %d; error (-want +got):\n%s", told, test.told, diff)
			}
		})
	}
}

// That a file changed is known by its stamp too, whatever it holds now.
func TestInputWithAnotherStamp(t *testing.T) {
	stamp := "1"
	o := options(t, []string{https}, account(groupA, "a", secure))
	o.Evidence = true
	o.Inputs[0].Stamp = func() string { return stamp }
	_, checks, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var failed error
		for _, err := range checks {
			failed = err
		}
		if (failed != nil) != (stamp == "2") || failed != nil && failed.Error() != "in.jsonl changed while it was read: what is told is not what was judged" {
			t.Errorf("stamp %s: %v", stamp, failed)
		}
		stamp = "2"
	}
}
