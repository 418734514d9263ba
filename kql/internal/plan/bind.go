package plan

import (
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Scope is what a query may use besides its own definitions.
type Scope struct {
	// Text is the query's text: hidden columns that it does not have in it are left out.
	Text string
	// Table finds a table by name; Kusto's table names are case-sensitive,
	// Resource Graph's are not: the caller decides.
	Table func(name string) (Source, bool)
	// Names lists the tables, for wildcards and suggestions.
	Names []string
	// AnyCase: wildcards find tables whatever the case of their names.
	AnyCase bool
	// Default is the table of a query without one; "" for none.
	Default string
	// Now is the time of the query in ticks.
	Now int64
	// Params are the values of declared query parameters, as text.
	Params map[string]string
	// Spend is told of the bytes that the plan takes, often, and panics where
	// binding is to end; nil for nobody.
	Spend Spend
}

// Spend takes notice of bytes that are about to be used, 0 for work alone. It
// panics where the work is to end.
type Spend func(bytes int)

func (s Spend) on(bytes int) {
	if s != nil {
		s(bytes)
	}
}

// A Plan is a bound query.
type Plan struct {
	Root Node
	// Columns of the result; open plans may have more when they ran.
	Columns []data.Column
	// Chart and Properties come from render.
	Chart      string
	Properties map[string]string
	// Warnings do not keep the query from running.
	Warnings []syntax.Problem
}

// Problems are what is wrong with the parts of a query that could be read, where
// others could not. What may be wrong only because of those is not told.
func Problems(q *syntax.Query, unread []syntax.Problem, scope Scope) []syntax.Problem {
	b := newBinder(q, scope)
	b.declare(q.Declared)
	b.following(q.Statements, func(b *binder) *relation {
		return b.behind(q.Earlier, func(b *binder) *relation { return b.pipeline(q.Result) })
	})
	return slices.DeleteFunc(b.found.problems, func(p syntax.Problem) bool {
		behind := q.Lost != nil && q.Lost.End <= p.Span.Start
		nowhere := p.Span.Start == p.Span.End && p.Span.End > 0 // of what is missing
		return behind || nowhere || b.inBroken(p.Span.Start) ||
			slices.ContainsFunc(unread, func(u syntax.Problem) bool { return u.Span.Start == p.Span.Start })
	})
}

// inBroken tells places in steps that could not be read.
func (b *binder) inBroken(at int) bool {
	return slices.ContainsFunc(b.broken, func(s syntax.Span) bool { return s.Start == at || s.Start <= at && at < s.End })
}

// beginsBroken tells that the step that begins somewhere could not be read.
func (b *binder) beginsBroken(start int) bool {
	return slices.ContainsFunc(b.broken, func(s syntax.Span) bool { return s.Start == start })
}

// guessed is a relation of which a part could not be read: names that are not
// found in it are no problem.
func (r *relation) guessed() *relation {
	next := *r
	next.partial = true
	return &next
}

// Bind gives a plan, or all that is wrong.
func Bind(q *syntax.Query, scope Scope) (*Plan, []syntax.Problem) {
	b := newBinder(q, scope)
	b.declare(q.Declared)
	root := b.following(q.Statements, func(b *binder) *relation { return b.result(q) })
	if len(b.found.problems) == 0 && countNodes(root.node, maxNodes) > maxNodes {
		b.problem(syntax.Span{}, codeRefused, "the query has more than %d steps once its definitions are put in place; materialize() what is used often", maxNodes)
	}
	if len(b.found.problems) > 0 {
		return nil, b.found.problems
	}
	p := &Plan{Root: root.node, Columns: knownColumns(root.cols()), Warnings: b.found.warnings}
	if b.chart != nil {
		p.Chart, p.Properties = b.chart.kind, b.chart.properties
	}
	return p, nil
}

func newBinder(q *syntax.Query, scope Scope) *binder {
	b := &binder{scope: scope, found: &findings{}, names: &names{}, sets: map[string]syntax.Expr{}, made: new(int), lock: &sync.Mutex{}, broken: q.Broken}
	for _, s := range q.Sets {
		b.sets[s.Name.Text] = s.Value
	}
	return b
}

func (b *binder) result(q *syntax.Query) *relation {
	if q.Result == nil && len(q.Statements) == 0 && b.scope.Default != "" {
		return b.defaultTable(&syntax.Empty{}) // comments only: no table, no operators
	}
	if q.Result == nil {
		at := syntax.Span{}
		if n := len(q.Statements); n > 0 {
			at = q.Statements[n-1].Name.Span
		}
		b.problem(at, "ParserFailure", "the query has no result: want a tabular expression after the statements")
		return nothing()
	}
	return b.behind(q.Earlier, func(b *binder) *relation { return b.shownResult(q.Result) })
}

func (b *binder) shownResult(p *syntax.Pipeline) *relation {
	r := b.pipeline(p)
	if isGraph(r.node) {
		b.problem(p.Span, codeOperator, "a graph is not a result: want graph-match, graph-shortest-paths or graph-to-table after it")
		return nothing()
	}
	if r.late && r.hidden != nil {
		return b.late(r, func(_ *binder, known *relation) *relation { return known.shown() })
	}
	return r.shown()
}

// behind binds a result behind expressions whose rows nobody sees: these are
// bound for their problems, and for the tables that they name for what follows.
func (b *binder) behind(earlier []*syntax.Pipeline, result func(*binder) *relation) *relation {
	if len(earlier) == 0 {
		return result(b)
	}
	return b.awaiting(
		func(b *binder) *relation {
			if p := earlier[0]; p.Source != nil {
				b.warn(p.Span, codeRefused, "only the last expression's rows are given")
				b.together(b.source(p.Source), p.Operators)
			}
			return nil
		},
		func(b *binder, _ *relation) *relation { return b.behind(earlier[1:], result) })
}

// knownColumns gives columns that are known only when the plan runs the type dynamic.
func knownColumns(cols []data.Column) []data.Column {
	known := make([]data.Column, len(cols))
	for i, c := range cols {
		if c.Type == 0 {
			c.Type = data.Dynamic
		}
		known[i] = c
	}
	return known
}

// countNodes counts the steps as a tree, those of tables inside expressions among them, up to a limit.
func countNodes(n Node, limit int) int {
	if n == nil {
		return 0
	}
	count := 1
	inputs := append(tablesIn(n), n.Inputs()...)
	switch n := n.(type) {
	case *Materialize:
		return count
	case *Late:
		inputs = append(inputs, n.Ahead...)
	}
	for _, from := range inputs {
		if count += countNodes(from, limit-count); count > limit {
			return count
		}
	}
	return count
}

// tablesIn are the tables that a step's expressions look into.
func tablesIn(n Node) []Node {
	var tables []Node
	for _, slot := range append(slots(n), looseSlots(n)...) {
		if *slot == nil {
			continue
		}
		walk(*slot, func(e Expr) {
			if in, ok := e.(*In); ok && in.Table != nil {
				tables = append(tables, in.Table)
			}
		})
	}
	return tables
}
