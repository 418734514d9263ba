package run

import (
	"context"
	"errors"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A compiler makes streams of steps. It already runs what a step must know
// before its first row: scalar subqueries, lists of in, open steps.
type compiler struct {
	env     *env
	lists   map[plan.Node][]data.Value // of in (T)
	scalars map[*plan.Scalar]data.Value
}

func newCompiler(ctx context.Context, w World, l Limits) *compiler {
	return (&compiler{}).inside(&env{state: newState(ctx, w, l)})
}

// inside is a compiler for a subquery that sees more subjects.
func (*compiler) inside(e *env) *compiler {
	return &compiler{e, map[plan.Node][]data.Value{}, map[*plan.Scalar]data.Value{}}
}

// repeated compiles a subquery that runs many times. It is nil where the
// subquery must be compiled for each time: its columns, or a table inside one of
// its expressions, follow from the rows at hand.
func (c *compiler) repeated(sub plan.Node) (*step, error) {
	if opens(sub) {
		return nil, nil
	}
	s, err := c.node(sub)
	if errors.Is(err, errNoRows) {
		return nil, nil
	}
	return s, err
}

// errNoRows is that a subquery was to run before it had its rows.
var errNoRows = errors.New("internal error: a subquery runs without its rows")

// A step is a compiled node: its columns, and how to get its rows. It may run
// more than once, also at the same time.
type step struct {
	columns []data.Column
	run     func(e *env) stream
	lent    []bool // see compiler.lent
}

func (c *compiler) node(n plan.Node) (*step, error) {
	run, err := c.runner(n)
	if err != nil {
		return nil, err
	}
	return &step{columns: n.Columns(), run: run, lent: c.lent(n)}, nil
}

// open compiles a node of which more columns may be known than its plan says.
func (c *compiler) open(n plan.Node) (*step, error) {
	switch n := n.(type) {
	case *plan.Late:
		return c.late(n)
	case *plan.Plugin:
		return c.plugin(n)
	case *plan.Materialize:
		return c.materialize(n)
	}
	return c.node(n)
}

type runner = func(e *env) stream

// runner compiles a node, whose env has its word.
func (c *compiler) runner(n plan.Node) (runner, error) {
	run, err := c.nameless(n)
	word := wordOf(n)
	if err != nil || word == "" {
		return run, err
	}
	return func(e *env) stream { return run(e.at(word)) }, nil
}

func (c *compiler) nameless(n plan.Node) (runner, error) {
	switch n := n.(type) {
	case *plan.Rows:
		return func(e *env) stream { return fromBatches(e, []*data.Batch{n.Batch}) }, nil
	case *plan.Subject:
		return subject(n), nil
	case *plan.Scan, *plan.Filter, *plan.Expand, *plan.Parse, *plan.ParseKV:
		return c.pipeline(n)
	case *plan.Project:
		if n.Serial {
			return c.serial(n)
		}
		return c.pipeline(n)
	case *plan.Range:
		return c.ranged(n)
	case *plan.Summarize:
		if len(n.Aggregates) == 0 && len(n.Keys) > 0 {
			return c.distinct(n)
		}
		return c.summarize(n)
	case *plan.Take:
		return c.take(n)
	case *plan.Sample:
		return c.sample(n)
	case *plan.Sort:
		return c.sort(n)
	case *plan.Top:
		return c.top(n)
	case *plan.Join:
		return c.join(n)
	case *plan.Union:
		return c.union(n)
	}
	return c.rarer(n)
}

func (c *compiler) rarer(n plan.Node) (runner, error) {
	switch n := n.(type) {
	case *plan.Apply:
		return c.apply(n)
	case *plan.MakeSeries:
		return c.makeSeries(n)
	case *plan.TopNested:
		return c.topNested(n)
	case *plan.ScanSteps:
		return c.scanSteps(n)
	case *plan.Partition:
		return c.partition(n)
	case *plan.Reduce:
		return c.reduce(n)
	case *plan.Late, *plan.Plugin, *plan.Materialize:
		s, err := c.open(n)
		if err != nil {
			return nil, err
		}
		return s.run, nil
	}
	return c.graphStep(n)
}

// subject is the leaf of a subquery.
func subject(n *plan.Subject) runner {
	return func(e *env) stream {
		batches, ok := e.subject(n.Key())
		if !ok {
			return func(emit) error { return errNoRows }
		}
		return fromBatches(e, batches)
	}
}

// scalar is the value of toscalar(T), run once for all that refer to it.
func (c *compiler) scalar(e *plan.Scalar) (data.Value, error) {
	if value, ok := c.scalars[e]; ok {
		return value, nil
	}
	table, err := c.open(e.Table)
	if err != nil {
		return data.Value{}, err
	}
	value := data.Null(e.Of)
	found := false
	err = table.run(c.env)(func(b *data.Batch) error {
		if b.Len == 0 || len(b.Columns) == 0 {
			return nil
		}
		value, found = ofType(b.Columns[0].Value(0), e.Of), true
		return errStop
	})
	if err = enough(err, found); err != nil {
		return data.Value{}, err
	}
	c.scalars[e] = value
	return value, nil
}

// value computes an expression that no row is needed for.
func (c *compiler) value(e plan.Expr) (data.Value, error) {
	p, err := c.program(e)
	if err != nil {
		return data.Value{}, err
	}
	return p.one(c.env, &chunk{base: &data.Batch{Len: 1}, n: 1}).Value(0), nil
}

// howMany is the value of an expression that says how many.
func (c *compiler) howMany(e plan.Expr) (int, error) {
	value, err := c.value(e)
	if err != nil {
		return 0, err
	}
	if value = data.Convert(value, data.Long); value.IsNull() || value.Long() < 0 {
		return 0, nil
	}
	return int(min(value.Long(), 1<<40)), nil
}

func (c *compiler) union(n *plan.Union) (runner, error) {
	inputs := make([]*step, len(n.From))
	for i, from := range n.From {
		input, err := c.node(from)
		if err != nil {
			return nil, err
		}
		inputs[i] = input
	}
	return func(e *env) stream {
		return func(out emit) error {
			for i, input := range inputs {
				if err := e.ctx.Err(); err != nil {
					return err
				}
				if err := input.run(e)(placed(n.Cols, n.Into[i], out)); err != nil {
					return err
				}
			}
			return nil
		}
	}, nil
}

// placed puts the columns of a union's input where they belong; the others are null.
func placed(cols []data.Column, into []int, out emit) emit {
	all := len(into) == len(cols)
	for i, to := range into {
		all = all && i == to
	}
	if all {
		return out
	}
	return func(b *data.Batch) error {
		wide := &data.Batch{Len: b.Len, Columns: make([]*data.Vector, len(cols))}
		for i, to := range into {
			if to >= 0 {
				wide.Columns[to] = b.Columns[i]
			}
		}
		var nulls [data.GUID + 1]*data.Vector // shared: a column of nulls is as good as another
		for i, c := range cols {
			if wide.Columns[i] != nil {
				continue
			}
			if nulls[c.Type] == nil {
				nulls[c.Type] = data.Constant(data.Null(c.Type), b.Len)
			}
			wide.Columns[i] = nulls[c.Type]
		}
		return out(wide)
	}
}

func (c *compiler) take(n *plan.Take) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	rows, err := c.howMany(n.Rows)
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error { return first(rows, input.run(e), out) }
	}, nil
}

// first hands on the first rows of a stream and then stops it.
func first(rows int, s stream, out emit) error {
	if rows == 0 {
		return nil
	}
	left, mine := rows, false
	err := s(func(b *data.Batch) error {
		if b.Len > left {
			cut := b.Slice(0, left)
			b = &cut
		}
		left -= b.Len
		if err := out(b); err != nil {
			return err
		}
		if left == 0 {
			mine = true
			return errStop
		}
		return nil
	})
	return enough(err, mine)
}
