package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The tests that have rows in catalog/facts/allowed.tsv: the first column.
const (
	ofAlias   = "alias"   // a field of Azure that Microsoft's list lacks
	ofField   = "field"   // a field, or a type, that no schema has
	ofCommand = "command" // a command that catalog/facts does not know
	ofLink    = "link"    // a severity, control or link other than the reference's
)

// allowance is what one test may let pass. Use it up: a row that nothing needs
// is a lie about the content, so [allowance.close] reports it.
type allowance struct {
	test    string
	reasons map[string]string
	used    map[string]bool
}

// allowed reads the rows of one test.
func allowed(t *testing.T, test string) *allowance {
	t.Helper()
	a := &allowance{test, map[string]string{}, map[string]bool{}}
	for _, row := range readFacts(t, "allowed.tsv", 3) {
		if !slices.Contains([]string{ofAlias, ofField, ofCommand, ofLink}, row[0]) {
			t.Errorf("allowed.tsv: no test is called %q", row[0])
		}
		if len(strings.Fields(row[2])) < 3 {
			t.Errorf("allowed.tsv: %s: the reason %q is none", row[1], row[2])
		}
		if row[0] == test {
			a.reasons[row[1]] = row[2]
		}
	}
	return a
}

// has reports whether something may pass, and remembers that it had to.
func (a *allowance) has(what string) bool {
	_, ok := a.reasons[what]
	a.used[what] = a.used[what] || ok
	return ok
}

func (a *allowance) close(t *testing.T) {
	t.Helper()
	for what := range a.reasons {
		if !a.used[what] {
			t.Errorf("allowed.tsv: the row %s %s is no longer needed; delete it", a.test, what)
		}
	}
}

// readFacts reads a table of catalog/facts: rows of cells between tabs.
func readFacts(t *testing.T, name string, cells int) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(content(), "facts", name))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != cells || seen[line] {
			t.Fatalf("%s:%d: want %d cells between tabs, each row once", name, i+1, cells)
		}
		seen[line] = true
		rows = append(rows, row)
	}
	return rows
}
