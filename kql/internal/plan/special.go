package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// special binds the functions that the binder resolves itself, because they
// depend on the columns in sight, on tables or on the order of rows.
func (s *scalars) special(e *syntax.Call) (Expr, bool) {
	if s.match != nil {
		if bound, ok := s.match.call(s, e); ok {
			return bound, true
		}
	}
	switch name := e.Function.Text; name {
	case "toscalar":
		return s.toScalar(e), true
	case "column_ifexists", "columnifexists":
		return s.columnIfExists(e), true
	case "iscolumnexists":
		return s.isColumn(e), true
	case "column_names_of":
		return s.columnNamesOf(e), true
	case "pack_all":
		return s.packAll(e), true
	case "todynamic", "toobject":
		return s.toDynamic(e), true
	case "bin_auto":
		return s.binAuto(e), true
	case "materialize", "table", "cluster", "database", "external_table":
		s.problem(e.Function.Span, codeType, "%s() is a table where a value is wanted", name)
		return failed{}, true
	default:
		if _, ok := windows[name]; ok {
			return s.window(e), true
		}
	}
	return nil, false
}

// tableArgument is the binder's, but a column of the row, or a node or an edge
// of a graph pattern, hides a table of its name.
func (s *scalars) tableArgument(e syntax.Expr) (*relation, bool) {
	if n, ok := e.(*syntax.NameRef); ok && !s.closed {
		if _, isElement := s.patternElement(n.Text); isElement || s.row.find(n.Text) >= 0 {
			return nil, false
		}
	}
	return s.binder.tableArgument(e)
}

// want reports a wrong number of arguments.
func (s *scalars) want(e *syntax.Call, least, most int, usage string) bool {
	if n := len(e.Args); n >= least && n <= most {
		return true
	}
	s.problem(e.Span, codeArguments, "%s() with %s; it is %s", e.Function.Text, count(len(e.Args), "argument"), usage)
	return false
}

// toScalar is the first value of a table. Of a constant table it is a constant.
func (s *scalars) toScalar(e *syntax.Call) Expr {
	if !s.want(e, 1, 1, "toscalar(table)") {
		return failed{}
	}
	table, ok := s.tableArgument(e.Args[0].Value)
	if !ok { // toscalar of a scalar is that scalar
		return s.expr(e.Args[0].Value)
	}
	if table.late {
		table = s.await(s.late(table, (*binder).firstRow))
	}
	cols := table.cols()
	switch {
	case table.partial:
		return failed{}
	case len(cols) == 0:
		s.problem(e.Span, codeType, "toscalar(): the table has no column")
		return failed{}
	}
	if rows, ok := table.node.(*Rows); ok && rows.Batch.Len > 0 {
		return &Const{rows.Batch.Columns[0].Value(0)}
	}
	return &Scalar{Table: s.firstRow(table.keepingOnly([]int{0})).node, Of: cols[0].Type}
}

func (b *binder) firstRow(r *relation) *relation {
	return r.keeping(&Take{b.over1(r), &Const{data.OfLong(1)}})
}

// constantText is an argument that must be a constant text.
func (s *scalars) constantText(e *syntax.Call, i int) (string, bool) {
	bound := s.expr(e.Args[i].Value)
	v, ok := constant(bound)
	if !ok || v.Type() != data.String {
		if !isFailed(bound) {
			s.problem(e.Args[i].Value.At(), codeValue, "%s(): argument %d must be a constant text", e.Function.Text, i+1)
		}
		return "", false
	}
	return v.Text(), true
}

func (s *scalars) columnIfExists(e *syntax.Call) Expr {
	if !s.want(e, 2, 2, "column_ifexists(name, default)") {
		return failed{}
	}
	name, ok := s.constantText(e, 0)
	if !ok {
		return failed{}
	}
	if i := s.row.find(name); i >= 0 {
		return column(s.row.cols, i)
	}
	if s.row.partial {
		return failed{}
	}
	return s.expr(e.Args[1].Value)
}

