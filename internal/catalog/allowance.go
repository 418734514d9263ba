package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// What has rows in facts/allowed.tsv: the first column.
const (
	ofAbsence = "absence" // a property that makes healthy where it is absent
	ofAlias   = "alias"   // a field of Azure that Microsoft's list lacks
	ofField   = "field"   // a field, or a type, that no schema has
	ofCommand = "command" // a command that catalog/facts does not know
	ofLink    = "link"    // a severity, control or link other than the reference's
	ofRule    = "rule"    // a rule that judges otherwise than the reference's condition
)

// allowance is what one check may let pass. A row that nothing needs is a lie
// about the content, so a test wants all of them used.
type allowance struct {
	test    string
	reasons map[string]string
	used    map[string]bool
}

// readAllowed reads the rows of all tests.
func (f *Facts) readAllowed(files fs.FS) error {
	tests := []string{ofAbsence, ofAlias, ofField, ofCommand, ofLink, ofRule}
	for _, test := range tests {
		f.pass[test] = &allowance{test, map[string]string{}, map[string]bool{}}
	}
	rows, err := readFacts(files, "allowed.tsv", 3)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !slices.Contains(tests, row[0]) {
			return fmt.Errorf("allowed.tsv: no test is called %q", row[0])
		}
		if len(strings.Fields(row[2])) < 3 {
			return fmt.Errorf("allowed.tsv: %s: the reason %q is none", row[1], row[2])
		}
		f.pass[row[0]].reasons[row[1]] = row[2]
	}
	return nil
}

// has reports whether something may pass, and remembers that it had to.
func (a *allowance) has(what string) bool {
	_, ok := a.reasons[what]
	a.used[what] = a.used[what] || ok
	return ok
}

// readFacts reads a table: rows of cells between tabs.
func readFacts(files fs.FS, name string, cells int) ([][]string, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != cells || seen[line] {
			return nil, fmt.Errorf("%s:%d: want %d cells between tabs, each row once", name, i+1, cells)
		}
		seen[line] = true
		rows = append(rows, row)
	}
	return rows, nil
}
