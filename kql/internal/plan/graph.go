package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func isGraph(n Node) bool {
	switch n.(type) {
	case *Graph, *Components, *GraphFilter:
		return true
	}
	return false
}

// readsGraph tells the operators that want a graph before them.
func readsGraph(op syntax.Operator) bool {
	switch op.(type) {
	case *syntax.GraphMatch, *syntax.GraphShortestPaths, *syntax.GraphToTable, *syntax.GraphMarkComponents, *syntax.GraphWhere:
		return true
	}
	return false
}

func (b *binder) graphMismatch(in *relation, op syntax.Operator) *relation {
	word := op.Keyword()
	if as, ok := op.(*syntax.As); ok {
		b.names.define(&definition{name: as.Name.Text, table: in})
		return in
	}
	if isGraph(in.node) {
		b.problem(word.Span, codeOperator, "%s works on a table, not on a graph; want graph-match, graph-shortest-paths or graph-to-table first", word.Text)
		return nothing()
	}
	b.problem(word.Span, codeOperator, "%s works on a graph; want make-graph first", word.Text)
	return nothing()
}

// graphOperator binds the operators that make and read graphs; nil for others.
func (b *binder) graphOperator(in *relation, op syntax.Operator) *relation {
	if readsGraph(op) && !isGraph(in.node) {
		return nothing() // the input failed
	}
	switch op := op.(type) {
	case *syntax.MakeGraph:
		return b.makeGraph(in.shown(), op)
	case *syntax.GraphMatch:
		return b.graphMatch(in, op.Word, op.Patterns, op.Where, op.Project, &Match{Cycles: defaulted(op.Cycles, "unique_edges")})
	case *syntax.GraphShortestPaths:
		return b.graphMatch(in, op.Word, [][]syntax.PatternPart{op.Pattern}, op.Where, op.Project, &Match{Shortest: defaulted(op.Output, "any"), Cycles: "unique_edges"})
	case *syntax.GraphToTable:
		return b.graphToTable(in, op)
	case *syntax.GraphMarkComponents:
		return b.graphComponents(in, op)
	case *syntax.GraphWhere:
		return b.graphWhere(in, op)
	}
	return nil
}

func defaulted(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (b *binder) makeGraph(edges *relation, op *syntax.MakeGraph) *relation {
	var tables []*relation
	for _, n := range op.Nodes {
		tables = append(tables, b.await(b.isolated(func() *relation { return b.source(n.Table) })).shown())
	}
	return b.graphOf(edges, tables, op)
}

// graphOf makes the graph once the columns of all node tables are known.
func (b *binder) graphOf(edges *relation, tables []*relation, op *syntax.MakeGraph) *relation {
	if op.PartitionedBy != nil {
		b.problem(op.PartitionedBy.Span, codeRefused, "make-graph partitioned-by is not available")
		return nothing()
	}
	partial := edges.partial
	g := &Graph{EdgeColumns: edges.cols(), Base: Base{From: []Node{edges.node}}}
	g.Source, g.Target = b.graphID(edges, op.From), b.graphID(edges, op.To)
	if g.Source < 0 || g.Target < 0 {
		return nothing()
	}
	idType := edges.cols()[g.Source].Type
	b.sameID(idType, edges.cols()[g.Target].Type, op.To)
	nodes := newColumns()
	for i, t := range tables {
		key := b.graphID(t, op.Nodes[i].On)
		if key < 0 {
			return nothing()
		}
		b.sameID(idType, t.cols()[key].Type, op.Nodes[i].On)
		g.From = append(g.From, t.node)
		g.NodeKeys = append(g.NodeKeys, key)
		g.NodeInto = append(g.NodeInto, nodeColumns(nodes, t.cols()))
		partial = partial || t.partial
	}
	switch {
	case len(tables) > 0:
		g.ID = g.NodeInto[0][g.NodeKeys[0]]
	case op.NodeID != nil:
		nodes.add(data.Column{Name: op.NodeID.Text, Type: idType})
	default:
		nodes.add(data.Column{Name: "node_id", Type: idType})
	}
	g.NodeColumns = nodes.list
	return &relation{node: g, partial: partial}
}

// nodeColumns merges a node table's columns into the graph's: columns of one name and type are one.
func nodeColumns(nodes *columns, cols []data.Column) []int {
	into := make([]int, len(cols))
	for i, c := range cols {
		at := nodes.index(c.Name)
		if at < 0 || nodes.list[at].Type != c.Type {
			c.Name = nodes.free(c.Name)
			at = len(nodes.list)
			nodes.add(c)
		}
		into[i] = at
	}
	return into
}

func (b *binder) graphID(r *relation, n syntax.Name) int {
	i := r.find(n.Text)
	switch {
	case i >= 0 && r.cols()[i].Type == data.Dynamic:
		b.problem(n.Span, codeType, "a dynamic cannot be a node's id; cast it first, e.g. tostring(…)")
		return -1
	case i < 0 && !r.partial:
		b.unknown(n.Span, codeColumn, "column", n.Text, r.row().columnNames())
	}
	return i
}

func (b *binder) sameID(a, c data.Type, n syntax.Name) {
	if a != c && a != 0 && c != 0 {
		b.problem(n.Span, codeType, "node ids are %s and %s; want one type", a, c)
	}
}

func (b *binder) graphToTable(in *relation, op *syntax.GraphToTable) *relation {
	first := nothing()
	for i, out := range op.Outputs {
		r := b.graphTable(in, out)
		if out.As != nil {
			b.names.define(&definition{name: out.As.Text, table: r})
		}
		if i == 0 {
			first = r
		}
	}
	if len(op.Outputs) > 1 {
		b.warn(op.Word.Span, codeRefused, "only the first of the %d tables is given", len(op.Outputs))
	}
	return first
}

func (b *binder) graphTable(in *relation, out syntax.GraphTable) *relation {
	nodes, edges := GraphColumns(in.node)
	n := &ToTable{Edges: out.Edges, ID: out.NodeID != nil, Source: out.SourceID != nil, Target: out.TargetID != nil}
	for _, name := range []*syntax.Name{out.NodeID, out.SourceID, out.TargetID} {
		if name != nil {
			n.Cols = append(n.Cols, data.Column{Name: name.Text, Type: data.Long})
		}
	}
	n.From = []Node{in.node}
	if out.Edges {
		nodes = edges
	}
	n.Cols = append(n.Cols, nodes...)
	return &relation{node: n, partial: in.partial}
}

func (b *binder) graphComponents(in *relation, op *syntax.GraphMarkComponents) *relation {
	name := "ComponentId"
	if op.ComponentID != nil {
		name = op.ComponentID.Text
	}
	nodes, _ := GraphColumns(in.node)
	cols := newColumns(nodes...)
	cols.add(data.Column{Name: cols.free(name), Type: data.Long})
	return in.keeping(&Components{Base: Base{From: []Node{in.node}}, Strong: op.Kind == "strong", NodeColumns: cols.list})
}

func (b *binder) graphWhere(in *relation, op *syntax.GraphWhere) *relation {
	nodes, edges := GraphColumns(in.node)
	if op.Edges {
		nodes = edges
	}
	s := &scalars{binder: b, row: &row{cols: nodes, partial: in.partial}}
	return in.keeping(&GraphFilter{Base: Base{From: []Node{in.node}}, Edges: op.Edges, Where: s.boolean(op.Predicate)})
}
