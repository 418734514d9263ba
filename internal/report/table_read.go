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
	seen, idle := p.recognised(r.Seen)
	shown := p.shown(len(seen))
	p.grid(seenGrid(seen[:shown]))
	p.more(len(seen), shown, "input")
	if idle > 0 {
		p.line("%s", p.Paint(fmt.Sprintf("and %s in which nothing was recognised; --format json lists all", counted(idle, "more input")), Grey))
	}
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

// recognised leaves the first few of the inputs out of which nothing came, and
// counts the others.
func (p *page) recognised(all []inventory.Seen) (shown []inventory.Seen, more int) {
	idle := 0
	for _, s := range all {
		if s.Format == inventory.NothingRecognised {
			if idle++; idle > listed {
				more++
				continue
			}
		}
		shown = append(shown, s)
	}
	return shown, more
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

// listed is how many warnings are printed in full where lists are cut, and how
// many problems, notes and inputs without anything in them everywhere: json has
// them all.
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
	folded(p, all, false, "problem", Bad)
	folded(p, all, true, "note", Grey)
}

// folded prints the first problems, or notices, and counts the others. What stands
// nowhere is said as it is: it sums up others.
func folded(p *page, all []inventory.Problem, notices bool, word string, ink Ink) {
	placed, sums := 0, []inventory.Problem{}
	for _, problem := range all {
		place := problem.Place()
		switch {
		case problem.Notice != notices:
		case place == "":
			sums = append(sums, problem)
		default:
			if placed++; placed <= listed {
				p.line("%s %s: %s", p.Paint(word, ink), clean(place), clean(problem.Reason))
			}
		}
	}
	if placed > listed {
		p.line("%s", p.Paint(fmt.Sprintf("and %s; --format json lists them", counted(placed-listed, "more "+word)), ink))
	}
	for _, problem := range sums {
		p.line("%s", p.Paint(clean(problem.Reason), ink))
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
