package plan

import (
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Optimize rewrites a plan so that it runs fast: filters and the columns and
// paths really read go down to the tables, sort and take become top, tests of
// one value against several become sets. The result is the same table.
func Optimize(p *Plan, spend Spend) *Plan {
	o := newOptimizer(&sharedSteps{steps: map[*Materialize]*Materialize{}}, spend)
	better := *p
	better.Root = o.whole(p.Root)
	return &better
}

// optimizer remembers what was rewritten and is shared by pointer.
type optimizer struct {
	shared  *sharedSteps
	scalars map[*Scalar]*Scalar
	// exact are the filters over a scan whose conditions the scan was told in full.
	exact map[*Filter]bool
	spend Spend
}

func newOptimizer(shared *sharedSteps, spend Spend) *optimizer {
	return &optimizer{shared: shared, scalars: map[*Scalar]*Scalar{}, exact: map[*Filter]bool{}, spend: spend}
}

// sharedSteps are the rewritten materialize() steps. Parts of a plan that are
// bound late share them with the rest, in several runs at once.
type sharedSteps struct {
	lock  sync.Mutex
	steps map[*Materialize]*Materialize
}

func (s *sharedSteps) find(n *Materialize) *Materialize {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.steps[n]
}

// keep gives the step that was kept first.
func (s *sharedSteps) keep(n, rewritten *Materialize) *Materialize {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.steps[n] == nil {
		s.steps[n] = rewritten
	}
	return s.steps[n]
}

// whole rewrites a plan that keeps its columns.
func (o *optimizer) whole(n Node) Node {
	if isGraph(n) {
		return o.push(n, nil)
	}
	return o.pruneExactly(o.limit(o.push(n, nil)))
}

// expr rewrites the tables inside an expression and simplifies it.
func (o *optimizer) expr(e Expr) Expr {
	if e == nil {
		return nil
	}
	return rewrite(e, func(e Expr) Expr {
		o.spend.on(0)
		switch e := e.(type) {
		case *In:
			if e.Table != nil {
				return &In{Op: e.Op, Left: e.Left, List: e.List, Table: o.whole(e.Table)}
			}
		case *Scalar:
			if o.scalars[e] == nil {
				o.scalars[e] = &Scalar{Table: o.whole(e.Table), Of: e.Of}
			}
			return o.scalars[e]
		case *Operator:
			return simplify(e)
		}
		return e
	})
}

// simplify drops sides of "and" and "or" that decide nothing.
func simplify(e *Operator) Expr {
	if e.Op != "and" && e.Op != "or" {
		return foldOperator(e)
	}
	decisive := e.Op == "or"
	for _, sides := range [][2]Expr{{e.Left, e.Right}, {e.Right, e.Left}} {
		v, ok := constant(sides[0])
		if !ok || v.IsNull() || v.Type() != data.Bool {
			continue
		}
		if v.Bool() == decisive {
			return sides[0]
		}
		if sides[1].Type() == data.Bool {
			return sides[1]
		}
	}
	return e
}

// inside rewrites what a step holds besides its inputs: the tables in its
// expressions, and its subqueries.
func (o *optimizer) inside(n Node) Node {
	n = clone(n)
	for _, slot := range append(slots(n), looseSlots(n)...) {
		*slot = o.expr(*slot)
	}
	switch n := n.(type) {
	case *Apply:
		n.Sub = o.whole(n.Sub)
	case *Partition:
		n.Sub = o.whole(n.Sub)
	case *Plugin:
		for i, a := range n.Args {
			if a.Table != nil {
				n.Args[i].Table = o.whole(a.Table)
			}
		}
	case *Late:
		bind := n.Bind
		n.Bind = func(cols []data.Column, spend Spend) (Node, error) {
			late, err := bind(cols, spend)
			if err != nil {
				return nil, err
			}
			return newOptimizer(o.shared, spend).whole(late), nil
		}
	}
	return n
}
