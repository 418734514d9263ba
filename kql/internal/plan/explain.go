package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Explain shows a plan as an indented tree, a step a line, what it reads below
// it; scans say what was pushed down to them.
func Explain(p *Plan) []string {
	e := &explainer{seen: map[*Materialize]int{}}
	e.node(p.Root, 0)
	return e.lines
}

type explainer struct {
	lines []string
	seen  map[*Materialize]int
}

func (e *explainer) add(depth int, parts ...string) {
	line := strings.Repeat("  ", depth)
	for i, part := range parts {
		if part != "" {
			if i > 0 {
				line += " "
			}
			line += part
		}
	}
	e.lines = append(e.lines, line)
}

func (e *explainer) node(n Node, depth int) {
	if m, ok := n.(*Materialize); ok {
		if number, again := e.seen[m]; again {
			e.add(depth, "materialize", fmt.Sprintf("#%d (see above)", number))
			return
		}
		e.seen[m] = len(e.seen) + 1
		e.add(depth, "materialize", fmt.Sprintf("#%d", e.seen[m]))
	} else {
		e.add(depth, describeNode(n)...)
	}
	for _, in := range n.Inputs() {
		e.node(in, depth+1)
	}
	e.subqueries(n, depth)
}

// subqueries shows the tables inside a step's expressions and its subplan.
func (e *explainer) subqueries(n Node, depth int) {
	switch n := n.(type) {
	case *Apply:
		e.add(depth+1, "for each row:")
		e.node(n.Sub, depth+2)
	case *Partition:
		e.add(depth+1, "for each value:")
		e.node(n.Sub, depth+2)
	case *Late:
		e.add(depth+1, "then, before it is optimised:")
		e.node(n.Ahead[0], depth+2)
	}
	c := clone(n)
	for _, slot := range append(slots(c), looseSlots(c)...) {
		if *slot == nil {
			continue
		}
		walk(*slot, func(x Expr) {
			switch x := x.(type) {
			case *In:
				if x.Table != nil {
					e.add(depth+1, "values of "+x.Op+":")
					e.node(x.Table, depth+2)
				}
			case *Scalar:
				e.add(depth+1, "toscalar:")
				e.node(x.Table, depth+2)
			}
		})
	}
}

func describeNode(n Node) []string {
	in := &printer{}
	if len(n.Inputs()) > 0 {
		in.cols = n.Inputs()[0].Columns()
	}
	switch n := n.(type) {
	case *Scan:
		return describeScan(n)
	case *Rows:
		return []string{"rows", strconv.Itoa(n.Batch.Len)}
	case *Range:
		return []string{"range", n.Cols[0].Name, "from", in.expr(n.Low), "to", in.expr(n.High), "step", in.expr(n.Step)}
	case *Filter:
		return []string{"filter", in.expr(n.Where)}
	case *Project:
		return []string{serial("project", n.Serial), in.assignments(n.Cols, n.Exprs)}
	case *Summarize:
		return describeSummarize(n, in)
	case *Take:
		return []string{"take", in.expr(n.Rows)}
	case *Sample:
		return []string{"sample", in.expr(n.Rows)}
	case *Sort:
		return []string{"sort by", in.keys(n.Keys)}
	case *Top:
		return []string{"top", in.expr(n.Rows), "by", in.keys(n.Keys)}
	case *Join:
		return describeJoin(n)
	case *Expand:
		return []string{"mv-expand", in.items(n.Items)}
	case *Apply:
		return []string{"mv-apply", in.items(n.Items)}
	case *Parse:
		return []string{"parse", in.expr(n.Value), "→", namesAt(n.Cols, n.Into)}
	case *ParseKV:
		return []string{"parse-kv", in.expr(n.Value), "→", namesAt(n.Cols, n.Into)}
	}
	return describeRare(n, in)
}

