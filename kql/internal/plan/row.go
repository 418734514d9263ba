package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A row is what the names in a scalar expression may refer to.
type row struct {
	cols   []data.Column
	hidden []bool
	// partial: there may be more columns; names not found are no problem.
	partial bool
	// elsewhere are the types of columns that other tables of a search have; they are null here.
	elsewhere map[string]data.Type
	// elements are names with columns of their own: $left and $right of a
	// join, the nodes and edges of a graph pattern, the steps of scan.
	elements map[string]element
	// lists: only elements have columns; a bare column is unknown (graph patterns).
	serial bool
}

// An element's columns stand from first on in the row.
type element struct {
	first int
	cols  []data.Column
	// variable edges have arrays of values; index is the place in Match.Elements.
	variable bool
	edge     bool
	index    int
}

func (r *relation) row() *row {
	return &row{cols: r.cols(), hidden: r.hidden, partial: r.partial || r.late, serial: r.serial}
}

func (r *row) find(name string) int {
	for i, c := range r.cols {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// visible lists the positions of the columns that * stands for.
func (r *row) visible() []int {
	var at []int
	for i := range r.cols {
		if r.hidden == nil || !r.hidden[i] {
			at = append(at, i)
		}
	}
	return at
}

func (r *row) columnNames() []string {
	list := make([]string, 0, len(r.cols))
	for _, c := range r.cols {
		list = append(list, c.Name)
	}
	return list
}

// scalars binds scalar expressions over one row.
type scalars struct {
	*binder
	row *row
	// closed: the row's columns cannot be named (in the body of a function).
	closed bool
	// groups is set where aggregates may be called.
	groups *groups
	// match is set in graph-match.
	match *matching
	// windows counts the window functions bound.
	windows int
}

var noRow = &row{}

// over binds expressions over a relation's rows.
func (b *binder) over(r *relation) *scalars { return &scalars{binder: b, row: r.row()} }

// constant binds an expression without columns.
func (b *binder) constant(e syntax.Expr) Expr {
	s := &scalars{binder: b, row: noRow}
	return s.expr(e)
}
