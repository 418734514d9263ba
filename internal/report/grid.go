package report

import (
	"io"
	"slices"
	"strings"
)

// Grid lays out rows in columns that are as wide as their widest cell. Where
// that is more than the style's width, flexible columns shrink as long as they
// can still be read, spare columns go, flexible ones shrink further, and at
// last columns at the right go.
type Grid struct {
	Columns []Column
	rows    [][]Cell
}

// Column is one column of a grid.
type Column struct {
	Title    string
	Right    bool // numbers stand to the right
	Flexible bool // may be cut, at the end or, to tell rows apart, in the middle
	Optional bool // left out when all its cells are empty
	Spare    bool // left out first where there is no room
}

// Cell is one cell of a grid.
type Cell struct {
	Text string
	Ink  Ink
}

const (
	indent      = "  " // of every line below a heading
	gap         = "  " // before every column
	comfortable = 48   // a flexible column shrinks to this before spare ones go
	narrowed    = 12   // a flexible column gets no narrower
	roomy       = 100  // a flexible column is filled up to no more where nothing limits it
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
	for _, row := range g.toldApart(s, widths) {
		if err := g.line(w, s, row, widths); err != nil {
			return err
		}
	}
	return nil
}

// toldApart gives the rows with the cells cut in the middle that would look like
// those of other rows if their ends were cut off.
func (g *Grid) toldApart(s Style, widths []int) [][]Cell {
	rows := slices.Clone(g.rows)
	for column, width := range widths {
		if width == absent || !g.Columns[column].Flexible {
			continue
		}
		whole, alike := map[string]string{}, map[string]bool{} // by what is left of a cell
		for _, row := range g.rows {
			text := row[column].Text
			left := s.cut(text, width)
			if first, met := whole[left]; met && first != text {
				alike[left] = true
			}
			whole[left] = text
		}
		for i, row := range rows {
			if text := row[column].Text; alike[s.cut(text, width)] {
				rows[i] = slices.Clone(row)
				rows[i][column].Text = s.cutMiddle(text, width)
			}
		}
	}
	return rows
}

// absent is the width of a column that is not shown.
const absent = -1

func (g *Grid) line(w io.Writer, s Style, row []Cell, widths []int) error {
	var line strings.Builder
	for i, cell := range row {
		if widths[i] == absent {
			continue
		}
		text, width := s.cut(cell.Text, widths[i]), widths[i]
		if s.Width <= 0 && g.Columns[i].Flexible {
			width = min(width, roomy)
		}
		blanks := repeat(" ", width-Width(text))
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

// widths gives each column's width, at first that of its widest cell.
func (g *Grid) widths(limit int) []int {
	l := g.layout(false)
	if limit <= 0 {
		return l.widths
	}
	if l.shrink(limit, comfortable); l.total > limit {
		l = g.layout(true)
	}
	l.shrink(limit, narrowed)
	for i := len(l.widths) - 1; i > 0; i-- {
		l.drop(limit, i)
	}
	return l.widths
}

// layout gives every column its natural width; spareless leaves spare ones out.
func (g *Grid) layout(spareless bool) *layout {
	l := &layout{columns: g.Columns, widths: make([]int, len(g.Columns))}
	for i, c := range g.Columns {
		l.widths[i] = g.widest(i)
		if spareless && c.Spare {
			l.widths[i] = absent
		}
		if l.widths[i] != absent {
			l.total += len(gap) + l.widths[i]
		}
	}
	return l
}

// layout is a grid on its way to fit into a width.
type layout struct {
	columns []Column
	widths  []int
	total   int
}

// shrink takes from the widest flexible column until the whole fits or all of
// them are down to least.
func (l *layout) shrink(limit, least int) {
	for ; l.total > limit; l.total-- {
		at := -1
		for i, c := range l.columns {
			if c.Flexible && l.widths[i] > least && (at < 0 || l.widths[i] > l.widths[at]) {
				at = i
			}
		}
		if at < 0 {
			return
		}
		l.widths[at]--
	}
}

// drop leaves a column out if the whole does not fit.
func (l *layout) drop(limit, column int) {
	if l.total > limit && l.widths[column] != absent {
		l.total -= len(gap) + l.widths[column]
		l.widths[column] = absent
	}
}

// widest gives the width of a column's widest cell.
func (g *Grid) widest(column int) int {
	cells := 0
	for _, row := range g.rows {
		cells = max(cells, Width(row[column].Text))
	}
	if cells == 0 && g.Columns[column].Optional {
		return absent
	}
	return max(cells, Width(g.Columns[column].Title))
}
