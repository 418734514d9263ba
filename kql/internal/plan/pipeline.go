package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// pipeline binds a source and the operators behind it.
func (b *binder) pipeline(p *syntax.Pipeline) *relation {
	if p == nil || p.Source == nil {
		return nothing()
	}
	outside := b.names
	b.names = &names{parent: outside} // for "as"
	defer func() { b.names = outside }()
	return b.awaiting(
		func(b *binder) *relation {
			in := b.source(p.Source)
			if b.beginsBroken(p.Span.Start) {
				in = in.guessed()
			}
			return in
		},
		func(b *binder, in *relation) *relation { return b.pipe(in, p.Operators) })
}

// pipe binds operators over an input. What stands behind a step whose columns
// are known only when it runs is bound then.
func (b *binder) pipe(in *relation, ops []syntax.Operator) *relation {
	switch {
	case len(ops) == 0:
		return in
	case leavesGraph(ops): // what reads it must know more than columns
		return b.together(in, ops)
	}
	if b.visit != nil {
		b.visit(ops[0], in)
	}
	if _, names := ops[0].(*syntax.As); in.late && !names {
		return b.late(in, func(b *binder, in *relation) *relation { return b.pipe(in, ops) })
	}
	return b.awaiting(
		func(b *binder) *relation { return b.step(in, ops[0]) },
		func(b *binder, out *relation) *relation { return b.pipe(out, ops[1:]) })
}

// together binds operators so that whatever they wait for, all that follows
// waits for it too.
func (b *binder) together(in *relation, ops []syntax.Operator) *relation {
	for _, op := range ops {
		if b.visit != nil {
			b.visit(op, in)
		}
		in = b.step(b.await(in), op)
	}
	return in
}

// step binds one operator, which may be one that could not be read.
func (b *binder) step(in *relation, op syntax.Operator) *relation {
	out := b.operator(in, op)
	b.scope.Spend.on(columnBytes * len(out.cols()))
	if !b.beginsBroken(op.Keyword().Span.Start) {
		return out
	}
	if keepsColumns(op) {
		return in
	}
	return out.guessed()
}

// leavesGraph tells that operators make a graph, and no table of it.
func leavesGraph(ops []syntax.Operator) bool {
	for _, op := range slices.Backward(ops) {
		switch op.(type) {
		case *syntax.MakeGraph:
			return true
		case *syntax.GraphWhere, *syntax.GraphMarkComponents, *syntax.As:
		default:
			return false
		}
	}
	return false
}

// keepsColumns tells steps that only choose or order rows.
func keepsColumns(op syntax.Operator) bool {
	switch op.(type) {
	case *syntax.Where, *syntax.Take, *syntax.Sort, *syntax.Top, *syntax.Sample:
		return true
	}
	return false
}

// late binds the rest when the columns of in are known. Until then its own
// columns are what can be told: names that may come from in are no problem.
func (b *binder) late(in *relation, rest func(*binder, *relation) *relation) *relation {
	return b.lateAs([]*relation{in}, rest(b, in.expected()), rest)
}

// lateAs is late where the rest, which waits for the first of some tables now and
// for the others then, was bound already as far as it can be.
func (b *binder) lateAs(waits []*relation, guess *relation, rest func(*binder, *relation) *relation) *relation {
	frozen := *b
	in, subject := waits[0], &Subject{}
	node := &Late{Base: Base{Cols: guess.cols(), From: []Node{in.node}}, Subject: subject, Ahead: []Node{guess.node}}
	for _, r := range waits[1:] {
		node.Ahead = append(node.Ahead, r.node)
	}
	node.Bind = func(cols []data.Column, spend Spend) (Node, error) {
		frozen.lock.Lock()
		defer frozen.lock.Unlock()
		now := frozen
		now.scope.Spend = spend
		now.found, now.visit, now.visitRight, now.made, now.waits = &findings{}, nil, nil, new(int), nil
		now.names = frozen.names.again()
		r := rest(&now, &relation{node: &Subject{Base: Base{Cols: cols}, Of: subject}, hidden: in.hiding(cols), serial: in.serial, view: in.view})
		return r.node, now.found.err()
	}
	r := guess.keeping(node)
	r.partial = false
	r.late = guess.partial || guess.late || hasUnknown(guess.cols())
	return r
}

func hasUnknown(cols []data.Column) bool {
	for _, c := range cols {
		if c.Type == 0 {
			return true
		}
	}
	return false
}

func (f *findings) err() error {
	if len(f.problems) == 0 {
		return nil
	}
	return &LateError{f.problems}
}

// A LateError is what is wrong with the part of a query that could be bound
// only when the columns before it were known.
type LateError struct{ Problems []syntax.Problem }

// Error joins the problems' messages.
func (e *LateError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Message
	}
	return strings.Join(texts, "\n")
}

