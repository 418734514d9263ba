package conformance

import (
	"fmt"
	"strings"
)

// row is a line of a table.
func row(cells ...string) string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "|", `\|`), "\n", " ")
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// code sets a text as code, also one with backticks.
func code(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// shown is how many rows an example has.
const shown = 5

// inline is a case in a cell of a table.
func inline(c Case) string {
	return code(c.Text) + " → " + outcome(c)
}

func outcome(c Case) string {
	switch {
	case c.Error != "":
		return "error: " + code(c.Error)
	case c.Value:
		return code(strings.TrimSuffix(strings.TrimPrefix(c.Rows[0], "["), "]"))
	case len(c.Rows) == 0:
		return "no rows"
	}
	rows := c.Rows
	if len(rows) > 3 {
		return code(strings.Join(rows[:3], ", ")) + ", …"
	}
	return code(strings.Join(rows, ", "))
}

// block is a case with its rows as they stand in the file.
func block(c Case) string {
	lines := append([]string{}, c.Text)
	if c.Remark != "" {
		lines = append([]string{"// " + c.Remark}, lines...)
	}
	lines = append(lines, strings.TrimRight("=> "+c.Columns, " "))
	for i, r := range c.Rows {
		if i == shown {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, r)
	}
	return "```kql\n" + strings.Join(lines, "\n") + "\n```\n\n"
}

// entryTable shows a file whose entries are no functions: up to four cases each.
func entryTable(s Subject) string {
	var b strings.Builder
	b.WriteString("| | | examples |\n|---|---|---|\n")
	for _, e := range s.Entries {
		var examples []string
		for _, c := range e.Cases {
			if len(examples) < 4 {
				examples = append(examples, inline(c))
			}
		}
		names := make([]string, len(e.Names))
		for i, n := range e.Names {
			names[i] = code(n)
		}
		fmt.Fprintln(&b, row(strings.Join(names, ", "), e.Doc, strings.Join(examples, "<br>")))
	}
	return b.String() + "\n"
}

func errorTable(s Subject) string {
	lines := []string{"| query | says |", "|---|---|"}
	for _, e := range s.Entries {
		for _, c := range e.Cases {
			lines = append(lines, row(code(c.Text), code(c.Error)))
		}
	}
	return strings.Join(lines, "\n") + "\n\n"
}
