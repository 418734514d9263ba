package plan

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// matching is what expressions of graph-match know of its pattern.
type matching struct {
	elements     []GraphElement
	byName       map[string]int
	width        int
	nodes, edges []data.Column
	// where: a column of a variable edge stands for that of each of its edges.
	where bool
	// scoped are the variable edges met in the condition at hand, in order, and
	// where the columns of their one edge begin.
	scoped []int
	scopes map[int]int
	next   int
}

func (b *binder) graphMatch(in *relation, word syntax.Name, patterns [][]syntax.PatternPart, where syntax.Expr, project []syntax.Named, node *Match) *relation {
	switch node.Cycles {
	case "unique_edges", "all", "none":
	default:
		b.problem(word.Span, codeValue, "unknown cycles=%s; want all, none or unique_edges", node.Cycles)
	}
	m := &matching{byName: map[string]int{}}
	m.nodes, m.edges = GraphColumns(in.node)
	for _, p := range patterns {
		node.Patterns = append(node.Patterns, b.pattern(m, p))
	}
	b.connected(word, node.Patterns)
	if node.Shortest != "" {
		b.checkShortest(word, patterns[0])
	}
	s := &scalars{binder: b, row: m.row(), match: m}
	s.row.partial = in.partial
	if where != nil {
		node.Where = m.condition(s, where)
	}
	m.where = false
	list := &itemList{s: s, cols: newColumns()}
	for _, item := range m.projected(project, word.Span) {
		list.add(item)
	}
	node.Elements, node.Exprs = m.elements, list.exprs
	node.Base = Base{Cols: list.cols.list, From: []Node{in.node}}
	r := made(node)
	r.partial = r.partial || in.partial && project == nil
	return r
}

// pattern gives the parts of a pattern their elements. A node's name that comes again is the same node.
func (b *binder) pattern(m *matching, parts []syntax.PatternPart) []PatternPart {
	var bound []PatternPart
	for _, p := range parts {
		part := PatternPart{Edge: p.Edge, Direction: p.Direction, Variable: p.Variable, Min: p.Min, Max: p.Max}
		name := ""
		if p.Name != nil {
			name = p.Name.Text
		}
		if i, again := m.byName[name]; again && name != "" {
			if p.Edge || m.elements[i].Edge {
				b.problem(p.Span, codeDuplicate, "edge %q stands twice in the pattern", name)
			}
			part.Element = i
		} else {
			part.Element = m.add(name, p)
		}
		bound = append(bound, part)
	}
	return bound
}

func (m *matching) add(name string, p syntax.PatternPart) int {
	cols := m.nodes
	if p.Edge {
		cols = m.edges
	}
	m.elements = append(m.elements, GraphElement{Name: name, Edge: p.Edge, Variable: p.Variable, First: m.width, Columns: cols})
	m.width += len(cols)
	if name != "" {
		m.byName[name] = len(m.elements) - 1
	}
	return len(m.elements) - 1
}

// connected checks that several patterns share nodes.
func (b *binder) connected(word syntax.Name, patterns [][]PatternPart) {
	if len(patterns) < 2 {
		return
	}
	reached := map[int]bool{}
	for _, p := range patterns[0] {
		reached[p.Element] = true
	}
	for range patterns {
		for _, pattern := range patterns[1:] {
			touches := false
			for _, p := range pattern {
				touches = touches || reached[p.Element]
			}
			for _, p := range pattern {
				reached[p.Element] = reached[p.Element] || touches
			}
		}
	}
	for _, pattern := range patterns {
		if !reached[pattern[0].Element] {
			b.problem(word.Span, codeValue, "all patterns must be connected by nodes that they share")
			return
		}
	}
}

func (b *binder) checkShortest(word syntax.Name, parts []syntax.PatternPart) {
	for _, p := range parts {
		if p.Variable {
			return
		}
	}
	b.problem(word.Span, codeValue, "graph-shortest-paths wants an edge of variable length, e.g. -[e*1..5]->")
}

// row is that of a match: columns are reached through their element only.
func (m *matching) row() *row {
	r := &row{cols: make([]data.Column, m.width), elements: map[string]element{}}
	for name, i := range m.byName {
		el := m.elements[i]
		r.elements[name] = element{first: el.First, cols: el.Columns, variable: el.Variable, edge: el.Edge, index: i}
	}
	return r
}

// condition binds where, conjunct by conjunct: each that names a variable edge
// holds for all its edges.
func (m *matching) condition(s *scalars, e syntax.Expr) Expr {
	if and, ok := e.(*syntax.Binary); ok && strings.EqualFold(and.Op, "and") {
		return s.operate(and, "and", m.condition(s, and.Left), m.condition(s, and.Right))
	}
	m.where, m.scoped, m.scopes, m.next = true, nil, map[int]int{}, m.width
	bound := s.boolean(e)
	for i := len(m.scoped) - 1; i >= 0; i-- {
		el := m.scoped[i]
		bound = &Quantified{Mode: "all", Element: el, Scope: m.scopes[el], Body: bound}
	}
	return bound
}

// variableColumn is column i of a variable edge: of its one edge at hand in
// where, an array of all elsewhere.
func (m *matching) variableColumn(el element, i int) Expr {
	if !m.where {
		return &Column{Index: el.first + i, Of: data.Dynamic}
	}
	scope, ok := m.scopes[el.index]
	if !ok {
		scope = m.next
		m.scopes[el.index] = scope
		m.scoped = append(m.scoped, el.index)
		m.next += len(el.cols)
	}
	return &Column{Index: scope + i, Of: el.cols[i].Type}
}

