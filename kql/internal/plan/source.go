package plan

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) source(src syntax.Source) *relation {
	switch src := src.(type) {
	case *syntax.TableRef:
		if !b.reachable(src.On, src.Name.Span) {
			return nothing()
		}
		return b.table(src.Name)
	case *syntax.SourceCall:
		return b.sourceCall(src.Call)
	case *syntax.Nested:
		return b.pipeline(src.Pipeline)
	case *syntax.Datatable:
		return b.datatable(src)
	case *syntax.Externaldata:
		b.problem(src.Span, codeRefused, "externaldata is not allowed: a query reads only the tables that it is given")
	case *syntax.Print:
		return b.print(src)
	case *syntax.Range:
		return b.rangeOf(src)
	case *syntax.UnionSource:
		return b.union(nil, src.Union)
	case *syntax.FindSource:
		return b.search(nil, findOf(src.Find))
	case *syntax.SearchSource:
		return b.search(nil, searchOf(src.Search))
	case *syntax.Empty:
		return b.defaultTable(src)
	}
	return nothing()
}

func (b *binder) defaultTable(src *syntax.Empty) *relation {
	if b.scope.Default == "" {
		b.problem(src.Span, codeTable, "the query names no table")
		return nothing()
	}
	return b.table(syntax.Name{Text: b.scope.Default, Span: src.Span})
}

func (b *binder) table(n syntax.Name) *relation {
	if r, ok := b.findTable(n); ok {
		return r
	}
	if op := bareOperator(n); op != nil && b.forgiving() {
		return b.operator(b.defaultTable(&syntax.Empty{Span: n.Span}), op)
	}
	b.unknown(n.Span, codeTable, "table", n.Text, append(b.names.all(), b.scope.Names...))
	return nothing()
}

// bareOperator is the operator that a name in a table's place means where there is no
// such table, nil for none: "count" alone asks of the default one.
func bareOperator(n syntax.Name) syntax.Operator {
	head := syntax.Head{Word: n}
	switch n.Text {
	case "count":
		return &syntax.Count{Head: head}
	case "getschema":
		return &syntax.GetSchema{Head: head}
	case "serialize":
		return &syntax.Serialize{Head: head}
	case "consume":
		return &syntax.Consume{Head: head}
	}
	return nil
}

// findTable looks among the query's names, then the caller's tables.
func (b *binder) findTable(n syntax.Name) (*relation, bool) {
	if d := b.names.find(n.Text); d != nil {
		switch {
		case d.table != nil:
			return d.table, true
		case d.lambda != nil && len(d.lambda.Params) == 0:
			r := b.callTable(&syntax.Call{Function: n, Span: n.Span}, d)
			if d.lambda.View {
				r.view = n.Text
			}
			return r, true
		case d.lambda == nil:
			if !isFailed(d.value) {
				b.problem(n.Span, codeType, "%q is a value where a table is wanted", n.Text)
			}
			return nothing(), true
		}
		b.problem(n.Span, codeArguments, "%s() wants arguments", n.Text)
		return nothing(), true
	}
	if b.scope.Table == nil {
		return nil, false
	}
	source, ok := b.scope.Table(n.Text)
	if !ok {
		return nil, false
	}
	return b.scan(n.Text, source), true
}

func (b *binder) hasTable(name string) bool {
	if b.scope.Table == nil {
		return false
	}
	_, ok := b.scope.Table(name)
	return ok
}

func (b *binder) scan(name string, source Source) *relation {
	s := &Scan{Name: name, Source: source}
	r := &relation{node: s, view: name}
	hides, ok := source.(interface{ Hidden(column int) bool })
	for i, c := range source.Columns() {
		hidden := ok && hides.Hidden(i)
		if hidden && !strings.Contains(b.scope.Text, c.Name) {
			continue
		}
		if hidden && r.hidden == nil {
			r.hidden = make([]bool, len(s.Cols))
		}
		if r.hidden != nil {
			r.hidden = append(r.hidden, hidden)
		}
		s.Cols, s.Request.Columns = append(s.Cols, c), append(s.Request.Columns, i)
	}
	return r
}

// reachable refuses tables and functions of other clusters and databases; database() alone is the one at hand,
// and so is arg("") where the tables are Resource Graph's.
func (b *binder) reachable(on syntax.Expr, at syntax.Span) bool {
	if on == nil {
		return true
	}
	if call, ok := on.(*syntax.Call); ok && call.On == nil {
		if call.Function.Text == "database" && len(call.Args) == 0 {
			return true
		}
		if call.Function.Text == "arg" && b.forgiving() { // as Log Analytics calls Resource Graph
			return true
		}
	}
	b.problem(at, codeRefused, "other clusters and databases cannot be reached")
	return false
}

// sourceCall binds table("T"), materialize(…) and functions of the query.
func (b *binder) sourceCall(call *syntax.Call) *relation {
	if !b.reachable(call.On, call.Span) {
		return nothing()
	}
	if d := b.names.find(call.Function.Text); d != nil {
		if d.lambda == nil {
			b.problem(call.Function.Span, codeFunction, "%q is no function", d.name)
			return nothing()
		}
		return b.callTable(call, d)
	}
	switch call.Function.Text {
	case "materialize":
		return b.materialize(call)
	case "table":
		return b.tableByName(call)
	case "cluster", "database", "external_table", "materialized_view", "stored_query_result", "entity_group", "graph":
		b.problem(call.Span, codeRefused, "%s() cannot be reached from here: a query reads only the tables that it is given", call.Function.Text)
		return nothing()
	}
	b.unknown(call.Function.Span, codeFunction, "function", call.Function.Text, append(b.names.all(), "materialize", "table"))
	return nothing()
}

func (b *binder) callTable(call *syntax.Call, d *definition) *relation {
	r := nothing()
	caller := &scalars{binder: b, row: noRow}
	b.enter(call, d, caller, func() {
		switch {
		case d.lambda.Tabular != nil:
			r = b.isolated(func() *relation { return b.pipeline(d.lambda.Tabular) })
		default:
			table, ok := b.tableArgument(d.lambda.Value)
			if !ok {
				b.problem(call.Span, codeType, "%s() gives a value where a table is wanted", d.name)
				return
			}
			r = table
		}
	})
	next := *r
	next.view = ""
	return &next
}

// isolated binds a table that does not see the rows around it.
func (b *binder) isolated(bind func() *relation) *relation {
	outers := b.outers
	b.outers = nil
	defer func() { b.outers = outers }()
	return bind()
}

func (b *binder) materialize(call *syntax.Call) *relation {
	if len(call.Args) != 1 {
		b.problem(call.Span, codeArguments, "materialize() takes one table")
		return nothing()
	}
	table, ok := b.tableArgument(call.Args[0].Value)
	if !ok {
		b.problem(call.Args[0].Value.At(), codeType, "materialize() wants a table")
		return nothing()
	}
	if isGraph(table.node) {
		return table
	}
	return table.keeping(&Materialize{Base{Cols: table.cols(), From: []Node{table.node}}})
}

func (b *binder) tableByName(call *syntax.Call) *relation {
	s := &scalars{binder: b, row: noRow}
	if len(call.Args) == 0 {
		b.problem(call.Span, codeArguments, "table() takes a table's name")
		return nothing()
	}
	name, ok := s.constantText(call, 0)
	if !ok {
		return nothing()
	}
	return b.table(syntax.Name{Text: name, Span: call.Args[0].Value.At()})
}
