package syntax

// Parse reads a whole query. The tree is usable where the problems allow:
// parsing goes on after an error at the next operator or statement.
func Parse(text string) (*Query, []Problem) { return ParseWithin(text, nil) }

// ParseWithin is Parse that tells of the bytes that it takes, often: spend
// panics where it is to end.
func ParseWithin(text string, spend func(bytes int)) (*Query, []Problem) {
	p := newParser(text, spend)
	q := p.query()
	q.Broken = p.broken
	return q, p.problems
}
