package syntax

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sharedLines calls each line of a file of the shared data beside the module;
// the test is skipped where that is absent.
func sharedLines(t *testing.T, line func(string), name ...string) {
	t.Helper()
	file, err := os.Open(filepath.Join(append([]string{"..", "..", "..", "..", "shared"}, name...)...))
	if err != nil {
		t.Skipf("shared test data is absent: %v", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line(lines.Text())
	}
}

// mustParse is what is wrong with a query, other than that we leave out what it
// asks for.
func mustParse(query string) []Problem {
	_, problems := Parse(query)
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.Code == CodeRefused })
}

// TestDocumented: Microsoft's documented examples are KQL.
func TestDocumented(t *testing.T) {
	n := 0
	sharedLines(t, func(line string) {
		var c struct{ ID, Query string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		n++
		for _, p := range mustParse(c.Query) {
			t.Errorf("%s: %s\n%s", c.ID, p.Message, c.Query)
		}
	}, "conformance", "kql-docs-cases.jsonl")
	if n < 200 {
		t.Errorf("%d cases, want at least 200", n)
	}
}

// TestAnalysed: the queries whose columns Microsoft's analyser knows are KQL,
// but for those that it refuses.
func TestAnalysed(t *testing.T) {
	n := 0
	sharedLines(t, func(line string) {
		query, columns, _ := strings.Cut(line, "\t")
		if query == "query" || strings.HasPrefix(columns, "error") {
			return
		}
		n++
		for _, p := range mustParse(query) {
			t.Errorf("%s\n%s", p.Message, query)
		}
	}, "reference", "kql", "columns.tsv")
	if n < 100 {
		t.Errorf("%d queries, want at least 100", n)
	}
}
