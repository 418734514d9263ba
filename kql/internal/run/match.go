package run

import (
	"errors"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A matching is graph-match or graph-shortest-paths, compiled. Conditions on
// one element are asked before the search, the rest once a match is whole.
type matching struct {
	plan *plan.Match
	// single are conditions on one node or edge, by element; over its own columns.
	single map[int][]*program
	where  *program // nil: no more conditions
	exprs  *program
	// whereUses and exprsUse are the columns of a match's row that they read.
	whereUses, exprsUse map[int]bool
}

func (c *compiler) match(n *plan.Match) (runner, error) {
	makes, err := c.grapher(n.From[0])
	if err != nil {
		return nil, err
	}
	m := &matching{plan: n, single: map[int][]*program{}, exprsUse: columnsUsed(n.Exprs...)}
	if m.exprs, err = c.program(n.Exprs...); err != nil {
		return nil, err
	}
	if err := m.split(c); err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			g, held, err := makes(e)
			defer func() { e.meter.release(held) }()
			if err != nil {
				return err
			}
			return m.run(e, g, out)
		}
	}, nil
}

// split takes the conditions on single elements out of where.
func (m *matching) split(c *compiler) error {
	var rest plan.Expr
	for _, e := range conjuncts(m.plan.Where) {
		element, own, ok := m.alone(e)
		if !ok {
			if rest == nil {
				rest = e
			} else {
				rest = &plan.Operator{Op: "and", Left: rest, Right: e, Of: data.Bool}
			}
			continue
		}
		p, err := c.program(own)
		if err != nil {
			return err
		}
		m.single[element] = append(m.single[element], p)
	}
	if rest == nil {
		return nil
	}
	m.whereUses = columnsUsed(rest)
	var err error
	m.where, err = c.program(rest)
	return err
}

// conjuncts are what and joins.
func conjuncts(e plan.Expr) []plan.Expr {
	if e == nil {
		return nil
	}
	if and, ok := e.(*plan.Operator); ok && and.Op == "and" {
		return append(conjuncts(and.Left), conjuncts(and.Right)...)
	}
	return []plan.Expr{e}
}

// alone tells whether a condition is about one element, and gives it over that
// element's own columns.
func (m *matching) alone(e plan.Expr) (element int, own plan.Expr, ok bool) {
	first := -1
	body := e
	if q, isAll := e.(*plan.Quantified); isAll && q.Mode == "all" && !q.Inner {
		// Every edge of the walk must meet it, so no walk need go over others.
		element, first, body = q.Element, q.Scope, q.Body
	}
	if anyExpr(body, func(e plan.Expr) bool { return !movable(e) }) {
		return 0, nil, false
	}
	used := columnsUsed(body)
	if len(used) == 0 {
		return 0, nil, false
	}
	if first < 0 {
		element = m.elementOf(used)
		if element < 0 || m.plan.Elements[element].Variable {
			return 0, nil, false
		}
		first = m.plan.Elements[element].First
	}
	width := len(m.plan.Elements[element].Columns)
	for i := range used {
		if i < first || i >= first+width {
			return 0, nil, false
		}
	}
	return element, plan.Shift(body, -first), true
}

// movable tells expressions that mean the same over another row.
func movable(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Quantified, *plan.GraphFact, *plan.Outer, *plan.Window, *plan.Scalar:
		return false
	case *plan.In:
		return e.Table == nil
	case *plan.Call:
		return !e.Function.Volatile
	}
	return true
}

// elementOf is the element that one of the columns belongs to, -1 for none.
func (m *matching) elementOf(used map[int]bool) int {
	for i := range used {
		return slices.IndexFunc(m.plan.Elements, func(el plan.GraphElement) bool {
			return el.First <= i && i < el.First+len(el.Columns)
		})
	}
	return -1
}

// allowed are the nodes or edges that meet the conditions on an element; nil: all.
func (m *matching) allowed(e *env, g *graph, element int) []bool {
	programs := m.single[element]
	if len(programs) == 0 {
		return nil
	}
	from := g.nodes
	if m.plan.Elements[element].Edge {
		from = g.edges
	}
	c := wholeChunk(from)
	rows := make([]int32, from.Len)
	for i := range rows {
		rows[i] = int32(i)
	}
	c.rows = rows
	for _, p := range programs {
		c = c.keep(p.one(e, c).Expand())
	}
	ok := make([]bool, from.Len)
	for _, row := range c.rows {
		ok[row] = true
	}
	return ok
}

func (m *matching) run(e *env, g *graph, out emit) error {
	s := newSearch(m, e, g)
	s.found = newMatchRows(g, len(m.plan.Elements))
	s.full = func() error {
		rows, bytes := s.found, s.walked*m.walkedBytes()
		s.found, s.walked = newMatchRows(g, len(m.plan.Elements)), 0
		if err := e.hold(int64(bytes)); err != nil {
			return err
		}
		defer e.meter.release(int64(bytes))
		return m.emit(e, rows, out)
	}
	var err error
	if m.plan.Shortest != "" {
		err = s.shortest()
	} else {
		err = s.all()
	}
	if err != nil && !errors.Is(err, errStop) {
		return err
	}
	if err == nil && s.found.n > 0 {
		err = s.full()
	}
	return err
}

// walkedBytes are what an edge of a walk costs, in a batch of matches: the edge
// and the node after it, and a value in each array that is made of the walk.
func (m *matching) walkedBytes() int {
	const numbers, value = 8, 80
	bytes := numbers
	for _, el := range m.plan.Elements {
		for i := range el.Columns {
			if el.Variable && (m.whereUses[el.First+i] || m.exprsUse[el.First+i]) {
				bytes += value
			}
		}
	}
	return bytes
}

// emit hands on the rows of matches that meet all conditions.
func (m *matching) emit(e *env, rows *matchRows, out emit) error {
	inner := *e
	inner.match = rows
	if m.where != nil {
		holds := m.where.one(&inner, wholeChunk(rows.batch(m.plan.Elements, m.whereUses)))
		kept := trueRows(holds.Expand())
		if len(kept) == 0 {
			return nil
		}
		rows = rows.gather(kept)
		inner.match = rows
	}
	b := &data.Batch{Len: rows.n}
	b.Columns = m.exprs.run(&inner, wholeChunk(rows.batch(m.plan.Elements, m.exprsUse)))
	return out(b)
}
