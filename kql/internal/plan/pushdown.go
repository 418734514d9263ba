package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// push gives n filtered by conditions over its columns, each put as far down
// as it may go.
func (o *optimizer) push(n Node, where []Expr) Node {
	o.spend.on(columnBytes * len(n.Columns()))
	switch n := n.(type) {
	case *Filter:
		own := conjuncts(o.expr(n.Where))
		if slices.ContainsFunc(own, volatile) {
			return o.stop(&Filter{Base{Cols: n.Cols, From: []Node{o.push(n.From[0], nil)}}, o.expr(n.Where)}, where)
		}
		return o.push(n.From[0], append(own, where...))
	case *Materialize:
		return o.stop(o.materialize(n), where)
	case *Scan:
		return o.pushScan(n, where)
	}
	next := o.inside(n)
	switch next := next.(type) {
	case *Project:
		return o.pushProject(next, where)
	case *Sort:
		return o.through(next, where)
	case *Summarize:
		return o.pushSummarize(next, where)
	case *Join:
		return o.pushJoin(next, where)
	case *Union:
		return o.pushUnion(next, where)
	case *Expand:
		return o.pushPast(next, where, expandedColumns(next))
	case *Parse:
		return o.pushPast(next, where, next.Into)
	case *ParseKV:
		return o.pushPast(next, where, next.Into)
	case *Apply:
		return o.pushApply(next, where)
	}
	b := base(next)
	b.From = slices.Clone(b.From)
	for i, from := range b.From {
		b.From[i] = o.push(from, nil)
	}
	return o.stop(next, where)
}

// stop puts the conditions above a step that lets none of them pass.
func (o *optimizer) stop(n Node, where []Expr) Node {
	where = slices.DeleteFunc(slices.Clone(where), isTrue)
	switch {
	case len(where) == 0:
		return n
	case slices.ContainsFunc(where, isNever) && !isLate(n):
		return noRows(n.Columns())
	}
	return &Filter{Base{Cols: n.Columns(), From: []Node{n}}, chain(sets(where))}
}

func isTrue(e Expr) bool {
	v, ok := constant(e)
	return ok && !v.IsNull() && v.Type() == data.Bool && v.Bool()
}

// isNever tells a condition that no row meets, as null is not met either.
func isNever(e Expr) bool {
	v, ok := constant(e)
	return ok && v.Type() == data.Bool && (v.IsNull() || !v.Bool())
}

// isLate tells a step whose columns are known when it has run.
func isLate(n Node) bool {
	if p, ok := n.(*Plugin); ok {
		return p.Open
	}
	_, late := n.(*Late)
	return late
}

// noRows is an empty table in the place of steps whose rows nobody wants, which
// then are not read.
func noRows(cols []data.Column) Node {
	b := &data.Batch{}
	for _, c := range cols {
		b.Columns = append(b.Columns, data.NewVector(c.Type, 0))
	}
	return &Rows{Base{Cols: cols}, b}
}

// chain joins conditions by "and", the first outermost left so that it is asked first.
func chain(where []Expr) Expr {
	e := where[0]
	for _, next := range where[1:] {
		e = &Operator{Op: "and", Left: e, Right: next, Of: data.Bool}
	}
	return e
}

// conjuncts splits a condition at "and".
func conjuncts(e Expr) []Expr {
	if op, ok := e.(*Operator); ok && op.Op == "and" {
		return append(conjuncts(op.Left), conjuncts(op.Right)...)
	}
	return []Expr{e}
}

func volatile(e Expr) bool {
	found := false
	walk(e, func(e Expr) {
		if c, ok := e.(*Call); ok && c.Function.Volatile {
			found = true
		}
	})
	return found
}

func (o *optimizer) materialize(n *Materialize) Node {
	if known := o.shared.find(n); known != nil {
		return known
	}
	return o.shared.keep(n, &Materialize{Base{Cols: n.Cols, From: []Node{o.whole(n.From[0])}}})
}

// through passes all conditions below a step that only orders rows.
func (o *optimizer) through(n Node, where []Expr) Node {
	b := base(n)
	b.From = []Node{o.push(b.From[0], where)}
	return n
}

