package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A graph is nodes and edges by number, in the order of their tables.
type graph struct {
	nodes, edges   *data.Batch
	id             int     // column of the nodes
	source, target []int32 // node of each edge
	out, in        adjacency
}

// An adjacency has the edges at each node: those of node v are
// edges[start[v]:start[v+1]], in the order of the edge table.
type adjacency struct {
	start []int32
	edges []int32
}

func (a *adjacency) at(node int32) []int32 { return a.edges[a.start[node]:a.start[node+1]] }

// adjacent sorts edges by one of their ends.
func adjacent(ends []int32, nodes int) adjacency {
	a := adjacency{start: make([]int32, nodes+1), edges: make([]int32, len(ends))}
	for _, v := range ends {
		a.start[v+1]++
	}
	for v := range nodes {
		a.start[v+1] += a.start[v]
	}
	next := make([]int32, nodes)
	copy(next, a.start)
	for edge, v := range ends {
		a.edges[next[v]] = int32(edge)
		next[v]++
	}
	return a
}

// connect sorts the edges by their ends; held is what that takes, also with an error.
func (g *graph) connect(e *env) (held int64, err error) {
	held = 2 * 4 * (2*int64(g.nodes.Len) + int64(len(g.source)))
	if err = e.hold(held); err != nil {
		return held, err
	}
	g.out, g.in = adjacent(g.source, g.nodes.Len), adjacent(g.target, g.nodes.Len)
	return held, e.ctx.Err()
}

// A grapher makes a graph when it runs; held is the memory that it counted.
type grapher func(e *env) (g *graph, held int64, err error)

// graphStep compiles the steps over graphs.
func (c *compiler) graphStep(n plan.Node) (runner, error) {
	switch n := n.(type) {
	case *plan.Match:
		return c.match(n)
	case *plan.ToTable:
		return c.graphToTable(n)
	case *plan.Graph, *plan.Components, *plan.GraphFilter:
		return nil, fmt.Errorf("a graph is no table; follow it with graph-match or graph-to-table")
	}
	return nil, fmt.Errorf("internal error: no step for %T", n)
}

// grapher compiles what makes a graph.
func (c *compiler) grapher(n plan.Node) (grapher, error) {
	switch n := n.(type) {
	case *plan.Graph:
		return c.makeGraph(n)
	case *plan.Components:
		return c.components(n)
	case *plan.GraphFilter:
		return c.graphFilter(n)
	}
	return nil, fmt.Errorf("internal error: no graph in %T", n)
}

func (c *compiler) makeGraph(n *plan.Graph) (grapher, error) {
	tables := make([]*step, len(n.From))
	for i, from := range n.From {
		table, err := c.node(from)
		if err != nil {
			return nil, err
		}
		tables[i] = table
	}
	return func(e *env) (*graph, int64, error) {
		var batches []*data.Batch
		total := int64(0)
		for _, table := range tables {
			b, held, err := wholeTable(e, table)
			total += held
			if err != nil {
				return nil, total, err
			}
			batches = append(batches, b)
		}
		t := newNodes(e, n, batches[0].Columns[n.Source].Type)
		defer func() { e.meter.release(t.held) }()
		for i, table := range batches[1:] {
			if err := t.take(i, table); err != nil {
				return nil, total, err
			}
		}
		g, held, err := t.graph(batches[0])
		return g, total + held, err
	}, nil
}

// nodeTable gathers a graph's nodes: those of the node tables, then those that
// only edges name. A node that comes again keeps what it has and gains what it lacks.
type nodeTable struct {
	plan   *plan.Graph
	number dictionary
	cells  [][]data.Value // by column of the graph's nodes
	n      int
	env    *env
	held   int64
}

// cellBytes is what a value takes in cells, with room to grow.
const cellBytes = 64

