package main

import (
	"fmt"
	"io"
	"strings"
)

// table collects lines in the order in which they were measured.
type table struct {
	ratios, figures [][]string
}

// ratio adds a line of the upper part.
func (t *table) ratio(what, value, wanted string) {
	t.ratios = append(t.ratios, []string{what, value, wanted})
}

// figure adds a line of the lower part.
func (t *table) figure(what, value string) { t.figures = append(t.figures, []string{what, value}) }

// print writes both parts as Markdown.
func (t *table) print(out io.Writer) error {
	var b strings.Builder
	grid(&b, []string{"ratio", "measured", "wanted"}, t.ratios)
	b.WriteByte('\n')
	grid(&b, []string{"figure", "this run"}, t.figures)
	_, err := io.WriteString(out, b.String())
	return err
}

func grid(b *strings.Builder, head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	line := func(row []string, fill string) {
		for i, cell := range row {
			fmt.Fprintf(b, "| %s%s ", cell, strings.Repeat(fill, width[i]-len([]rune(cell))))
		}
		b.WriteString("|\n")
	}
	line(head, " ")
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	line(rule, "-")
	for _, row := range rows {
		line(row, " ")
	}
}

// count writes a number with commas between thousands.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return count(n/1000) + fmt.Sprintf(",%03d", n%1000)
}