func (s *scalars) isColumn(e *syntax.Call) Expr {
	if !s.want(e, 1, 1, "iscolumnexists(name)") {
		return failed{}
	}
	name, ok := s.constantText(e, 0)
	if !ok || s.row.partial {
		return failedOf{data.Bool}
	}
	return &Const{data.OfBool(s.row.find(name) >= 0)}
}

func (s *scalars) columnNamesOf(e *syntax.Call) Expr {
	if !s.want(e, 1, 1, "column_names_of(table)") {
		return failed{}
	}
	table, ok := s.tableArgument(e.Args[0].Value)
	if !ok {
		s.problem(e.Args[0].Value.At(), codeType, "column_names_of(): want a table")
		return failed{}
	}
	if table = s.await(table); table.partial {
		return failedOf{data.Dynamic}
	}
	var items []*data.Node
	for _, c := range table.cols() {
		items = append(items, data.NodeOfString(c.Name))
	}
	return &Const{data.OfNode(data.NodeOfArray(items))}
}

// packAll gives pack_all the row's columns behind the argument that was
// written, which says whether nulls and empty texts are left out.
func (s *scalars) packAll(e *syntax.Call) Expr {
	f, ok := function.FindScalar("pack_all")
	if !ok || !s.want(e, 0, 1, "pack_all([ignore_null_empty])") {
		return failed{}
	}
	if s.row.partial {
		return failedOf{data.Dynamic}
	}
	c := &Call{Function: f, Of: data.Dynamic}
	if len(e.Args) == 1 {
		flag := s.argument(e.Args[0])
		if isFailed(flag.expr) {
			return failedOf{data.Dynamic}
		}
		c.Args, c.Known = append(c.Args, flag.expr), append(c.Known, flag.known)
	}
	for _, i := range s.row.visible() {
		a := s.columnArgument(i, e.Span)
		c.Args, c.Known = append(c.Args, a.expr), append(c.Known, a.known)
	}
	return c
}

// toDynamic is parse_json, which takes a dynamic as it is instead of printing and reading it again.
func (s *scalars) toDynamic(e *syntax.Call) Expr {
	parse, ok := function.FindScalar("parse_json")
	if !ok || !s.want(e, 1, 1, "todynamic(value)") {
		return failed{}
	}
	return s.callScalar(parse, e)
}

// binAuto is bin_at with what "set query_bin_auto_size" and "_at" say.
func (s *scalars) binAuto(e *syntax.Call) Expr {
	size := s.sets["query_bin_auto_size"]
	binAt, ok := function.FindScalar("bin_at")
	if !ok || !s.want(e, 1, 1, "bin_auto(value)") {
		return failed{}
	}
	if size == nil {
		s.problem(e.Span, codeValue, "bin_auto() wants \"set query_bin_auto_size = …;\" before the query")
		return failed{}
	}
	at := s.sets["query_bin_auto_at"]
	if at == nil {
		at = &syntax.Literal{Value: zeroPoint(s.expr(e.Args[0].Value).Type()), Span: e.Span}
	}
	return s.callScalar(binAt, &syntax.Call{Function: e.Function, Args: []syntax.Named{e.Args[0], {Value: size}, {Value: at}}, Span: e.Span})
}

// zeroPoint is where bins begin unless "set query_bin_auto_at" says otherwise.
func zeroPoint(t data.Type) data.Value {
	if t == data.DateTime {
		return data.OfDateTime(0)
	}
	return zeroOf(t)
}

// tuple binds a call of a function with several columns, such as
// series_stats(): the call and its columns.
func (s *scalars) tuple(e syntax.Expr) (*Call, []data.Column) {
	call, ok := e.(*syntax.Call)
	if !ok || call.On != nil || s.names.find(call.Function.Text) != nil {
		return nil, nil
	}
	f, ok := function.FindScalar(call.Function.Text)
	if !ok || f.Columns == nil {
		return nil, nil
	}
	c := s.scalarCall(f, call)
	if c == nil {
		return nil, []data.Column{{}}
	}
	return c, f.Columns(c.Known)
}
