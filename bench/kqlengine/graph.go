package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

const (
	graphNodes = 100_000
	graphEdges = 500_000
)

// randomGraph has nodes of ten kinds and edges of four, each from a random
// node to another.
func randomGraph() (kql.Named, error) {
	r := rand.New(rand.NewPCG(7, 8))
	id := func(i int) string {
		return fmt.Sprintf("/subscriptions/1/resourceGroups/rg%d/providers/n/%d", i%500, i)
	}
	nodes, edges := &kql.Batch{Len: graphNodes}, &kql.Batch{Len: graphEdges}
	texts := func(b *kql.Batch, text func(i int) string) {
		v := data.NewVector(data.String, b.Len)
		for i := range v.Texts {
			v.Texts[i] = text(i)
		}
		b.Columns = append(b.Columns, v)
	}
	texts(nodes, id)
	texts(nodes, func(i int) string { return fmt.Sprintf("kind%d", i%10) })
	for range 2 {
		texts(edges, func(int) string { return id(r.IntN(graphNodes)) })
	}
	texts(edges, func(i int) string { return fmt.Sprintf("label%d", r.IntN(4)) })
	text := func(names ...string) (columns []kql.Column) {
		for _, name := range names {
			columns = append(columns, kql.Column{Name: name, Type: data.String})
		}
		return columns
	}
	n, err := kql.MemoryBatches(text("id", "kind"), nodes)
	if err != nil {
		return nil, err
	}
	e, err := kql.MemoryBatches(text("source", "target", "label"), edges)
	return kql.Named{"nodes": n, "edges": e}, err
}

// patterns are questions about the graph.
func patterns() ([]work, error) {
	tables, err := randomGraph()
	if err != nil {
		return nil, err
	}
	const graph = "edges | make-graph source --> target with nodes on id "
	const start = "'/subscriptions/1/resourceGroups/rg42/providers/n/42'"
	var works []work
	for _, w := range [][2]string{
		{"graph, made", graph + "| graph-match (a) where a.id == " + start + " project a.id"},
		{"graph, two hops from one node", graph + "| graph-match (a)-[e]->(b)-[f]->(c) where a.id == " + start + " project b.id, c.id"},
		{"graph, two hops by kinds and labels", graph + "| graph-match (a)-[e]->(b)-[f]->(c) where a.kind == 'kind1' and b.kind == 'kind2' and e.label == 'label0' and f.label == 'label1' project a.id, c.id"},
		{"graph, two hops into one node", graph + "| graph-match (a)-[e]->(b)-[f]->(c) where c.id == " + start + " project a.id, e.label"},
		{"graph, walk of 1 to 3 from one node", graph + "| graph-match (a)-[e*1..3]->(b) where a.id == " + start + " project b.id, e.label"},
		{"graph, walk of 1 to 3 from a tenth", graph + "| graph-match (a)-[e*1..3]->(b) where a.kind == 'kind1' project b.id"},
		{"graph, walk of 1 to 3, condition on all edges", graph + "| graph-match (a)-[e*1..3]->(b) where a.kind == 'kind1' and all(e, label == 'label0') and b.kind == 'kind3' project a.id, b.id"},
		{"graph, all two hops, counted", graph + "| graph-match (a)-[e]->(b)-[f]->(c) project c.kind | summarize count() by c_kind"},
		{"graph, shortest paths from one node", graph + "| graph-shortest-paths (a)-[e*1..20]->(b) where a.id == " + start + " and b.kind == 'kind3' project b.id, array_length(e)"},
		{"graph, shortest path between two", graph + "| graph-shortest-paths (a)-[e*1..20]->(b) where a.id == " + start + " and b.id == '/subscriptions/1/resourceGroups/rg77/providers/n/577' project e.label"},
		{"graph, all shortest paths between two", graph + "| graph-shortest-paths output=all (a)-[e*1..20]->(b) where a.id == " + start + " and b.id == '/subscriptions/1/resourceGroups/rg77/providers/n/577' project e.label"},
		{"graph, shortest paths from ten nodes to ten", graph + "| graph-shortest-paths (a)-[e*1..20]->(b) where (a.id endswith '/1234' or a.id endswith '/7777') and b.id endswith '/99' project a.id, b.id"},
		{"graph, components", graph + "| graph-mark-components | graph-to-table nodes | summarize count() by ComponentId"},
	} {
		works = append(works, work{w[0], 1, func() (int, error) { return ask(w[1], tables) }})
	}
	return works, nil
}