// newNodes begins without nodes. Ids are of one type in all tables.
func newNodes(e *env, n *plan.Graph, of data.Type) *nodeTable {
	return &nodeTable{plan: n, number: newDictionary(of), cells: make([][]data.Value, len(n.NodeColumns)), env: e}
}

// take adds the nodes of the i-th node table.
func (t *nodeTable) take(i int, table *data.Batch) error {
	for start := 0; start < table.Len; start += batchSize {
		some := table.Slice(start, min(start+batchSize, table.Len))
		nodes, err := t.nodes(some.Columns[t.plan.NodeKeys[i]])
		if err != nil {
			return err
		}
		for row, node := range nodes {
			for from, to := range t.plan.NodeInto[i] {
				if has := t.cells[to][node]; has.IsNull() || has.Type() == data.String && has.Text() == "" {
					t.cells[to][node] = some.Columns[from].Value(row)
				}
			}
		}
	}
	return nil
}

// nodes are the numbers of the nodes with these ids, new ones where they are
// not known. What they take is counted.
func (t *nodeTable) nodes(ids *data.Vector) ([]uint32, error) {
	numbers := make([]uint32, ids.Len)
	before, known := t.number.bytes(), t.n
	t.number.number(ids, numbers)
	for row, node := range numbers {
		if int(node) == t.n {
			t.add(ids.Value(row))
		}
	}
	grown := t.number.bytes() - before + cellBytes*int64(t.n-known)*int64(len(t.cells))
	t.held += grown
	if err := t.env.hold(grown); err != nil {
		return nil, err
	}
	return numbers, t.env.ctx.Err()
}

func (t *nodeTable) add(id data.Value) {
	t.n++
	for i, c := range t.plan.NodeColumns {
		value := data.Null(c.Type)
		if i == t.plan.ID {
			value = id
		}
		t.cells[i] = append(t.cells[i], value)
	}
}

// graph connects the nodes, and those that only edges name. held is what it
// takes beside the edges, also with an error.
func (t *nodeTable) graph(edges *data.Batch) (g *graph, held int64, err error) {
	held = 2 * 4 * int64(edges.Len)
	if err := t.env.hold(held); err != nil {
		return nil, held, err
	}
	g = &graph{edges: edges, id: t.plan.ID, source: make([]int32, edges.Len), target: make([]int32, edges.Len)}
	for from := 0; from < edges.Len; from += batchSize {
		if err := t.ends(g, from, min(from+batchSize, edges.Len)); err != nil {
			return nil, held, err
		}
	}
	bytes := int64(t.n) * rowBytes(t.plan.NodeColumns)
	held += bytes
	if err := t.env.hold(bytes); err != nil {
		return nil, held, err
	}
	g.nodes = &data.Batch{Len: t.n}
	for i, c := range t.plan.NodeColumns {
		b := data.NewBuilder(c.Type, g.nodes.Len)
		for _, value := range t.cells[i] {
			b.Append(value)
		}
		g.nodes.Columns = append(g.nodes.Columns, b.Build())
		if err := t.env.ctx.Err(); err != nil {
			return nil, held, err
		}
	}
	bytes, err = g.connect(t.env)
	return g, held + bytes, err
}

// ends numbers the ends of some edges, of each first its source.
func (t *nodeTable) ends(g *graph, from, to int) error {
	some := g.edges.Slice(from, to)
	sources, targets := some.Columns[t.plan.Source], some.Columns[t.plan.Target]
	ids := data.Concat(sources.Type, sources, targets)
	inTurns := make([]int32, 0, 2*some.Len)
	for i := range int32(some.Len) {
		inTurns = append(inTurns, i, i+int32(some.Len))
	}
	nodes, err := t.nodes(ids.Gather(inTurns))
	if err != nil {
		return err
	}
	for i, node := range nodes {
		if i%2 == 0 {
			g.source[from+i/2] = int32(node)
		} else {
			g.target[from+i/2] = int32(node)
		}
	}
	return nil
}
