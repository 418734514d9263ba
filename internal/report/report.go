// Package report writes what an assessment found: as a table for people, as
// one JSON object for programs that want the sums, as JSON lines with every
// check, and in the forms that other tools read: CSV with the columns that
// tools around Prowler know, OCSF, SARIF, JUnit and Markdown. One page of HTML
// is for people to hand on; html.go begins it.
//
// Start with [Formats], the list of all of them; a new format is one file and
// one row there. Writers stream: none of them holds all checks at once. Keys
// and rows come in an order that depends on the input alone, so that two runs
// over the same estate can be compared as text. docs/commands.md describes
// each format field by field.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Run is one finished assessment with what the formats say beside it.
type Run struct {
	Result  *assess.Result
	Checks  assess.Checks   // may be ranged over once a format
	At      time.Time       // the instant that the assessment stands for
	Version string          // our own, for formats that name their producer
	Scopes  []posture.Scope // the tree around the units, for their names
	Style   Style           // of the table
	Written []string        // files that other formats went to, named at the table's end
	// Baseline is the comparison with an earlier assessment, nil for none. It is
	// of all checks, whatever a filter leaves of this run.
	Baseline *baseline.Comparison
	// Scratch opens a temporary place for a format that has to sort the checks;
	// nil where they fit into memory.
	Scratch func() (Scratch, error)
}

// Format is one way to write a run.
type Format struct {
	Name  string // as in --format
	File  string // its name inside --output
	About string
	// Checks says that the format lists single checks, so that they have to be
	// read; without it Run.Checks may be nil.
	Checks bool
	write  func(io.Writer, *Run) error
}

// Formats lists all formats, the default first.
var Formats = []Format{
	{Name: "table", File: "report.txt", About: "for people: the sums, worst first", write: writeTable},
	{Name: "json", File: "report.json", About: "one object: score, coverage, recommendations, compliance", write: writeJSON},
	{Name: "jsonl", File: "verdicts.jsonl", About: "the full truth: one check a line, all states, with evidence", Checks: true, write: writeJSONLines},
	{Name: "csv", File: "report.csv", About: "one check a row, in the 44 columns that Prowler made known", Checks: true, write: writeCSV},
	{Name: "ocsf", File: "report.ocsf.json", About: "OCSF 1.5 Compliance Findings, one a check", Checks: true, write: writeOCSF},
	{Name: "sarif", File: "report.sarif", About: "SARIF 2.1.0: what is unhealthy or unknown", Checks: true, write: writeSARIF},
	{Name: "junit", File: "report.junit.xml", About: "JUnit XML: a suite a recommendation, a case a resource", Checks: true, write: writeJUnit},
	{Name: "md", File: "report.md", About: "Markdown for a pull request, at most 60,000 characters", Checks: true, write: writeMarkdown},
	{Name: "html", File: "report.html", About: "one page to hand on: search, evidence, compliance; opens without a network", Checks: true, write: writeHTML},
}

// Write writes run to w. Errors are w's, or those of reading the checks.
func (f Format) Write(w io.Writer, run *Run) error {
	if err := f.write(w, run); err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return nil
}

// Names lists the names of all formats.
func Names() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// Parse reads a list of format names, each of which may be a comma list
// itself. Repeated names count once. An empty list gives none.
func Parse(list []string) ([]Format, error) {
	var found []Format
	for _, item := range list {
		for name := range strings.SplitSeq(item, ",") {
			name = strings.TrimSpace(name)
			at := slices.IndexFunc(Formats, func(f Format) bool { return strings.EqualFold(f.Name, name) })
			if at < 0 {
				return nil, fmt.Errorf("format %q: want %s%s", name, strings.Join(Names(), ", "), spelling.Meant(name, Names()))
			}
			if !slices.ContainsFunc(found, func(f Format) bool { return f.Name == Formats[at].Name }) {
				found = append(found, Formats[at])
			}
		}
	}
	return found, nil
}
