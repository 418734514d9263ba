package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// GitHub takes comments of up to 65,536 characters. Bytes are counted, of which
// there are never fewer.
const (
	markdownMost = 60_000
	// markdownTables is where the tables end at the latest, so that there is
	// room for details.
	markdownTables = 30_000
	// markdownEnd is kept for the lines that say what was left out.
	markdownEnd = 1_000

	markdownRules     = 40 // rows of the table of recommendations
	markdownStandards = 20 // rows of the table of standards
	markdownResources = 10 // named of one recommendation
	markdownNew       = 20 // named of a baseline's new checks
	markdownProblems  = 20 // and notes of the input
	markdownUnjudged  = 20 // policies that make no checks
)

// writeMarkdown writes what fits a pull request: the sums, what is worst, what
// to do first, and folded the first resources of each recommendation. The
// answer is never longer than a comment may be, and says what it leaves out.
func writeMarkdown(w io.Writer, run *Run) error {
	examples, err := examplesOf(run)
	if err != nil {
		return err
	}
	s := &sheet{most: markdownTables}
	sections := []func(*sheet, *Run){markdownScore, markdownBaseline, markdownWorst, markdownFixes, markdownRuleTable, markdownCompliance, markdownUnknown, markdownNotRead, markdownNotes, markdownNotEvaluated}
	for _, section := range sections {
		section(s, run)
	}
	s.most = markdownMost - markdownEnd
	markdownDetails(s, run, examples)
	s.most = markdownMost
	s.leftOut()
	s.put("\n<sub>" + markdownText("Bartizan "+run.Version+", "+run.At.UTC().Format("2006-01-02 15:04")+" UTC") + "</sub>\n")
	_, err = io.WriteString(w, s.text.String())
	return err
}

// sheet is a text that may only grow so far.
type sheet struct {
	text strings.Builder
	most int // bytes
	gaps []string
}

// put adds a piece if all of it has room.
func (s *sheet) put(piece string) bool {
	if s.text.Len()+len(piece) > s.most {
		return false
	}
	s.text.WriteString(piece)
	return true
}

// table adds a heading and as many of the rows as there is room for, and notes
// how many of all are missing. A ">" behind a column's title puts it right.
func (s *sheet) table(heading string, columns []string, rows [][]string, all int, noun string) {
	if len(rows) == 0 {
		return
	}
	align := make([]string, len(columns))
	for i, name := range columns {
		align[i] = "---"
		if bare, right := strings.CutSuffix(name, ">"); right {
			columns[i], align[i] = bare, "--:"
		}
	}
	shown := 0
	if s.put(heading + markdownRow(columns) + markdownRow(align)) {
		for shown < len(rows) && s.put(markdownRow(rows[shown])) {
			shown++
		}
	}
	s.missing(all-shown, noun)
}

func (s *sheet) missing(n int, noun string) {
	if n > 0 {
		s.gaps = append(s.gaps, counted(n, noun))
	}
}

