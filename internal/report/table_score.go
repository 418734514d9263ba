package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Coverage in percent under which a score is shown as partial, and under
// which the reasons stand beside it.
const (
	partialBelow = 50
	reasonsBelow = 95
)

const barColumns = 40

func scoreSection(p *page, run *Run) {
	s, c := run.Result.Score, run.Result.Coverage
	partial := c.Judged+c.Unknown > 0 && c.Percent < partialBelow
	note := ""
	if run.Result.Slice {
		note = "a slice: over the chosen resources alone, without points"
	}
	p.heading("Secure score", note)
	switch {
	case !s.HasScore:
		p.line("none: no unit has a judged check that belongs to a control with points")
	default:
		p.scoreLine(s, partial)
	}
	beside := "coverage " + coverageText(c)
	if c.Judged+c.Unknown == 0 {
		beside = "coverage: nothing judged"
	}
	if c.Percent < reasonsBelow && c.Unknown > 0 {
		beside += " (unknown: " + reasonsText(c.Reasons) + ")"
	}
	p.line("%s", beside)
	p.controls(s, run.Result.Slice)
	p.units(s, run.Result.Slice)
}

// scoreLine shows the score; one of which less than half is judged is grey
// and says so.
func (p *page) scoreLine(s score.Score, partial bool) {
	ink, word := scoreInk(s.Percent), ""
	if partial {
		ink, word = Grey, "  partial"
	}
	text := short(s.Percent, 1) + " %"
	if s.Max > 0 {
		text += fmt.Sprintf("  %s of %s points", short(s.Current, 2), short(s.Max, 2))
	}
	columns := barColumns
	if p.Width > 0 {
		columns = min(columns, p.Width-len(indent)-len(gap)-Width(text+word))
	}
	full, empty := p.bar(s.Percent/100, columns)
	p.line("%s%s  %s", p.Paint(full, ink), p.Paint(empty, Grey), p.Paint(text+word, ink))
}

func scoreInk(percent float64) Ink {
	switch {
	case percent >= 80:
		return Good
	case percent >= 50:
		return Warn
	}
	return Bad
}

// controls shows the effective controls of a single unit; several units have
// no points in common.
func (p *page) controls(s score.Score, slice bool) {
	if len(s.Units) != 1 {
		return
	}
	g := Grid{Columns: []Column{
		{Title: "control", Flexible: true},
		{Title: "points", Right: true, Optional: true},
		{Title: "of", Right: true, Optional: true},
		{Title: "resources healthy", Right: true},
		{Title: "unhealthy", Right: true},
		{Title: "unknown", Right: true, Optional: true},
	}}
	for _, c := range s.Units[0].Controls {
		if c.Healthy+c.Unhealthy+c.Unknown > 0 {
			g.Add(Cell{Text: c.Name}, points(c.Current, slice), points(c.Max, slice),
				Cell{Text: blank(c.Healthy)}, Cell{Text: blank(c.Unhealthy)}, Cell{Text: blank(c.Unknown)})
		}
	}
	p.grid(&g)
}

// points is a cell of points, which a slice has none of.
func points(n float64, slice bool) Cell {
	if slice {
		return Cell{}
	}
	return Cell{Text: short(n, 2)}
}

// units shows the score of each of several units.
func (p *page) units(s score.Score, slice bool) {
	if len(s.Units) < 2 {
		return
	}
	g := Grid{Columns: []Column{
		{Title: "unit", Flexible: true},
		{Title: "score", Right: true},
		{Title: "points", Right: true, Optional: true},
		{Title: "of", Right: true, Optional: true},
		{Title: "weight", Right: true},
	}}
	shown := p.shown(len(s.Units))
	for _, u := range s.Units[:shown] {
		if !u.HasScore {
			g.Add(Cell{Text: u.Scope}, Cell{"none", Grey})
			continue
		}
		g.Add(Cell{Text: u.Scope}, Cell{short(u.Percent, 1) + " %", scoreInk(u.Percent)},
			points(u.Current, slice), points(u.Max, slice), Cell{Text: count(u.Weight)})
	}
	p.grid(&g)
	p.more(len(s.Units), shown, "unit")
}

// complianceSection shows one row a standard; controls are counted, never
// groups.
func complianceSection(p *page, run *Run) {
	if len(run.Result.Compliance) == 0 {
		return
	}
	p.heading("Compliance", "numbers are controls; the rate is passed ÷ (passed + failed)")
	g := Grid{Columns: []Column{
		{Title: "standard", Flexible: true},
		{Title: "rate", Right: true},
		{Title: "passed", Right: true, Optional: true},
		{Title: "failed", Right: true, Optional: true},
		{Title: "unknown", Right: true, Optional: true},
		{Title: "manual", Right: true, Optional: true},
		{Title: "not applicable", Right: true, Optional: true},
		{Title: "not covered", Right: true, Optional: true},
	}}
	shown := p.shown(len(run.Result.Compliance))
	for i := range run.Result.Compliance[:shown] {
		c := run.Result.Compliance[i]
		g.Add(Cell{Text: run.standardTitle(&c)}, rateCell(c), Cell{Text: blank(c.Passed)}, Cell{Text: blank(c.Failed)},
			Cell{Text: blank(c.Unknown)}, Cell{Text: blank(c.Manual)}, Cell{Text: blank(c.NotApplicable)}, Cell{Text: blank(c.NotCovered)})
	}
	p.grid(&g)
	p.more(len(run.Result.Compliance), shown, "standard")
	for i := range run.Result.Compliance[:shown] {
		if c := &run.Result.Compliance[i]; c.Exempt > 0 {
			p.line("%s: %s", clean(run.standardTitle(c)), controlsWithExempt(c.Controls))
		}
	}
}

// controlsWithExempt counts controls, whatever their state.
func controlsWithExempt(c compliance.Controls) string {
	return counted(c.Exempt, "control") + strings.TrimPrefix(exemptControlsText(c), count(c.Exempt))
}

func standardTitle(c compliance.Result) string { return cmp.Or(c.Title, c.Standard) }

// standardTitle is what people call a standard, with its id where another one is
// called the same.
func (r *Run) standardTitle(c *compliance.Result) string {
	title := standardTitle(*c)
	for i := range r.Result.Compliance {
		other := &r.Result.Compliance[i]
		if other.Standard != c.Standard && strings.EqualFold(standardTitle(*other), title) {
			return title + " (" + c.Standard + ")"
		}
	}
	return title
}

func rateCell(c compliance.Result) Cell {
	if !c.HasRate {
		return Cell{"none", Grey}
	}
	percent := share(c.Rate*100, c.Failed, 1)
	return Cell{short(percent, 1) + " %", scoreInk(percent)}
}
