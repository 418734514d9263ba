package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// limit makes sort and take one step and tells tables how many rows suffice.
func (o *optimizer) limit(n Node) Node {
	o.spend.on(0)
	if t, ok := n.(*Take); ok {
		return o.take(t.From[0], t.Rows)
	}
	if _, shared := n.(*Materialize); shared || len(n.Inputs()) == 0 {
		return n
	}
	from := make([]Node, len(n.Inputs()))
	same := true
	for i, in := range n.Inputs() {
		from[i] = o.limit(in)
		same = same && from[i] == in
	}
	if same {
		return n
	}
	next := clone(n)
	base(next).From = from
	if f, ok := n.(*Filter); ok && o.exact[f] {
		o.exact[next.(*Filter)] = true
	}
	return next
}

// take gives the first rows of n.
func (o *optimizer) take(n Node, rows Expr) Node {
	switch n := n.(type) {
	case *Sort:
		return &Top{Base: Base{Cols: n.Cols, From: []Node{o.limit(n.From[0])}}, Rows: rows, Keys: n.Keys}
	case *Project:
		if !n.Serial {
			next := clone(n).(*Project)
			next.From = []Node{o.take(n.From[0], rows)}
			return next
		}
	case *Take:
		if fewer, ok := fewest(rows, n.Rows); ok {
			return o.take(n.From[0], fewer)
		}
	case *Top:
		if fewer, ok := fewest(rows, n.Rows); ok {
			return &Top{Base: Base{Cols: n.Cols, From: []Node{o.limit(n.From[0])}}, Rows: fewer, Keys: n.Keys}
		}
	case *Union:
		next := clone(n).(*Union)
		next.From = slices.Clone(n.From)
		for i, leg := range n.From {
			next.From[i] = o.take(leg, rows)
		}
		return &Take{Base{Cols: n.Cols, From: []Node{next}}, rows}
	case *Scan:
		return taken(limited(n, rows), rows)
	case *Filter:
		if scan, ok := n.From[0].(*Scan); ok && o.exact[n] {
			return taken(&Filter{Base{Cols: n.Cols, From: []Node{limited(scan, rows)}}, n.Where}, rows)
		}
	}
	return taken(o.limit(n), rows)
}

func taken(n Node, rows Expr) Node { return &Take{Base{Cols: n.Columns(), From: []Node{n}}, rows} }

func limited(n *Scan, rows Expr) *Scan {
	v, ok := constant(rows)
	if !ok || v.IsNull() || v.Long() <= 0 {
		return n
	}
	next := *n
	next.Request.Limit = int(min(v.Long(), 1<<31))
	return &next
}

func fewest(a, b Expr) (Expr, bool) {
	x, ok := constant(a)
	y, ok2 := constant(b)
	if !ok || !ok2 {
		return nil, false
	}
	return &Const{data.OfLong(min(x.Long(), y.Long()))}, true
}
