package index

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestContaining: going through the block finds what looking into every text does.
func TestContaining(t *testing.T) {
	word := rapid.StringMatching(`[abAB/]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		var all texts
		for range rapid.IntRange(0, 8).Draw(t, "in the block") {
			all.add(word.Draw(t, "text"))
		}
		all.settle()
		for range rapid.IntRange(0, 2).Draw(t, "behind it") {
			all.add(word.Draw(t, "text"))
		}
		text := strings.ToLower(rapid.StringMatching(`[ab/]{1,4}`).Draw(t, "wanted"))
		found := all.containing(text)
		for n := range uint32(all.len()) {
			if want := strings.Contains(strings.ToLower(all.at(n)), text); found.Contains(n) != want {
				t.Fatalf("%q in %q: %v, want %v", text, all.at(n), found.Contains(n), want)
			}
		}
	})
}

// TestSearch: names that begin with the text come first, and all are counted.
func TestSearch(t *testing.T) {
	x := grown(2000)
	name := x.resources.name(x.names.names[700])
	for text, want := range map[string]string{strings.ToUpper(name): name, "THING-": x.resources.name(x.names.names[0])} {
		found, total := x.Select(Filter{}).Search(text, 3)
		if len(found) == 0 || x.resources.name(found[0]) != want || total != x.Select(Filter{Text: text}).Resources() {
			t.Errorf("%s: %v of %d, want %s first", text, found, total, want)
		}
	}
	if found, total := x.Select(Filter{}).Search("group-7/", 5); len(found) != 5 || total != x.Select(Filter{Text: "group-7/"}).Resources() {
		t.Errorf("by group: %v of %d", found, total)
	}
	if found, total := x.Select(Filter{Visible: []string{}}).Search("thing", 5); len(found)+total != 0 {
		t.Errorf("who sees nothing finds %v of %d", found, total)
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, text := range []string{"t", "thing-12", "group-7/", "nothing of this kind"} {
		b.Run(fmt.Sprintf("%q", text), func(b *testing.B) {
			sizes(b, func(b *testing.B, x *Index) {
				for b.Loop() {
					x.Select(Filter{}).Search(text, 3)
				}
			})
		})
	}
}
