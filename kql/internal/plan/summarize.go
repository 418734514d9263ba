package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// summarize becomes a Summarize of plain aggregates, and a Project above it
// where expressions are made of them.
func (b *binder) summarize(in *relation, op *syntax.Summarize) *relation {
	s := b.over(in)
	cols := reading(in)
	g := b.by(s, binned(op), cols, false)
	over := &scalars{binder: b, row: s.row, groups: g}
	keys := len(g.keys)
	results := make([]Expr, keys)
	for i, e := range g.keys {
		results[i] = &Column{Index: i, Of: e.Type()}
	}
	for _, item := range op.Aggregates {
		results = b.aggregateItem(over, item, cols, results)
	}
	in = b.hoistGroups(in, g, s.windows)
	r := made(project(g.node(in), cols.list, results))
	r.partial = r.partial || g.lost
	return r
}

// binned is the old form "by t bin=1h".
func binned(op *syntax.Summarize) []syntax.Named {
	if op.Bin == nil || len(op.By) == 0 {
		return op.By
	}
	last := op.By[len(op.By)-1]
	last.Value = &syntax.Call{
		Function: syntax.Name{Text: "bin", Span: last.Value.At()},
		Args:     []syntax.Named{{Value: last.Value}, {Value: op.Bin}}, Span: last.Value.At(),
	}
	return append(op.By[:len(op.By)-1:len(op.By)-1], last)
}

// node is the Summarize over the input.
func (g *groups) node(in *relation) *Summarize {
	n := &Summarize{Base: Base{From: []Node{in.node}}, Keys: g.keys, Aggregates: g.aggs}
	n.Cols = append(append(n.Cols, g.named...), g.outs...)
	return n
}

// hoistGroups computes window functions in keys and arguments beforehand.
func (b *binder) hoistGroups(in *relation, g *groups, windows int) *relation {
	if windows+g.windows == 0 {
		return in
	}
	in, g.keys = b.hoist(in, g.keys)
	for i := range g.aggs {
		in, g.aggs[i].Args = b.hoist(in, g.aggs[i].Args)
	}
	return in
}

// project computes columns over a node, or renames its columns where they are these already.
func project(n *Summarize, cols []data.Column, exprs []Expr) Node {
	if len(exprs) == len(n.Cols) {
		same := true
		for i, e := range exprs {
			c, ok := e.(*Column)
			same = same && ok && c.Index == i
		}
		if same {
			n.Cols = cols
			return n
		}
	}
	return &Project{Base: Base{Cols: cols, From: []Node{n}}, Exprs: exprs}
}

// aggregateItem binds one item before "by". A call of an aggregate with several outputs gives several columns.
func (b *binder) aggregateItem(s *scalars, item syntax.Named, cols *columns, results []Expr) []Expr {
	if f, call := s.aggregateCall(item.Value); f != nil && f.Outputs != nil {
		return b.aggregateOutputs(s, f, call, item, cols, results)
	}
	if len(item.Names) > 1 {
		b.problem(item.Value.At(), codeType, "(%s, …) = … wants an aggregate with several columns", item.Names[0].Text)
		return results
	}
	if len(item.Names) == 1 {
		item.Name = &item.Names[0]
	}
	e := s.expr(item.Value)
	name, ok := b.itemName(s, item, cols)
	if !ok {
		return results
	}
	cols.add(data.Column{Name: name, Type: e.Type()})
	return append(results, e)
}

func (s *scalars) aggregateCall(e syntax.Expr) (*function.Aggregate, *syntax.Call) {
	call, ok := e.(*syntax.Call)
	if !ok || call.On != nil || s.names.find(call.Function.Text) != nil {
		return nil, nil
	}
	f, ok := function.FindAggregate(call.Function.Text)
	if !ok {
		return nil, nil
	}
	return f, call
}

// aggregateOutputs adds all outputs; names given count for the first of them.
func (b *binder) aggregateOutputs(s *scalars, f *function.Aggregate, call *syntax.Call, item syntax.Named, cols *columns, results []Expr) []Expr {
	names := item.Names
	if item.Name != nil {
		names = []syntax.Name{*item.Name}
	}
	i := s.groups.add(s, f, call)
	if i < 0 {
		s.groups.lost = true
		for _, n := range names {
			cols.add(data.Column{Name: n.Text})
			results = append(results, failed{})
		}
		return results
	}
	outs := s.groups.outputs(i)
	if len(names) > len(outs) {
		b.problem(names[len(outs)].Span, codeArguments, "%s() has %s, not %d", f.Name, count(len(outs), "column"), len(names))
		names = names[:len(outs)]
	}
	for n, out := range outs {
		name, ok := "", true
		if n >= len(names) {
			name = cols.named(out.Name)
		} else if name, ok = cols.declare(names[n].Text); !ok {
			b.duplicate(names[n])
			continue
		}
		cols.add(data.Column{Name: name, Type: out.Type})
		results = append(results, s.groups.output(i, n))
	}
	return results
}

func (b *binder) distinct(in *relation, op *syntax.Distinct) *relation {
	s := b.over(in)
	items := op.Items
	if op.Star {
		items = nil
		for _, i := range s.row.visible() {
			ref := &syntax.NameRef{Name: syntax.Name{Text: in.cols()[i].Name, Span: op.Span}}
			items = append(items, syntax.Named{Value: ref})
		}
	}
	g := b.by(s, items, reading(in), false)
	in = b.hoistGroups(in, g, s.windows)
	return made(g.node(in))
}

