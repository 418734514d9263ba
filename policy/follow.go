package policy

// evidence lists what decided a condition, as [Trace.Evidence] of its trace does,
// without tracing what did not.
func (f *frame) evidence(c *cond, negated bool) []Evidence {
	e := &evidenceReader{}
	e.follow(f, c, negated)
	return e.done()
}

// follow is read for a condition that is traced only where it decided. Its parts are
// evaluated once for each level above them, which is cheap beside a trace.
func (e *evidenceReader) follow(f *frame, c *cond, negated bool) {
	if len(e.found) >= maxEvidence {
		return
	}
	switch c.kind {
	case AllOf, AnyOf:
		whole := Trace{Kind: logicalNames[c.kind], Children: make([]*Trace, len(c.kids))}
		parts := make([]Trace, len(c.kids))
		for i, k := range c.kids {
			parts[i].Outcome, whole.Children[i] = f.evaluate(k), &parts[i]
		}
		if whole.Outcome = whole.join(c.kind); len(c.kids) == 0 && e.grounds {
			e.noConditions(&whole, negated)
		}
		for i, k := range c.kids {
			if e.decides(&whole, &parts[i]) {
				e.follow(f, k, negated)
			}
		}
	case Not:
		e.follow(f, c.kids[0], !negated)
	default:
		e.read(f.trace(c), negated)
	}
}
