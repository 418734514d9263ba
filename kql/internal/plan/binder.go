package plan

import (
	"fmt"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// maxCalls bounds how deep user-defined functions may call each other, and
// maxNodes how many steps a plan may have: short texts can stand for huge plans.
const (
	maxCalls = 64
	maxNodes = 20_000
	// maxParts bounds an expression once calls are put in place, allCalls how many calls a query may make of its functions.
	maxParts = 100_000
	allCalls = 10_000
)

const (
	// columnBytes is about what a column takes in a step, with what computes it,
	// partBytes what a part of an expression takes.
	columnBytes = 64
	partBytes   = 64
	// itemBytes is what an element of a list takes until the list is a set of the run.
	itemBytes = 128
)

// binder turns syntax into nodes and expressions. Its names change while it
// goes through statements and functions; all else is shared.
type binder struct {
	scope Scope
	sets  map[string]syntax.Expr
	found *findings
	names *names
	// outers are the inputs of the mv-applys around the place at hand, innermost last.
	outers []*relation
	// waits is the part of the query at hand; nil where none can wait.
	waits *waiting
	calls int
	// made counts all calls of the query's functions.
	made *int
	// lock guards the names while parts of the query are bound late, which several runs may do at once.
	lock *sync.Mutex
	// visit is told of every operator's input: completion asks for it.
	visit func(op syntax.Operator, in *relation)
	// visitRight is told of the right side of joins.
	visitRight func(op syntax.Operator, right *relation)
	chart      *chart
	// broken are the steps that could not be read.
	broken []syntax.Span
}

type chart struct {
	kind       string
	properties map[string]string
}

// findings are the problems and warnings of a query, each told once.
type findings struct {
	problems, warnings []syntax.Problem
	seen               map[syntax.Problem]bool
}

func (f *findings) add(list *[]syntax.Problem, p syntax.Problem) {
	if f.seen == nil {
		f.seen = map[syntax.Problem]bool{}
	}
	if !f.seen[p] {
		f.seen[p] = true
		*list = append(*list, p)
	}
}

// Codes of problems.
const (
	codeColumn    = "UnknownColumn"
	codeTable     = "UnknownTable"
	codeFunction  = "UnknownFunction"
	codeOperator  = "UnknownOperator"
	codeType      = "TypeMismatch"
	codeArguments = "WrongArguments"
	codeDuplicate = "DuplicateColumn"
	codeRefused   = "NotSupported"
	codeValue     = "WrongValue"
)

func (b *binder) problem(at syntax.Span, code, format string, args ...any) {
	b.found.add(&b.found.problems, syntax.Problem{Span: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (b *binder) warn(at syntax.Span, code, format string, args ...any) {
	b.found.add(&b.found.warnings, syntax.Problem{Span: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

// failed stands for an expression with a problem: its type is unknown, and what
// is made of it fails silently.
type failed struct{}

func (failed) Type() data.Type { return 0 }

func isFailed(e Expr) bool { return e.Type() == 0 }

// names are definitions: of let, of parameters, of "as".
type names struct {
	parent *names
	own    map[string]*definition
}

// A definition is what a name stands for; exactly one of value, table and lambda is set.
type definition struct {
	name string
	// value may hold columns of row, when a function is called with them.
	value  Expr
	row    *row
	table  *relation
	lambda *syntax.Lambda
	// within are the names that a lambda's body sees.
	within *names
	// busy while the lambda's body is bound: a call of itself is recursion.
	busy bool
}

func (n *names) find(name string) *definition {
	for ; n != nil; n = n.parent {
		if d := n.own[name]; d != nil {
			return d
		}
	}
	return nil
}

func (n *names) define(d *definition) {
	if n.own == nil {
		n.own = map[string]*definition{}
	}
	n.own[d.name] = d
}

// all lists the names in sight.
func (n *names) all() []string {
	var list []string
	for ; n != nil; n = n.parent {
		for name := range n.own {
			list = append(list, name)
		}
	}
	return list
}

// again are the names for a part of the query that is bound once more: what it
// defines hides what it defined before, also from the functions in sight.
func (n *names) again() *names {
	functions := &names{parent: n}
	fresh := &names{parent: functions}
	for _, d := range n.own {
		if d.lambda != nil && d.within == n {
			next := *d
			next.within = fresh
			functions.define(&next)
		}
	}
	return fresh
}

// A relation is a bound tabular expression.
type relation struct {
	node Node
	// hidden marks the outer columns in a mv-apply's subquery, and those that a
	// table hides: they can be named but are not part of the rows. Nil: none.
	hidden []bool
	// partial: an input failed, or its columns are known only when it runs; names that are not found are no problem.
	partial bool
	// late: the columns are known only when the plan runs.
	late bool
	// view is the name under which union's wildcards and withsource know it.
	view string
	// serial: the order of rows is defined.
	serial bool
}

func (r *relation) cols() []data.Column { return r.node.Columns() }

func (r *relation) isHidden(i int) bool { return r.hidden != nil && r.hidden[i] }

// visible lists the positions of the columns that count.
func (r *relation) visible() []int {
	var at []int
	for i := range r.cols() {
		if !r.isHidden(i) {
			at = append(at, i)
		}
	}
	return at
}

func (r *relation) find(name string) int {
	for i, c := range r.cols() {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// keeping is the relation with another node of the same columns.
func (r *relation) keeping(n Node) *relation {
	next := *r
	next.node = n
	return &next
}

// made is a relation of new columns. Whether columns are missing shows in their types.
func made(n Node) *relation {
	r := &relation{node: n}
	for _, c := range n.Columns() {
		if c.Type == 0 {
			r.partial = true
		}
	}
	return r
}

// nothing is the relation of a step that failed.
func nothing() *relation {
	return &relation{node: &Rows{Batch: &data.Batch{}}, partial: true}
}

// column is a reference to column i of a node.
func column(cols []data.Column, i int) *Column { return &Column{Index: i, Of: cols[i].Type} }

// identity are references to all columns.
func identity(cols []data.Column) []Expr {
	exprs := make([]Expr, len(cols))
	for i := range cols {
		exprs[i] = column(cols, i)
	}
	return exprs
}

// pick projects to some columns.
func pick(n Node, at []int) *Project {
	cols := n.Columns()
	p := &Project{Base: Base{From: []Node{n}}}
	for _, i := range at {
		p.Cols = append(p.Cols, cols[i])
		p.Exprs = append(p.Exprs, column(cols, i))
	}
	return p
}

// keepingOnly is the relation with some of its columns, hidden or not as they were.
func (r *relation) keepingOnly(at []int) *relation {
	next := r.keeping(pick(r.node, at))
	if r.hidden != nil {
		next.hidden = make([]bool, len(at))
		for to, from := range at {
			next.hidden[to] = r.hidden[from]
		}
	}
	return next
}

// giving is the relation without the hidden columns of some names, which others take.
func (r *relation) giving(names ...string) *relation {
	if r.hidden == nil {
		return r
	}
	var at []int
	for i, c := range r.cols() {
		if !r.hidden[i] || !slices.Contains(names, c.Name) {
			at = append(at, i)
		}
	}
	return r.keepingOnly(at)
}

// naming is the relation with those hidden columns alone that expressions name,
// which are shown then.
func (r *relation) naming(named []syntax.Named) *relation {
	if r.hidden == nil {
		return r
	}
	names := map[string]bool{}
	for _, n := range named {
		visitAll(n.Value, func(name syntax.Name) { names[name.Text] = true })
	}
	var at []int
	for i, c := range r.cols() {
		if !r.hidden[i] || names[c.Name] {
			at = append(at, i)
		}
	}
	next := r.keepingOnly(at)
	next.hidden = nil
	return next
}

// hiding marks those of some columns that the relation hides; nil where it hides none.
func (r *relation) hiding(cols []data.Column) []bool {
	if r.hidden == nil {
		return nil
	}
	hidden := make([]bool, len(cols))
	for i, c := range cols {
		at := slices.Index(r.cols(), c)
		hidden[i] = at >= 0 && r.hidden[at]
	}
	return hidden
}

// shown is the relation without hidden columns.
func (r *relation) shown() *relation {
	if r.hidden == nil {
		return r
	}
	next := r.keeping(pick(r.node, r.visible()))
	next.hidden = nil
	return next
}
