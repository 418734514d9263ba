package plan

// walk visits an expression and all in it. Tables inside are not entered.
func walk(e Expr, visit func(Expr)) {
	visit(e)
	for _, c := range children(e) {
		walk(c, visit)
	}
}

// children are the expressions directly in one.
func children(e Expr) []Expr {
	switch e := e.(type) {
	case *Path:
		return []Expr{e.Base}
	case *Element:
		return []Expr{e.Base, e.Index}
	case *Call:
		return e.Args
	case *Window:
		return e.Args
	case *Operator:
		return []Expr{e.Left, e.Right}
	case *Negate:
		return []Expr{e.Operand}
	case *In:
		return append([]Expr{e.Left}, e.List...)
	case *Between:
		return []Expr{e.Operand, e.Low, e.High}
	case *Convert:
		return []Expr{e.Operand}
	case *Field:
		return []Expr{e.Call}
	case *Quantified:
		return []Expr{e.Body}
	}
	return nil
}

// rewrite rebuilds an expression from below: change is called for each part,
// its own parts changed already. Parts that stay the same are shared.
func rewrite(e Expr, change func(Expr) Expr) Expr {
	old := children(e)
	if len(old) == 0 {
		return change(e)
	}
	fresh, same := make([]Expr, len(old)), true
	for i, c := range old {
		fresh[i] = rewrite(c, change)
		same = same && fresh[i] == c
	}
	if !same {
		e = withChildren(e, fresh)
	}
	return change(e)
}

func withChildren(e Expr, c []Expr) Expr {
	switch e := e.(type) {
	case *Path:
		return &Path{Base: c[0], Steps: e.Steps}
	case *Element:
		return &Element{Base: c[0], Index: c[1]}
	case *Call:
		return &Call{Function: e.Function, Known: e.Known, Args: c, Of: e.Of}
	case *Window:
		return &Window{Name: e.Name, Args: c, Of: e.Of}
	case *Operator:
		return &Operator{Op: e.Op, Left: c[0], Right: c[1], Of: e.Of}
	case *Negate:
		return &Negate{c[0]}
	case *In:
		return &In{Op: e.Op, Left: c[0], List: c[1:], Table: e.Table}
	case *Between:
		return &Between{Negated: e.Negated, Operand: c[0], Low: c[1], High: c[2]}
	case *Convert:
		return &Convert{Operand: c[0], To: e.To}
	case *Field:
		return &Field{Call: c[0], Index: e.Index, Of: e.Of}
	case *Quantified:
		return &Quantified{Mode: e.Mode, Element: e.Element, Inner: e.Inner, Scope: e.Scope, Body: c[0]}
	}
	return e
}

// mapColumns replaces every reference to a column of the row.
func mapColumns(e Expr, change func(*Column) Expr) Expr {
	return rewrite(e, func(e Expr) Expr {
		if c, ok := e.(*Column); ok {
			return change(c)
		}
		return e
	})
}

// parts counts an expression's parts as a tree, up to a limit: shared parts
// make trees that are larger than the text.
func parts(e Expr, limit int) int {
	n := 1
	for _, c := range children(e) {
		if n > limit {
			return n
		}
		n += parts(c, limit-n)
	}
	return n
}