// whole is an element without a column: a bag, of a variable edge an array of one for each hop.
func (m *matching) whole(s *scalars, el element) Expr {
	if !el.variable {
		return s.bag(el)
	}
	scope := max(m.next, m.width)
	m.next = scope + len(el.cols)
	return &Quantified{Mode: "map", Element: el.index, Scope: scope, Body: s.bag(element{first: scope, cols: el.cols})}
}

// call binds the functions of graph patterns.
func (m *matching) call(s *scalars, e *syntax.Call) (Expr, bool) {
	switch e.Function.Text {
	case "all", "any", "map":
		return m.quantified(s, e), true
	case "inner_nodes":
		s.problem(e.Span, codeValue, "inner_nodes() stands as the first argument of all(), any() and map()")
		return failed{}, true
	case "node_degree_in", "node_degree_out":
		return m.fact(s, e, data.Long), true
	case "node_id":
		return m.fact(s, e, data.String), true
	case "labels":
		return m.fact(s, e, data.Dynamic), true
	}
	return nil, false
}

func (m *matching) fact(s *scalars, e *syntax.Call, of data.Type) Expr {
	if len(e.Args) == 1 {
		if ref, ok := e.Args[0].Value.(*syntax.NameRef); ok {
			if i, ok := m.byName[ref.Text]; ok {
				return &GraphFact{Name: e.Function.Text, Element: i, Of: of}
			}
			s.unknown(ref.Span, codeColumn, "element", ref.Text, m.names())
			return failedOf{of}
		}
	}
	s.problem(e.Span, codeArguments, "%s() takes an element of the pattern", e.Function.Text)
	return failedOf{of}
}

func (m *matching) names() []string {
	var list []string
	for name := range m.byName {
		list = append(list, name)
	}
	return list
}

// quantified binds all(e, condition), any(…), map(e, value): the body sees the
// columns of one edge, or of one node between the edges, by their names.
func (m *matching) quantified(s *scalars, e *syntax.Call) Expr {
	of := map[string]data.Type{"all": data.Bool, "any": data.Bool, "map": data.Dynamic}[e.Function.Text]
	if len(e.Args) != 2 {
		s.problem(e.Span, codeArguments, "%s() takes a variable edge and an expression", e.Function.Text)
		return failedOf{of}
	}
	el, inner, ok := m.quantifiedElement(s, e.Args[0].Value)
	if !ok {
		return failedOf{of}
	}
	cols := m.elements[el].Columns
	if inner {
		cols = m.nodes
	}
	scope := max(m.next, m.width)
	body := &scalars{binder: s.binder, match: m, row: m.bodyRow(s.row, el, inner, scope, cols)}
	m.next = scope + len(cols)
	q := &Quantified{Mode: e.Function.Text, Element: el, Inner: inner, Scope: scope}
	if q.Mode == "map" {
		q.Body = body.expr(e.Args[1].Value)
	} else {
		q.Body = body.boolean(e.Args[1].Value)
	}
	if isFailed(q.Body) {
		return failedOf{of}
	}
	return q
}

func (m *matching) quantifiedElement(s *scalars, e syntax.Expr) (el int, inner, ok bool) {
	if call, isCall := e.(*syntax.Call); isCall && call.Function.Text == "inner_nodes" && len(call.Args) == 1 {
		inner, e = true, call.Args[0].Value
	}
	ref, isRef := e.(*syntax.NameRef)
	if !isRef {
		s.problem(e.At(), codeType, "want a variable edge, or inner_nodes() of one")
		return 0, false, false
	}
	el, ok = m.byName[ref.Text]
	switch {
	case !ok:
		s.unknown(ref.Span, codeColumn, "element", ref.Text, m.names())
	case !m.elements[el].Edge:
		s.problem(ref.Span, codeType, "%q is a node; want a variable edge", ref.Text)
		ok = false
	}
	return el, inner, ok
}

// bodyRow is the row around it with the one edge's or node's columns from scope on.
func (m *matching) bodyRow(outer *row, el int, inner bool, scope int, cols []data.Column) *row {
	r := &row{elements: map[string]element{}, partial: outer.partial}
	r.cols = append(r.cols, outer.cols...)
	for len(r.cols) < scope {
		r.cols = append(r.cols, data.Column{})
	}
	r.cols = append(r.cols, cols...)
	for name, known := range outer.elements {
		if known.index == el && !inner {
			known = element{first: scope, cols: cols, edge: true, index: el}
		}
		r.elements[name] = known
	}
	return r
}

// projected are the items of project; without it, all columns of the named elements.
func (m *matching) projected(items []syntax.Named, at syntax.Span) []syntax.Named {
	if items != nil {
		return items
	}
	for _, el := range m.elements {
		if el.Name == "" {
			continue
		}
		base := &syntax.NameRef{Name: syntax.Name{Text: el.Name, Span: at}}
		for _, c := range el.Columns {
			items = append(items, syntax.Named{Value: &syntax.Member{Base: base, Name: syntax.Name{Text: c.Name, Span: at}, Span: at}})
		}
	}
	return items
}
