package catalog

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write packed.bin from the files under catalog/")

// content is the folder catalog/ of the module.
func content() string { return filepath.Join("..", "..", "catalog") }

// parseContent gives the committed files as they were read once: a catalogue
// never changes. Where they have problems one test tells them, and all others are
// skipped; a test that is asked for alone fails, lest it seem to pass.
func parseContent(t testing.TB) *Catalog {
	t.Helper()
	c, problems := readContent()
	if len(problems) == 0 {
		return c
	}
	words := fmt.Sprintf("catalog/ has %d problems; TestContent_has_no_problems tells them, as bartizan catalog test does", len(problems))
	if flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.bench").Value.String() == "" {
		t.Skip(words)
	}
	t.Fatal(words)
	return nil
}

func TestContent_has_no_problems(t *testing.T) {
	_, problems := readContent()
	for _, p := range problems {
		t.Errorf("catalog/%v", p)
	}
}

var readContent = sync.OnceValues(func() (*Catalog, Problems) { return Parse(os.DirFS(content())) })

func TestPacked_is_fresh(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	want := parseContent(t)
	if *update {
		data, err := pack(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("packed.bin", data, 0o644); err != nil {
			t.Fatal(err)
		}
		packed = string(data)
	}
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name      string
		want, got any
	}{
		{"entries", want.Entries(), got.Entries()},
		{"controls", want.Controls(), got.Controls()},
		{"recommendations", all(t, want.Recommendations), all(t, got.Recommendations)},
		{"standards", all(t, want.Standards), all(t, got.Standards)},
		{"aliases", all(t, want.Aliases), all(t, got.Aliases)},
		{"always", all(t, want.Always), all(t, got.Always)},
	} {
		if diff := cmp.Diff(part.want, part.got, cmpopts.IgnoreFields(Recommendation{}, "Cases", "Texts")); diff != "" {
			t.Fatalf("packed.bin is stale in its %s; run go generate ./internal/catalog (-files +packed):\n%s", part.name, diff)
		}
	}
}

func all[T any](t *testing.T, read func() (T, error)) T {
	t.Helper()
	v, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return v
}
