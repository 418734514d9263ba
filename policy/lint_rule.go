package policy

import "strings"

// operand warns of a right-hand side that an operator can make nothing of.
func (l *linter) operand(c *Condition) {
	if c.Kind < FieldLeaf || c.Right.Expr != nil || c.Right.unread() {
		return
	}
	right := c.Right.Const
	list := right.Kind() == Array || right.Kind() == Object || c.Right.Items != nil || c.Right.Members != nil
	switch c.Operator {
	case Like, NotLike, Match, NotMatch, MatchInsensitively, NotMatchInsensitively, Less, LessOrEquals, Greater, GreaterOrEquals:
		if list {
			l.warn(c.Right.Pos, "", "%s compares with an array or object, which no value passes; want a text or a number", c.Operator)
		}
	case Exists:
		if _, isText := boolOf(right.Text()); right.Kind() != Bool && !isText {
			l.warn(c.Right.Pos, "", "exists compares with %s; want true or false", short(right))
		}
	}
}

// unnamed warns of value counts inside other counts that have no name of their
// own, which Azure asks for.
func (l *linter) unnamed(c *Condition, inside bool) {
	if c == nil {
		return
	}
	for _, child := range c.Children {
		l.unnamed(child, inside)
	}
	if c.Count == nil {
		return
	}
	if inside && c.Count.Value != nil && c.Count.Name == "" {
		l.warn(c.Count.Pos, "", "value count without \"name\" inside another count; Azure wants one there")
	}
	l.unnamed(c.Count.Where, true)
}

// removals warns of operations that would remove something else than a tag.
func (l *linter) removals(d *Details) {
	for _, o := range d.Operations {
		name := o.Field.Const.Text() // "" for a computed one
		if o.Operation != "remove" || name == "" || isTagField(name) {
			continue
		}
		l.warn(o.Field.Pos, "", "operation remove of %q, which Azure allows for tags only", name)
	}
}

func isTagField(name string) bool {
	lower := strings.ToLower(name)
	return lower == "tags" || strings.HasPrefix(lower, "tags.") || strings.HasPrefix(lower, "tags[")
}
