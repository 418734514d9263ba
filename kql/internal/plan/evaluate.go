package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) evaluate(in *relation, op *syntax.Evaluate) *relation {
	name := op.Call.Function.Text
	f, ok := function.FindPlugin(name)
	switch {
	case !ok:
		b.unknown(op.Call.Function.Span, codeFunction, "plug-in", name, pluginNames())
		return nothing()
	case f.Refused != "":
		b.problem(op.Call.Function.Span, codeRefused, "plug-in %s is not available: %s", name, f.Refused)
		return nothing()
	}
	if !f.Keeps {
		in = in.naming(op.Call.Args)
	}
	p := &pluginCall{scalars: b.over(in), f: f, call: op.Call}
	for _, a := range op.Call.Args {
		p.argument(a)
	}
	if p.bad || !p.fits() || in.partial || p.table != nil && p.table.partial {
		return nothing()
	}
	in = p.hoist(in)
	cols, open, err := f.Columns(in.cols()[:p.width], p.known)
	if err != nil {
		b.problem(op.Call.Span, codeArguments, "%s(): %v", name, err)
		return nothing()
	}
	node := &Plugin{Base: Base{Cols: cols, From: []Node{in.node}}, Function: f, Args: p.args, Open: open}
	r := &relation{node: node, hidden: in.hiding(cols), late: open}
	if op.Schema != nil || op.Star {
		return b.typed(in, r, op)
	}
	return r
}

func pluginNames() []string {
	var list []string
	for _, f := range function.Plugins() {
		list = append(list, f.Name)
	}
	return list
}

// A pluginCall collects the arguments of a plug-in, for the plan and for the
// plug-in's own questions about its columns.
type pluginCall struct {
	*scalars
	f     *function.Plugin
	call  *syntax.Call
	args  []PluginArg
	known []function.PluginArg
	// table is the last tabular argument: columns of it can be named after it.
	table *relation
	bad   bool
	width int
}

func (p *pluginCall) add(arg PluginArg, known function.PluginArg) {
	known.Arg, known.Column = arg.Known, arg.Column
	p.args, p.known = append(p.args, arg), append(p.known, known)
}

func (p *pluginCall) argument(a syntax.Named) {
	if f, call := p.aggregateCall(a.Value); f != nil && p.takesAggregate() {
		p.aggregate(f, call)
		return
	}
	if ref, ok := a.Value.(*syntax.NameRef); ok && p.column(a, ref.Name) {
		return
	}
	if table, ok := p.tableArgument(a.Value); ok {
		table = p.await(table).shown()
		p.table = table
		p.add(PluginArg{Column: -1, Table: table.node}, function.PluginArg{Table: &function.Table{Columns: table.cols()}})
		return
	}
	if p.table != nil && p.table.partial { // what is named may be a column of it
		p.bad = true
		return
	}
	arg := p.scalars.argument(a)
	if arg.known.Star {
		p.problem(arg.at, codeValue, "%s() takes no *", p.f.Name)
	}
	p.bad = p.bad || isFailed(arg.expr)
	if a.Name == nil {
		arg.known.Name = ""
	}
	p.add(PluginArg{Known: arg.known, Value: arg.expr, Column: -1}, function.PluginArg{})
}

// takesAggregate tells whether a parameter is an aggregate (pivot's second).
func (p *pluginCall) takesAggregate() bool {
	for _, text := range p.f.Signatures {
		sig, err := function.ParseSignature(text)
		if err != nil {
			continue
		}
		for _, param := range sig.Params {
			if param.Kind == "Aggregate" {
				return true
			}
		}
	}
	return false
}

func (p *pluginCall) aggregate(f *function.Aggregate, call *syntax.Call) {
	agg, outs := p.aggregation(f, call, nil)
	if agg == nil || len(outs) == 0 {
		p.bad = true
		return
	}
	known := function.PluginArg{Aggregate: f}
	for i, a := range agg.Known {
		arg := function.PluginArg{Arg: a, Column: -1}
		if c, ok := agg.Args[i].(*Column); ok {
			arg.Column = c.Index
		}
		known.AggregateArgs = append(known.AggregateArgs, arg)
	}
	p.add(PluginArg{Known: function.Arg{Type: outs[0].Type}, Column: -1, Aggregate: agg}, known)
}

