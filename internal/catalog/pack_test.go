package catalog

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// grown is a catalogue with the content n times, under other ids.
func grown(t testing.TB, n int) *Catalog {
	c := parseContent(t)
	out := &Catalog{controls: c.controls, standards: c.standards, aliases: c.aliases, always: c.always, kinds: c.kinds}
	for i := range n {
		for _, r := range c.recommendations {
			copied := *r
			copied.ID = fmt.Sprintf("%04d-%s", i, r.ID)
			copied.Service = fmt.Sprint(r.Service, i%20)
			out.recommendations = append(out.recommendations, &copied)
			out.entries = append(out.entries, copied.Entry())
		}
	}
	return out
}

func TestPack_keeps_everything_but_cases(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	want := grown(t, 3)
	want.controls = append([]Control{{ID: "half", Max: 2.5}}, want.controls...)
	want.recommendations[1].Preview, want.recommendations[2].Severity = true, posture.Critical
	for i, r := range want.recommendations {
		want.entries[i] = r.Entry()
	}
	data, err := pack(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := unpack(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Entries(), got.Entries()); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.recommendations, all(t, got.Recommendations), cmpopts.IgnoreFields(Recommendation{}, "Cases", "Texts")); diff != "" {
		t.Errorf("recommendations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.standards, all(t, got.Standards)); diff != "" {
		t.Errorf("standards (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.controls, got.Controls()); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	if _, known := got.Control("half"); !known {
		t.Error("a control by its id: not found")
	}
	one, err := got.Recommendation(want.recommendations[4].ID)
	if err != nil || one.Title != want.recommendations[4].Title {
		t.Errorf("one recommendation: got %v, %v", one, err)
	}
	if _, err := got.Recommendation("no-such"); err == nil || !strings.Contains(err.Error(), `"no-such"`) {
		t.Errorf("an unknown id: got %v, want an error that names it", err)
	}
}

func TestUnpack_of_anything_is_a_value_or_an_error(t *testing.T) {
	data, err := pack(parseContent(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unpack("something else"); err == nil {
		t.Error("text without the magic: got no error")
	}
	rapid.Check(t, func(t *rapid.T) {
		broken := []byte(strings.Clone(string(data)))
		if rapid.Bool().Draw(t, "cut") {
			broken = broken[:rapid.IntRange(0, len(broken)-1).Draw(t, "at")]
		} else {
			broken[rapid.IntRange(0, len(broken)-1).Draw(t, "at")] ^= rapid.Byte().Draw(t, "by")
		}
		c, err := unpack(string(broken))
		if (c == nil) != (err != nil) {
			t.Fatalf("got %v and %v, want one of them", c, err)
		}
		if err != nil {
			return
		}
		// Neither may panic; both may fail.
		_, _ = c.Recommendations()
		_, _ = c.Standards()
	})
}

func TestUnpack_of_a_cut_index_is_an_error(t *testing.T) {
	data, err := pack(parseContent(t))
	if err != nil {
		t.Fatal(err)
	}
	// Some thousand places, for each opening costs what the catalogue is long.
	for n := 0; n < len(data); n += 1 + len(data)/1000 {
		if _, err := unpack(string(data[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes: got no error", n, len(data))
		}
	}
}

// An entry that names the block of the standards, or none, is no entry.
func TestUnpack_of_a_wrong_place_is_an_error(t *testing.T) {
	for _, block := range []int{0, 1} {
		w := writer{b: []byte(magic)}
		w.number(1)
		w.entry(Entry{ID: "a"})
		w.number(block)
		w.number(0)
		w.number(0) // controls
		w.number(1) // blocks
		w.number(3)
		w.b = append(w.b, "abc"...)
		if _, err := unpack(string(w.b)); err == nil {
			t.Errorf("block %d of 1: got no error", block)
		}
	}
}

// manyTo names a file for a packed catalogue of twenty times the content, which
// bench/run builds a binary with.
var manyTo = flag.String("many", "", "file to write a packed catalogue of twenty times the content to")

func TestPack_of_twenty_times_the_content(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	many := grown(t, 20)
	data, err := pack(many)
	if err != nil {
		t.Fatal(err)
	}
	c, err := unpack(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(all(t, c.Recommendations)), 20*len(parseContent(t).entries); got != want {
		t.Errorf("%d recommendations, want %d", got, want)
	}
	if *manyTo != "" {
		if err := os.WriteFile(*manyTo, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	for _, times := range []int{1, 20, 400} {
		data, err := pack(grown(b, times))
		if err != nil {
			b.Fatal(err)
		}
		text := string(data)
		n := times * len(parseContent(b).entries)
		b.Run(fmt.Sprint("entries/", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := unpack(text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("everything/", n), func(b *testing.B) {
			for b.Loop() {
				c, _ := unpack(text)
				if _, err := c.Recommendations(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, problems := Parse(os.DirFS(content())); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
