package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// printProblems prints what is wrong with a query: each problem with its line
// and a mark below what it is about.
func (s *session) printProblems(text, from string, wrong *kql.Error) {
	width := s.device(s.Err).Width
	lines := strings.Split(text, "\n")
	for i := range wrong.Problems {
		p := &wrong.Problems[i]
		fmt.Fprintf(s.Err, "bartizan: %s:%d:%d: %s%s\n", cmp.Or(from, "query"), p.Line, p.Column, report.Harmless(p.Message), s.hint(p))
		if p.Line >= 1 && p.Line <= len(lines) {
			line, mark := marked(strings.TrimRight(lines[p.Line-1], "\r"), p.Column-1, p.End-p.Start, width-4)
			fmt.Fprintf(s.Err, "    %s\n    %s\n", report.Harmless(line), mark)
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

// marked gives a line, cut to a width (below 1: any), and below it the mark of
// some characters from column (from 0).
func marked(line string, column, length, width int) (shown, mark string) {
	runes := []rune(line)
	column = min(column, len(runes))
	length = max(1, min(length, len(runes)-column))
	from := 0
	if width > 0 && len(runes) > width {
		from = max(0, min(column-width/3, len(runes)-width))
		runes = runes[:min(len(runes), from+width)]
		length = max(1, min(length, len(runes)-column))
	}
	var blank strings.Builder
	for _, r := range runes[from:max(from, min(column, len(runes)))] {
		if r != '\t' {
			r = ' '
		}
		blank.WriteRune(r)
	}
	return string(runes[from:]), blank.String() + "^" + strings.Repeat("~", length-1)
}