// column is a column of the input, or of the table given before.
func (p *pluginCall) column(a syntax.Named, n syntax.Name) bool {
	at := p.row.find(n.Text)
	if p.table != nil && (at < 0 || p.wantsTableColumn()) {
		if i := p.table.find(n.Text); i >= 0 { // it has no value in the input's rows
			p.add(PluginArg{Known: function.Arg{Type: p.table.cols()[i].Type, Name: n.Text}, Column: i}, function.PluginArg{})
			return true
		}
	}
	if at < 0 {
		return false
	}
	known := function.Arg{Type: p.row.cols[at].Type, Name: n.Text}
	p.add(PluginArg{Known: known, Value: column(p.row.cols, at), Column: at}, function.PluginArg{})
	return true
}

// wantsTableColumn tells whether the next parameter is a column of the table argument.
func (p *pluginCall) wantsTableColumn() bool {
	for _, text := range p.f.Signatures {
		sig, err := function.ParseSignature(text)
		if err != nil || len(p.args) >= len(sig.Params) {
			continue
		}
		kind := sig.Params[len(p.args)].Kind
		return kind == "Column_Parameter0" || kind == "Column_Parameter0_Common"
	}
	return false
}

// fits checks the number of arguments. The reference lists fewer optional ones
// than plug-ins take by name, so that named ones do not count.
func (p *pluginCall) fits() bool {
	n := 0
	for _, a := range p.call.Args {
		if a.Name == nil {
			n++
		}
	}
	for _, text := range p.f.Signatures {
		sig, err := function.ParseSignature(text)
		if err == nil && (len(assign(sig, n)) > 0 || n < len(p.call.Args)) {
			return true
		}
	}
	p.problem(p.call.Span, codeArguments, "%s() with %s; it is %s", p.f.Name, count(n, "argument"), usage(p.f.Name, p.f.Signatures))
	return false
}

// hoist keeps the input's width in mind: columns of window functions come behind.
func (p *pluginCall) hoist(in *relation) *relation {
	p.width = len(in.cols())
	if p.windows > 0 {
		p.problem(p.call.Span, codeRefused, "a window function cannot be an argument of a plug-in; extend a column with it first")
	}
	return in
}

// typed is evaluate f() : (*, a:long): exactly the declared columns, * being
// the input's that the plug-in keeps.
func (b *binder) typed(in, out *relation, op *syntax.Evaluate) *relation {
	cols := newColumns()
	if op.Star {
		in = in.giving(declaredNames(op.Schema)...)
		for _, c := range out.cols() {
			if in.find(c.Name) >= 0 {
				cols.add(c)
			}
		}
	}
	for _, c := range op.Schema {
		if cols.used[c.Name.Text] {
			b.duplicate(c.Name)
			continue
		}
		cols.add(data.Column{Name: c.Name.Text, Type: c.Type})
	}
	r := &relation{node: b.shaped(out, cols.list)}
	if out.late {
		r = b.late(out, func(b *binder, known *relation) *relation { return &relation{node: b.shaped(known, cols.list)} })
		r.late = false
	}
	if op.Star {
		r.hidden = in.hiding(cols.list)
	}
	return r
}

func declaredNames(schema []syntax.ColumnDecl) []string {
	names := make([]string, len(schema))
	for i, c := range schema {
		names[i] = c.Name.Text
	}
	return names
}

// shaped projects to columns by name; what is missing is null.
func (b *binder) shaped(r *relation, cols []data.Column) Node {
	s := b.over(r)
	p := &Project{Base: Base{Cols: cols, From: []Node{r.node}}}
	for _, c := range cols {
		e := missing(c.Type)
		if i := r.find(c.Name); i >= 0 && r.cols()[i].Type != 0 {
			e = s.convert(column(r.cols(), i), c.Type)
		}
		p.Exprs = append(p.Exprs, e)
	}
	return p
}
