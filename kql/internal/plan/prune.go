package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// pruneExactly drops what nobody reads below a step, whose own columns stay.
func (o *optimizer) pruneExactly(n Node) Node {
	return exactly(o.prune(n, everything(n.Columns())))(n.Columns())
}

// A pruned step has some of the columns it had; at says where each is now, -1 for gone.
type pruned struct {
	node Node
	at   []int
}

// exactly projects a pruned step to the columns it had, in their order.
func exactly(p pruned) func([]data.Column) Node {
	return func(cols []data.Column) Node {
		var order []int
		for i := range cols {
			order = append(order, p.at[i])
		}
		return ordered(p.node, order, cols)
	}
}

// ordered projects to columns by place, unless they stand so already.
func ordered(n Node, order []int, cols []data.Column) Node {
	if isIdentity(order, len(n.Columns())) {
		return n
	}
	p := pick(n, order)
	p.Cols = cols
	return p
}

// same is a step that keeps all its columns.
func same(n Node) pruned {
	at := make([]int, len(n.Columns()))
	for i := range at {
		at[i] = i
	}
	return pruned{n, at}
}

// prune drops the columns of n that are not read.
func (o *optimizer) prune(n Node, read needs) pruned {
	o.spend.on(0)
	switch n := n.(type) {
	case *Scan:
		return o.pruneScan(n, read)
	case *Filter, *Sort, *Top, *Take, *Sample:
		return o.pruneRows(n, read)
	case *Project:
		return o.pruneProject(n, read)
	case *Summarize:
		return o.pruneSummarize(n, read)
	case *Join:
		return o.pruneJoin(n, read)
	case *Union:
		return o.pruneUnion(n, read)
	case *Expand:
		return o.pruneExpand(n, read)
	case *Apply:
		return o.pruneApply(n, read)
	case *Parse:
		if !n.Where && !slices.ContainsFunc(n.Into, read.has) {
			return o.pruneWithout(n, read)
		}
		return o.pruneSetter(n, read, n.Into)
	case *ParseKV:
		if !slices.ContainsFunc(n.Into, read.has) {
			return o.pruneWithout(n, read)
		}
		return o.pruneSetter(n, read, n.Into)
	case *MakeSeries, *TopNested, *Reduce:
		return o.pruneInput(n)
	case *Materialize, *Rows, *Range, *Subject:
		return same(n)
	}
	next := clone(n)
	b := base(next)
	b.From = slices.Clone(b.From)
	for i, from := range b.From {
		if isGraph(from) {
			b.From[i] = o.prune(from, needs{}).node
			continue
		}
		b.From[i] = o.pruneExactly(from)
	}
	return same(next)
}

func (o *optimizer) pruneScan(n *Scan, read needs) pruned {
	next := *n
	next.Cols, next.Request.Columns, next.Request.Paths = nil, nil, nil
	at := make([]int, len(n.Cols))
	for i, c := range n.Cols {
		if at[i] = -1; !read.has(i) {
			continue
		}
		at[i] = len(next.Cols)
		next.Cols = append(next.Cols, c)
		next.Request.Columns = append(next.Request.Columns, n.Request.Columns[i])
		next.Request.Paths = append(next.Request.Paths, read[i].minimal(c.Type))
	}
	return pruned{&next, at}
}

// moved puts the columns of an expression where they are now.
func (p pruned) moved(e Expr) Expr {
	if e == nil {
		return nil
	}
	return mapColumns(e, func(c *Column) Expr {
		if p.at[c.Index] == c.Index {
			return c
		}
		return &Column{Index: p.at[c.Index], Of: c.Of}
	})
}

// pruneRows prunes below a step whose columns are its input's.
func (o *optimizer) pruneRows(n Node, read needs) pruned {
	next := clone(n)
	exprs := slots(next)
	all := read.copy()
	for _, e := range exprs {
		all.add(*e, wholeNeed)
	}
	in := o.prune(n.Inputs()[0], all)
	for _, e := range exprs {
		*e = in.moved(*e)
	}
	b := base(next)
	b.From, b.Cols = []Node{in.node}, in.node.Columns()
	return pruned{next, in.at}
}

func (n needs) copy() needs {
	c := needs{}
	for i, of := range n {
		copied := *of
		c[i] = &copied
	}
	return c
}

// pruneInput prunes below a step that needs all it computes.
func (o *optimizer) pruneInput(n Node) pruned {
	next := clone(n)
	exprs := slots(next)
	all := needs{}
	for _, e := range exprs {
		all.add(*e, wholeNeed)
	}
	in := o.prune(n.Inputs()[0], all)
	for _, e := range exprs {
		*e = in.moved(*e)
	}
	base(next).From = []Node{in.node}
	return same(next)
}

func (o *optimizer) pruneProject(n *Project, read needs) pruned {
	next := &Project{Serial: false}
	at := make([]int, len(n.Exprs))
	below := needs{}
	for i, e := range n.Exprs {
		if at[i] = -1; !read.has(i) {
			continue
		}
		at[i] = len(next.Exprs)
		next.Cols, next.Exprs = append(next.Cols, n.Cols[i]), append(next.Exprs, e)
		next.Serial = next.Serial || n.Serial && hasWindow(e)
		below.add(e, read[i])
	}
	in := o.prune(n.From[0], below)
	for i, e := range next.Exprs {
		next.Exprs[i] = in.moved(e)
	}
	next.From = []Node{in.node}
	if columnsOnly(next, in.node) {
		return pruned{in.node, at}
	}
	return pruned{next, at}
}

