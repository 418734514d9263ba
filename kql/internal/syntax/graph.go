package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

var (
	makeGraphOptions  = optionSet{"hint.strategy": {formWord, "shuffle native"}}
	graphMatchOptions = optionSet{"cycles": {formWord, "none all unique_edges"}}
	shortestOptions   = optionSet{"output": {formWord, "any all"}}
	componentOptions  = optionSet{"kind": {formWord, "weak strong"}, "with_component_id": {formName, ""}}
	nodesOptions      = optionSet{"with_node_id": {formName, ""}}
	edgesOptions      = optionSet{"with_source_id": {formName, ""}, "with_target_id": {formName, ""}}
)

// graphOperator reads the operators that make a graph or ask one.
func (p *parser) graphOperator(h Head) Operator {
	switch h.Word.Text {
	case "make-graph":
		return p.makeGraph(h)
	case "graph-match":
		return p.graphMatch(h)
	case "graph-shortest-paths":
		return p.shortestPaths(h)
	case "graph-to-table":
		return p.graphToTable(h)
	case "graph-mark-components":
		h.Options = p.options(componentOptions, true)
		return &GraphMarkComponents{h, h.word("kind"), h.name("with_component_id")}
	case "graph-where-nodes", "graph-where-edges":
		return &GraphWhere{h, h.Word.Text == "graph-where-edges", p.expression()}
	}
	return nil
}

// makeGraph reads Source --> Target with Nodes on Id, …, or with_node_id=Id.
func (p *parser) makeGraph(h Head) Operator {
	h.Options = p.options(makeGraphOptions, true)
	g := &MakeGraph{Head: h, From: p.name(useAlways, "the edges' source column")}
	if !p.acceptJoined("-->") && !p.acceptJoined("--") {
		p.want(`"-->"`)
	}
	g.To = p.name(useAlways, "the edges' target column")
	if p.accept("with_node_id") {
		p.expect("=")
		name := p.name(useAlways, "a column")
		g.NodeID = &name
	} else if p.accept("with") {
		p.list(func() { g.Nodes = append(g.Nodes, p.graphNodes()) })
	}
	if p.is("partitioned-by") {
		p.partitionedBy(g)
	}
	return g
}

func (p *parser) graphNodes() GraphNodes {
	start, table := p.start(), p.signed()
	if sub, ok := table.(*Subquery); ok && p.text[start] != '(' {
		table = &Subquery{Pipeline: sub.Pipeline, Span: sub.Span}
	}
	p.expect("on")
	return GraphNodes{p.asSource(table), p.name(useAlways, "a column")}
}

// partitionedBy reads partitioned-by Column ( op | op ).
func (p *parser) partitionedBy(g *MakeGraph) {
	start := p.start()
	p.expect("partitioned-by")
	name := p.columnName()
	g.PartitionedBy = &name
	p.expect("(")
	p.contextual()
	p.expect(")")
	p.refuse(p.from(start), "partitioned-by is not supported: use partition around make-graph")
}

func (p *parser) graphMatch(h Head) Operator {
	h.Options = p.options(graphMatchOptions, true)
	g := &GraphMatch{Head: h, Cycles: h.word("cycles"), Patterns: p.graphPatterns()}
	g.Where, g.Project = p.graphClauses()
	return g
}

func (p *parser) shortestPaths(h Head) Operator {
	h.Options = p.options(shortestOptions, true)
	patterns := p.graphPatterns()
	g := &GraphShortestPaths{Head: h, Output: h.word("output"), Pattern: patterns[0]}
	if len(patterns) > 1 {
		p.report(patterns[1][0].Span, CodeMeaning, "graph-shortest-paths takes one pattern")
	}
	g.Where, g.Project = p.graphClauses()
	return g
}

func (p *parser) graphClauses() (where Expr, project []Named) {
	if p.accept("where") {
		where = p.graphCondition()
	}
	if p.accept("project") {
		project = p.namedList()
	}
	return where, project
}

// graphCondition reads an expression. Kusto's parser takes a query there too.
func (p *parser) graphCondition() Expr {
	if !p.atOperator() {
		return p.expression()
	}
	e := p.tabular().expr()
	p.report(e.At(), CodeMeaning, "a query is no condition")
	return e
}

