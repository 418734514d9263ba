// Package export writes lists as files that other programs read: CSV, JSON lines
// and XLSX, row by row, so that a list of any length needs no memory. What a
// spreadsheet would take for a formula is text in all of them.
//
// Start with [New]; column.go turns rows into cells.
package export

import (
	"fmt"
	"io"
	"slices"
)

// Fact is a line of what a file tells of itself.
type Fact struct {
	Name  string
	Value any // as encoding/json writes it
}

// Writer writes one file.
type Writer interface {
	// Row writes a row: a cell for each column, each a nil, bool, number, string or
	// time, or anything that encoding/json writes.
	Row(cells []any) error
	// Close ends the file with what it tells of itself. A file without its end is not
	// whole.
	Close(about []Fact) error
}

// Format is a kind of file.
type Format struct {
	Name  string // csv, jsonl, xlsx; also the end of the file's name
	Media string // type, as HTTP has it
	open  func(w io.Writer, title string, columns []string) (Writer, error)
}

// Formats are all there are.
var Formats = []Format{
	{"csv", "text/csv; charset=utf-8", newCSV},
	{"jsonl", "application/x-ndjson", newLines},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newXLSX},
}

// Names lists the formats by name.
func Names() (names []string) {
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// Named finds a format.
func Named(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("format %q: want one of %v", name, Names())
	}
	return Formats[i], nil
}

// New begins a file of a list, whose title names sheets.
func (f Format) New(w io.Writer, title string, columns []string) (Writer, error) {
	return f.open(w, title, columns)
}
