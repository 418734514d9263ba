package syntax

// columnDecl reads name: type.
func (p *parser) columnDecl() ColumnDecl {
	name := p.name(useDeclare, "a column's name")
	p.expect(":")
	return ColumnDecl{name, p.declaredType()}
}

// rowSchema reads (a: string, b: long).
func (p *parser) rowSchema() []ColumnDecl {
	var columns []ColumnDecl
	p.expect("(")
	p.looseList(func() { columns = append(columns, p.columnDecl()) })
	p.expect(")")
	return columns
}

// table reads datatable (…) […], and externaldata, so that it can be refused
// by its name.
func (p *parser) table() Expr {
	start, keyword := p.start(), p.take()
	p.options(nil, false)
	columns := p.rowSchema()
	var source Source
	if keyword.text == "datatable" {
		values := p.values(p.constant)
		source = &Datatable{Columns: columns, Values: values, Span: p.from(start)}
	} else {
		p.values(func() Expr { return p.tabular().expr() })
		p.properties()
		source = &Externaldata{Columns: columns, Span: p.from(start)}
	}
	span := p.from(start)
	return &Subquery{Pipeline: &Pipeline{Source: source, Span: span}, Span: span}
}

func (p *parser) values(value func() Expr) []Expr {
	var all []Expr
	p.expect("[")
	p.looseList(func() { all = append(all, value()) })
	p.expect("]")
	return all
}

// properties reads with (name = value, …).
func (p *parser) properties() {
	if !p.accept("with") {
		return
	}
	p.expect("(")
	p.maybeList(func() {
		p.name(useDeclare, "a property")
		p.expect("=")
		if p.atLiteral() {
			p.constant()
		} else {
			p.name(useDeclare, "a value")
		}
	})
	p.expect(")")
}

// params reads the parameters of a function, of declare query_parameters, or
// of scan's declare.
func (p *parser) param() Param {
	param := Param{Name: p.name(useDeclare, "a parameter's name")}
	p.expect(":")
	if p.is("(") {
		p.tabularParam(&param)
	} else {
		param.Type = p.declaredType()
	}
	if p.accept("=") {
		param.Default = p.paramDefault()
	}
	return param
}

func (p *parser) tabularParam(param *Param) {
	if p.isAt(1, "*") {
		p.expect("(")
		p.expect("*")
		p.expect(")")
		param.Star = true
		return
	}
	param.Tabular = p.rowSchema()
}

// paramDefault reads a literal, or a bare word.
func (p *parser) paramDefault() Expr {
	if token := p.peek(); token.Kind == TokenName || token.Kind == TokenKeyword && keywords[token.text] == useAlways && !p.isAt(1, "(") {
		p.take()
		return &NameRef{Name{token.text, token.Span}}
	}
	return p.constant()
}
