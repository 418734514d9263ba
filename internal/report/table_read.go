package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// readSection says what the inputs turned out to be, and what of them could
// not be read.
func readSection(p *page, run *Run) {
	r := run.Result
	p.heading("Read", fmt.Sprintf("%s in %s", counted(r.Total, "resource"), counted(r.Units, "unit")))
	shown := p.shown(len(r.Seen))
	p.grid(seenGrid(r.Seen[:shown]))
	p.more(len(r.Seen), shown, "input")
	if unmapped := unmappedText(r.Seen); unmapped != "" {
		p.line("kept, but not mapped to a schema that rules know: %s", clean(unmapped))
	}
	problems(p, r.Problems)
	warnings(p, r.Warnings)
}

func seenGrid(seen []inventory.Seen) *Grid {
	g := &Grid{Columns: []Column{
		{Title: "input", Flexible: true},
		{Title: "format", Flexible: true},
		{Title: "records", Right: true},
		{Title: "resources", Right: true},
		{Title: "rejected", Right: true, Optional: true},
	}}
	for _, s := range seen {
		g.Add(Cell{Text: s.File}, Cell{Text: s.Format}, Cell{Text: count(s.Records)}, Cell{Text: count(s.Resources)}, Cell{blank(s.Rejected), Bad})
	}
	return g
}

// unmappedText lists at most five types, the most frequent first.
func unmappedText(seen []inventory.Seen) string {
	total := map[string]int{}
	for _, s := range seen {
		for name, n := range s.Unmapped {
			total[name] += n
		}
	}
	names := slices.SortedFunc(maps.Keys(total), func(a, b string) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b))
	})
	var parts []string
	for i, name := range names {
		if i == 5 {
			parts = append(parts, "and "+counted(len(names)-5, "more type"))
			break
		}
		parts = append(parts, name+" ("+count(total[name])+")")
	}
	return strings.Join(parts, ", ")
}

// listed is how many problems and warnings are printed in full.
const listed = 10

func problems(p *page, all []inventory.Problem) {
	for i, problem := range all {
		if i == listed {
			p.line("%s", p.Paint(fmt.Sprintf("and %s more", counted(len(all)-listed, "problem")), Bad))
			return
		}
		place := problem.File
		if problem.Line > 0 {
			place += ":" + fmt.Sprint(problem.Line)
		}
		p.line("%s %s: %s", p.Paint("problem", Bad), clean(place), clean(problem.Reason))
	}
}

func warnings(p *page, all []string) {
	for i, warning := range all {
		if i == listed {
			p.line("%s", p.Paint(fmt.Sprintf("and %s more", counted(len(all)-listed, "warning")), Warn))
			return
		}
		p.line("%s %s", p.Paint("warning", Warn), clean(warning))
	}
}