// split sorts conditions into those that may pass and those that stay.
func split(where []Expr, passes func(Expr) bool) (down, stay []Expr) {
	for _, e := range where {
		if passes(e) {
			down = append(down, e)
		} else {
			stay = append(stay, e)
		}
	}
	return down, stay
}

// pushProject passes conditions over columns that cost little to compute twice.
func (o *optimizer) pushProject(n *Project, where []Expr) Node {
	down, stay := split(where, func(e Expr) bool {
		return !n.Serial && all(e, func(c *Column) bool { return cheap(n.Exprs[c.Index]) })
	})
	for i, e := range down {
		down[i] = o.expr(mapColumns(e, func(c *Column) Expr { return n.Exprs[c.Index] }))
	}
	n.From = []Node{o.push(n.From[0], down)}
	return o.stop(n, stay)
}

// all tells whether a test holds for all columns that an expression reads.
func all(e Expr, test func(*Column) bool) bool {
	ok := true
	walk(e, func(e Expr) {
		if c, isColumn := e.(*Column); isColumn {
			ok = ok && test(c)
		}
	})
	return ok
}

func cheap(e Expr) bool {
	switch e := e.(type) {
	case *Column, *Const, *Outer:
		return true
	case *Path:
		return cheap(e.Base)
	case *Convert:
		return cheap(e.Operand)
	}
	return false
}

// pushSummarize passes conditions over keys.
func (o *optimizer) pushSummarize(n *Summarize, where []Expr) Node {
	down, stay := split(where, func(e Expr) bool {
		return reads(e) && all(e, func(c *Column) bool { return c.Index < len(n.Keys) && !volatile(n.Keys[c.Index]) })
	})
	for i, e := range down {
		down[i] = mapColumns(e, func(c *Column) Expr { return n.Keys[c.Index] })
	}
	n.From = []Node{o.push(n.From[0], down)}
	return o.stop(n, stay)
}

// reads tells whether an expression reads a column at all.
func reads(e Expr) bool { return !all(e, func(*Column) bool { return false }) }

// pushPast passes conditions that do not read the columns that a step sets;
// the others stand at the same place in its input.
func (o *optimizer) pushPast(n Node, where []Expr, set []int) Node {
	b := base(n)
	width := len(b.From[0].Columns())
	down, stay := split(where, func(e Expr) bool {
		return all(e, func(c *Column) bool { return c.Index < width && !slices.Contains(set, c.Index) })
	})
	b.From = []Node{o.push(b.From[0], down)}
	return o.stop(n, stay)
}

func expandedColumns(n *Expand) []int {
	set := []int{n.Index}
	for _, item := range n.Items {
		set = append(set, item.Into)
	}
	return set
}

func (o *optimizer) pushApply(n *Apply, where []Expr) Node {
	down, stay := split(where, func(e Expr) bool {
		return all(e, func(c *Column) bool { return c.Index < len(n.Keep) })
	})
	for i, e := range down {
		down[i] = mapColumns(e, func(c *Column) Expr { return &Column{Index: n.Keep[c.Index], Of: c.Of} })
	}
	n.From = []Node{o.push(n.From[0], down)}
	return o.stop(n, stay)
}

// pushUnion passes all conditions; a column that an input has not is null in it.
func (o *optimizer) pushUnion(n *Union, where []Expr) Node {
	from := make([]Node, len(n.From))
	for i, leg := range n.From {
		from[i] = o.push(leg, o.onLeg(n, i, where))
	}
	n.From = from
	return n
}

func (o *optimizer) onLeg(n *Union, leg int, where []Expr) []Expr {
	if len(where) == 0 {
		return nil
	}
	own := make(map[int]int, len(n.Into[leg]))
	for i, at := range n.Into[leg] {
		own[at] = i
	}
	moved := make([]Expr, len(where))
	for k, e := range where {
		moved[k] = o.expr(mapColumns(e, func(c *Column) Expr {
			o.spend.on(partBytes)
			if i, ok := own[c.Index]; ok {
				return &Column{Index: i, Of: c.Of}
			}
			return missing(c.Of)
		}))
	}
	return moved
}

