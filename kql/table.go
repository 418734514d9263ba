package kql

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Names of package data that a caller meets often: `go doc` shows their fields
// there.
type (
	// A Column is the name and the type of a column.
	Column = data.Column
	// A Batch is some rows of a table, by columns.
	Batch = data.Batch
	// A Value is one value of any of Kusto's types.
	Value = data.Value
	// A Request says what of a table is wanted: [data.Request].
	Request = data.Request
	// A Predicate is a condition on one column of a table: [data.Predicate].
	Predicate = data.Predicate
)

// A Table is a table of the caller. If it has a method Resident() bool that
// says true, its values stand in memory whether a query runs or not, and a run
// that keeps rows is not charged for their contents. If it has a method
// Hidden(column int) bool, the columns of which that says true are there for
// queries that name them: no * stands for one, and no result has it unasked.
type Table interface {
	// Columns are all columns of the table.
	Columns() []Column
	// Scan gives the wanted columns of the rows that may meet the request. It
	// may give more rows than are wanted: the engine filters again.
	Scan(ctx context.Context, want Request) iter.Seq2[*Batch, error]
}

// Tables finds tables by name. Kusto's names are case-sensitive; see [IgnoreCase].
type Tables interface {
	Table(name string) (Table, bool)
	// Names lists the tables, for wildcards and suggestions.
	Names() []string
}

// Named are tables by their names.
type Named map[string]Table

// Table finds a table by its exact name.
func (n Named) Table(name string) (Table, bool) {
	t, ok := n[name]
	return t, ok
}

// Names lists the tables in the order of their names.
func (n Named) Names() []string {
	names := make([]string, 0, len(n))
	for name := range n {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// IgnoreCase finds tables whatever the case of a name, as Resource Graph does;
// wildcards ("union Res*") too. The exact name goes first.
func IgnoreCase(tables Tables) Tables { return anyCase{tables} }

type anyCase struct{ Tables }

func (a anyCase) Table(name string) (Table, bool) {
	if t, ok := a.Tables.Table(name); ok {
		return t, true
	}
	for _, other := range a.Names() {
		if strings.EqualFold(other, name) {
			return a.Tables.Table(other)
		}
	}
	return nil, false
}
