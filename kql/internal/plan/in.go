package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (s *scalars) in(e *syntax.In) Expr {
	op := strings.ToLower(e.Op)
	if _, star := e.Left.(*syntax.Star); star {
		return s.anyColumnIn(e, op)
	}
	left := s.expr(e.Left)
	if isFailed(left) {
		for _, item := range e.List {
			s.listItem(item)
		}
		return failedOf{data.Bool}
	}
	return s.inList(e, op, left, s.listItems(e))
}

// An item is one element of the list: values, or a table of them.
type item struct {
	expr  Expr
	table *relation
}

func (s *scalars) listItems(e *syntax.In) []item {
	var items []item
	for _, el := range e.List {
		items = append(items, s.listItem(el)...)
	}
	return items
}

// listItem binds an element; constant arrays are their elements.
func (s *scalars) listItem(e syntax.Expr) []item {
	if table, ok := s.tableArgument(e); ok {
		return []item{{table: s.await(table)}}
	}
	bound := s.expr(e)
	if v, ok := constant(bound); ok && v.Type() == data.Dynamic && v.Node().Kind() == data.KindArray {
		var items []item
		for _, element := range operator.Flatten([]data.Value{v}) {
			items = append(items, item{expr: &Const{element}})
		}
		return items
	}
	return []item{{expr: bound}}
}

// inList binds left op (items). A table or a scalar of one is computed first;
// elements that differ from row to row are compared one by one.
func (s *scalars) inList(e *syntax.In, op string, left Expr, items []item) Expr {
	if slices.ContainsFunc(items, func(it item) bool { return it.table != nil && it.table.partial }) {
		return failedOf{data.Bool}
	}
	if len(items) == 1 {
		if node := s.valuesOf(items[0]); node != nil {
			return s.inTable(e, op, left, node)
		}
	}
	s.scope.Spend.on(itemBytes * len(items))
	in := &In{Op: op, Left: left}
	var varying []Expr
	for _, it := range items {
		if it.table != nil {
			s.problem(e.Span, codeType, "a table stands alone in the list of %s", op)
			return failedOf{data.Bool}
		}
		if isFailed(it.expr) {
			return failedOf{data.Bool}
		}
		if !s.listable(e, op, left.Type(), it.expr.Type()) {
			return failedOf{data.Bool}
		}
		if _, ok := constant(it.expr); ok {
			in.List = append(in.List, it.expr)
			continue
		}
		varying = append(varying, it.expr)
	}
	if len(varying) == 0 {
		return in
	}
	return s.inVarying(op, in, varying)
}

func (s *scalars) listable(e *syntax.In, op string, left, right data.Type) bool {
	if _, ok := operator.Result(op, left, right); ok {
		return true
	}
	s.problem(e.Span, codeType, "%s is not defined for %s and %s", quoteOp(op), left, right)
	return false
}

// valuesOf gives the table that an item stands for; nil for a plain value.
func (s *scalars) valuesOf(it item) Node {
	if it.table != nil {
		if len(it.table.cols()) == 0 {
			return nil
		}
		return pick(it.table.node, []int{0})
	}
	scalar, ok := it.expr.(*Scalar)
	if !ok || scalar.Of != data.Dynamic {
		return nil
	}
	cols := scalar.Table.Columns()[:1]
	return &Expand{
		Base:  Base{Cols: cols, From: []Node{scalar.Table}},
		Items: []ExpandItem{{Value: column(cols, 0), To: data.Dynamic}}, Index: -1,
	}
}

func (s *scalars) inTable(e *syntax.In, op string, left Expr, node Node) Expr {
	of := node.Columns()[0].Type
	if of != 0 && !s.listable(e, op, left.Type(), of) {
		return failedOf{data.Bool}
	}
	return &In{Op: op, Left: left, Table: node}
}

// elementTests say what each operator asks of one element, and how the answers are joined.
var elementTests = map[string]struct{ each, join string }{
	"in": {"==", "or"}, "!in": {"!=", "and"}, "in~": {"=~", "or"}, "!in~": {"!~", "and"},
	"has_any": {"has", "or"}, "has_all": {"has", "and"},
}

// inVarying joins comparisons with the elements that differ from row to row.
// Such an element that is dynamic may be an array: it remains a list.
func (s *scalars) inVarying(op string, in *In, varying []Expr) Expr {
	how := elementTests[op]
	var tests []Expr
	if len(in.List) > 0 {
		tests = append(tests, in)
	}
	for _, e := range varying {
		if e.Type() == data.Dynamic {
			tests = append(tests, &In{Op: op, Left: in.Left, List: []Expr{e}})
			continue
		}
		if _, ok := operator.Result(how.each, in.Left.Type(), e.Type()); !ok {
			e = s.convert(e, data.String)
		}
		tests = append(tests, &Operator{Op: how.each, Left: in.Left, Right: e, Of: data.Bool})
	}
	return balanced(how.join, tests)
}

// anyColumnIn is * in (…), * has_any (…): true where one of the columns meets it.
func (s *scalars) anyColumnIn(e *syntax.In, op string) Expr {
	items := s.listItems(e)
	return s.orOver(s.row.visible(), func(col Expr) Expr {
		if _, ok := operator.Result(op, col.Type(), data.String); !ok {
			col = s.convert(col, data.String)
		}
		return s.inList(e, op, col, items)
	})
}
