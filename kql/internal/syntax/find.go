package syntax

var searchOptions = optionSet{"kind": {formWord, "default case_insensitive case_sensitive"}}

// find reads find in (T, …) where … project ….
func (p *parser) find(h Head) Operator {
	p.dataScope()
	h.Options = p.options(nil, false)
	f := &Find{Head: h, WithSource: h.word("withsource", "with_source")}
	f.In = p.inTables()
	if len(h.Options) > 0 || f.In != nil {
		p.expect("where")
	} else {
		p.accept("where")
	}
	f.Predicate = p.expression()
	if p.accept("project") {
		p.list(func() { p.findColumn(f) })
	} else {
		p.accept("project-smart")
	}
	if p.accept("__projectAway") {
		p.list(func() { f.Away = append(f.Away, p.patternName()) })
	}
	return f
}

// inTables reads in (T, …); nil where it is not written.
func (p *parser) inTables() []Source {
	if !p.accept("in") {
		return nil
	}
	tables := []Source{}
	p.expect("(")
	p.list(func() { tables = append(tables, p.findTable()) })
	p.expect(")")
	return tables
}

// findTable reads a table of find, perhaps with the name to show for it: T | as N.
func (p *parser) findTable() Source {
	if p.is("(") {
		p.want("a table's name")
	}
	table := p.operand()
	if !p.accept("|") {
		return table
	}
	h := Head{Word: Name{p.peek().text, p.peek().Span}}
	if !p.accept("as") {
		p.want(`"as"`)
		return table
	}
	return &Nested{&Pipeline{Source: table, Operators: []Operator{p.as(h)}, Span: p.from(h.Word.Span.Start)}}
}

// findColumn reads a column of find's project: name, name: type, *, pack(*) or pack_all().
func (p *parser) findColumn(f *Find) {
	switch token := p.peek(); {
	case p.is("pack"):
		p.take()
		p.expect("(")
		p.expect("*")
		p.expect(")")
		f.PackAll = true
	case token.text == "pack_all" && p.isAt(1, "("):
		p.beyond(beyondPackAll)
		p.take()
		p.expect("(")
		p.expect(")")
		f.PackAll = true
	case p.accept("*"):
		f.Project = append(f.Project, FindColumn{Name: Name{"*", token.Span}})
	default:
		column := FindColumn{Name: p.name(useAlways, "a column")}
		if p.accept(":") {
			column.Type = p.declaredType()
		}
		f.Project = append(f.Project, column)
	}
}

// search reads search kind=… in (T, …) predicate.
func (p *parser) search(h Head) Operator {
	h.Options = p.options(searchOptions, true)
	p.dataScope()
	s := &Search{Head: h, CaseSensitive: h.word("kind") == "case_sensitive", In: p.inTables()}
	if !p.is("*") || p.textOperator(1) || p.isAt(1, "==") {
		s.Predicate = p.expression()
		return s
	}
	star := p.star()
	s.Predicate = star
	if p.is("and") {
		s.Predicate = p.binary(star.At().Start, star, (*parser).expression)
	}
	return s
}
