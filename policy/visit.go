package policy

import "strings"

// visitConditions visits a condition and all below it, the conditions of
// counts included. A nil condition has nothing to visit.
func visitConditions(c *Condition, visit func(*Condition)) {
	if c == nil {
		return
	}
	visit(c)
	for _, child := range c.Children {
		visitConditions(child, visit)
	}
	if c.Count != nil {
		visitConditions(c.Count.Where, visit)
	}
}

// visitTerms visits all terms of all expressions in a template, with the
// place of the string that has them.
func visitTerms(t Template, visit func(Position, *term)) {
	if t.Expr != nil {
		t.Expr.root.walk(func(inner *term) { visit(t.Pos, inner) })
	}
	for _, item := range t.Items {
		visitTerms(item, visit)
	}
	for _, member := range t.Members {
		visitTerms(member.Value, visit)
	}
}

// callWithName returns the argument of a call of function('argument').
func callWithName(t *term, function string) (argument string, ok bool) {
	if t.kind != callTerm || t.function.name != function || len(t.args) != 1 || t.args[0].kind != literalTerm {
		return "", false
	}
	return t.args[0].value.Text(), true
}

// parameterUses collects which parameters a document uses.
type parameterUses struct {
	list     []parameterUse
	computed bool // some name is computed, so any may be used
}

type parameterUse struct {
	name string
	at   Position
}

func (u *parameterUses) has(name string) bool {
	for _, use := range u.list {
		if strings.EqualFold(use.name, name) {
			return true
		}
	}
	return false
}

func (u *parameterUses) term(at Position, t *term) {
	if name, ok := callWithName(t, "parameters"); ok {
		u.list = append(u.list, parameterUse{name, at})
	} else if t.kind == callTerm && t.function.name == "parameters" {
		u.computed = true
	}
}

// rule collects the uses in a rule.
func (u *parameterUses) rule(r *Rule) {
	visitConditions(r.If, func(c *Condition) {
		visitTerms(c.Left, u.term)
		visitTerms(c.Right, u.term)
		if c.Count != nil && c.Count.Value != nil {
			visitTerms(*c.Count.Value, u.term)
		}
	})
	if then := r.Then(); then != nil {
		visitNodeTerms(then, u.term)
	}
}

// visitNodeTerms visits the terms in what follows "then", as visitTerms does. A
// deployment's template is left out: it has parameters of its own.
func visitNodeTerms(n *Node, visit func(Position, *term)) {
	switch n.Kind {
	case String:
		// What the rule needs was read before; the rest may be anything.
		t, _ := templateFromNode(n)
		visitTerms(t, visit)
	case Array:
		for _, item := range n.Items {
			visitNodeTerms(item, visit)
		}
	case Object:
		for i := range n.Members {
			p := &n.Members[i]
			if !strings.EqualFold(p.Key, "template") || p.Value.Kind != Object {
				visitNodeTerms(p.Value, visit)
			}
		}
	}
}
