package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// writeTable writes the report for people. The order is that of questions:
// how good is it, what is wrong, how far can I believe it, what follows for
// standards, what do I do first, what was it made from.
func writeTable(w io.Writer, run *Run) error {
	p := &page{Writer: bufio.NewWriter(w), Style: run.Style}
	sections := []func(*page, *Run){
		scoreSection, recommendationSection, coverageSection, complianceSection,
		fixesSection, readSection, notEvaluatedSection, baselineSection, filesSection,
	}
	for _, section := range sections {
		section(p, run)
	}
	return p.Flush()
}

// page is where sections write; its first error is kept and comes with Flush.
type page struct {
	*bufio.Writer
	Style
	begun bool
}

// heading begins a section, with grey words beside its name.
func (p *page) heading(name, beside string) {
	if p.begun {
		p.WriteByte('\n')
	}
	p.begun = true
	line := p.Paint(name, Bold)
	if beside != "" {
		line += "  " + p.Paint(beside, Grey)
	}
	p.WriteString(p.wrap(line) + "\n")
}

// line writes an indented line, wrapped where there is no room, in which text from outside was cleaned before.
func (p *page) line(format string, args ...any) {
	p.WriteString(p.wrap(indent+fmt.Sprintf(format, args...)) + "\n")
}

func (p *page) grid(g *Grid) {
	if g.Len() > 0 {
		_ = g.Write(p.Writer, p.Style) // the writer keeps its error for Flush
	}
}

// shown gives how many rows of a list to print, and says what is left out.
func (p *page) shown(n int) int {
	if p.Rows > 0 && n > p.Rows {
		return p.Rows
	}
	return n
}

func (p *page) more(n, shown int, noun string) {
	if n > shown {
		p.line("%s", p.Paint(fmt.Sprintf("and %s more; --format json lists all", counted(n-shown, noun)), Grey))
	}
}

// coverageSection says how far the answers go, and what stands outside them.
func coverageSection(p *page, run *Run) {
	r := run.Result
	c := r.Coverage
	beside := "nothing judged"
	if all := c.Judged + c.Unknown; all > 0 {
		beside = fmt.Sprintf("%s of %s got an answer", coverageText(c), askedText(c))
	}
	p.heading("Coverage", beside)
	if c.Unknown > 0 {
		p.line("unknown   %s", unknownText(c))
	}
	p.notRead(c)
	if c.Manual > 0 {
		p.line("manual    %s, outside coverage until attested (--attestations)", counted(c.Manual, "check"))
	}
	if c.Exempt > 0 {
		p.line("exempt    %s, %d mitigated", counted(c.Exempt, "check"), c.Mitigated)
	}
	text := ""
	for _, state := range posture.States {
		if n := r.Resources[state]; n > 0 {
			text += fmt.Sprintf(", %s %s", count(n), state)
		}
	}
	if text != "" {
		p.line("resources %s: %s", count(r.Total), text[2:])
	}
}

// askedText says what coverage is a share of.
func askedText(c assess.Coverage) string {
	all := c.Judged + c.Unknown
	if c.Rejected+c.UnseenCount() == 0 {
		return counted(all, "check")
	}
	return count(all) + " checks and unread places"
}

// unknownText takes what is unknown apart into checks, with their reasons, and
// what could not be read at all, so that the numbers add up.
func unknownText(c assess.Coverage) string {
	checks, reasons := unknownChecks(c)
	var parts []string
	if checks > 0 {
		parts = append(parts, counted(checks, "check")+": "+reasonsText(reasons))
	}
	if c.Rejected > 0 {
		parts = append(parts, counted(c.Rejected, "place")+" of the inputs could not be read")
	}
	if n := c.UnseenCount(); n > 0 {
		parts = append(parts, counted(n, "resource")+" could not be read")
	}
	return strings.Join(parts, "; ")
}

// unknownChecks is how many of what is unknown are checks of a rule and resource,
// and why they are.
func unknownChecks(c assess.Coverage) (checks int, reasons map[posture.Reason]int) {
	reasons = map[posture.Reason]int{}
	for reason, n := range c.Reasons {
		if n -= c.Unseen[reason]; reason == posture.Failed {
			n -= c.Rejected
		}
		if n > 0 {
			reasons[reason] = n
		}
	}
	return c.Unknown - c.Rejected - c.UnseenCount(), reasons
}

func coverageText(c assess.Coverage) string { return short(share(c.Percent, c.Unknown, 1), 1) + " %" }

func filesSection(p *page, run *Run) {
	if len(run.Written) == 0 {
		return
	}
	p.heading("Written", "")
	for _, name := range run.Written {
		p.line("%s", clean(name))
	}
}
