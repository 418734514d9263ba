package policy

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
