package estate_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKnownFile: an estate that was opened from the file of what is known imports
// like one that read the rows; a file that is damaged, of another past or older
// than the last change of a resource is not used, which is told.
func TestKnownFile(t *testing.T) {
	var all, changed []string
	for i := range 40 {
		name := fmt.Sprintf("s%05d", i)
		all, changed = append(all, account(name, "true")), append(changed, account(name, strconv.FormatBool(i > 3)))
	}
	before, after := input("a.jsonl", strings.Join(all, "\n")), input("a.jsonl", strings.Join(changed[:39], "\n"))
	file := func(k *kept) []byte {
		var b bytes.Buffer
		if err := k.estate.WriteKnown(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	rows := newKept(t)
	rows.imports(before)
	rows.reopen()
	want := rows.imports(after)
	for name, c := range map[string]struct {
		known func(*kept) []byte
		note  string // a part of what is told, "" for nothing
	}{
		"as it was written": {file, ""},
		"damaged":           {func(k *kept) []byte { b := file(k); b[len(b)/2]++; return b }, "its checksum"},
		"cut":               {func(k *kept) []byte { b := file(k); return b[:len(b)-50] }, "its checksum"},
		"empty":             {func(*kept) []byte { return []byte{} }, "it is none"},
		"of another past": {func(*kept) []byte {
			other := newKept(t)
			other.now = other.now.AddDate(0, 0, 1)
			other.imports(after)
			return file(other)
		}, "has another commit"},
		"older than a change": {func(k *kept) []byte {
			b := file(k)
			k.imports(after)
			k.imports(before)
			return b
		}, "changed resources after it"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			k.imports(before)
			var told []string
			k.reopenWith(c.known(k), func(text string) { told = append(told, text) })
			if all := strings.Join(told, "\n"); !strings.Contains(all, c.note) || c.note == "" && all != "" {
				t.Errorf("told %q, want %q", all, c.note)
			}
			if got := k.imports(after); got.Changed != want.Changed || got.Unchanged != want.Unchanged {
				t.Errorf("%d changed, %d unchanged; want %d and %d", got.Changed, got.Unchanged, want.Changed, want.Unchanged)
			}
			if got, want := k.dump(), rows.dump(); got != want && name != "older than a change" {
				t.Errorf("kept (-by who read the rows +with the file):\n%s", cmp.Diff(want, got))
			}
		})
	}
}
