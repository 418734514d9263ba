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
		return newNodes(n, batches[1:]).graph(batches[0]), total, nil
	}, nil
}

// nodeTable gathers a graph's nodes: those of the node tables, then those that
// only edges name. A node that comes again keeps what it has and gains what it lacks.
type nodeTable struct {
	plan   *plan.Graph
	number map[string]int32
	cells  [][]data.Value // by column of the graph's nodes
	key    []byte
}

func newNodes(n *plan.Graph, tables []*data.Batch) *nodeTable {
	t := &nodeTable{plan: n, number: map[string]int32{}, cells: make([][]data.Value, len(n.NodeColumns))}
	for i, table := range tables {
		for row := range table.Len {
			id := table.Columns[n.NodeKeys[i]].Value(row)
			node := t.node(id)
			for from, to := range n.NodeInto[i] {
				if has := t.cells[to][node]; has.IsNull() || has.Type() == data.String && has.Text() == "" {
					t.cells[to][node] = table.Columns[from].Value(row)
				}
			}
		}
	}
	return t
}

// node is the number of the node with an id, a new one where it is not known.
func (t *nodeTable) node(id data.Value) int32 {
	t.key = data.AppendKey(t.key[:0], id)
	if known, ok := t.number[string(t.key)]; ok {
		return known
	}
	node := int32(len(t.number))
	t.number[string(t.key)] = node
	for i, c := range t.plan.NodeColumns {
		value := data.Null(c.Type)
		if i == t.plan.ID {
			value = id
		}
		t.cells[i] = append(t.cells[i], value)
	}
	return node
}

func (t *nodeTable) graph(edges *data.Batch) *graph {
	g := &graph{edges: edges, id: t.plan.ID, source: make([]int32, edges.Len), target: make([]int32, edges.Len)}
	for row := range edges.Len {
		g.source[row] = t.node(edges.Columns[t.plan.Source].Value(row))
		g.target[row] = t.node(edges.Columns[t.plan.Target].Value(row))
	}
	g.nodes = &data.Batch{Len: len(t.number)}
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
