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

func (g *graph) connect() {
	g.out, g.in = adjacent(g.source, g.nodes.Len), adjacent(g.target, g.nodes.Len)
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
		return newNodes(n, batches[0].Columns[n.Source].Type, batches[1:]).graph(batches[0]), total, nil
	}, nil
}

// nodeTable gathers a graph's nodes: those of the node tables, then those that
// only edges name. A node that comes again keeps what it has and gains what it lacks.
type nodeTable struct {
	plan   *plan.Graph
	number dictionary
	cells  [][]data.Value // by column of the graph's nodes
	n      int
}

// newNodes takes the node tables. Ids are of one type in all tables.
func newNodes(n *plan.Graph, of data.Type, tables []*data.Batch) *nodeTable {
	t := &nodeTable{plan: n, number: newDictionary(of), cells: make([][]data.Value, len(n.NodeColumns))}
	for i, table := range tables {
		for row, node := range t.nodes(table.Columns[n.NodeKeys[i]]) {
			for from, to := range n.NodeInto[i] {
				if has := t.cells[to][node]; has.IsNull() || has.Type() == data.String && has.Text() == "" {
					t.cells[to][node] = table.Columns[from].Value(row)
				}
			}
		}
	}
	return t
}

// nodes are the numbers of the nodes with these ids, new ones where they are
// not known.
func (t *nodeTable) nodes(ids *data.Vector) []uint32 {
	numbers := make([]uint32, ids.Len)
	t.number.number(ids, numbers)
	for row, node := range numbers {
		if int(node) == t.n {
			t.add(ids.Value(row))
		}
	}
	return numbers
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

func (t *nodeTable) graph(edges *data.Batch) *graph {
	g := &graph{edges: edges, id: t.plan.ID, source: make([]int32, edges.Len), target: make([]int32, edges.Len)}
	for from := 0; from < edges.Len; from += batchSize {
		t.ends(g, from, min(from+batchSize, edges.Len))
	}
	g.nodes = &data.Batch{Len: t.n}
	for i, c := range t.plan.NodeColumns {
		b := data.NewBuilder(c.Type, g.nodes.Len)
		for _, value := range t.cells[i] {
			b.Append(value)
		}
		g.nodes.Columns = append(g.nodes.Columns, b.Build())
	}
	g.connect()
	return g
}

// ends numbers the ends of some edges, of each first its source.
func (t *nodeTable) ends(g *graph, from, to int) {
	some := g.edges.Slice(from, to)
	sources, targets := some.Columns[t.plan.Source], some.Columns[t.plan.Target]
	ids := data.Concat(sources.Type, sources, targets)
	inTurns := make([]int32, 0, 2*some.Len)
	for i := range int32(some.Len) {
		inTurns = append(inTurns, i, i+int32(some.Len))
	}
	for i, node := range t.nodes(ids.Gather(inTurns)) {
		if i%2 == 0 {
			g.source[from+i/2] = int32(node)
		} else {
			g.target[from+i/2] = int32(node)
		}
	}
}
