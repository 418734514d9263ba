package plan

import (
	"context"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// pruneApply drops the columns that neither the rows above nor the subquery
// read. To learn what the subquery reads, it is pruned over a table in place of
// its Subject.
func (o *optimizer) pruneApply(n *Apply, read needs) pruned {
	stand := &standIn{cols: n.Subject.Cols}
	sub, found := withLeaf(n.Sub, func(leaf Node) Node {
		if leaf != Node(n.Subject) {
			return nil
		}
		return stand.scan()
	})
	if found != 1 || readsOuter(n.Sub) {
		return o.pruneApplyInput(n)
	}
	kept := needs{}
	for i, of := range read {
		if i >= len(n.Keep) {
			kept[i-len(n.Keep)] = of
		}
	}
	inner := o.prune(sub, kept)
	reads := stand.found(inner.node)
	items := len(n.Subject.Cols) - len(n.From[0].Columns()) // and their index
	in := o.prune(n.From[0], applyNeeds(n, read, reads, items))
	return appliedAgain(n, read, inner, in, reads, stand)
}

// pruneApplyInput leaves a mv-apply as it is, and prunes below its input.
func (o *optimizer) pruneApplyInput(n *Apply) pruned {
	next := clone(n).(*Apply)
	next.From = []Node{o.pruneExactly(n.From[0])}
	return same(next)
}

// applyNeeds is what is read of a mv-apply's input: by the rows above, by the items, by the subquery.
func applyNeeds(n *Apply, read needs, reads Request, items int) needs {
	below := needs{}
	for k, i := range n.Keep {
		if of := read[k]; of != nil {
			below.of(i).merge(nil, of)
		}
	}
	for _, it := range n.Items {
		below.add(it.Value, wholeNeed)
	}
	for k, c := range reads.Columns {
		if c < items {
			continue
		}
		if of := below.of(c - items); reads.Paths[k] == nil {
			of.whole = true
		} else {
			of.paths = append(of.paths, reads.Paths[k]...)
		}
	}
	return below
}

// appliedAgain puts a pruned mv-apply together: its new Subject has the items and the input's columns that are left.
func appliedAgain(n *Apply, read needs, inner, in pruned, reads Request, stand Source) pruned {
	items := len(n.Subject.Cols) - len(n.From[0].Columns())
	next := clone(n).(*Apply)
	for i := range next.Items {
		next.Items[i].Value = in.moved(n.Items[i].Value)
	}
	next.Subject = &Subject{Base: Base{Cols: append(slices.Clone(n.Subject.Cols[:items]), in.node.Columns()...)}}
	order := make([]int, len(reads.Columns))
	for k, c := range reads.Columns {
		if order[k] = c; c >= items {
			order[k] = items + in.at[c-items]
		}
	}
	next.Sub, _ = withLeaf(inner.node, func(leaf Node) Node {
		if scan, ok := leaf.(*Scan); ok && scan.Source == stand {
			return ordered(next.Subject, order, scan.Cols)
		}
		return nil
	})
	at := make([]int, len(n.Cols))
	next.Keep, next.Cols = nil, nil
	for k, i := range n.Keep {
		if at[k] = -1; read.has(k) {
			at[k] = len(next.Keep)
			next.Keep = append(next.Keep, in.at[i])
			next.Cols = append(next.Cols, n.Cols[k])
		}
	}
	for j, to := range inner.at {
		if at[len(n.Keep)+j] = to; to >= 0 {
			at[len(n.Keep)+j] = len(next.Keep) + to
		}
	}
	next.Cols = append(next.Cols, next.Sub.Columns()...)
	next.From = []Node{in.node}
	return pruned{next, at}
}

// withLeaf replaces leaves of a plan, and counts them.
func withLeaf(n Node, replace func(Node) Node) (Node, int) {
	if other := replace(n); other != nil {
		return other, 1
	}
	found := 0
	from := slices.Clone(n.Inputs())
	for i, in := range from {
		var more int
		from[i], more = withLeaf(in, replace)
		found += more
	}
	if found == 0 {
		return n, 0
	}
	next := clone(n)
	base(next).From = from
	return next, found
}

// readsOuter tells whether a subquery names columns of a row around it, or asks
// its own rows once more inside an expression.
func readsOuter(n Node) bool {
	for _, slot := range append(slots(n), looseSlots(n)...) {
		if *slot != nil && holdsOuter(*slot) {
			return true
		}
	}
	switch n := n.(type) {
	case *Apply:
		if readsOuter(n.Sub) {
			return true
		}
	case *Partition:
		if readsOuter(n.Sub) {
			return true
		}
	case *ScanSteps, *Plugin, *Late, *TopNested:
		return true // not looked into
	}
	return slices.ContainsFunc(n.Inputs(), readsOuter)
}

func holdsOuter(e Expr) bool {
	found := false
	walk(e, func(e Expr) {
		switch e := e.(type) {
		case *Outer:
			found = true
		case *In:
			found = found || e.Table != nil && OfRows(e.Table)
		case *Scalar:
			found = found || OfRows(e.Table)
		}
	})
	return found
}

// OfRows tells whether a table is made of the rows of a subquery.
func OfRows(n Node) bool {
	if _, ok := n.(*Subject); ok {
		return true
	}
	if late, ok := n.(*Late); ok && slices.ContainsFunc(late.Ahead, OfRows) {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), OfRows)
}

// standIn is the table that stands in for a Subject while its subquery is pruned.
type standIn struct{ cols []data.Column }

func (s *standIn) Columns() []data.Column { return s.cols }

// Scan is never called: a stand-in is gone when the plan runs.
func (s *standIn) Scan(context.Context, Request) iter.Seq2[*data.Batch, error] {
	return func(func(*data.Batch, error) bool) {}
}

func (s *standIn) scan() *Scan {
	n := &Scan{Base: Base{Cols: s.cols}, Source: s}
	for i := range s.cols {
		n.Request.Columns = append(n.Request.Columns, i)
	}
	return n
}

// found is the request of the stand-in's scan in a pruned plan.
func (s *standIn) found(n Node) Request {
	if scan, ok := n.(*Scan); ok && scan.Source == Source(s) {
		return scan.Request
	}
	for _, in := range n.Inputs() {
		if r := s.found(in); r.Columns != nil || r.Paths != nil {
			return r
		}
	}
	return Request{}
}
