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
	prog  *program
	keys  int
	types []data.Type
	list  []plan.Aggregation
	known [][]function.Arg
}

// The aggregates read rows of which some columns may be lent.
func (c *compiler) aggregation(keys []plan.Expr, list []plan.Aggregation, lent []bool) (*aggregation, error) {
	a := &aggregation{keys: len(keys), list: list}
	exprs := append([]plan.Expr{}, keys...)
	for _, key := range keys {
		a.types = append(a.types, key.Type())
	}
	for _, one := range list {
		exprs = append(exprs, one.Args...)
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
		for i := range min(len(known), len(one.Args)) {
			column, ok := one.Args[i].(*plan.Column)
			known[i].Lent = ok && column.Index < len(lent) && lent[column.Index]
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
	// first is where each group first appeared: see numbered.
	first []int64
	held  int64
}

func (a *aggregation) start() (*groups, error) {
	accs, err := a.accumulators()
	if err != nil {
		return nil, err
	}
	return &groups{aggregation: a, grouping: newGrouping(a.types), accs: accs}, nil
}

// add takes a batch.
func (g *groups) add(e *env, c *chunk) error { return g.addAt(e, c, 0) }

// addAt takes a chunk with the number of its first row, which tells where new
// groups appear: the batch's number in the upper half, the row's in the lower.
func (g *groups) addAt(e *env, c *chunk, first int64) error {
	var vectors []*data.Vector
	own := *e
	if heavy := own.divided(c.n, func(e *env) { vectors = g.prog.run(e, c) }); heavy && c.n < 2 {
		return e.later(0, c)
	} else if heavy {
		half := c.n / 2
		if err := g.addAt(e, c.part(0, half), first); err != nil {
			return err
		}
		return g.addAt(e, c.part(half, c.n), first+int64(half))
	}
	g.ids = room(g.ids, c.n)
	g.grouping.number(vectors[:g.keys], g.ids)
	size := g.grouping.len()
	if size > len(g.first) {
		g.numbered(first, size)
	}
	at := g.keys
	for i, acc := range g.accs {
		next := at + len(g.list[i].Args)
		acc.Add(size, g.ids, vectors[at:next])
		at = next
	}
	return g.weigh(e)
}

// numbered notes where the groups appeared that are new with a chunk.
func (g *groups) numbered(first int64, size int) {
	for row, id := range g.ids {
		if int(id) == len(g.first) {
			g.first = append(g.first, first+int64(row))
		}
	}
	for len(g.first) < size { // the one group of a summarize without keys
		g.first = append(g.first, 0)
	}
}

// weigh tells the meter what has been added. Tables of groups grow by being
// copied, when what they had stands beside what they get: a quarter more.
func (g *groups) weigh(e *env) error {
	now := g.grouping.bytes() + 8*int64(cap(g.first))
	for _, acc := range g.accs {
		now += int64(acc.Bytes())
	}
	now += now / 4
	grown := now - g.held
	g.held = now
	return e.hold(grown)
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
		b.Columns[i] = data.ConvertVector(b.Columns[i], column.Type)
	}
	return b, nil
}
