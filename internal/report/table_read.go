package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
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
	if r.Duplicates > 0 {
		p.line("left out, because another record of the same id counts: %s", counted(r.Duplicates, "record"))
	}
	gone := 0
	for i := range r.Seen {
		gone += r.Seen[i].Deleted
	}
	if gone > 0 {
		p.line("left out, because they say that a resource is gone: %s", counted(gone, "record"))
	}
	if unmapped := unmappedText(r.Seen, p.most(5)); unmapped != "" {
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

// unmappedText lists types, the most frequent first.
func unmappedText(seen []inventory.Seen, most int) string {
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
		if i == most {
			parts = append(parts, "and "+counted(len(names)-most, "more type"))
			break
		}
		parts = append(parts, name+" ("+count(total[name])+")")
	}
	return strings.Join(parts, ", ")
}

// listed is how many problems and warnings are printed in full where lists are
// cut.
const listed = 10

// most gives how many to print of a list that is cut after n, which no list in
// a file is.
func (p *page) most(n int) int {
	if p.Rows == 0 {
		return math.MaxInt
	}
	return n
}

func problems(p *page, all []inventory.Problem) {
	for i, problem := range all {
		if i == p.most(listed) {
			p.line("%s", p.Paint(fmt.Sprintf("and %s more", counted(len(all)-i, "problem")), Bad))
			return
		}
		word, ink := "problem", Bad
		if problem.Notice {
			word, ink = "note", Grey
		}
		if place := problem.Place(); place != "" {
			p.line("%s %s: %s", p.Paint(word, ink), clean(place), clean(problem.Reason))
		} else {
			p.line("%s", p.Paint(clean(problem.Reason), ink))
		}
	}
}

func warnings(p *page, all []string) {
	for i, warning := range all {
		if i == p.most(listed) {
			p.line("%s", p.Paint(fmt.Sprintf("and %s more", counted(len(all)-i, "warning")), Warn))
			return
		}
		p.line("%s %s", p.Paint("warning", Warn), clean(warning))
	}
}