func (p *parser) graphPatterns() [][]PatternPart {
	var all [][]PatternPart
	p.list(func() {
		parts := []PatternPart{p.patternPart()}
		for p.is("(") || p.atEdge() {
			parts = append(parts, p.patternPart())
		}
		p.checkPattern(parts)
		all = append(all, parts)
	})
	return all
}

// checkPattern holds that nodes and edges take turns.
func (p *parser) checkPattern(parts []PatternPart) {
	for i, part := range parts {
		if edge := i%2 == 1; part.Edge != edge {
			p.report(part.Span, CodeMeaning, "nodes and edges take turns in a pattern: (a)-[e]->(b)")
			return
		}
	}
	if len(parts)%2 == 0 {
		p.report(parts[len(parts)-1].Span, CodeMeaning, "a pattern ends with a node")
	}
}

func (p *parser) atEdge() bool {
	return p.joined("--") || p.joined("<--") || p.joined("-[") || p.joined("<-[")
}

func (p *parser) patternPart() PatternPart {
	start := p.start()
	var part PatternPart
	switch {
	case p.accept("("):
		part.Name = p.optionalName(useAlways)
		p.expect(")")
	case p.acceptJoined("-->"):
		part = PatternPart{Edge: true, Direction: 1}
	case p.acceptJoined("<--"):
		part = PatternPart{Edge: true, Direction: -1}
	case p.acceptJoined("--"):
		part = PatternPart{Edge: true}
	case p.joined("-["), p.joined("<-["):
		part = p.edge()
	default:
		p.want("a node such as (a)")
	}
	part.Span = p.from(start)
	return part
}

// edge reads -[e*1..3]-> and its like.
func (p *parser) edge() PatternPart {
	part := PatternPart{Edge: true}
	if p.acceptJoined("<-[") {
		part.Direction = -1
	} else {
		p.acceptJoined("-[")
	}
	part.Name = p.optionalName(useAlways)
	if p.accept("*") {
		start := p.start()
		part.Variable = true
		part.Min = p.hops()
		p.expect("..")
		part.Max = p.hops()
		if part.Max < part.Min {
			p.report(p.from(start), CodeMeaning, "at most %d edges are fewer than the %d that there are at least", part.Max, part.Min)
		}
	}
	switch {
	case p.acceptJoined("]->"):
		if part.Direction < 0 {
			part.Direction = 0 // <-[e]-> is either way
		} else {
			part.Direction = 1
		}
	case p.acceptJoined("]-"):
	default:
		p.want(`"]->" or "]-"`)
	}
	return part
}

// hops reads the number of edges at one end of a range.
func (p *parser) hops() int {
	if p.is("..") || p.is("]") {
		p.want("a number of edges: a range has both, as in *1..3")
	}
	start, e := p.start(), p.signed()
	l, ok := e.(*Literal)
	if !ok || l.Value.Type() != data.Long || l.Value.Long() < 0 || l.Value.Long() > 1<<30 {
		p.report(p.from(start), CodeMeaning, "want a number of edges, as in *1..3")
		return 0
	}
	return int(l.Value.Long())
}

// graphToTable reads nodes as N, edges as E.
func (p *parser) graphToTable(h Head) Operator {
	g := &GraphToTable{Head: h}
	p.list(func() {
		switch {
		case p.accept("nodes"):
			g.Outputs = append(g.Outputs, p.graphTable(nodesOptions))
		case p.accept("edges"):
			table := p.graphTable(edgesOptions)
			table.Edges = true
			g.Outputs = append(g.Outputs, table)
		default:
			p.want(`"nodes" or "edges"`)
		}
	})
	return g
}

func (p *parser) graphTable(own optionSet) GraphTable {
	var t GraphTable
	if p.accept("as") {
		name := p.name(useAlways, "a name")
		t.As = &name
	}
	h := Head{Options: p.options(own, true)}
	t.NodeID, t.SourceID, t.TargetID = h.name("with_node_id"), h.name("with_source_id"), h.name("with_target_id")
	return t
}