// pushJoin passes conditions to the side that they read, where a row that
// fails them cannot matter. Conditions over keys hold for both sides' keys.
func (o *optimizer) pushJoin(n *Join, where []Expr) Node {
	j := joinSides(n)
	var left, right, stay []Expr
	for _, e := range where {
		toLeft, toRight := j.place(e)
		if !toLeft && !toRight {
			stay = append(stay, e)
			continue
		}
		if toLeft {
			left = append(left, j.onLeft(e))
		}
		if toRight {
			right = append(right, j.onRight(e))
		}
	}
	n.From = []Node{o.push(n.From[0], left), o.push(n.From[1], right)}
	return o.stop(n, stay)
}

// sidesOf knows which columns of a join's result come from where.
type sidesOf struct {
	n     *Join
	width int   // columns of the left side in the result
	right []int // for the result's others, their places on the right
	// pairs of keys that are plain columns, by the left and by the right place.
	leftKey, rightKey map[int]*Column
}

func joinSides(n *Join) *sidesOf {
	s := &sidesOf{n: n, width: len(n.From[0].Columns()), leftKey: map[int]*Column{}, rightKey: map[int]*Column{}}
	switch n.Kind {
	case "rightsemi", "rightanti":
		s.width = 0
	}
	if n.Kind != "leftsemi" && n.Kind != "leftanti" {
		for i := range n.From[1].Columns() {
			if !slices.Contains(n.DropRight, i) {
				s.right = append(s.right, i)
			}
		}
	}
	for i := range n.LeftKeys {
		l, ok := n.LeftKeys[i].(*Column)
		r, ok2 := n.RightKeys[i].(*Column)
		if ok && ok2 {
			s.leftKey[l.Index], s.rightKey[r.Index] = r, l
		}
	}
	return s
}

// place says to which sides a condition may go. To go to neither is always right.
func (s *sidesOf) place(e Expr) (left, right bool) {
	if !reads(e) {
		return false, false
	}
	ofLeft := all(e, func(c *Column) bool { return c.Index < s.width })
	ofRight := all(e, func(c *Column) bool { return c.Index >= s.width })
	keys := all(e, func(c *Column) bool { return s.isKey(c) })
	switch s.n.Kind {
	case "inner":
		return ofLeft || ofRight && keys, ofRight || ofLeft && keys
	case "innerunique":
		// Which of the left side's rows of one key stays is decided before: a
		// condition on other columns must not choose among them.
		return keys && (ofLeft || ofRight), ofRight || ofLeft && keys
	case "leftouter", "leftsemi", "leftanti":
		return ofLeft, ofLeft && keys
	case "rightouter", "rightsemi", "rightanti":
		return ofRight && keys, ofRight
	}
	return false, false
}

func (s *sidesOf) isKey(c *Column) bool {
	if c.Index < s.width {
		return s.leftKey[c.Index] != nil
	}
	return s.rightKey[s.right[c.Index-s.width]] != nil
}

func (s *sidesOf) onLeft(e Expr) Expr {
	return mapColumns(e, func(c *Column) Expr {
		if c.Index < s.width {
			return c
		}
		return s.rightKey[s.right[c.Index-s.width]]
	})
}

func (s *sidesOf) onRight(e Expr) Expr {
	return mapColumns(e, func(c *Column) Expr {
		if c.Index < s.width {
			return s.leftKey[c.Index]
		}
		return &Column{Index: s.right[c.Index-s.width], Of: c.Of}
	})
}

// pushScan tells the table what it can use; the engine filters again.
func (o *optimizer) pushScan(n *Scan, where []Expr) Node {
	next := *n
	exact := true
	for _, e := range where {
		p, full, ok := predicate(e)
		if ok {
			p.Column = n.Request.Columns[p.Column]
			next.Request.Where = append(slices.Clone(next.Request.Where), p)
		}
		exact = exact && ok && full
	}
	filtered := o.stop(&next, where)
	if f, ok := filtered.(*Filter); ok && exact {
		o.exact[f] = true
	}
	return filtered
}
