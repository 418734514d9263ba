package syntax

// Parse reads a whole query. The tree is usable where the problems allow:
// parsing goes on after an error at the next operator or statement.
func Parse(text string) (*Query, []Problem) {
	p := newParser(text)
	q := p.query()
	q.Broken = p.broken
	return q, p.problems
}
