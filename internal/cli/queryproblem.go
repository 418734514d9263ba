package cli

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// printProblems prints what is wrong with a query: each problem with its line
// and a mark below what it is about.
func (s *session) printProblems(text, from string, wrong *kql.Error) {
	width, ellipsis := s.device(s.Err).Width, "..."
	if s.device(s.Err).Unicode {
		ellipsis = "…"
	}
	const indent = 4
	if width > 0 {
		width = max(width-indent, 20)
	}
	lines := strings.Split(text, "\n")
	for i := range wrong.Problems {
		p := &wrong.Problems[i]
		fmt.Fprintf(s.Err, "bartizan: %s:%d:%d: %s%s\n", cmp.Or(from, "query"), p.Line, p.Column, report.Harmless(p.Message), s.hint(p))
		if p.Line >= 1 && p.Line <= len(lines) {
			length := utf8.RuneCountInString(text[p.Start:max(p.Start, min(p.End, len(text)))])
			line, mark := marked(report.Harmless(strings.TrimRight(lines[p.Line-1], "\r")), p.Column-1, length, width, ellipsis)
			fmt.Fprintf(s.Err, "    %s\n    %s\n", line, mark)
		}
	}
}

// hint says of a table of an inventory that it needs one.
func (s *session) hint(p *kql.Problem) string {
	if s.estate != nil {
		return ""
	}
	if p.Code == "UnknownTable" && s.options.Default == "" && strings.HasSuffix(p.Message, "names no table") {
		return "; with --inventory PATH it means resources"
	}
	if _, ok := resourcegraph.New(noEstate).Table(p.Token); !ok {
		return ""
	}
	if strings.HasSuffix(p.Message, "?") {
		return " --inventory PATH gives " + p.Token
	}
	return "; --inventory PATH gives this table"
}

// widest is how much of a line is shown where the output has no width.
const widest = 120

// marked gives a line and below it the mark of some characters from column (from
// 0). A line wider than width (below 1: widest) is cut around the mark, with
// ellipses where something is missing.
func marked(line string, column, length, width int, ellipsis string) (shown, mark string) {
	if width < 1 {
		width = widest
	}
	runes := []rune(line)
	column = min(column, len(runes))
	end := min(column+length, len(runes))
	from, to := 0, len(runes)
	before, after := "", ""
	if report.Width(line) > width {
		for i, r := range runes {
			if r == '\t' {
				runes[i] = ' '
			}
		}
		from, to = window(runes, column, width-2*len([]rune(ellipsis)))
		if from > 0 {
			before = ellipsis
		}
		if to < len(runes) {
			after = ellipsis
		}
	}
	var blank strings.Builder
	blank.WriteString(strings.Repeat(" ", len([]rune(before))))
	for _, r := range runes[from:column] {
		if r == '\t' {
			blank.WriteRune(r)
			continue
		}
		blank.WriteString(strings.Repeat(" ", report.Width(string(r))))
	}
	under := max(1, report.Width(string(runes[column:max(column, min(end, to))])))
	return before + string(runes[from:to]) + after, blank.String() + "^" + strings.Repeat("~", under-1)
}

// window is the part of a line around a place that fits a width: a third of it
// before the place, where there is as much behind.
func window(runes []rune, place, width int) (from, to int) {
	from, to = place, place
	room := max(1, width)
	grow := func(most int) {
		for from > 0 && most >= report.Width(string(runes[from-1])) && room >= report.Width(string(runes[from-1])) {
			from--
			room -= report.Width(string(runes[from]))
			most -= report.Width(string(runes[from]))
		}
	}
	grow(width / 3)
	for to < len(runes) && room >= report.Width(string(runes[to])) {
		room -= report.Width(string(runes[to]))
		to++
	}
	grow(room)
	return from, to
}
