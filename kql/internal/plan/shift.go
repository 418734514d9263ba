package plan

// Shift moves all references to columns of the row by a number of positions.
func Shift(e Expr, by int) Expr {
	return mapColumns(e, func(c *Column) Expr { return &Column{Index: c.Index + by, Of: c.Of} })
}
