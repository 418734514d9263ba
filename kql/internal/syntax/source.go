package syntax

func (p *parser) print() Source {
	s := &Print{}
	start := p.start()
	p.expect("print")
	s.Items = p.namedList()
	s.Span = p.from(start)
	return s
}

// rangeOf reads range x from a to b step c.
func (p *parser) rangeOf() Source {
	s := &Range{}
	start := p.start()
	p.expect("range")
	s.Name = p.name(useAlways, "a name")
	p.expect("from")
	s.From = p.expression()
	p.expect("to")
	s.To = p.expression()
	p.expect("step")
	s.Step = p.expression()
	s.Span = p.from(start)
	return s
}

// inlineTable reads inline_external_table, up to where it says how to read the
// files: nothing here reads files.
func (p *parser) inlineTable() Source {
	start := p.start()
	p.expect("inline_external_table")
	var columns []ColumnDecl
	if p.is("(") {
		columns = p.rowSchema()
	}
	p.expect("kind")
	p.expect("=")
	p.name(useAlways, `"storage" or "delta"`)
	p.inlineClauses()
	p.addresses()
	p.properties()
	return &Externaldata{Columns: columns, Span: p.from(start)}
}

// inlineClauses reads partition by (…), pathformat = (…) and dataformat = x.
func (p *parser) inlineClauses() {
	if p.accept("partition") {
		p.expect("by")
		p.skipParentheses()
	}
	if p.accept("pathformat") {
		p.expect("=")
		p.skipParentheses()
	}
	if p.accept("dataformat") {
		p.expect("=")
		p.name(useAlways, "a format")
	}
}

// addresses reads the addresses of the files.
func (p *parser) addresses() {
	p.expect("(")
	p.looseList(func() { p.expression() })
	p.expect(")")
}

func (p *parser) skipParentheses() {
	nesting := p.nesting[p.pos]
	p.expect("(")
	for p.peek().Kind != TokenEnd && p.nesting[p.pos] > nesting {
		p.pos++
	}
	p.expect(")")
}
