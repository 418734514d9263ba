package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// print writes a result in the format that the flags say. All formats but the
// table write rows as they come. It ends with the context, also where nobody reads.
func (s *session) print(ctx context.Context, r *kql.Result) error {
	out := &endingWriter{ctx: ctx, w: s.Out, strict: s.flags.format == formatTable, grace: time.Second}
	switch s.flags.format {
	case formatJSON:
		return s.stream(out, r, newObjects(r, "[", ",", "\n]\n", "[]\n"))
	case formatJSONL:
		return s.stream(out, r, newObjects(r, "", "", "\n", ""))
	case formatCSV:
		return s.stream(out, r, &csvRows{result: r})
	case formatResult:
		return s.stream(out, r, &resultRows{result: r})
	}
	return s.printTable(out, r)
}

// rowWriter writes rows one by one.
type rowWriter interface {
	row(w *bufio.Writer, values []kql.Value) error
	end(w *bufio.Writer) error
	// brokenOff closes what was written where no more rows come, because of an error.
	brokenOff(w *bufio.Writer)
}

// stream writes rows as they come, batch by batch.
func (s *session) stream(out io.Writer, r *kql.Result, rows rowWriter) error {
	w := bufio.NewWriterSize(out, 1<<16)
	values := make([]kql.Value, 0, 16)
	for b, err := range r.Batches() {
		if err != nil {
			rows.brokenOff(w)
			w.Flush()
			return err
		}
		s.bar()
		for i := range b.Len {
			values = values[:0]
			for _, v := range b.Columns {
				values = append(values, v.Value(i))
			}
			if err := rows.row(w, values); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	s.bar()
	if err := rows.end(w); err != nil {
		return err
	}
	return w.Flush()
}

// objects writes every row as an object.
type objects struct {
	result                        *kql.Result
	open, between, closing, empty string
	keys                          [][]byte
	rows                          int
	line                          []byte
}

func newObjects(r *kql.Result, open, between, closing, empty string) *objects {
	return &objects{result: r, open: open, between: between, closing: closing, empty: empty}
}

func (o *objects) row(w *bufio.Writer, values []kql.Value) error {
	if o.keys == nil {
		for _, c := range o.result.Columns() {
			o.keys = append(o.keys, append(data.AppendQuoted(nil, c.Name), ':'))
		}
	}
	o.line = o.line[:0]
	switch {
	case o.rows > 0:
		o.line = append(o.line, o.between+"\n"...)
	case o.open != "":
		o.line = append(o.line, o.open+"\n"...)
	}
	o.rows++
	o.line = append(o.line, '{')
	for i, v := range values {
		if i > 0 {
			o.line = append(o.line, ',')
		}
		o.line = kql.AppendJSON(append(o.line, o.keys[i]...), v)
	}
	_, err := w.Write(append(o.line, '}'))
	return err
}

func (o *objects) end(w *bufio.Writer) error {
	text := o.closing
	if o.rows == 0 {
		text = o.empty
	}
	_, err := w.WriteString(text)
	return err
}

func (o *objects) brokenOff(w *bufio.Writer) {
	if o.rows > 0 {
		w.WriteString(o.closing) // its errors are less than the one at hand
	}
}

// csvRows writes CSV with a header.
type csvRows struct {
	result *kql.Result
	out    *csv.Writer
	cells  []string
}

func (c *csvRows) begin(w *bufio.Writer) error {
	c.out = csv.NewWriter(w)
	for _, column := range c.result.Columns() {
		c.cells = append(c.cells, column.Name)
	}
	return c.out.Write(c.cells)
}

func (c *csvRows) row(w *bufio.Writer, values []kql.Value) error {
	if c.out == nil {
		if err := c.begin(w); err != nil {
			return err
		}
	}
	c.cells = c.cells[:0]
	for _, v := range values {
		c.cells = append(c.cells, v.String())
	}
	if len(c.cells) == 1 && c.cells[0] == "" { // a blank line would be no row
		c.out.Flush()
		_, err := w.WriteString("\"\"\n")
		return err
	}
	return c.out.Write(c.cells)
}

func (c *csvRows) end(w *bufio.Writer) error {
	if c.out == nil {
		if err := c.begin(w); err != nil {
			return err
		}
	}
	c.out.Flush()
	return c.out.Error()
}

func (c *csvRows) brokenOff(*bufio.Writer) {}

// resultRows writes {"columns":[{"name","type"}],"rows":[[…]]}.
type resultRows struct {
	result *kql.Result
	rows   int
	line   []byte
}

func (r *resultRows) row(w *bufio.Writer, values []kql.Value) error {
	r.line = r.line[:0]
	if r.rows == 0 {
		r.line = append(appendColumns(append(r.line, `{"columns":`...), r.result.Columns()), `,"rows":[`...)
	} else {
		r.line = append(r.line, ',')
	}
	r.rows++
	_, err := w.Write(appendRow(append(r.line, '\n'), values))
	return err
}

func (r *resultRows) end(w *bufio.Writer) error {
	if r.rows == 0 {
		r.line = append(appendColumns(append(r.line[:0], `{"columns":`...), r.result.Columns()), `,"rows":[`...)
		w.Write(r.line) // its errors come back from Flush
	}
	_, err := w.WriteString("]}\n")
	return err
}

func (r *resultRows) brokenOff(w *bufio.Writer) {
	if r.rows > 0 {
		w.WriteString("]}\n") // its errors are less than the one at hand
	}
}

func appendColumns(dst []byte, columns []kql.Column) []byte {
	dst = append(dst, '[')
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = data.AppendQuoted(append(dst, `{"name":`...), c.Name)
		dst = append(data.AppendQuoted(append(dst, `,"type":`...), c.Type.String()), '}')
	}
	return append(dst, ']')
}

func appendRow(dst []byte, values []kql.Value) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = kql.AppendJSON(dst, v)
	}
	return append(dst, ']')
}

