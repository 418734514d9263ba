package plan

import (
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// An itemList collects what project, extend, serialize and print compute.
type itemList struct {
	s     *scalars
	cols  *columns
	exprs []Expr
	// replace: a name that exists already is computed anew, in its place (extend).
	replace bool
	// apart: a name that follows from an expression is numbered instead, past those
	// that the items write (serialize).
	apart bool
	// declared are the names that items of a replacing list wrote.
	declared map[string]bool
	// touched are the columns set by items.
	touched map[int]bool
	// print: what has no name is print_0, print_1, … by its place.
	print bool
	seen  int
}

func (l *itemList) add(item syntax.Named) {
	defer func() { l.seen++ }()
	if call, cols := l.s.tuple(item.Value); cols != nil {
		l.addTuple(item, call, cols)
		return
	}
	if len(item.Names) > 0 {
		l.addSeveral(item)
		return
	}
	e := l.s.expr(item.Value)
	switch ref, isRef := item.Value.(*syntax.NameRef); {
	case item.Name != nil:
		l.declare(*item.Name, e)
	case l.print:
		l.put(l.cols.free("print_"+strconv.Itoa(l.seen)), e)
	case isRef:
		l.declare(ref.Name, e)
	default:
		l.label(l.s.label(item.Value), e)
	}
}

// declare sets a column by a name that the query wrote, be it a column's that stands alone.
func (l *itemList) declare(n syntax.Name, e Expr) {
	name, ok := n.Text, !l.declared[n.Text]
	if !l.replace {
		name, ok = l.cols.declare(name)
	} else if ok {
		if l.declared == nil {
			l.declared = map[string]bool{}
		}
		l.declared[name] = true
	}
	if !ok {
		l.s.duplicate(n)
		return
	}
	l.put(name, e)
}

// label sets a column by a name that follows from its expression.
func (l *itemList) label(label string, e Expr) {
	if l.replace && !l.apart && label != "" {
		l.put(label, e)
		return
	}
	l.put(l.cols.named(label), e)
}

func (l *itemList) put(name string, e Expr) {
	if l.touched == nil {
		l.touched = map[int]bool{}
	}
	if i := l.cols.index(name); i >= 0 {
		l.cols.list[i].Type, l.exprs[i] = e.Type(), e
		l.touched[i] = true
		return
	}
	l.touched[len(l.exprs)] = true
	l.cols.add(data.Column{Name: name, Type: e.Type()})
	l.exprs = append(l.exprs, e)
}

// addTuple spreads a function with several columns. Given names count for the
// first of them.
func (l *itemList) addTuple(item syntax.Named, call *Call, cols []data.Column) {
	names := item.Names
	if item.Name != nil {
		names = []syntax.Name{*item.Name}
	}
	if call == nil {
		for _, n := range names {
			l.put(n.Text, failed{})
		}
		return
	}
	if len(names) > len(cols) {
		l.s.problem(names[len(cols)].Span, codeArguments, "%s() has %s, not %d", call.Function.Name, count(len(cols), "column"), len(names))
		names = names[:len(cols)]
	}
	for i, c := range cols {
		field := &Field{Call: call, Index: i, Of: c.Type}
		switch {
		case i < len(names):
			l.declare(names[i], field)
		case l.print && len(cols) == 1:
			l.put(l.cols.free("print_"+strconv.Itoa(l.seen)), field)
		default:
			l.put(l.cols.named(c.Name), field)
		}
	}
}

// addSeveral is (a, b) = dynamic array: its elements, as far as there are names.
func (l *itemList) addSeveral(item syntax.Named) {
	e := l.s.expr(item.Value)
	if !isFailed(e) && len(item.Names) > 1 {
		l.s.problem(item.Value.At(), codeType, "(%s, …) = … wants a function with several columns", item.Names[0].Text)
		e = failed{}
	}
	for _, n := range item.Names {
		l.declare(n, e)
	}
}

func (l *itemList) project(from Node) *Project {
	return &Project{Base: Base{Cols: l.cols.list, From: []Node{from}}, Exprs: l.exprs, Serial: l.s.windows > 0}
}
