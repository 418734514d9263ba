package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A walk is what a variable edge matched: its edges in the pattern's
// direction, and the nodes between them.
type walk struct{ edges, inner []int32 }

// matchRows are embeddings of a pattern, one a row: what each element is.
type matchRows struct {
	graph *graph
	n     int
	one   [][]int32 // by element: its node or edge
	walks [][]walk  // by element: a variable edge's
}

func newMatchRows(g *graph, elements int) *matchRows {
	return &matchRows{graph: g, one: make([][]int32, elements), walks: make([][]walk, elements)}
}

// gather is the rows that are named, in that order.
func (m *matchRows) gather(rows []int32) *matchRows {
	out := newMatchRows(m.graph, len(m.one))
	out.n = len(rows)
	for i := range m.one {
		for _, r := range rows {
			if m.one[i] != nil {
				out.one[i] = append(out.one[i], m.one[i][r])
			}
			if m.walks[i] != nil {
				out.walks[i] = append(out.walks[i], m.walks[i][r])
			}
		}
	}
	return out
}

// batch has, of the columns of all elements, those that are used.
func (m *matchRows) batch(elements []plan.GraphElement, used map[int]bool) *data.Batch {
	b := &data.Batch{Len: m.n}
	for i := range elements {
		el := &elements[i]
		from := m.graph.nodes
		if el.Edge {
			from = m.graph.edges
		}
		for c := range el.Columns {
			for len(b.Columns) <= el.First+c {
				b.Columns = append(b.Columns, nil)
			}
			switch {
			case !used[el.First+c]:
			case el.Variable:
				b.Columns[el.First+c] = m.arrays(i, from.Columns[c])
			default:
				b.Columns[el.First+c] = from.Columns[c].Gather(m.one[i])
			}
		}
	}
	return b
}

// arrays has for each row the values along a variable edge.
func (m *matchRows) arrays(element int, column *data.Vector) *data.Vector {
	v := data.NewVector(data.Dynamic, m.n)
	if column.Type == data.String && !column.Const {
		var slab data.Slab
		var texts []string
		for row, w := range m.walks[element] {
			texts = texts[:0]
			for _, edge := range w.edges {
				texts = append(texts, column.Texts[edge])
			}
			v.Nodes[row] = slab.Strings(texts)
		}
		return v
	}
	for row, w := range m.walks[element] {
		items := make([]*data.Node, len(w.edges))
		for i, edge := range w.edges {
			items[i] = data.NodeOf(column.Value(int(edge)))
		}
		v.Nodes[row] = data.NodeOfArray(items)
	}
	return v
}

// columnsUsed are the positions that expressions read.
func columnsUsed(list ...plan.Expr) map[int]bool {
	used := map[int]bool{}
	for _, e := range list {
		anyExpr(e, func(e plan.Expr) bool {
			if c, ok := e.(*plan.Column); ok {
				used[c.Index] = true
			}
			return false
		})
	}
	return used
}

// graphExpr compiles the expressions that stand in graph-match only.
func (c *exprCompiler) graphExpr(e plan.Expr) (evaluate evaluator, ok bool, err error) {
	switch e := e.(type) {
	case *plan.Quantified:
		evaluate, err = c.quantified(e)
		return evaluate, true, err
	case *plan.GraphFact:
		return graphFact(e), true, nil
	}
	return nil, false, nil
}

// rowsOf are the embeddings that a frame is about.
func rowsOf(f *frame) *matchRows {
	if f.chunk.rows == nil {
		return f.env.match
	}
	return f.env.match.gather(f.chunk.rows)
}

func graphFact(e *plan.GraphFact) evaluator {
	return func(f *frame) *data.Vector {
		m := rowsOf(f)
		out := data.NewVector(e.Of, f.n)
		for row, node := range m.one[e.Element] {
			switch e.Name {
			case "node_degree_in":
				out.Longs[row] = int64(len(m.graph.in.at(node)))
			case "node_degree_out":
				out.Longs[row] = int64(len(m.graph.out.at(node)))
			case "node_id":
				out.Texts[row] = data.Convert(m.graph.nodes.Columns[m.graph.id].Value(int(node)), data.String).Text()
			case "labels":
				out.Nodes[row] = data.NodeOfArray(nil)
			}
		}
		return out
	}
}

// quantified evaluates its body over all edges, or inner nodes, of all rows at
// once, and then looks at those of each row.
func (c *exprCompiler) quantified(e *plan.Quantified) (evaluator, error) {
	body, err := c.program(e.Body)
	if err != nil {
		return nil, err
	}
	used := columnsUsed(e.Body)
	return func(f *frame) *data.Vector {
		m := rowsOf(f)
		var rows, things []int32
		for row := range f.n {
			for _, thing := range m.things(e, row) {
				rows, things = append(rows, int32(row)), append(things, thing)
			}
		}
		values := body.one(f.quantifiedEnv(m, rows), wholeChunk(quantifiedBatch(f, e, m, rows, things, used)))
		return foldQuantified(e, f.n, rows, values)
	}, nil
}

// things are the edges or inner nodes of an element in a row.
func (m *matchRows) things(e *plan.Quantified, row int) []int32 {
	switch walks := m.walks[e.Element]; {
	case walks == nil && e.Inner:
		return nil
	case walks == nil:
		return m.one[e.Element][row : row+1]
	case e.Inner:
		return walks[row].inner
	default:
		return walks[row].edges
	}
}

func (f *frame) quantifiedEnv(m *matchRows, rows []int32) *env {
	inner := *f.env
	inner.match = m.gather(rows)
	return &inner
}

// quantifiedBatch has the row's columns again for each thing, and the thing's.
func quantifiedBatch(f *frame, e *plan.Quantified, m *matchRows, rows, things []int32, used map[int]bool) *data.Batch {
	from := m.graph.edges
	if e.Inner {
		from = m.graph.nodes
	}
	b := &data.Batch{Len: len(rows), Columns: make([]*data.Vector, e.Scope+len(from.Columns))}
	for i := range b.Columns {
		switch {
		case !used[i]:
		case i >= e.Scope:
			b.Columns[i] = from.Columns[i-e.Scope].Gather(things)
		default:
			b.Columns[i] = f.chunk.column(i).Gather(rows)
		}
	}
	return b
}

// foldQuantified brings the values of a row's things together: of none, all is
// true, any false, map empty.
func foldQuantified(e *plan.Quantified, n int, rows []int32, values *data.Vector) *data.Vector {
	if e.Mode == "map" {
		items := make([][]*data.Node, n)
		for i, row := range rows {
			items[row] = append(items[row], data.NodeOf(values.Value(i)))
		}
		out := data.NewVector(data.Dynamic, n)
		for row := range n {
			out.Nodes[row] = data.NodeOfArray(items[row])
		}
		return out
	}
	out := data.NewVector(data.Bool, n)
	for row := range n {
		out.Bools[row] = e.Mode == "all"
	}
	for i, row := range rows {
		holds := !values.Null(i) && values.Value(i).Bool()
		if holds != out.Bools[row] {
			out.Bools[row] = e.Mode == "any"
		}
	}
	return out
}
