package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) makeSeries(in *relation, op *syntax.MakeSeries) *relation {
	s := b.over(in)
	cols := reading(in)
	g := b.by(s, op.By, cols, true)
	g.hideKeys = true
	node := &MakeSeries{NonEmpty: hasOption(op.Options, "kind", "nonempty")}
	over := &scalars{binder: b, row: s.row, groups: g}
	for _, item := range op.Items {
		node.Values = b.aggregateItem(over, item.Named, cols, node.Values)
		for i := len(node.Defaults); i < len(node.Values); i++ {
			node.Defaults = append(node.Defaults, b.defaultValue(item.Default, node.Values[i]))
		}
	}
	for i := range node.Values {
		cols.list[len(g.keys)+i].Type = data.Dynamic
	}
	direct := true
	for i, e := range node.Values {
		c, ok := e.(*Column)
		direct = direct && ok && c.Index == i
	}
	if direct && len(g.outs) == len(node.Values) {
		node.Values = nil
	}
	b.axis(s, op, node, cols)
	in = b.hoistGroups(in, g, s.windows)
	node.Keys, node.Aggregates = g.keys, g.aggs
	node.Base = Base{Cols: cols.list, From: []Node{in.node}}
	r := made(node)
	r.partial = r.partial || g.lost
	return r
}

// hasOption tells whether an option has a word as its value.
func hasOption(options []syntax.Option, name, word string) bool {
	for _, o := range options {
		if ref, ok := o.Value.(*syntax.NameRef); ok && o.Name.Text == name && ref.Text == word {
			return true
		}
	}
	return false
}

// defaultValue is what a bin without rows gets: 0 unless the query says
// otherwise. What it says is not converted yet.
func (b *binder) defaultValue(e syntax.Expr, value Expr) Expr {
	of := value.Type()
	if of == 0 {
		return value
	}
	s := &scalars{binder: b, row: noRow}
	if e != nil {
		return s.expr(e)
	}
	if isNumber(of) {
		return s.convert(&Const{data.OfLong(0)}, of)
	}
	return &Const{data.Null(of)}
}

// axis binds "on t from a to b step c".
func (b *binder) axis(s *scalars, op *syntax.MakeSeries, node *MakeSeries, cols *columns) {
	node.On = s.expr(op.On.Value)
	name, ok := b.itemName(s, op.On, cols)
	if ok {
		cols.add(data.Column{Name: name, Type: data.Dynamic})
	}
	of := node.On.Type()
	if of != 0 && !isSummable(of) {
		b.problem(op.On.Value.At(), codeType, "the axis of make-series is a number, datetime or timespan, this is %s", of)
		return
	}
	if of == data.Int {
		of = data.Long
		node.On = s.convert(node.On, of)
	}
	from, to, step := op.From, op.To, op.Step
	if call, ok := op.In.(*syntax.Call); ok && len(call.Args) == 3 {
		from, to, step = call.Args[0].Value, call.Args[1].Value, call.Args[2].Value
		node.Inclusive = true
	}
	stepType := of
	if of == data.DateTime {
		stepType = data.TimeSpan
	}
	node.Low, node.High, node.Step = b.bound(from, of, "from"), b.bound(to, of, "to"), b.bound(step, stepType, "step")
	if step == nil {
		b.problem(op.Word.Span, codeArguments, "make-series wants a step")
	}
}

func (b *binder) bound(e syntax.Expr, of data.Type, what string) Expr {
	if e == nil {
		return nil
	}
	s := &scalars{binder: b, row: noRow}
	if of == 0 {
		s.expr(e)
		return failed{}
	}
	return s.as(e, of, what)
}
