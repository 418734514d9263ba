package plan

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// declare defines the parameters of "declare query_parameters".
func (b *binder) declare(params []syntax.Param) {
	for _, p := range params {
		b.names.define(&definition{name: p.Name.Text, value: b.parameter(p)})
	}
}

func (b *binder) parameter(p syntax.Param) Expr {
	if text, ok := b.scope.Params[p.Name.Text]; ok {
		v := data.Convert(data.OfString(text), p.Type)
		switch {
		case p.Type == data.Dynamic && strings.IndexAny(strings.TrimSpace(text), `{["`) == 0 && !data.ValidJSON(text):
			b.problem(p.Name.Span, codeValue, "query parameter %q: %q is no JSON", p.Name.Text, text)
		case v.IsNull() && text != "" && text != "null":
			b.problem(p.Name.Span, codeValue, "query parameter %q: %q is no %s", p.Name.Text, text, p.Type)
		}
		return &Const{v}
	}
	if p.Default == nil {
		b.problem(p.Name.Span, codeValue, "query parameter %q has no value and no default", p.Name.Text)
		return failed{}
	}
	return b.defaultOf(p)
}

// defaultOf is a parameter's default in its type.
func (b *binder) defaultOf(p syntax.Param) Expr {
	s := &scalars{binder: b, row: noRow}
	return s.as(p.Default, p.Type, "default of "+p.Name.Text)
}

// as binds an expression that must have a type, converted where Kusto converts unasked.
func (s *scalars) as(e syntax.Expr, to data.Type, what string) Expr {
	bound := s.expr(e)
	if isFailed(bound) {
		return bound
	}
	if fitType(to, bound.Type()) < 0 {
		s.problem(e.At(), codeType, "%s is %s, want %s", what, describe(bound), to)
		return failed{}
	}
	return s.convert(bound, to)
}

// statementsIn binds the lets of a function's body, whose values may depend on the caller's row.
func (b *binder) statementsIn(list []syntax.Statement, s *scalars) {
	for _, st := range list {
		b.let(st, s)
	}
}

// let defines one name. A table is bound here, once, and shared by all that name it.
func (b *binder) let(st syntax.Statement, s *scalars) {
	name := st.Name.Text
	if b.names.own[name] != nil {
		b.problem(st.Name.Span, codeDuplicate, "%q is defined twice", name)
	}
	d := &definition{name: name}
	switch {
	case st.Function != nil:
		d.lambda, d.within = st.Function, b.names
		if st.Function.View && len(st.Function.Params) == 0 && st.Function.Tabular != nil {
			b.checkView(d)
		}
	case st.Tabular != nil:
		d.table = b.pipeline(st.Tabular)
	default:
		b.letValue(d, st, s)
	}
	b.names.define(d)
}

// letValue defines a name by an expression, which may be a table after all: a
// name of one, materialize(…), a function that gives one.
func (b *binder) letValue(d *definition, st syntax.Statement, s *scalars) {
	if table, ok := b.tableArgument(st.Value); ok {
		d.table = table
		return
	}
	d.value = s.expr(st.Value)
	if readsRow(d.value) {
		d.row = s.row
	}
}

// checkView binds a view's body once, so that its problems show even if nobody uses it.
func (b *binder) checkView(d *definition) {
	call := &syntax.Call{Function: syntax.Name{Text: d.name, Span: d.lambda.Span}, Span: d.lambda.Span}
	view := func(b *binder) *relation { return b.callTable(call, d) }
	b.awaiting(view, func(_ *binder, r *relation) *relation { return r })
}

// enter binds the body of a function: its names are those around its
// definition, its parameters and its own statements.
func (b *binder) enter(call *syntax.Call, d *definition, caller *scalars, body func()) bool {
	if d.busy || b.calls >= maxCalls {
		b.problem(call.Function.Span, codeRefused, "%s() calls itself: recursion is not allowed", d.name)
		return false
	}
	if *b.made++; *b.made > allCalls {
		b.problem(call.Function.Span, codeRefused, "the query calls its functions more than %d times once all calls are put in place", allCalls)
		return false
	}
	params, ok := b.parameters(call, d, caller)
	if !ok {
		return false
	}
	outside, outers := b.names, b.outers
	b.names = &names{parent: d.within, own: params}
	d.busy = true
	b.calls++
	defer func() { b.names, b.outers, d.busy = outside, outers, false; b.calls-- }()
	b.statementsIn(d.lambda.Statements, &scalars{binder: b, row: caller.row, closed: true})
	body()
	return true
}

