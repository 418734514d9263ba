package reference_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/reference"
)

//go:generate go test -run _is_fresh$ . -update

var update = flag.Bool("update", false, "write the pages")

func below(parts ...string) string { return filepath.Join(append([]string{"..", ".."}, parts...)...) }

// TestPages_is_fresh: docs/recommendations says what the files of the catalogue
// say, and has no page too many.
func TestPages_is_fresh(t *testing.T) {
	c, problems := catalog.Parse(os.DirFS(below("catalog")))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	pages, err := reference.Pages(c)
	if err != nil {
		t.Fatal(err)
	}
	folder := below("docs", "recommendations")
	if *update {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			write(t, filepath.Join(folder, name), text)
		}
	}
	there, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if _, known := pages[filepath.Base(name)]; !known {
			t.Errorf("%s: is about nothing in the catalogue; run go generate ./internal/reference", name)
		}
	}
	for name, want := range pages {
		if got := read(t, filepath.Join(folder, name)); got != want {
			t.Errorf("docs/recommendations/%s is stale; run go generate ./internal/reference (-file +catalogue):\n%s", name, cmp.Diff(got, want))
		}
	}
}

// The part of docs/inventory.md that is written from the schemas.
const (
	begin = "<!-- types: written by go generate ./internal/reference from catalog/schema/types -->\n"
	end   = "<!-- end of types -->\n"
)

func TestTypes_is_fresh(t *testing.T) {
	files, err := filepath.Glob(below("catalog", "schema", "types", "*.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schemas []reference.Schema
	for _, file := range files {
		schemas = append(schemas, reference.Schema{File: filepath.Base(file), Text: []byte(read(t, file))})
	}
	want, err := reference.Types(schemas)
	if err != nil {
		t.Fatal(err)
	}
	file := below("docs", "inventory.md")
	text := read(t, file)
	before, rest, ok := strings.Cut(text, begin)
	got, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s: has no lines %q and %q", file, begin, end)
	}
	if *update {
		write(t, file, before+begin+want+end+after)
		return
	}
	if got != want {
		t.Errorf("%s is stale; run go generate ./internal/reference (-file +schemas):\n%s", file, cmp.Diff(got, want))
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
