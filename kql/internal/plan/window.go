package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// windows are the functions over the rows before and after.
var windows = map[string][]string{
	"row_number":         {"(startingIndex:long?, restart:bool?) → long"},
	"prev":               {"(column:Scalar{Column}, offset:long?, default_value:Scalar{Constant}?) → Parameter0"},
	"next":               {"(column:Scalar{Column}, offset:long?, default_value:Scalar{Constant}?) → Parameter0"},
	"row_cumsum":         {"(term:Number, restart:bool?) → Parameter0"},
	"row_rank":           {"(column:NotDynamic, dense:bool{Constant}?) → long"},
	"row_rank_dense":     {"(term:NotDynamic, restart:bool?) → long"},
	"row_rank_min":       {"(term:NotDynamic, restart:bool?) → long"},
	"row_window_session": {"(expr:datetime, maxDistanceFromFirst:timespan, maxDistanceBetweenNeighbors:timespan, restart:bool?) → Parameter0"},
}

func (s *scalars) window(e *syntax.Call) Expr {
	name := e.Function.Text
	args := s.arguments(e.Args)
	o := s.resolve(name, windows[name], args, e)
	if o == nil || !s.checkKinds(name, o.params, args) {
		return failed{}
	}
	if s.groups != nil {
		s.problem(e.Span, codeRefused, "%s() cannot stand among aggregates; extend a column with it before summarize", name)
		return failed{}
	}
	s.windows++
	if !s.row.serial {
		s.warn(e.Span, codeValue, "%s() on rows without a defined order; sort or serialize them first", name)
	}
	w := &Window{Name: name}
	for i, a := range args {
		if to := wanted(o.params[i], a.expr.Type()); to != 0 {
			a.expr = s.convert(a.expr, to)
		}
		w.Args = append(w.Args, a.expr)
	}
	if len(w.Args) == 3 && (name == "prev" || name == "next") {
		w.Args[2] = s.convert(w.Args[2], w.Args[0].Type())
	}
	w.Of = o.signature.Returns
	if w.Of == 0 {
		w.Of = byParameter(o.signature.Rule, []function.Arg{args[0].known}, w.Args)
	}
	if name == "row_rank" {
		w = rowRank(w)
	}
	return w
}

// rowRank is the old name of row_rank_dense and, with dense false, row_rank_min.
func rowRank(w *Window) *Window {
	name := "row_rank_dense"
	if len(w.Args) == 2 {
		if v, ok := constant(w.Args[1]); ok && v.Type() == data.Bool && !v.Bool() {
			name = "row_rank_min"
		}
	}
	return &Window{Name: name, Args: w.Args[:1], Of: w.Of}
}

// hoist computes the window functions of expressions in a projection of their
// own, in columns behind the relation's, and gives the expressions over it.
func (b *binder) hoist(r *relation, exprs []Expr) (*relation, []Expr) {
	cols := r.cols()
	p := &Project{Base: Base{Cols: cols[:len(cols):len(cols)], From: []Node{r.node}}, Exprs: identity(cols), Serial: true}
	for i, e := range exprs {
		exprs[i] = outermost(e, func(w *Window) Expr {
			p.Cols = append(p.Cols, data.Column{Name: "", Type: w.Of})
			p.Exprs = append(p.Exprs, w)
			return &Column{Index: len(p.Cols) - 1, Of: w.Of}
		})
	}
	if len(p.Cols) == len(cols) {
		return r, exprs
	}
	next := r.keeping(p)
	if r.hidden != nil {
		next.hidden = append(r.hidden[:len(r.hidden):len(r.hidden)], make([]bool, len(p.Cols)-len(cols))...)
	}
	return next, exprs
}

// outermost replaces the window functions that stand in no other one.
func outermost(e Expr, change func(*Window) Expr) Expr {
	if w, ok := e.(*Window); ok {
		return change(w)
	}
	old := children(e)
	fresh, same := make([]Expr, len(old)), true
	for i, c := range old {
		fresh[i] = outermost(c, change)
		same = same && fresh[i] == c
	}
	if same {
		return e
	}
	return withChildren(e, fresh)
}
