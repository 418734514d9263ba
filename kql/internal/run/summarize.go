package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// An aggregation computes the aggregates of one summarize: keys and arguments
// by one program, groups by one grouping.
type aggregation struct {
	prog    *program
	keys    int
	types   []data.Type
	list    []plan.Aggregation
	known   [][]function.Arg
	ordered bool
}

func (c *compiler) aggregation(keys []plan.Expr, list []plan.Aggregation) (*aggregation, error) {
	a := &aggregation{keys: len(keys), list: list}
	exprs := append([]plan.Expr{}, keys...)
	for _, key := range keys {
		a.types = append(a.types, key.Type())
	}
	for _, one := range list {
		exprs = append(exprs, one.Args...)
		a.ordered = a.ordered || one.Function.Ordered
	}
	var err error
	if a.prog, err = c.program(exprs...); err != nil {
		return nil, err
	}
	inner := &exprCompiler{compiler: c, sharing: &sharing{ids: map[string]int{}, memo: map[plan.Expr]int{}, count: map[int]int{}, slot: map[int]int{}}}
	for _, one := range list {
		known, err := inner.known(one.Known, one.Args)
		if err != nil {
			return nil, err
		}
		a.known = append(a.known, known)
	}
	_, err = a.accumulators() // tells bad constants before the first row
	return a, err
}

func (a *aggregation) accumulators() ([]function.Accumulator, error) {
	out := make([]function.Accumulator, len(a.list))
	for i, one := range a.list {
		if one.Function.New == nil {
			return nil, fmt.Errorf("%s(): %s", one.Function.Name, refusal(one.Function.Refused))
		}
		acc, err := one.Function.New(a.known[i])
		if err != nil {
			return nil, fmt.Errorf("%s(): %w", one.Function.Name, err)
		}
		out[i] = acc
	}
	return out, nil
}

// A groups is an aggregation under way.
type groups struct {
	*aggregation
	grouping *grouping
	accs     []function.Accumulator
	ids      []uint32
	held     int64
}

func (a *aggregation) start() (*groups, error) {
	accs, err := a.accumulators()
	if err != nil {
		return nil, err
	}
	return &groups{aggregation: a, grouping: newGrouping(a.types), accs: accs}, nil
}

// add takes a batch.
func (g *groups) add(e *env, c *chunk) error {
	vectors := g.prog.run(e, c)
	g.ids = room(g.ids, c.n)
	g.grouping.number(vectors[:g.keys], g.ids)
	size := g.grouping.len()
	at := g.keys
	for i, acc := range g.accs {
		next := at + len(g.list[i].Args)
		acc.Add(size, g.ids, vectors[at:next])
		at = next
	}
	return g.weigh(e)
}

// weigh tells the meter what has been added.
func (g *groups) weigh(e *env) error {
	now := g.grouping.bytes()
	for _, acc := range g.accs {
		now += int64(acc.Bytes())
	}
	grown := now - g.held
	g.held = now
	return e.meter.add(grown)
}

// result is a row for each group: keys, then aggregates.
func (g *groups) result(columns []data.Column) (*data.Batch, error) {
	size := g.grouping.len()
	b := &data.Batch{Len: size, Columns: g.grouping.keys()}
	for _, acc := range g.accs {
		b.Columns = append(b.Columns, acc.Results(size)...)
	}
	if len(b.Columns) != len(columns) {
		return nil, fmt.Errorf("internal error: summarize gives %d columns, want %d", len(b.Columns), len(columns))
	}
	for i, column := range columns {
		b.Columns[i] = convertVector(b.Columns[i], column.Type)
	}
	return b, nil
}

func (c *compiler) summarize(n *plan.Summarize) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	a, err := c.aggregation(n.Keys, n.Aggregates)
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			g, err := a.start()
			if err != nil {
				return err
			}
			defer func() { e.meter.release(g.held) }()
			err = input.run(e)(func(b *data.Batch) error { return g.add(e, wholeChunk(b)) })
			if err != nil {
				return err
			}
			b, err := g.result(n.Cols)
			if err != nil {
				return err
			}
			return sliced(b, out)
		}
	}, nil
}