func hasWindow(e Expr) bool {
	found := false
	walk(e, func(e Expr) {
		if _, ok := e.(*Window); ok {
			found = true
		}
	})
	return found
}

// columnsOnly tells a projection that gives its input as it is.
func columnsOnly(n *Project, in Node) bool {
	if len(n.Exprs) != len(in.Columns()) {
		return false
	}
	for i, e := range n.Exprs {
		if c, ok := e.(*Column); !ok || c.Index != i || in.Columns()[i] != n.Cols[i] {
			return false
		}
	}
	return true
}

func (o *optimizer) pruneSummarize(n *Summarize, read needs) pruned {
	next := clone(n).(*Summarize)
	next.Aggregates = nil
	next.Cols = slices.Clone(n.Cols[:len(n.Keys)])
	at := make([]int, len(n.Cols))
	for i := range n.Keys {
		at[i] = i
	}
	first := len(n.Keys)
	for _, agg := range n.Aggregates {
		outs := agg.outputs()
		wanted := false
		for i := first; i < first+outs; i++ {
			at[i] = -1
			wanted = wanted || read.has(i)
		}
		if wanted {
			for i := first; i < first+outs; i++ {
				at[i] = len(next.Cols)
				next.Cols = append(next.Cols, n.Cols[i])
			}
			next.Aggregates = append(next.Aggregates, agg)
		}
		first += outs
	}
	next.Aggregates = cloneAggregates(next.Aggregates)
	if len(next.Aggregates) == 0 && len(n.Aggregates) > 0 && len(n.Keys) == 0 {
		return o.pruneInput(n) // one row, whatever is read of it
	}
	in := o.pruneInput(next)
	return pruned{in.node, at}
}

// outputs is how many columns an aggregate has.
func (a Aggregation) outputs() int {
	if a.Function.Outputs == nil {
		return 1
	}
	return len(a.Function.Outputs(a.Known))
}

func (o *optimizer) pruneExpand(n *Expand, read needs) pruned {
	next := clone(n).(*Expand)
	width := len(n.From[0].Columns())
	below := needs{}
	for i := range n.Cols {
		if i < width && read.has(i) && !slices.ContainsFunc(n.Items, func(it ExpandItem) bool { return it.Into == i }) {
			below[i] = read[i]
		}
	}
	below = below.copy()
	for _, it := range n.Items {
		below.add(it.Value, wholeNeed)
		if it.Into < width {
			below.of(it.Into) // its place stays, its value need not
		}
	}
	in := o.prune(n.From[0], below)
	at, cols := extended(n.Cols, width, in)
	for i := range next.Items {
		next.Items[i].Value, next.Items[i].Into = in.moved(next.Items[i].Value), at[n.Items[i].Into]
	}
	if n.Index >= 0 {
		next.Index = at[n.Index]
	}
	for _, it := range next.Items {
		cols[it.Into].Type = it.To
	}
	next.Base = Base{Cols: cols, From: []Node{in.node}}
	return pruned{next, at}
}

// extended lays out a pruned input's columns and, behind them, those that a step adds.
func extended(old []data.Column, width int, in pruned) (at []int, cols []data.Column) {
	cols = slices.Clone(in.node.Columns())
	at = make([]int, len(old))
	for i := range old {
		if i < width {
			if at[i] = in.at[i]; at[i] >= 0 {
				cols[at[i]] = old[i]
			}
			continue
		}
		at[i] = len(cols)
		cols = append(cols, old[i])
	}
	return at, cols
}

// pruneWithout leaves a step out whose columns nobody reads.
func (o *optimizer) pruneWithout(n Node, read needs) pruned {
	in := o.prune(n.Inputs()[0], read)
	at, _ := extended(n.Columns(), len(n.Inputs()[0].Columns()), in)
	for i := range at {
		if i >= len(in.at) {
			at[i] = -1
		}
	}
	return pruned{in.node, at}
}

// pruneSetter prunes below parse and parse-kv, which set columns.
func (o *optimizer) pruneSetter(n Node, read needs, into []int) pruned {
	width := len(n.Inputs()[0].Columns())
	next := clone(n)
	below := needs{}
	for i, of := range read {
		if i < width && !slices.Contains(into, i) {
			copied := *of
			below[i] = &copied
		}
	}
	for _, i := range into {
		if i < width {
			below.of(i)
		}
	}
	value := slots(next)[0]
	below.add(*value, wholeNeed)
	in := o.prune(n.Inputs()[0], below)
	*value = in.moved(*value)
	at, cols := extended(n.Columns(), width, in)
	moved := make([]int, len(into))
	for i, was := range into {
		moved[i] = at[was]
	}
	*base(next) = Base{Cols: cols, From: []Node{in.node}}
	switch next := next.(type) {
	case *Parse:
		next.Into = moved
	case *ParseKV:
		next.Into = moved
	}
	return pruned{next, at}
}
