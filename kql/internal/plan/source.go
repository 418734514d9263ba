package plan

import (
	"path"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
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
	b.unknown(n.Span, codeTable, "table", n.Text, append(b.names.all(), b.scope.Names...))
	return nothing()
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
	s.Cols = source.Columns()
	for i := range s.Cols {
		s.Request.Columns = append(s.Request.Columns, i)
	}
	return &relation{node: s, view: name}
}

// reachable refuses tables and functions of other clusters and databases; database() alone is the one at hand.
func (b *binder) reachable(on syntax.Expr, at syntax.Span) bool {
	if on == nil {
		return true
	}
	if call, ok := on.(*syntax.Call); ok && call.Function.Text == "database" && call.On == nil && len(call.Args) == 0 {
		return true
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

// tableArgument binds an expression as a table, if it can be one.
func (b *binder) tableArgument(e syntax.Expr) (*relation, bool) {
	switch e := e.(type) {
	case *syntax.Subquery:
		return b.isolated(func() *relation { return b.pipeline(e.Pipeline).shown() }), true
	case *syntax.NameRef:
		if d := b.names.find(e.Text); d != nil {
			if d.table == nil && (d.lambda == nil || len(d.lambda.Params) > 0 || d.lambda.Tabular == nil) {
				return nil, false
			}
		}
		return b.findTable(e.Name)
	case *syntax.Call:
		if e.On != nil {
			return nil, false
		}
		if d := b.names.find(e.Function.Text); d != nil {
			if d.lambda == nil || !b.givesTable(d) {
				return nil, false
			}
			return b.callTable(e, d), true
		}
		if e.Function.Text == "materialize" || e.Function.Text == "table" {
			return b.isolated(func() *relation { return b.sourceCall(e) }), true
		}
	}
	return nil, false
}

// givesTable tells whether a function's body is a table.
func (b *binder) givesTable(d *definition) bool {
	if d.lambda.Tabular != nil {
		return true
	}
	switch body := d.lambda.Value.(type) {
	case *syntax.Subquery:
		return true
	case *syntax.NameRef:
		for _, p := range d.lambda.Params {
			if p.Name.Text == body.Text {
				return p.Star || p.Type == 0
			}
		}
		for _, st := range d.lambda.Statements {
			if st.Name.Text == body.Text {
				return st.Tabular != nil
			}
		}
		if inner := d.within.find(body.Text); inner != nil {
			return inner.table != nil
		}
		return b.hasTable(body.Text)
	case *syntax.Call:
		if inner := d.within.find(body.Function.Text); inner != nil && inner.lambda != nil {
			return b.givesTable(inner)
		}
		return body.Function.Text == "materialize" || body.Function.Text == "table"
	}
	return false
}

// matching lists the tables and views that a name with * stands for.
func (b *binder) matching(pattern syntax.Name) []*relation {
	var found []*relation
	for _, name := range b.scope.Names {
		if matches(pattern.Text, name) {
			if r, ok := b.findTable(syntax.Name{Text: name, Span: pattern.Span}); ok {
				found = append(found, r)
			}
		}
	}
	local := b.names.all()
	slices.Sort(local)
	for _, name := range local {
		d := b.names.find(name)
		if d.lambda != nil && d.lambda.View && matches(pattern.Text, name) {
			if r, ok := b.findTable(syntax.Name{Text: name, Span: pattern.Span}); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// matches tells whether a name meets a pattern with *.
func matches(pattern, name string) bool {
	ok, err := path.Match(escapePattern(pattern), name)
	return err == nil && ok
}

func escapePattern(pattern string) string {
	var out []byte
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '?', '[', '\\':
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func (b *binder) datatable(d *syntax.Datatable) *relation {
	cols := newColumns()
	for _, c := range d.Columns {
		if cols.used[c.Name.Text] {
			b.duplicate(c.Name)
			continue
		}
		cols.add(data.Column{Name: c.Name.Text, Type: c.Type})
	}
	width := len(cols.list)
	if width == 0 || len(d.Values)%width != 0 {
		b.problem(d.Span, codeValue, "datatable has %s for %s", count(len(d.Values), "value"), count(width, "column"))
		return &relation{node: &Rows{Base: Base{Cols: cols.list}, Batch: &data.Batch{}}}
	}
	rows := len(d.Values) / width
	batch := &data.Batch{Len: rows}
	for c, col := range cols.list {
		v := data.NewVector(col.Type, rows)
		for r := range rows {
			v.Put(r, b.cell(d.Values[r*width+c], col))
		}
		batch.Columns = append(batch.Columns, v)
	}
	return &relation{node: &Rows{Base: Base{Cols: cols.list}, Batch: batch}}
}

// cell is one value of a datatable, in its column's type.
func (b *binder) cell(e syntax.Expr, col data.Column) data.Value {
	bound := b.constant(e)
	v, ok := constant(bound)
	if !ok {
		if !isFailed(bound) {
			b.problem(e.At(), codeValue, "datatable wants constants")
		}
		return data.Null(col.Type)
	}
	return data.Convert(v, col.Type)
}

func (b *binder) duplicate(n syntax.Name) {
	b.problem(n.Span, codeDuplicate, "column %q is declared twice", n.Text)
}

// print is a table of one row.
func (b *binder) print(p *syntax.Print) *relation {
	one := &relation{node: &Rows{Batch: &data.Batch{Len: 1}}, serial: true}
	s := b.over(one)
	list := &itemList{s: s, cols: newColumns(), print: true}
	for _, item := range p.Items {
		list.add(item)
	}
	if rows := constantRow(list); rows != nil {
		return &relation{node: rows, serial: true}
	}
	r := made(list.project(one.node))
	r.serial = true
	return r
}

func constantRow(list *itemList) *Rows {
	rows := &Rows{Base: Base{Cols: list.cols.list}, Batch: &data.Batch{Len: 1}}
	for _, e := range list.exprs {
		v, ok := constant(e)
		if !ok {
			return nil
		}
		vector := data.NewVector(e.Type(), 1)
		vector.Put(0, v)
		rows.Batch.Columns = append(rows.Batch.Columns, vector)
	}
	return rows
}

func (b *binder) rangeOf(src *syntax.Range) *relation {
	s := &scalars{binder: b, row: noRow}
	low, high, step := s.expr(src.From), s.expr(src.To), s.expr(src.Step)
	of := rangeType(low.Type(), step.Type())
	node := &Range{Base: Base{Cols: []data.Column{{Name: src.Name.Text, Type: of}}}, Low: low, High: high, Step: step}
	if isFailed(low) || isFailed(high) || isFailed(step) {
		return made(node)
	}
	stepType := of
	if of == data.DateTime {
		stepType = data.TimeSpan
	}
	if of == 0 || fitType(of, low.Type()) < 0 || fitType(of, high.Type()) < 0 || fitType(stepType, step.Type()) < 0 {
		b.problem(src.Span, codeType, "range goes over numbers, datetimes or timespans, this is from %s to %s step %s", describe(low), describe(high), describe(step))
		return made(node)
	}
	for _, bound := range []Expr{low, high, step} {
		if !stable(bound) {
			b.problem(src.Span, codeValue, "range wants constants")
		}
	}
	node.Low, node.High, node.Step = s.convert(low, of), s.convert(high, of), s.convert(step, stepType)
	return &relation{node: node, serial: true}
}

// rangeType is the type of range's column.
func rangeType(low, step data.Type) data.Type {
	switch {
	case low == data.Dynamic:
		return step
	case isNumber(low) && isNumber(step):
		return max(low, step, data.Long)
	case low == data.DateTime || low == data.TimeSpan:
		return low
	}
	return 0
}
