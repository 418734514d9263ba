package policy

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// templateFromNode reads a value in which any string may be an expression.
func templateFromNode(n *Node) (Template, Problems) {
	r := &docReader{}
	t := r.template(n)
	return t, r.problems
}

// template reads a value in which any string may be an expression.
func (r *docReader) template(n *Node) Template {
	t := Template{Pos: n.Pos}
	switch {
	case !hasBracket(n):
		t.Const = n.Value()
	case n.Kind == String:
		r.textTemplate(&t, n)
	case n.Kind == Array:
		items := make([]Template, len(n.Items))
		for i, item := range n.Items {
			items[i] = r.template(item)
		}
		t.Items = items
		if values, ok := literalsOf(items); ok {
			t.Items, t.Const = nil, ArrayValue(values...)
		}
	default:
		r.objectTemplate(&t, n)
	}
	return t
}

// hasBracket reports whether a string at or below n may be more than its own
// text.
func hasBracket(n *Node) bool {
	switch n.Kind {
	case String:
		return strings.HasPrefix(n.Text, "[")
	case Array:
		return slices.ContainsFunc(n.Items, hasBracket)
	case Object:
		return slices.ContainsFunc(n.Members, func(p Property) bool { return hasBracket(p.Value) })
	}
	return false
}

// literalsOf gives the values of templates without an expression.
func literalsOf(items []Template) ([]Value, bool) {
	values := make([]Value, len(items))
	for i, item := range items {
		if item.Expr != nil || item.Items != nil || item.Members != nil {
			return nil, false
		}
		values[i] = item.Const
	}
	return values, true
}

func (r *docReader) objectTemplate(t *Template, n *Node) {
	keys := make([]string, len(n.Members))
	items := make([]Template, len(n.Members))
	members := make([]TemplateMember, len(n.Members))
	for i := range n.Members {
		keys[i] = n.Members[i].Key
		items[i] = r.template(n.Members[i].Value)
		members[i] = TemplateMember{Key: keys[i], Value: items[i]}
	}
	if values, ok := literalsOf(items); ok {
		t.Const = ObjectValue(keys, values)
		return
	}
	t.Members = members
}

// textTemplate reads a string, which may be an expression.
func (r *docReader) textTemplate(t *Template, n *Node) {
	literal, expr, err := parseText(n.Text)
	if err != nil {
		r.expressionProblem(n, err)
		return
	}
	if expr != nil {
		t.Expr = expr
		r.tally.functions += expr.functions()
		return
	}
	t.Const = StringValue(literal)
}

// expressions looks for mistakes in what template would read, and no more.
func (r *docReader) expressions(n *Node) {
	if n.Kind == String {
		if _, _, err := parseText(n.Text); err != nil {
			r.expressionProblem(n, err)
		}
	}
	for _, item := range n.Items {
		r.expressions(item)
	}
	for i := range n.Members {
		r.expressions(n.Members[i].Value)
	}
}

// expressionProblem refuses an expression, at the character where it is wrong
// if the string has no escapes before it.
func (r *docReader) expressionProblem(n *Node, err error) {
	at, text, suggestion := n.Pos, err.Error(), ""
	if wrong := (*ExpressionError)(nil); errors.As(err, &wrong) {
		text, suggestion = wrong.Text, wrong.Suggestion
		if !n.escaped {
			at.Column += 1 + utf8.RuneCountInString(n.Text[:min(max(wrong.Offset, 0), len(n.Text))])
		}
	}
	r.add(at, r.lenient, suggestion, "expression: %s", text)
}
