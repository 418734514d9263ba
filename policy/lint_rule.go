package policy

// empty warns of logical operators over nothing.
func (l *linter) empty(c *Condition) {
	switch {
	case len(c.Children) > 0 || l.refused != nil: // what could not be read is empty too
	case c.Kind == AllOf:
		l.warn(c.Pos, "", "allOf of nothing, which is always true")
	case c.Kind == AnyOf:
		l.warn(c.Pos, "", "anyOf of nothing, which is never true")
	}
}

// operand warns of a right-hand side that an operator can make nothing of.
func (l *linter) operand(c *Condition) {
	if c.Kind < FieldLeaf || c.Right.Expr != nil || c.Right.unread() {
		return
	}
	right := c.Right.Const
	list := right.Kind() == Array || right.Kind() == Object || c.Right.Items != nil || c.Right.Members != nil
	switch c.Operator {
	case Like, NotLike, Match, NotMatch, MatchInsensitively, NotMatchInsensitively, Less, LessOrEquals, Greater, GreaterOrEquals:
		switch {
		case list:
			l.warn(c.Right.Pos, "", "%s compares with an array or object, which no value passes; want a text or a number", c.Operator)
		case c.Operator >= Like && c.Operator <= NotMatchInsensitively && right.Kind() != String:
			l.warn(c.Right.Pos, "", "%s compares with %s; want a pattern in quotes", c.Operator, short(right))
		}
	case Exists:
		if _, isText := boolInAnyCase(right.Text()); right.Kind() != Bool && !isText {
			l.warn(c.Right.Pos, "", "exists compares with %s; want true or false", short(right))
		}
	}
}