// plain is an aggregate over bound arguments, for operators that are a summarize in other words.
func (b *binder) plain(at syntax.Span, name string, args ...Expr) []Aggregation {
	f, ok := function.FindAggregate(name)
	if !ok {
		b.problem(at, codeFunction, "the aggregate %s() is missing", name)
		return nil
	}
	agg := Aggregation{Function: f, Args: args}
	for _, a := range args {
		agg.Known = append(agg.Known, function.Arg{Type: a.Type()})
	}
	return []Aggregation{agg}
}

func (b *binder) count(in *relation, op *syntax.Count) *relation {
	name := "Count"
	if op.As != nil {
		name = op.As.Text
	}
	return &relation{node: &Summarize{
		Base:       Base{Cols: []data.Column{{Name: name, Type: data.Long}}, From: []Node{in.node}},
		Aggregates: b.plain(op.Word.Span, "count"),
	}}
}

// sampleDistinct takes the first values: any would do, ours follow the input.
func (b *binder) sampleDistinct(in *relation, op *syntax.SampleDistinct) *relation {
	s := b.over(in)
	b.columnOnly(op.Word, op.Of)
	g := b.by(s, []syntax.Named{{Value: op.Of}}, reading(in), false)
	in = b.hoistGroups(in, g, s.windows)
	r := made(g.node(in))
	return r.keeping(&Take{b.over1(r), b.rows(op.Rows)})
}

// columnOnly refuses an expression where an operator takes the name of a column.
func (b *binder) columnOnly(operator syntax.Name, of syntax.Expr) {
	if _, ok := of.(*syntax.NameRef); !ok {
		b.problem(of.At(), codeValue, "%s wants the name of a column behind of; extend one with the expression first", operator.Text)
	}
}

// topHitters counts exactly what Kusto estimates.
func (b *binder) topHitters(in *relation, op *syntax.TopHitters) *relation {
	s := b.over(in)
	b.columnOnly(op.Word, op.Of)
	cols := newColumns()
	g := b.by(s, []syntax.Named{{Value: op.Of}}, cols, true)
	name, of := "approximate_count_"+s.label(op.Of), data.Long
	if op.By == nil {
		g.aggs = b.plain(op.Word.Span, "count")
	} else {
		weight := s.convert(s.expr(op.By), numberFor(s.expr(op.By).Type()))
		if !isFailed(weight) && !isNumber(weight.Type()) {
			b.problem(op.By.At(), codeType, "top-hitters weighs by a number, this is %s", describe(weight))
		}
		name, of = "approximate_sum_"+s.label(op.By), max(weight.Type(), data.Long)
		g.aggs = b.plain(op.Word.Span, "sum", weight)
	}
	g.outs = []data.Column{{Name: cols.free(name), Type: of}}
	r := made(g.node(in))
	r = r.keeping(&Top{b.over1(r), b.rows(op.Rows), []Key{{Value: column(r.cols(), len(r.cols())-1), Descending: true}}})
	r.serial = true
	return r
}

// numberFor is what a dynamic is converted to where a number is wanted.
func numberFor(t data.Type) data.Type {
	if t == data.Dynamic {
		return data.Real
	}
	return t
}

func (b *binder) topNested(in *relation, op *syntax.TopNested) *relation {
	s := b.over(in)
	cols := reading(in)
	node := &TopNested{Base: Base{From: []Node{in.node}}}
	for _, l := range op.Levels {
		level, ok := b.topLevel(s, l, cols)
		if ok {
			node.Levels = append(node.Levels, level)
		}
	}
	node.Cols = cols.list
	return made(node)
}

func (b *binder) topLevel(s *scalars, l syntax.TopLevel, cols *columns) (TopLevel, bool) {
	g := b.by(s, []syntax.Named{l.Of}, cols, true)
	if len(g.keys) == 0 {
		return TopLevel{}, false
	}
	level := TopLevel{Of: g.keys[0], Descending: l.Descending}
	if l.Rows != nil {
		level.Rows = b.rows(l.Rows)
	}
	if l.Others != nil {
		level.Others = s.as(l.Others, level.Of.Type(), "others")
	}
	name := cols.free("aggregated_" + s.label(l.Of.Value))
	if l.Of.Name != nil {
		name = cols.free("aggregated_" + l.Of.Name.Text)
	}
	if l.By.Name != nil {
		var ok bool
		if name, ok = cols.declare(l.By.Name.Text); !ok {
			b.duplicate(*l.By.Name)
			return level, false
		}
	}
	f, call := s.aggregateCall(l.By.Value)
	if f == nil {
		b.problem(l.By.Value.At(), codeType, "top-nested orders by one aggregate, e.g. sum(…)")
		cols.add(data.Column{Name: name})
		return level, false
	}
	agg, outs := s.aggregation(f, call, nil)
	if agg == nil || len(outs) == 0 {
		cols.add(data.Column{Name: name})
		return level, false
	}
	level.By = *agg
	cols.add(data.Column{Name: name, Type: outs[0].Type})
	return level, true
}