// Of a result on a terminal so many rows are shown.
const shownRows = 1000

// printTable lays out rows in columns, or, where a terminal has no room for
// them, row by row with a line for each column.
func (s *session) printTable(out io.Writer, r *kql.Result) error {
	var rows [][]string
	all := 0
	device := s.device(s.Out)
	for values, err := range r.Rows() {
		if err != nil {
			return err
		}
		all++
		if device.Terminal && all > shownRows {
			continue
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = v.String()
			if v.Type() == data.DateTime {
				cells[i] = strings.Replace(cells[i], ".0000000Z", "Z", 1)
			}
		}
		rows = append(rows, cells)
	}
	s.bar()
	columns := r.Columns()
	if len(rows) == 0 {
		told := "no rows; the columns are " + names(columns)
		if len(columns) == 0 {
			told = "no rows and no columns"
		}
		s.note("%s", told)
		return nil
	}
	err := s.layOut(out, columns, rows, device.Width)
	if err == nil && all > len(rows) {
		_, err = fmt.Fprintf(out, "\n  … and %d more rows; --format csv and jsonl give all\n", all-len(rows))
	}
	return err
}

func names(columns []kql.Column) string {
	text := ""
	for i, c := range columns {
		if i > 0 {
			text += ", "
		}
		text += c.Name
	}
	return text
}

// narrowest is the width that a column needs, with the gap before it, to say anything.
const narrowest = 14

func (s *session) layOut(out io.Writer, columns []kql.Column, rows [][]string, width int) error {
	if width > 0 && len(columns)*narrowest > width && len(columns) > 1 {
		return s.records(out, columns, rows)
	}
	var grid report.Grid
	for _, c := range columns {
		grid.Columns = append(grid.Columns, report.Column{Title: c.Name, Right: isNumber(c.Type), Flexible: true})
	}
	for _, row := range rows {
		cells := make([]report.Cell, len(row))
		for i, text := range row {
			cells[i] = report.Cell{Text: text}
		}
		grid.Add(cells...)
	}
	w := bufio.NewWriterSize(out, 1<<16)
	return cmp.Or(grid.Write(w, s.style(s.Out)), w.Flush())
}

func isNumber(t data.Type) bool {
	switch t {
	case data.Int, data.Long, data.Real, data.Decimal, data.TimeSpan:
		return true
	}
	return false
}

// records writes each row as a block of its own, columns without a value left out.
func (s *session) records(out io.Writer, columns []kql.Column, rows [][]string) error {
	w := bufio.NewWriterSize(out, 1<<16)
	for n, row := range rows {
		grid := report.Grid{Columns: []report.Column{{Title: "row " + strconv.Itoa(n+1)}, {Flexible: true}}}
		for i, text := range row {
			if text != "" {
				grid.Add(report.Cell{Text: columns[i].Name, Ink: report.Grey}, report.Cell{Text: text})
			}
		}
		if n > 0 {
			io.WriteString(w, "\n") // its errors come back from Flush
		}
		if err := grid.Write(w, s.style(s.Out)); err != nil {
			return err
		}
	}
	return w.Flush()
}
