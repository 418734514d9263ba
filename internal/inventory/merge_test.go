package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

const (
	bucketData   = `{"name":"//storage.googleapis.com/a","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"projectNumber":"42","text":"\u0001\"\\"}}}`
	bucketIAM    = `{"name":"//storage.googleapis.com/a","assetType":"storage.googleapis.com/Bucket","iamPolicy":{"bindings":[{"role":"r"}]}}`
	bucketOrg    = `{"name":"//storage.googleapis.com/a","assetType":"storage.googleapis.com/Bucket","orgPolicy":[{"constraint":"c"}]}`
	mergedBucket = `{"id":"//storage.googleapis.com/a","type":"storage.googleapis.com/Bucket","name":"a","tags":{},"properties":{"projectNumber":"42","text":"\u0001\"\\"},"iamPolicy":{"bindings":[{"role":"r"}]}`
)

// merged decodes lines through a Merger and flushes it.
func merged(t *testing.T, budget int, lines ...string) *found {
	t.Helper()
	return mergedBy(t, NewMerger(budget), lines...)
}

func mergedBy(t *testing.T, m *Merger, lines ...string) *found {
	t.Helper()
	var f found
	d := NewDecoder()
	sink := m.Sink(&f)
	if err := Split(strings.NewReader(strings.Join(lines, "\n")), "in.json", func(c Chunk) error {
		d.Decode(c, sink)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	m.Flush(&f)
	return &f
}

func TestMerger(t *testing.T) {
	tests := map[string]struct {
		budget  int
		lines   []string
		bodies  []string
		whole   []bool
		unread  [][]string
		problem string
	}{
		"data_first": {
			1 << 20,
			[]string{bucketData, bucketIAM},
			[]string{mergedBucket + "}"},
			[]bool{true},
			[][]string{{"orgPolicy", "accessPolicy"}},
			"",
		},
		"policy_first": {
			1 << 20,
			[]string{bucketIAM, bucketData},
			[]string{mergedBucket + "}"},
			[]bool{true},
			[][]string{{"orgPolicy", "accessPolicy"}},
			"",
		},
		"policy_first_needs_no_budget": {
			0,
			[]string{bucketIAM, bucketData},
			[]string{mergedBucket + "}"},
			[]bool{true},
			[][]string{{"orgPolicy", "accessPolicy"}},
			"",
		},
		"both_policies_first": {
			1 << 20,
			[]string{bucketOrg, bucketIAM, bucketData},
			[]string{mergedBucket + `,"orgPolicy":[{"constraint":"c"}]}`},
			[]bool{true},
			[][]string{{"accessPolicy"}},
			"",
		},
		"data_alone": {
			1 << 20,
			[]string{bucketData},
			[]string{strings.TrimSuffix(mergedBucket, `,"iamPolicy":{"bindings":[{"role":"r"}]}`) + "}"},
			[]bool{true},
			[][]string{{"iamPolicy", "orgPolicy", "accessPolicy"}},
			"",
		},
		"policy_alone": {
			1 << 20,
			[]string{bucketIAM},
			[]string{`{"id":"//storage.googleapis.com/a","type":"storage.googleapis.com/Bucket","name":"a","tags":{},"iamPolicy":{"bindings":[{"role":"r"}]}}`},
			[]bool{false},
			[][]string{{"orgPolicy", "accessPolicy"}},
			"",
		},
		"too_late": {
			0,
			[]string{bucketData, bucketIAM},
			[]string{strings.TrimSuffix(mergedBucket, `,"iamPolicy":{"bindings":[{"role":"r"}]}`) + "}"},
			[]bool{true},
			[][]string{{"iamPolicy", "orgPolicy", "accessPolicy"}},
			"",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := merged(t, test.budget, test.lines...)
			var bodies []string
			var whole []bool
			var unread [][]string
			for _, r := range f.Resources {
				bodies, whole, unread = append(bodies, r.Body), append(whole, r.Whole), append(unread, r.Unread)
			}
			if diff := cmp.Diff(test.bodies, bodies); diff != "" {
				t.Errorf("bodies (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.whole, whole) + cmp.Diff(test.unread, unread); diff != "" {
				t.Errorf("whole, unread (-want +got)\n%s", diff)
			}
			if got := strings.Join(f.Problems, "\n"); got != test.problem {
				t.Errorf("problems %q, want %q", got, test.problem)
			}
		})
	}
}

// What comes too late in one reading is there in the next.
func TestMerger_again(t *testing.T) {
	other := strings.ReplaceAll(bucketIAM, "/a", "/b")
	tests := map[string]struct {
		budget int
		lines  []string
		late   bool
		bodies []string
	}{
		"late":           {0, []string{bucketData, bucketIAM}, true, []string{mergedBucket + "}"}},
		"late_in_parts":  {0, []string{bucketData, bucketIAM, bucketOrg}, true, []string{mergedBucket + `,"orgPolicy":[{"constraint":"c"}]}`}},
		"late_and_alone": {0, []string{bucketData, bucketIAM, other}, true, []string{mergedBucket + "}", `{"id":"//storage.googleapis.com/b","type":"storage.googleapis.com/Bucket","name":"b","tags":{},"iamPolicy":{"bindings":[{"role":"r"}]}}`}},
		"in_time":        {1 << 20, []string{bucketData, bucketIAM}, false, []string{mergedBucket + "}"}},
		"none":           {0, []string{bucketData}, false, []string{strings.TrimSuffix(mergedBucket, `,"iamPolicy":{"bindings":[{"role":"r"}]}`) + "}"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewMerger(test.budget)
			mergedBy(t, m, test.lines...)
			if m.Late() != test.late {
				t.Errorf("late %v, want %v", m.Late(), test.late)
			}
			for range 2 { // any number of times
				m = m.Again()
				var bodies []string
				for _, r := range mergedBy(t, m, test.lines...).Resources {
					bodies = append(bodies, r.Body)
				}
				if diff := cmp.Diff(test.bodies, bodies); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
		})
	}
}

// Decoders side by side, halves in any order: every resource arrives once,
// with its own policy.
func TestMergerInParallel(t *testing.T) {
	const n = 400
	var f found
	m := NewMerger(1 << 20)
	var g errgroup.Group
	for part := range 4 {
		g.Go(func() error {
			d := NewDecoder()
			sink := m.Sink(&f)
			var text strings.Builder
			for i := range n {
				name := fmt.Sprintf(`{"name":"//storage.googleapis.com/b%d","assetType":"storage.googleapis.com/Bucket",`, i)
				switch {
				case i%2 == part:
					fmt.Fprintf(&text, "%s\"resource\":{\"data\":{\"n\":%d}}}\n", name, i)
				case i%2+2 == part:
					fmt.Fprintf(&text, "%s\"iamPolicy\":{\"n\":%d}}\n", name, i)
				}
			}
			return Split(strings.NewReader(text.String()), "f", func(c Chunk) error {
				d.Decode(c, sink)
				return nil
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	m.Flush(&f)
	if len(f.Resources) != n || f.Problems != nil {
		t.Fatalf("%d resources, problems %q; want %d", len(f.Resources), f.Problems, n)
	}
	for _, r := range f.Resources {
		i := strings.TrimPrefix(r.Name, "b")
		if !strings.Contains(r.Body, `"properties":{"n":`+i+`},"iamPolicy":{"n":`+i+`}`) || !r.Whole {
			t.Errorf("%+v", r)
		}
	}
}