// parameters binds a call's arguments, by place or name, and the defaults of those not given.
func (b *binder) parameters(call *syntax.Call, d *definition, caller *scalars) (map[string]*definition, bool) {
	given, ok := b.matchArguments(call, d)
	if !ok {
		return nil, false
	}
	own := map[string]*definition{}
	for _, p := range d.lambda.Params {
		def := &definition{name: p.Name.Text}
		own[def.name] = def
		arg := given[def.name]
		switch {
		case p.Star || p.Type == 0:
			ok = b.tableParameter(def, p, arg, call) && ok
		case arg != nil:
			def.value = caller.as(arg, p.Type, fmt.Sprintf("%s of %s()", p.Name.Text, d.name))
			if readsRow(def.value) {
				def.row = caller.row
			}
		case p.Default != nil:
			def.value = b.defaultOf(p)
		default:
			b.problem(call.Span, codeArguments, "%s(): %s is missing", d.name, p.Name.Text)
			ok = false
		}
	}
	return own, ok
}

func (b *binder) matchArguments(call *syntax.Call, d *definition) (map[string]syntax.Expr, bool) {
	given := map[string]syntax.Expr{}
	params := d.lambda.Params
	for i, a := range call.Args {
		switch {
		case a.Name != nil:
			if !hasParam(params, a.Name.Text) {
				b.problem(a.Name.Span, codeArguments, "%s() has no parameter %q", d.name, a.Name.Text)
				return nil, false
			}
			given[a.Name.Text] = a.Value
		case i >= len(params):
			b.problem(call.Span, codeArguments, "%s() takes %s, not %d", d.name, count(len(params), "argument"), len(call.Args))
			return nil, false
		default:
			given[params[i].Name.Text] = a.Value
		}
	}
	return given, true
}

func hasParam(params []syntax.Param, name string) bool {
	for _, p := range params {
		if p.Name.Text == name {
			return true
		}
	}
	return false
}

// tableParameter binds a table given to a function; of declared columns each must be there.
func (b *binder) tableParameter(def *definition, p syntax.Param, arg syntax.Expr, call *syntax.Call) bool {
	if arg == nil {
		b.problem(call.Span, codeArguments, "%s(): table %s is missing", call.Function.Text, p.Name.Text)
		return false
	}
	table, ok := b.tableArgument(arg)
	if !ok {
		b.problem(arg.At(), codeType, "%s(): %s must be a table", call.Function.Text, p.Name.Text)
		return false
	}
	def.table = table
	return b.hasColumns(table, p.Tabular, arg.At())
}

func (b *binder) hasColumns(table *relation, want []syntax.ColumnDecl, at syntax.Span) bool {
	ok := true
	for _, c := range want {
		i := table.find(c.Name.Text)
		if i < 0 && !table.partial && !table.late {
			b.problem(at, codeColumn, "the table has no column %q, which is wanted as %s", c.Name.Text, c.Type)
			ok = false
		}
		if i >= 0 && table.cols()[i].Type != c.Type && table.cols()[i].Type != 0 {
			b.problem(at, codeType, "column %q is %s, wanted is %s", c.Name.Text, table.cols()[i].Type, c.Type)
			ok = false
		}
	}
	return ok
}

// callDefinition calls a scalar function of the query.
func (s *scalars) callDefinition(e *syntax.Call, d *definition) Expr {
	if d.lambda == nil {
		s.problem(e.Function.Span, codeFunction, "%q is no function", d.name)
		return failed{}
	}
	result := Expr(failed{})
	s.enter(e, d, s, func() {
		if d.lambda.Value == nil {
			s.problem(e.Span, codeType, "%s() gives a table where a value is wanted; toscalar(…) takes its first value", d.name)
			return
		}
		inner := &scalars{binder: s.binder, row: s.row, closed: true}
		result = inner.expr(d.lambda.Value)
		s.windows += inner.windows
		if parts(result, maxParts) > maxParts {
			s.problem(e.Span, codeRefused, "%s() grows to more than %d operations once all calls are put in place", d.name, maxParts)
			result = failed{}
		}
	})
	return result
}
