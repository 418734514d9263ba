package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// graphToTable gives a graph's nodes or edges as rows.
func (c *compiler) graphToTable(n *plan.ToTable) (runner, error) {
	make, err := c.grapher(n.From[0])
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			g, held, err := make(e)
			defer func() { e.meter.release(held) }()
			if err != nil {
				return err
			}
			hashed := 8 * int64(oneIf(n.ID)) * int64(g.nodes.Len)
			hashed += 8 * int64(oneIf(n.Source)+oneIf(n.Target)) * int64(g.edges.Len)
			held += hashed
			if err := e.hold(hashed); err != nil {
				return err
			}
			return sliced(g.table(n), out)
		}
	}, nil
}

func (g *graph) table(n *plan.ToTable) *data.Batch {
	from := g.nodes
	if n.Edges {
		from = g.edges
	}
	b := &data.Batch{Len: from.Len}
	if n.ID {
		b.Columns = append(b.Columns, g.hashes(nil, from.Len))
	}
	if n.Source {
		b.Columns = append(b.Columns, g.hashes(g.source, from.Len))
	}
	if n.Target {
		b.Columns = append(b.Columns, g.hashes(g.target, from.Len))
	}
	b.Columns = append(b.Columns, from.Columns...)
	return b
}

// hashes number nodes: all, or those at the ends of edges.
func (g *graph) hashes(nodes []int32, n int) *data.Vector {
	v := data.NewVector(data.Long, n)
	for i := range n {
		node := int32(i)
		if nodes != nil {
			node = nodes[i]
		}
		v.Longs[i] = int64(data.Hash(data.OfLong(int64(node))))
	}
	return v
}

// graphFilter keeps nodes or edges; an edge stays with both its ends only.
func (c *compiler) graphFilter(n *plan.GraphFilter) (grapher, error) {
	make, err := c.grapher(n.From[0])
	if err != nil {
		return nil, err
	}
	where, err := c.program(n.Where)
	if err != nil {
		return nil, err
	}
	return func(e *env) (*graph, int64, error) {
		g, held, err := make(e)
		if err != nil {
			return nil, held, err
		}
		// what is kept stands beside what it is kept of while it is gathered
		bytes := 2*4*int64(g.edges.Len) + referencesOf(g.edges)
		if !n.Edges {
			bytes += 4*int64(g.nodes.Len) + referencesOf(g.nodes)
		}
		held += bytes
		if err := e.hold(bytes); err != nil {
			return nil, held, err
		}
		var kept *graph
		if n.Edges {
			kept = g.keepEdges(trueRows(where.one(e, wholeChunk(g.edges)).Expand()))
		} else {
			kept = g.keepNodes(trueRows(where.one(e, wholeChunk(g.nodes)).Expand()))
		}
		bytes, err = kept.connect(e)
		return kept, held + bytes, err
	}, nil
}

// referencesOf are the bytes of a batch's slices.
func referencesOf(b *data.Batch) (bytes int64) {
	for _, v := range b.Columns {
		bytes += references(v)
	}
	return bytes
}

func gatheredBatch(b *data.Batch, rows []int32) *data.Batch {
	out := b.Gather(rows)
	return &out
}

func (g *graph) keepEdges(rows []int32) *graph {
	kept := &graph{nodes: g.nodes, id: g.id, edges: gatheredBatch(g.edges, rows)}
	for _, edge := range rows {
		kept.source, kept.target = append(kept.source, g.source[edge]), append(kept.target, g.target[edge])
	}
	return kept
}

func (g *graph) keepNodes(rows []int32) *graph {
	number := make([]int32, g.nodes.Len) // one more than the new number; 0: left out
	for i, node := range rows {
		number[node] = int32(i) + 1
	}
	kept := &graph{nodes: gatheredBatch(g.nodes, rows), id: g.id}
	var edges []int32
	for edge := range g.source {
		if s, t := number[g.source[edge]], number[g.target[edge]]; s > 0 && t > 0 {
			edges = append(edges, int32(edge))
			kept.source, kept.target = append(kept.source, s-1), append(kept.target, t-1)
		}
	}
	kept.edges = gatheredBatch(g.edges, edges)
	return kept
}

// components adds a column with the number of each node's component, in the
// order of their first nodes.
func (c *compiler) components(n *plan.Components) (grapher, error) {
	make, err := c.grapher(n.From[0])
	if err != nil {
		return nil, err
	}
	return func(e *env) (*graph, int64, error) {
		g, held, err := make(e)
		if err != nil {
			return nil, held, err
		}
		// a node's component, its number, and what the search keeps of it
		bytes := (4 + 8 + 8 + 4*4) * int64(g.nodes.Len)
		held += bytes
		if err := e.hold(bytes); err != nil {
			return nil, held, err
		}
		number := g.weak()
		if n.Strong {
			number = g.strong()
		}
		marked := *g
		marked.nodes = &data.Batch{Len: g.nodes.Len, Columns: append(g.nodes.Columns[:len(g.nodes.Columns):len(g.nodes.Columns)], numbered(number))}
		return &marked, held, nil
	}, nil
}

// numbered gives components small numbers in the order in which they come.
func numbered(component []int32) *data.Vector {
	v := data.NewVector(data.Long, len(component))
	known := make([]int64, len(component)) // one more than the number; 0: none yet
	next := int64(0)
	for i, c := range component {
		if known[c] == 0 {
			next++
			known[c] = next
		}
		v.Longs[i] = known[c] - 1
	}
	return v
}

// weak finds components whatever the direction of edges.
func (g *graph) weak() []int32 {
	parent := make([]int32, g.nodes.Len)
	for i := range parent {
		parent[i] = int32(i)
	}
	root := func(v int32) int32 {
		for parent[v] != v {
			parent[v] = parent[parent[v]]
			v = parent[v]
		}
		return v
	}
	for edge := range g.source {
		a, b := root(g.source[edge]), root(g.target[edge])
		parent[max(a, b)] = min(a, b)
	}
	for i := range parent {
		parent[i] = root(int32(i))
	}
	return parent
}

// strong finds components in which every node leads to every other: first an
// order in which nodes are left, then, against the edges, what is reached from
// the last left. No recursion: graphs may be long chains.
func (g *graph) strong() []int32 {
	order := g.leaving()
	component := make([]int32, g.nodes.Len)
	for i := range component {
		component[i] = -1
	}
	for i := len(order) - 1; i >= 0; i-- {
		if component[order[i]] >= 0 {
			continue
		}
		stack := []int32{order[i]}
		component[order[i]] = order[i]
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, edge := range g.in.at(v) {
				if u := g.source[edge]; component[u] < 0 {
					component[u] = order[i]
					stack = append(stack, u)
				}
			}
		}
	}
	return component
}

// leaving is the order in which a search in depth leaves the nodes.
func (g *graph) leaving() []int32 {
	var order []int32
	next := make([]int32, g.nodes.Len) // edges of a node already taken
	met := make([]bool, g.nodes.Len)
	for start := range int32(g.nodes.Len) {
		if met[start] {
			continue
		}
		met[start] = true
		stack := []int32{start}
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			edges := g.out.at(v)
			if int(next[v]) == len(edges) {
				order = append(order, v)
				stack = stack[:len(stack)-1]
				continue
			}
			u := g.target[edges[next[v]]]
			next[v]++
			if !met[u] {
				met[u] = true
				stack = append(stack, u)
			}
		}
	}
	return order
}
