package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var fenced = regexp.MustCompile("(?s)```(?:yaml)?\n(.*?)\n```")

// TestAuthoring_example_is_true follows docs/authoring.md: the scaffold, the
// example in its place, what the test answers, and what mends it.
func TestAuthoring_example_is_true(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "authoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 {
		t.Fatalf("docs/authoring.md has %d fenced blocks, want the example and the answer first", len(blocks))
	}
	example, answer := blocks[0][1]+"\n", blocks[1][1]
	const file, aliases = "catalog/azure/cache/redis-public-network-off.yaml", "catalog/aliases.yaml"
	const alias, before = "    publicNetworkAccess: properties.publicNetworkAccess\n", "    subnetId: properties.subnetId\n"
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "catalog"), os.DirFS(filepath.Join("..", "..", "catalog"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	// Whoever has followed the document to its end finds it true still.
	if is, err := os.ReadFile(file); err == nil {
		if string(is) != example {
			t.Fatalf("%s is there and is not the example of docs/authoring.md: change one of them, or take another example", file)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		replaceIn(t, aliases, alias+before, before)
	}
	answers(t, exitFine, file+"\nfill it in, then: bartizan catalog test "+file,
		"catalog", "new", "azure/cache/redis-public-network-off", "--type", "Microsoft.Cache/redis")
	if err := os.WriteFile(file, []byte(example), 0o644); err != nil {
		t.Fatal(err)
	}
	answers(t, exitError, answer, "catalog", "test", file)
	replaceIn(t, aliases, before, alias+before)
	const mended = "1 recommendation, 5 cases: 0 problems, 0 cases failed"
	if !strings.Contains(string(text), "\n    "+mended+"\n") {
		t.Errorf("docs/authoring.md does not say %q", mended)
	}
	answers(t, exitFine, mended, "catalog", "test", file)
}

// answers runs a command; of its answer, line breaks and indents are the document's.
func answers(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	got := Run(context.Background(), Process{
		Args: args, Out: &out, Err: &errs, Now: time.Now, Getenv: func(string) string { return "" },
	})
	if got != code {
		t.Errorf("bartizan %s: exit code %d, want %d: %s", strings.Join(args, " "), got, code, errs.String())
	}
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(out.String())); diff != "" {
		t.Errorf("bartizan %s (-docs/authoring.md +answer):\n%s", strings.Join(args, " "), diff)
	}
}

// replaceIn changes the one place of a file that has a text.
func replaceIn(t *testing.T, file, text, by string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(data), "  Microsoft.Cache/Redis:\n")
	if at < 0 || !strings.Contains(string(data[at:]), text) {
		t.Fatalf("%s: has no %q below Microsoft.Cache/Redis", file, text)
	}
	changed := string(data[:at]) + strings.Replace(string(data[at:]), text, by, 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}
