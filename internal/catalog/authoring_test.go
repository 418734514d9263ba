package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var fenced = regexp.MustCompile("(?s)```(?:yaml)?\n(.*?)\n```")

// TestAuthoring_example_is_true follows docs/authoring.md: the example, what
// the test answers, and what mends it.
func TestAuthoring_example_is_true(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	parseContent(t) // the answer is to the example alone
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "authoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("docs/authoring.md has %d fenced blocks, want the example, the answer and what counts as the internet first", len(blocks))
	}
	if got := strings.Join(strings.Fields(blocks[2][1]), " "); !strings.Contains(got, "value: >- "+openValue+" lessOrEquals: \""+openLimit+"\"") {
		t.Errorf("docs/authoring.md: what counts as the internet is not what TestOpen_ranges_are_the_same_everywhere holds the rules to, got\n%s", got)
	}
	const example = "azure/cache/redis-public-network-off.yaml"
	const alias, before = "    publicNetworkAccess: properties.publicNetworkAccess\n", "    subnetId: properties.subnetId\n"
	files := fstest.MapFS{}
	for _, pattern := range []string{"*.yaml", "*/*.yaml", "*/*/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(content(), filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(content(), file)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.ToSlash(name)] = &fstest.MapFile{Data: data}
		}
	}
	if err := unfollow(files, example, blocks[0][1], alias); err != nil {
		t.Fatal(err)
	}
	files[example] = &fstest.MapFile{Data: []byte(blocks[0][1])}
	_, problems := Parse(files)
	// The document breaks long lines, and the command adds its folder and a summary.
	answer, _, _ := strings.Cut(blocks[1][1], "\n1 recommendation, ")
	want := strings.Fields(strings.ReplaceAll(answer, "catalog/azure/", "azure/"))
	if diff := cmp.Diff(want, strings.Fields(problems.Error())); diff != "" {
		t.Errorf("the answer (-docs/authoring.md +Parse):\n%s", diff)
	}
	aliases := string(files["aliases.yaml"].Data)
	files["aliases.yaml"].Data = []byte(strings.Replace(aliases, before, alias+before, 1))
	c, problems := Parse(files)
	if err := problems.Err(); err != nil {
		t.Fatalf("with the alias added: %v", err)
	}
	judgeCases(t, c, "redis-public-network-off")
	// Whoever has followed the document to its end finds it true still.
	if err := unfollow(files, example, blocks[0][1], alias); err != nil {
		t.Fatal(err)
	}
	if _, there := files[example]; there || string(files["aliases.yaml"].Data) != aliases {
		t.Errorf("catalog/%s is there: %t, its alias is there: %t; want neither after unfollow",
			example, there, string(files["aliases.yaml"].Data) != aliases)
	}
	files[example] = &fstest.MapFile{Data: []byte("title: Another\n")}
	if err := unfollow(files, example, blocks[0][1], alias); err == nil {
		t.Error("another file of that name passes for the example")
	}
}

// unfollow takes out of the catalogue's files what somebody who followed the
// document put into them: the example and its alias. Another file of that name
// is an error, as its reader would find the example written, but not so.
func unfollow(files fstest.MapFS, example, text, alias string) error {
	file, there := files[example]
	if !there {
		return nil
	}
	if strings.TrimSpace(string(file.Data)) != strings.TrimSpace(text) {
		return fmt.Errorf("catalog/%s is there and is not the example of docs/authoring.md: change one of them, or take another example", example)
	}
	delete(files, example)
	aliases := files["aliases.yaml"]
	aliases.Data = []byte(strings.Replace(string(aliases.Data), alias+"    subnetId:", "    subnetId:", 1))
	return nil
}
