package inventory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// said is one record of an asset, as the rule of docs/inventory.md sees it.
type said struct {
	data, deleted bool
	policy        string // "" for none, "z" for one that is there in two spellings that differ
	day           int    // 0 for no date
}

func (s said) line() string {
	line := `{"name":"//storage.googleapis.com/a","assetType":"storage.googleapis.com/Bucket"`
	if s.day > 0 {
		line += fmt.Sprintf(`,"updateTime":"2026-01-%02dT00:00:00Z"`, s.day)
	}
	if s.deleted {
		return line + `,"deleted":true}`
	}
	if s.data {
		line += `,"resource":{"data":{"n":1}}`
	}
	switch s.policy {
	case "":
	case "z":
		line += `,"iamPolicy":{"role":"x"},"iam_policy":{"role":"y"}`
	default:
		line += `,"iamPolicy":{"role":"` + s.policy + `"}`
	}
	return line + "}"
}

// policyThatCounts is the documented rule, word for word: the policy, "differ", or ""
// for an unknown one; and whether anything is left of the asset.
func policyThatCounts(records []said) (policy string, left bool) {
	gone := -1
	for _, r := range records {
		if r.deleted {
			gone = max(gone, r.day)
		}
	}
	newest := 0
	var count []said
	for _, r := range records {
		if r.deleted || r.day > 0 && r.day <= gone {
			continue
		}
		left = true
		if r.policy != "" {
			count, newest = append(count, r), max(newest, r.day)
		}
	}
	for _, r := range count {
		switch {
		case r.day != 0 && r.day < newest:
		case r.policy == "z":
			return "differ", left
		case policy == "":
			policy = r.policy
		case policy != r.policy:
			return "differ", left
		}
	}
	return policy, left
}

// Whatever records an asset has, in whatever order they are read, each that counts
// goes on with the policy that the rule gives it.
func TestPoliciesOfRandomRecords(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		var records []said
		for range 1 + random.IntN(5) {
			r := said{day: random.IntN(4), policy: []string{"", "x", "y", "x", "z"}[random.IntN(5)]}
			switch r.data = r.policy == "" || random.IntN(2) == 0; {
			case r.day > 0 && random.IntN(8) == 0:
				r = said{deleted: true, day: r.day}
			case random.IntN(3) == 0:
				r.day = 0
			}
			records = append(records, r)
		}
		want, left := policyThatCounts(records)
		for range 3 {
			random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
			var lines []string
			for _, r := range records {
				lines = append(lines, r.line())
			}
			for _, budget := range []int{0, 1 << 20} {
				m := NewMerger(budget)
				f := mergedBy(t, m, lines...)
				if m.Late() {
					m = m.Again()
					f = mergedBy(t, m, lines...)
				}
				checkPolicy(t, f, want, left, lines)
				checkPolicy(t, mergedBy(t, m.Again(), lines...), want, left, lines) // and in any reading after that
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

func checkPolicy(t *testing.T, f *found, want string, left bool, lines []string) {
	t.Helper()
	if left != (len(f.Resources) > 0) {
		t.Errorf("%d resources of\n%s", len(f.Resources), strings.Join(lines, "\n"))
	}
	for _, r := range f.Resources {
		got := ""
		switch {
		case strings.Contains(r.Body, `"iamPolicy":{"role":"x"}`):
			got = "x"
		case strings.Contains(r.Body, `"iamPolicy":{"role":"y"}`):
			got = "y"
		case slices.Contains(r.Broken, "iamPolicy"):
			got = "differ"
		}
		if unread := slices.Contains(r.Unread, "iamPolicy"); got != want || unread != (want == "") {
			t.Errorf("policy %q, unread %v, want %q of\n%s", got, unread, want, strings.Join(lines, "\n"))
		}
	}
}

// A policy that does not count because another record has a newer one is told.
func TestOlderPoliciesAreTold(t *testing.T) {
	tests := map[string]struct {
		records []said
		want    []string
	}{
		"policy":            {[]said{{data: true}, {policy: "x", day: 1}, {policy: "y", day: 2}}, []string{"2 in.json:3"}},
		"beside_data":       {[]said{{data: true, policy: "x", day: 1}, {policy: "y", day: 2}}, []string{"1 in.json:2"}},
		"newer_beside_data": {[]said{{data: true, policy: "x", day: 2}, {data: true, day: 1}, {policy: "y", day: 1}}, []string{"3 in.json:1"}},
		"told_as_a_state":   {[]said{{data: true, policy: "x", day: 2}, {data: true, policy: "y", day: 1}}, nil},
		"says_the_same":     {[]said{{data: true}, {policy: "x", day: 1}, {policy: "x", day: 2}}, nil},
		"gone":              {[]said{{data: true, day: 3}, {policy: "x", day: 1}, {deleted: true, day: 2}}, []string{"2 in.json:3"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var lines, got []string
			for _, r := range test.records {
				lines = append(lines, r.line())
			}
			for _, notice := range merged(t, 1<<20, lines...).Notices {
				var of, by int
				_, text, _ := strings.Cut(notice, "in.json:")
				fmt.Sscanf(text, "%d:", &of)
				_, text, _ = strings.Cut(text, "in.json:")
				fmt.Sscanf(text, "%d", &by)
				got = append(got, fmt.Sprintf("%d in.json:%d", of, by))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}