func describeRare(n Node, in *printer) []string {
	switch n := n.(type) {
	case *Union:
		return []string{"union", columnNames(n.Cols)}
	case *MakeSeries:
		return []string{"make-series on", in.expr(n.On), "by", in.list(n.Keys)}
	case *TopNested:
		return []string{"top-nested", columnNames(n.Cols)}
	case *Plugin:
		return []string{"evaluate", n.Function.Name}
	case *Late:
		return []string{"late: bound when the columns below are known"}
	case *Subject:
		return []string{"subject", columnNames(n.Cols)}
	case *ScanSteps:
		return []string{"scan, steps:", strconv.Itoa(len(n.Steps))}
	case *Partition:
		return []string{"partition by", in.expr(n.By)}
	case *Reduce:
		return []string{"reduce by", in.expr(n.By)}
	case *Graph:
		return []string{"make-graph", n.EdgeColumns[n.Source].Name, "-->", n.EdgeColumns[n.Target].Name}
	case *Match:
		if n.Shortest != "" {
			return []string{"graph-shortest-paths", "output=" + n.Shortest, columnNames(n.Cols)}
		}
		return []string{"graph-match", "cycles=" + n.Cycles, columnNames(n.Cols)}
	case *ToTable:
		return []string{"graph-to-table", columnNames(n.Cols)}
	case *Components:
		return []string{"graph-mark-components"}
	case *GraphFilter:
		return []string{"graph filter"}
	}
	return []string{fmt.Sprintf("%T", n)}
}

func serial(word string, is bool) string {
	if is {
		return word + " (rows in order)"
	}
	return word
}

func describeSummarize(n *Summarize, in *printer) []string {
	var aggs []string
	for _, a := range n.Aggregates {
		aggs = append(aggs, a.Function.Name+"("+in.list(a.Args)+")")
	}
	if len(aggs) == 0 {
		return []string{"distinct", in.list(n.Keys)}
	}
	parts := []string{"summarize", strings.Join(aggs, ", ")}
	if len(n.Keys) > 0 {
		parts = append(parts, "by", in.list(n.Keys))
	}
	return parts
}

func describeJoin(n *Join) []string {
	left, right := &printer{cols: n.From[0].Columns()}, &printer{cols: n.From[1].Columns()}
	var on []string
	for i := range n.LeftKeys {
		on = append(on, left.expr(n.LeftKeys[i])+" == "+right.expr(n.RightKeys[i]))
	}
	return []string{"join kind=" + n.Kind, "on", strings.Join(on, ", ")}
}

func describeScan(n *Scan) []string {
	parts := []string{"table " + n.Name}
	var cols []string
	for i, c := range n.Cols {
		name := c.Name
		if i < len(n.Request.Paths) && n.Request.Paths[i] != nil {
			var paths []string
			for _, p := range n.Request.Paths[i] {
				paths = append(paths, strings.TrimPrefix(pathText(p), "."))
			}
			name += "{" + strings.Join(paths, ", ") + "}"
		}
		cols = append(cols, name)
	}
	parts = append(parts, "columns: "+strings.Join(cols, ", "))
	if len(n.Request.Where) > 0 {
		var conds []string
		for _, p := range n.Request.Where {
			conds = append(conds, describePredicate(n, p))
		}
		parts = append(parts, "· pushed down: "+strings.Join(conds, " and "))
	}
	if n.Request.Limit > 0 {
		parts = append(parts, fmt.Sprintf("· at most %d rows", n.Request.Limit))
	}
	return parts
}

func describePredicate(n *Scan, p Predicate) string {
	var values []string
	for _, v := range p.Values {
		values = append(values, constText(v))
	}
	of := n.Source.Columns()[p.Column].Name + pathText(p.Path)
	switch p.Op {
	case "in", "in~":
		return of + " " + p.Op + " (" + strings.Join(values, ", ") + ")"
	case "between":
		return of + " between (" + strings.Join(values, " .. ") + ")"
	}
	return of + " " + p.Op + " " + strings.Join(values, " ")
}

func columnNames(cols []data.Column) string {
	var list []string
	for _, c := range cols {
		list = append(list, c.Name)
	}
	return strings.Join(list, ", ")
}

func namesAt(cols []data.Column, at []int) string {
	var list []string
	for _, i := range at {
		list = append(list, cols[i].Name)
	}
	return strings.Join(list, ", ")
}
