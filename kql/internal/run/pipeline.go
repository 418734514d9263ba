package run

import (
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A stage changes one chunk after the other, without regard to the others. It
// is used by one goroutine only; a nil chunk has no rows. One that makes many
// rows of few gives them in several chunks (see [chunk].more).
type stage func(e *env, c *chunk) (*chunk, error)

// pipeline compiles a chain of steps that work batch by batch: over the leaf,
// the stages run on all workers, and their results come out in input order.
func (c *compiler) pipeline(n plan.Node) (runner, error) {
	leaf, nodes := chain(n)
	var source runner
	var err error
	if scan, ok := leaf.(*plan.Scan); ok {
		source = scanned(scan)
	} else if source, err = c.runner(leaf); err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return source, nil
	}
	// Each worker has stages of its own: a prepared function may keep a cache.
	ready, err := c.stages(nodes)
	if err != nil {
		return nil, err
	}
	alone := slices.ContainsFunc(nodes, byChance)
	more := func() ([]stage, error) { return c.stages(nodes) }
	return func(e *env) stream {
		return func(out emit) error {
			p := &parallel{env: e, first: ready, more: more, out: out, workers: e.workers}
			if alone {
				p.workers = 1
			}
			return p.run(source(e))
		}
	}, nil
}

// chain finds the leaf below the steps that are stages, which come in order.
func chain(n plan.Node) (leaf plan.Node, nodes []plan.Node) {
	for isStage(n) {
		nodes = append(nodes, n)
		n = n.Inputs()[0]
	}
	slices.Reverse(nodes)
	return n, nodes
}

func isStage(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter, *plan.Expand, *plan.Parse, *plan.ParseKV:
		return true
	case *plan.Project:
		return !n.Serial
	}
	return false
}

// byChance tells whether a stage draws numbers, which must be in input order.
func byChance(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter:
		return volatile(n.Where)
	case *plan.Project:
		return slices.ContainsFunc(n.Exprs, volatile)
	}
	return false
}

func (c *compiler) stages(nodes []plan.Node) ([]stage, error) {
	var out []stage
	for _, n := range nodes {
		list, err := c.stage(n)
		if err != nil {
			return nil, err
		}
		word := wordOf(n)
		for _, s := range list {
			out = append(out, func(e *env, c *chunk) (*chunk, error) {
				e.word = word // the env is this chunk's own: see through
				return s(e, c)
			})
		}
	}
	return out, nil
}

func (c *compiler) stage(n plan.Node) ([]stage, error) {
	switch n := n.(type) {
	case *plan.Filter:
		return c.filter(n.Where)
	case *plan.Project:
		return one(c.project(n.Exprs))
	case *plan.Expand:
		return one(c.expand(n))
	case *plan.Parse:
		return one(c.parse(n))
	case *plan.ParseKV:
		return one(c.parseKV(n))
	}
	return nil, fmt.Errorf("internal error: no stage for %T", n)
}

func one(s stage, err error) ([]stage, error) { return []stage{s}, err }

// filter is a stage for each condition of an and, so that the later ones look
// only at what the earlier ones left.
func (c *compiler) filter(where plan.Expr) ([]stage, error) {
	if and, ok := where.(*plan.Operator); ok && and.Op == "and" && !shares(and) {
		left, err := c.filter(and.Left)
		if err != nil {
			return nil, err
		}
		right, err := c.filter(and.Right)
		return append(left, right...), err
	}
	p, err := c.program(where)
	if err != nil {
		return nil, err
	}
	return []stage{func(e *env, c *chunk) (*chunk, error) {
		condition := p.one(e, c)
		if condition.Type == data.Dynamic {
			condition = data.ConvertVector(condition, data.Bool)
		}
		return c.keep(condition), nil
	}}, nil
}

// shares tells whether both sides of an and compute something expensive alike,
// which one program would compute once.
func shares(and *plan.Operator) bool {
	s := &sharing{ids: map[string]int{}, memo: map[plan.Expr]int{}, count: map[int]int{}}
	s.visit(and.Left)
	alike := false
	anyExpr(and.Right, func(e plan.Expr) bool {
		switch e.(type) {
		case *plan.Call, *plan.Path:
			alike = alike || s.count[s.id(e)] > 0
		}
		return alike
	})
	return alike
}

func (c *compiler) project(exprs []plan.Expr) (stage, error) {
	p, err := c.program(exprs...)
	if err != nil {
		return nil, err
	}
	return func(e *env, c *chunk) (*chunk, error) {
		return wholeChunk(&data.Batch{Len: c.n, Columns: p.run(e, c)}), nil
	}, nil
}

// scanned reads a table. Its batches are cut to our size.
func scanned(n *plan.Scan) runner {
	return func(e *env) stream {
		return func(out emit) error {
			for b, err := range n.Source.Scan(e.ctx, n.Request) {
				if err != nil {
					return fmt.Errorf("table %s: %w", n.Name, err)
				}
				if err := e.ctx.Err(); err != nil {
					return err
				}
				if len(b.Columns) != len(n.Cols) {
					return fmt.Errorf("table %s: a batch has %d columns, want %d", n.Name, len(b.Columns), len(n.Cols))
				}
				if err := sliced(b, out); err != nil {
					return err
				}
			}
			return nil
		}
	}
}