func markdownRow(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// leftOut says what had no room.
func (s *sheet) leftOut() {
	if len(s.gaps) > 0 {
		s.put("\nLeft out for want of room: " + strings.Join(s.gaps, ", ") + ". The formats table, json and jsonl have everything.\n")
	}
}

func markdownScore(s *sheet, run *Run) {
	r := run.Result
	c := r.Coverage
	score := "none"
	if r.Score.HasScore {
		score = short(r.Score.Percent, 1) + " %"
		if c.Percent < partialBelow {
			score += " (partial)"
		}
	}
	s.put("## Secure score: " + score + "\n\n")
	if c.Judged+c.Unknown == 0 {
		s.put("Nothing was judged.")
	} else {
		s.put(fmt.Sprintf("Coverage %s: %s of %s got an answer.", coverageText(c), count(c.Judged), askedText(c)))
	}
	s.put(fmt.Sprintf(" %s in %s.", counted(r.Total, "resource"), counted(r.Units, "unit")))
	if c.Manual > 0 {
		s.put(fmt.Sprintf(" %s to attest.", counted(c.Manual, "manual check")))
	}
	if c.Exempt > 0 {
		s.put(fmt.Sprintf(" %s, %d mitigated.", counted(c.Exempt, "exempt check"), c.Mitigated))
	}
	if r.Slice {
		s.put(" Of the chosen resources alone.")
	}
	s.put("\n")
}

func markdownBaseline(s *sheet, run *Run) {
	c := run.Baseline
	if c == nil {
		return
	}
	var rows [][]string
	for _, x := range changesOf(c) {
		rows = append(rows, []string{x.name, count(x.checks), markdownText(x.about)})
	}
	s.table("\n### Since the baseline\n\n", []string{"", "checks>", ""}, rows, len(rows), "change")
	rows = nil
	rules := rulesOf(run.Result)
	for i := range c.Worst[:min(len(c.Worst), markdownNew)] {
		f := &c.Worst[i]
		rows = append(rows, []string{f.Severity.String(), markdownTitle(newTitle(rules, f)), markdownCell(f.Called())})
	}
	s.table("\n", []string{"severity", "new", "resource"}, rows, c.New, "new check")
}

// markdownWorst counts by severity. A filter may have left rules out of the list.
func markdownWorst(s *sheet, run *Run) {
	var rows [][]string
	for _, severity := range severities {
		rules, checks := 0, 0
		if severity == posture.NotRated {
			checks = run.Result.ControlsUnhealthy
		}
		for _, r := range run.Result.Recommendations {
			if r.Severity == severity && r.Unhealthy > 0 {
				rules++
				checks += r.Unhealthy
			}
		}
		if checks > 0 {
			rows = append(rows, []string{severity.String(), count(checks), count(rules)})
		}
	}
	if len(rows) == 0 {
		s.put("\nNo recommendation of this list is unhealthy.\n")
	}
	s.table("\n### Unhealthy\n\n", []string{"severity", "checks>", "recommendations>"}, rows, len(rows), "severity")
}

func markdownFixes(s *sheet, run *Run) {
	var rows [][]string
	for _, f := range run.Result.Fixes {
		rows = append(rows, []string{markdownText(gainText(f.Gain)), f.Rule.Severity.String(), markdownTitle(f.Rule.Title), count(f.Resources)})
	}
	s.table("\n### Worth most\n\n", []string{"gain>", "severity", "fix", "resources>"}, rows, len(rows), "fix")
	if len(rows) > 1 && run.Result.Together > 0 {
		s.put("\nTogether " + markdownText(gainText(run.Result.Together)) + " percentage points; gains do not add up.\n")
	}
}

// markdownRuleTable lists what is open, in the result's order: worst first.
func markdownRuleTable(s *sheet, run *Run) {
	var rows [][]string
	all := 0
	for _, r := range run.Result.Recommendations {
		if r.Unhealthy+r.Unknown+r.Exempt == 0 {
			continue
		}
		if all++; all <= markdownRules {
			rows = append(rows, []string{
				r.Severity.String(), markdownTitle(r.Title), blank(r.Unhealthy), blank(r.Unknown), blank(r.Exempt), blank(r.Healthy), markdownText(gainText(r.Gain)),
			})
		}
	}
	columns := []string{"severity", "recommendation", "unhealthy>", "unknown>", "exempt>", "healthy>", "gain>"}
	s.table("\n### Recommendations\n\n", columns, rows, all, "recommendation")
}

func markdownCompliance(s *sheet, run *Run) {
	var rows [][]string
	all := run.Result.Compliance
	for i := range all[:min(len(all), markdownStandards)] {
		c := all[i]
		exempt := blank(c.Exempt)
		if c.Mitigated > 0 {
			exempt += " (" + count(c.Mitigated) + " mitigated)"
		}
		rows = append(rows, []string{
			markdownTitle(run.standardTitle(&c)), markdownText(rateCell(c).Text), blank(c.Passed), blank(c.Failed), blank(c.Unknown), blank(c.Manual),
			blank(c.NotApplicable), blank(c.NotCovered), exempt,
		})
	}
	columns := []string{"standard", "rate>", "passed>", "failed>", "unknown>", "manual>", "not applicable>", "not covered>", "with exempt checks>"}
	s.table("\n### Compliance\n\nNumbers are controls; the rate is passed ÷ (passed + failed).\n\n", columns, rows, len(all), "standard")
}

func markdownUnknown(s *sheet, run *Run) {
	if c := run.Result.Coverage; c.Unknown > 0 {
		s.put(fmt.Sprintf("\n**Unknown,** neither good nor bad: %s.\n", unknownText(c)))
	}
}

// markdownNotRead names types that were not read, in none of the numbers.
func markdownNotRead(s *sheet, run *Run) {
	c := run.Result.Coverage
	if c.NotReadTotal == 0 {
		return
	}
	shown := c.NotRead[:min(len(c.NotRead), namedNotRead)]
	var parts []string
	for _, f := range shown {
		parts = append(parts, fmt.Sprintf("%s in %s (%s)", markdownCode(brief(typeWords(f.Type))), markdownCode(brief(f.Scope)), f.Reason))
	}
	if more := c.NotReadTotal - len(shown); more > 0 {
		parts = append(parts, "and "+count(more)+" more")
	}
	s.put("\n**Not read,** or not all of it, and in no number: " + strings.Join(parts, "; ") + ".\n")
}

// markdownNotes folds what could not be read and what changed nothing, such as an
// exemption that has expired.
func markdownNotes(s *sheet, run *Run) {
	r := run.Result
	problems, notes := linesOf(r)
	var parts []string
	part := func(n int, noun, more string) {
		if n > 0 {
			parts = append(parts, counted(n, noun)+more)
		}
	}
	part(len(problems), "problem", " of the input")
	part(len(notes), "note", "")
	all := append(problems, notes...)
	lines := list(all[:min(len(all), markdownProblems)], func(p inventory.Problem) string {
		if place := p.Place(); place != "" {
			return markdownCode(brief(place)) + ": " + markdownTitle(p.Reason)
		}
		return markdownTitle(p.Reason)
	})
	s.fold(strings.Join(parts, ", "), lines, len(all))
}

// markdownNotEvaluated folds the policies that make no checks: in no score and in no
// coverage, so they have to be said.
func markdownNotEvaluated(s *sheet, run *Run) {
	all := run.Result.NotEvaluated
	lines := list(all[:min(len(all), markdownUnjudged)], func(n assess.NotEvaluated) string {
		line := markdownCode(brief(n.Policy)) + ": " + markdownTitle(n.Why)
		if n.Title != "" {
			line = markdownTitle(n.Title) + " " + line
		}
		return line
	})
	s.fold(counted(len(all), "policy")+" not evaluated", lines, len(all))
}

// fold puts as many of the first lines behind a summary as there is room for, and
// says how many of all are missing. One without a line would tell nothing.
func (s *sheet) fold(summary string, lines []string, all int) {
	for n := len(lines); n > 0; n-- {
		text := "\n<details><summary>" + summary + "</summary>\n\n- " + strings.Join(lines[:n], "\n- ")
		if more := all - n; more > 0 {
			text += "\n- and " + count(more) + " more"
		}
		if s.put(text + "\n\n</details>\n") {
			return
		}
	}
	if all > 0 {
		s.gaps = append(s.gaps, summary)
	}
}

// linesOf gives the problems of the input, and what is only worth knowing.
func linesOf(r *assess.Result) (problems, notes []inventory.Problem) {
	for _, p := range slices.Concat(r.Problems, noticesOf(r.Warnings)) {
		if p.Notice {
			notes = append(notes, p)
		} else {
			problems = append(problems, p)
		}
	}
	return problems, notes
}

func markdownTitle(text string) string { return markdownText(brief(text)) }

// markdownCell makes a span of code for a cell of a table, where a bar ends the
// cell even in code.
func markdownCell(text string) string {
	return strings.ReplaceAll(markdownCode(brief(text)), "|", `\|`)
}
