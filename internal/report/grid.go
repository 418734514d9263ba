package report

import (
	"io"
	"strings"
)

// Grid lays out rows in columns that are as wide as their widest cell. Where
// that is more than the style's width, flexible columns shrink and their cells
// are cut; where that is not enough, columns at the right go.
type Grid struct {
	Columns []Column
	rows    [][]Cell
}

// Column is one column of a grid.
type Column struct {
	Title    string
	Right    bool // numbers stand to the right
	Flexible bool // may be cut
	Optional bool // left out when all its cells are empty
}

// Cell is one cell of a grid.
type Cell struct {
	Text string
	Ink  Ink
}

const (
	indent   = "  " // of every line below a heading
	gap      = "  " // before every column
	narrowed = 12   // a flexible column gets no narrower
)

// Add adds a row; missing cells are empty. Text may come from outside: what a
// terminal would obey is taken out.
func (g *Grid) Add(cells ...Cell) {
	row := make([]Cell, len(g.Columns))
	for i, cell := range cells {
		row[i] = Cell{clean(cell.Text), cell.Ink}
	}
	g.rows = append(g.rows, row)
}

// Len gives the number of rows.
func (g *Grid) Len() int { return len(g.rows) }

// Write writes the titles and the rows, each on a line of its own.
func (g *Grid) Write(w io.Writer, s Style) error {
	widths := g.widths(s.Width)
	titles := make([]Cell, len(g.Columns))
	for i, c := range g.Columns {
		titles[i] = Cell{c.Title, Grey}
	}
	if err := g.line(w, s, titles, widths); err != nil {
		return err
	}
	for _, row := range g.rows {
		if err := g.line(w, s, row, widths); err != nil {
			return err
		}
	}
	return nil
}

// absent is the width of a column that is not shown.
const absent = -1

func (g *Grid) line(w io.Writer, s Style, row []Cell, widths []int) error {
	var line strings.Builder
	for i, cell := range row {
		if widths[i] == absent {
			continue
		}
		text := s.cut(cell.Text, widths[i])
		blanks := repeat(" ", widths[i]-columnsOf(text))
		line.WriteString(gap)
		if g.Columns[i].Right {
			line.WriteString(blanks + s.Paint(text, cell.Ink))
		} else {
			line.WriteString(s.Paint(text, cell.Ink) + blanks)
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(line.String(), " ")+"\n")
	return err
}

// widths gives each column's width: its widest cell's, then less for flexible
// columns, the widest first, until the whole fits.
func (g *Grid) widths(limit int) []int {
	widths := make([]int, len(g.Columns))
	total := 0
	for i := range g.Columns {
		if widths[i] = g.widest(i); widths[i] != absent {
			total += len(gap) + widths[i]
		}
	}
	if limit <= 0 {
		return widths
	}
	for ; total > limit; total-- {
		at := g.shrinkable(widths)
		if at < 0 {
			break
		}
		widths[at]--
	}
	for i := len(widths) - 1; i > 0 && total > limit; i-- {
		if widths[i] != absent {
			total -= len(gap) + widths[i]
			widths[i] = absent
		}
	}
	return widths
}

// widest gives the width of a column's widest cell.
func (g *Grid) widest(column int) int {
	cells := 0
	for _, row := range g.rows {
		cells = max(cells, columnsOf(row[column].Text))
	}
	if cells == 0 && g.Columns[column].Optional {
		return absent
	}
	return max(cells, columnsOf(g.Columns[column].Title))
}

// shrinkable gives the widest column that may still give way, -1 for none.
func (g *Grid) shrinkable(widths []int) int {
	at := -1
	for i, c := range g.Columns {
		if c.Flexible && widths[i] > narrowed && (at < 0 || widths[i] > widths[at]) {
			at = i
		}
	}
	return at
}
