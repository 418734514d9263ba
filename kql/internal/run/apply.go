package run

import (
	"errors"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// apply is mv-apply: a subquery over the expanded items of each row.
func (c *compiler) apply(n *plan.Apply) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	x, err := c.expanding(n.Items, "", n.Index, n.Limit)
	if err != nil {
		return nil, err
	}
	if stages, ok, err := c.rowWise(n); (ok || err != nil) && !errors.Is(err, errNoRows) {
		return applyAll(n, input, x, stages), err
	}
	sub, err := c.repeated(n.Sub)
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			a := &applying{plan: n, env: e, x: x, sub: sub, compiler: c, out: out}
			if err := input.run(e)(a.batch); err != nil {
				return err
			}
			return a.flush()
		}
	}, nil
}

// opens tells whether a subquery's columns are known only when it runs.
func opens(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Late:
		return true
	case *plan.Plugin:
		return n.Open
	}
	return slices.ContainsFunc(n.Inputs(), opens)
}

// applying runs the subquery row by row and gathers its small results.
type applying struct {
	plan     *plan.Apply
	env      *env
	x        *expanding
	sub      *step
	compiler *compiler
	out      emit
	builders []*data.Builder
	rows     int // in the builders, of which there may be none
}

func (a *applying) batch(b *data.Batch) error {
	walk := a.x.start(a.env, wholeChunk(b))
	walk.whole = true // the subquery sees all items of a row
	for !walk.done() {
		if err := a.piece(b, walk.piece()); err != nil {
			return err
		}
	}
	return a.env.ctx.Err()
}

func (a *applying) piece(b *data.Batch, made expanded) error {
	for from := 0; from < len(made.rows); {
		to := from + 1
		for to < len(made.rows) && made.rows[to] == made.rows[from] {
			to++
		}
		if err := a.env.ctx.Err(); err != nil {
			return err
		}
		if err := a.row(b, made, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (a *applying) row(b *data.Batch, made expanded, from, to int) error {
	row := int(made.rows[from])
	e := a.env.with(a.plan.Subject, a.subject(b, made, from, to))
	e.outer = &outerRow{batch: b, row: row, next: a.env.outer}
	sub := a.sub
	if sub == nil {
		var err error
		if sub, err = a.compiler.inside(e).node(a.plan.Sub); err != nil {
			return err
		}
	}
	return sub.run(e)(func(result *data.Batch) error {
		for r := range result.Len {
			a.append(b, row, result, r)
		}
		if a.rows >= batchSize {
			return a.flush()
		}
		return nil
	})
}

// subject is the items of one row, its index, and the row's own columns.
func (a *applying) subject(b *data.Batch, made expanded, from, to int) *data.Batch {
	s := &data.Batch{Len: to - from}
	for _, v := range made.columns {
		s.Columns = append(s.Columns, v.Slice(from, to))
	}
	if a.plan.Index >= 0 {
		s.Columns = append(s.Columns, &data.Vector{Type: data.Long, Len: s.Len, Longs: made.index[from:to]})
	}
	for _, v := range b.Columns {
		s.Columns = append(s.Columns, data.Constant(v.Value(int(made.rows[from])), s.Len))
	}
	return s
}

func (a *applying) append(b *data.Batch, row int, result *data.Batch, r int) {
	if a.builders == nil {
		for _, column := range a.plan.Cols {
			a.builders = append(a.builders, data.NewBuilder(column.Type, 64))
		}
	}
	a.rows++
	for i, from := range a.plan.Keep {
		a.builders[i].AppendFrom(b.Columns[from], row)
	}
	for i, v := range result.Columns {
		a.builders[len(a.plan.Keep)+i].AppendFrom(v, r)
	}
}

func (a *applying) flush() error {
	if a.rows == 0 {
		return nil
	}
	b := &data.Batch{Len: a.rows}
	for _, builder := range a.builders {
		b.Columns = append(b.Columns, builder.Build())
	}
	a.builders, a.rows = nil, 0
	return a.out(b)
}

// rowWise compiles a subquery that looks at one item after the other, so that
// it can run over the items of many rows at once. A last column carries the row
// that an item comes from.
func (c *compiler) rowWise(n *plan.Apply) ([]stage, bool, error) {
	leaf, nodes := chain(n.Sub)
	if s, ok := leaf.(*plan.Subject); !ok || s.Key() != n.Subject.Key() {
		return nil, false, nil
	}
	width := len(n.Subject.Cols)
	var stages []stage
	for _, node := range nodes {
		var exprs []plan.Expr
		switch node := node.(type) {
		case *plan.Filter:
			exprs = []plan.Expr{node.Where}
		case *plan.Project:
			exprs = append(slices.Clone(node.Exprs), &plan.Column{Index: width, Of: data.Long})
			width = len(node.Exprs)
		default:
			return nil, false, nil
		}
		if slices.ContainsFunc(exprs, usesOuter) || slices.ContainsFunc(exprs, volatile) {
			return nil, false, nil
		}
		made, err := c.rowWiseStage(node, exprs)
		if err != nil {
			return nil, false, err
		}
		stages = append(stages, made...)
	}
	return stages, true, nil
}

func (c *compiler) rowWiseStage(node plan.Node, exprs []plan.Expr) ([]stage, error) {
	if _, ok := node.(*plan.Filter); ok {
		return c.filter(exprs[0])
	}
	return one(c.project(exprs))
}

func usesOuter(e plan.Expr) bool {
	return anyExpr(e, func(e plan.Expr) bool { _, ok := e.(*plan.Outer); return ok })
}

func applyAll(n *plan.Apply, input *step, x *expanding, stages []stage) runner {
	return func(e *env) stream {
		return func(out emit) error {
			return input.run(e)(func(b *data.Batch) error {
				for walk := x.start(e, wholeChunk(b)); !walk.done(); {
					items := wholeChunk(subjectOfAll(n, b, walk.piece()))
					err := through(e, stages, items, func(c *chunk) error { return sliced(appliedRows(n, b, c.batch()), out) })
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
}

// subjectOfAll is the items of all rows of a batch, with the rows' own columns
// and the number of the row behind them.
func subjectOfAll(n *plan.Apply, b *data.Batch, made expanded) *data.Batch {
	s := &data.Batch{Len: len(made.rows), Columns: slices.Clone(made.columns)}
	if n.Index >= 0 {
		s.Columns = append(s.Columns, &data.Vector{Type: data.Long, Len: s.Len, Longs: made.index})
	}
	for _, v := range b.Columns {
		s.Columns = append(s.Columns, v.Gather(made.rows))
	}
	rows := data.NewVector(data.Long, s.Len)
	for i, row := range made.rows {
		rows.Longs[i] = int64(row)
	}
	s.Columns = append(s.Columns, rows)
	return s
}

func appliedRows(n *plan.Apply, b, result *data.Batch) *data.Batch {
	last := len(result.Columns) - 1
	rows := make([]int32, result.Len)
	for i := range rows {
		rows[i] = int32(result.Columns[last].Value(i).Long())
	}
	out := &data.Batch{Len: result.Len}
	for _, from := range n.Keep {
		out.Columns = append(out.Columns, b.Columns[from].Gather(rows))
	}
	out.Columns = append(out.Columns, result.Columns[:last]...)
	return out
}
