package catalog

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// checkRow is what a row of the reference's checks.tsv says of a check.
type checkRow struct {
	of, condition     string // resource type, and what holds where all is well
	severity, control string
	links             []string // standard:control, of the standards that we have
}

// readChecks reads the reference by cloud and slug.
func readChecks(t *testing.T, standards []*Standard) map[string]checkRow {
	t.Helper()
	data, err := os.ReadFile(sharedFile(t, "reference", "catalog", "checks.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]checkRow{}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 10 {
			t.Fatalf("checks.tsv:%d: %d cells, want 10", i+1, len(cells))
		}
		row := checkRow{of: cells[2], condition: cells[4], severity: cells[5], control: cells[6]}
		for _, link := range strings.Split(cells[9], ";") {
			standard, _, _ := strings.Cut(link, ":")
			if StandardNamed(standards, standard) != nil && sourceSlips[link] == "" {
				row.links = append(row.links, link)
			}
		}
		rows[cells[0]+" "+cells[3]] = row
	}
	return rows
}

// TestLinks_are_the_references: for a check that the reference has, severity,
// control and links are facts that were gathered there, and each of ours that
// differs says why in allowed.tsv: in a row of its own, or in one of "*" that is
// about the control.
func TestLinks_are_the_references(t *testing.T) {
	c := parseContent(t)
	rows := readChecks(t, all(t, c.Standards))
	pass := allowed(t, ofLink)
	for _, r := range all(t, c.Recommendations) {
		row, known := rows[r.Cloud.String()+" "+r.ID]
		if !known {
			continue
		}
		differs := func(what, ours, theirs string) {
			if ours != theirs && !pass.has(r.ID+" "+what) && !pass.has("* "+what) {
				t.Errorf("catalog/%s: %s: we say %q, the reference %q", r.File, what, ours, theirs)
			}
		}
		control, _ := c.Control(r.Control)
		differs("severity", r.Severity.String(), row.severity)
		differs("control", control.Name, row.control)
		var ours []string
		for _, ref := range r.Standards {
			link := ref.Standard + ":" + ref.Control
			if ours = append(ours, link); !slices.Contains(row.links, link) {
				differs("+"+link, "gives evidence", "nothing")
			}
		}
		for _, link := range row.links {
			if !slices.Contains(ours, link) {
				differs("-"+link, "nothing", "gives evidence")
			}
		}
	}
	pass.close(t)
}

// TestLinks_to_a_benchmark_are_to_one_control: a control of CIS asks for one
// setting. What is linked to two of a benchmark judges more than either asks
// for, and fails the one by what is wrong about the other.
func TestLinks_to_a_benchmark_are_to_one_control(t *testing.T) {
	for _, r := range all(t, parseContent(t).Recommendations) {
		linked := map[string]string{}
		for _, ref := range r.Standards {
			if !strings.HasPrefix(ref.Standard, "cis-") {
				continue
			}
			if other, twice := linked[ref.Standard]; twice {
				t.Errorf("catalog/%s: linked to %s:%s and %s; want a recommendation for each", r.File, ref.Standard, other, ref.Control)
			}
			linked[ref.Standard] = ref.Control
		}
	}
}
