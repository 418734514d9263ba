package catalog

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?s)```yaml\n(.*?)\n```")

// TestAuthoring_says_what_counts_as_the_internet holds the condition that
// docs/authoring.md shows to the one that rules have.
func TestAuthoring_says_what_counts_as_the_internet(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "authoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, below, _ := strings.Cut(string(text), "## What counts as the internet\n")
	block := fenced.FindStringSubmatch(below)
	if block == nil {
		t.Fatal("docs/authoring.md has no condition below: What counts as the internet")
	}
	if got := strings.Join(strings.Fields(block[1]), " "); !strings.Contains(got, "value: >- "+openValue+" lessOrEquals: \""+openLimit+"\"") {
		t.Errorf("docs/authoring.md: what counts as the internet is not what TestOpen_ranges_are_the_same_everywhere holds the rules to, got\n%s", got)
	}
}