// operator binds one operator.
func (b *binder) operator(in *relation, op syntax.Operator) *relation {
	if isGraph(in.node) != readsGraph(op) && !in.partial {
		return b.graphMismatch(in, op)
	}
	if r := b.rowOperator(in, op); r != nil {
		return r
	}
	if r := b.graphOperator(in, op); r != nil {
		return r
	}
	switch op := op.(type) {
	case *syntax.Summarize:
		return b.summarize(in, op)
	case *syntax.Distinct:
		return b.distinct(in, op)
	case *syntax.Count:
		return b.count(in, op)
	case *syntax.SampleDistinct:
		return b.sampleDistinct(in, op)
	case *syntax.TopHitters:
		return b.topHitters(in, op)
	case *syntax.TopNested:
		return b.topNested(in.shown(), op)
	case *syntax.Join:
		return b.join(in, op)
	case *syntax.Lookup:
		return b.lookup(in, op)
	case *syntax.Union:
		return b.union(in, op)
	case *syntax.MakeSeries:
		return b.makeSeries(in, op)
	case *syntax.Reduce:
		return b.reduce(in, op)
	case *syntax.Evaluate:
		return b.evaluate(in, op)
	case *syntax.Scan:
		return b.scanSteps(in.shown(), op)
	case *syntax.Search:
		return b.search(in, searchOf(op))
	case *syntax.Find:
		return b.search(in, findOf(op))
	}
	return b.otherOperator(in, op)
}

// rowOperator binds the operators that work row by row or only order rows; nil for others.
func (b *binder) rowOperator(in *relation, op syntax.Operator) *relation {
	switch op := op.(type) {
	case *syntax.Where:
		return b.where(in, op.Predicate)
	case *syntax.Extend:
		return b.extend(in, op.Items)
	case *syntax.Project:
		return b.project(in, op)
	case *syntax.ProjectColumns:
		return b.projectColumns(in, op)
	case *syntax.ProjectRename:
		return b.rename(in, op)
	case *syntax.Take:
		return in.keeping(&Take{b.over1(in), b.rows(op.Rows)})
	case *syntax.Sample:
		return in.keeping(&Sample{b.over1(in), b.rows(op.Rows)})
	case *syntax.Top:
		return b.top(in, op)
	case *syntax.Sort:
		return b.sort(in, op)
	case *syntax.MvExpand:
		return b.mvExpand(in, op)
	case *syntax.MvApply:
		return b.mvApply(in, op)
	case *syntax.ParseText:
		return b.parseText(in, op)
	case *syntax.ParseKV:
		return b.parseKV(in, op)
	case *syntax.Serialize:
		return b.serialize(in, op.Items)
	}
	return nil
}

// otherOperator binds those that are rare or do nothing to rows.
func (b *binder) otherOperator(in *relation, op syntax.Operator) *relation {
	switch op := op.(type) {
	case *syntax.As:
		if in.late {
			in = in.keeping(&Materialize{b.over1(in)})
		}
		r := *in
		r.view = op.Name.Text
		b.names.define(&definition{name: op.Name.Text, table: &r})
		return in
	case *syntax.GetSchema:
		return b.getSchema(in.shown(), op)
	case *syntax.Consume:
		return &relation{node: &Take{Base{From: []Node{pick(in.node, nil)}}, &Const{data.OfLong(0)}}}
	case *syntax.Render:
		b.chart = &chart{kind: op.Chart, properties: properties(op.With)}
		return in
	case *syntax.Partition:
		return b.partition(in, op)
	case *syntax.Fork:
		return b.fork(in, op)
	case *syntax.Facet:
		return b.facet(in, op)
	case *syntax.Invoke:
		return b.invoke(in, op)
	case *syntax.AssertSchema:
		b.hasColumns(in, op.Columns, op.Span)
		return in
	case *syntax.Unknown:
		return nothing()
	}
	word := op.Keyword()
	b.problem(word.Span, codeOperator, "operator %q is not available", word.Text)
	return nothing()
}

// over1 is the base of a step that keeps its one input's columns.
func (b *binder) over1(in *relation) Base { return Base{Cols: in.cols(), From: []Node{in.node}} }

// rows is a number of rows: a constant, or toscalar().
func (b *binder) rows(e syntax.Expr) Expr {
	bound := b.constant(e)
	switch bound.Type() {
	case 0:
		return bound
	case data.Int, data.Long, data.Dynamic:
		if !stable(bound) {
			b.problem(e.At(), codeValue, "a number of rows must be a constant")
			return failed{}
		}
	default:
		b.problem(e.At(), codeType, "a number of rows is a whole number, this is %s", describe(bound))
		return failed{}
	}
	s := &scalars{binder: b, row: noRow}
	bound = s.convert(bound, data.Long)
	if v, ok := constant(bound); ok && (v.IsNull() || v.Long() < 0) {
		b.problem(e.At(), codeValue, "a number of rows is at least 0")
	}
	return bound
}

func properties(with []syntax.Option) map[string]string {
	all := map[string]string{}
	for _, o := range with {
		switch v := o.Value.(type) {
		case *syntax.Literal:
			all[o.Name.Text] = v.Value.String()
		case *syntax.NameRef:
			all[o.Name.Text] = v.Text
		}
	}
	return all
}
