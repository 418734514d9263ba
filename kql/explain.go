package kql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// Explain shows the plan as a tree: each step above what it reads, and for each
// table what was pushed down to it.
func (q *Query) Explain() string {
	e := &explanation{seen: map[plan.Node]bool{}}
	e.node(q.plan.Root, 0)
	return e.out.String()
}

type explanation struct {
	out  strings.Builder
	seen map[plan.Node]bool
}

func (e *explanation) line(depth int, format string, args ...any) {
	e.out.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&e.out, format+"\n", args...)
}

func (e *explanation) node(n plan.Node, depth int) {
	e.line(depth, "%s", describe(n))
	if _, shared := n.(*plan.Materialize); shared {
		if e.seen[n] {
			e.line(depth+1, "(as above)")
			return
		}
		e.seen[n] = true
	}
	for _, sub := range subqueries(n) {
		e.line(depth+1, "for each:")
		e.node(sub, depth+2)
	}
	for _, from := range n.Inputs() {
		e.node(from, depth+1)
	}
}

func subqueries(n plan.Node) []plan.Node {
	switch n := n.(type) {
	case *plan.Apply:
		return []plan.Node{n.Sub}
	case *plan.Partition:
		return []plan.Node{n.Sub}
	}
	return nil
}

// describe is a step in one line.
func describe(n plan.Node) string {
	input := func(i int) []data.Column {
		if i < len(n.Inputs()) {
			return n.Inputs()[i].Columns()
		}
		return nil
	}
	switch n := n.(type) {
	case *plan.Scan:
		return scanLine(n)
	case *plan.Rows:
		return fmt.Sprintf("rows %d", n.Batch.Len)
	case *plan.Filter:
		return "where " + expression(n.Where, input(0))
	case *plan.Project:
		return "project " + expressions(n.Exprs, input(0))
	case *plan.Summarize:
		return strings.TrimSpace("summarize " + aggregations(n.Aggregates, input(0)) + by(n.Keys, input(0)))
	case *plan.Take:
		return "take " + expression(n.Rows, nil)
	case *plan.Sort:
		return "sort by " + orders(n.Keys, input(0))
	case *plan.Top:
		return "top " + expression(n.Rows, nil) + " by " + orders(n.Keys, input(0))
	case *plan.Join:
		return "join kind=" + n.Kind + " on " + expressions(n.LeftKeys, input(0)) + " == " + expressions(n.RightKeys, input(1))
	case *plan.Plugin:
		return "evaluate " + n.Function.Name
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", n), "*plan.")
	return strings.ToLower(name)
}

func scanLine(n *plan.Scan) string {
	parts := []string{"scan " + n.Name}
	all := n.Source.Columns()
	var names []string
	for i, at := range n.Request.Columns {
		name := all[at].Name
		if i < len(n.Request.Paths) {
			for _, path := range n.Request.Paths[i] {
				name += " " + all[at].Name + steps(path)
			}
		}
		names = append(names, name)
	}
	if len(names) < len(all) || len(n.Request.Paths) > 0 {
		parts = append(parts, "columns ("+strings.Join(names, ", ")+")")
	}
	for _, p := range n.Request.Where {
		parts = append(parts, "where "+predicate(all, p))
	}
	if n.Request.Limit > 0 {
		parts = append(parts, "limit "+strconv.Itoa(n.Request.Limit))
	}
	return strings.Join(parts, " ")
}

func predicate(columns []data.Column, p plan.Predicate) string {
	var values []string
	for _, v := range p.Values {
		values = append(values, literal(v))
	}
	return columns[p.Column].Name + steps(p.Path) + " " + p.Op + " (" + strings.Join(values, ", ") + ")"
}

func steps(path []data.Step) string {
	var b strings.Builder
	for _, s := range path {
		if s.IsIndex {
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		} else {
			b.WriteString("." + s.Key)
		}
	}
	return b.String()
}

func by(keys []plan.Expr, columns []data.Column) string {
	if len(keys) == 0 {
		return ""
	}
	return " by " + expressions(keys, columns)
}

func aggregations(list []plan.Aggregation, columns []data.Column) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Function.Name + "(" + expressions(a.Args, columns) + ")"
	}
	return strings.Join(out, ", ")
}

func orders(keys []plan.Key, columns []data.Column) string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = expression(key.Value, columns)
		if key.Descending {
			out[i] += " desc"
		}
		if key.NullsFirst == key.Descending {
			out[i] += map[bool]string{true: " nulls first", false: " nulls last"}[key.NullsFirst]
		}
	}
	return strings.Join(out, ", ")
}
