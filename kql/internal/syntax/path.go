package syntax

// path reads an operand: a literal, a name, a call, and what of them is taken
// with dots and brackets.
func (p *parser) path() Expr {
	start := p.start()
	if p.is("totable") {
		return p.scalarOf("totable")
	}
	base := p.primary()
	for n := 0; p.is(".", "["); n++ {
		if n == maxChain {
			p.fail(p.peek().Span, "more than %d steps in a path", maxChain)
			break
		}
		base = p.step(start, base)
	}
	return base
}

// step reads .name, .name(…), .['name'] or [expr].
func (p *parser) step(start int, base Expr) Expr {
	if p.is("[") {
		index := p.subscript()
		return &Index{Base: base, Index: index, Span: p.from(start)}
	}
	p.expect(".")
	if p.callFollows() {
		call := p.call()
		call.On, call.Span = base, p.from(start)
		return call
	}
	if p.is("[") {
		return p.bracketStep(start, base)
	}
	name := p.stepName()
	return &Member{Base: base, Name: name, Span: p.from(start)}
}

// bracketStep reads .['name'], .[a*] or .[expr].
func (p *parser) bracketStep(start int, base Expr) Expr {
	if n := p.scanWildcard(1); n > 0 && p.isAt(1+n, "]") {
		p.expect("[")
		name := p.wildcard(n)
		p.expect("]")
		return &Member{Base: base, Name: name, Span: p.from(start)}
	}
	index := p.subscript()
	return &Index{Base: base, Index: index, Span: p.from(start)}
}

func (p *parser) subscript() Expr {
	p.expect("[")
	index := p.expression()
	p.expect("]")
	return index
}

// stepName takes the name behind a dot. There no keyword can be meant as one,
// so all are names; Microsoft's parser wants brackets around some.
func (p *parser) stepName() Name {
	if token := p.peek(); !p.atPathName() && token.Kind == TokenKeyword {
		p.beyond(beyondKeyword)
		p.take()
		return Name{token.text, token.Span}
	}
	if !p.atPathName() {
		p.want("a name")
	}
	return p.pathName()
}

// primary reads an operand without its path.
func (p *parser) primary() Expr {
	token := p.peek()
	switch {
	case p.is("("):
		return p.parenthesised()
	case p.atLiteral():
		return p.literal()
	case p.is("datatable", "externaldata", "external_data"):
		return p.table()
	case p.is("toscalar"):
		return p.scalarOf("toscalar")
	case p.is("materialize") && p.isAt(1, "("):
		p.beyond(beyondMaterialize)
		return p.scalarOf("materialize")
	case p.is("typeof") && p.isAt(1, "("):
		return p.typeOf()
	case p.callFollows():
		return p.call()
	case p.is("["):
		return p.bracketed()
	case p.atPathName():
		return p.scoped(&NameRef{p.pathName()})
	}
	p.want("an expression")
	return &Bad{Span: token.Span}
}

// atPathName tells whether a column's name comes next. A few words are one
// although they cannot be declared.
func (p *parser) atPathName() bool {
	return p.scanName(0, useAlways) > 0 || p.is("kind", "withsource", "with_source", "@")
}

func (p *parser) pathName() Name {
	if token := p.peek(); p.scanName(0, useAlways) == 0 {
		p.take()
		return Name{token.text, token.Span}
	}
	return p.name(useAlways, "a column")
}

// bracketed reads ['name']. What else stands in brackets alone is a list as
// other languages have it.
func (p *parser) bracketed() Expr {
	if n := p.scanBracketed(0); n > 0 {
		return p.scoped(&NameRef{p.takeName(n)})
	}
	start := p.start()
	if n := p.scanWildcard(1); n > 0 && p.isAt(1+n, "]") {
		p.expect("[")
		p.wildcard(n)
		p.expect("]")
	} else {
		p.subscript()
	}
	span := p.from(start)
	p.report(span, CodeMeaning, "%s is no value: write a name as ['name'] and a list as dynamic([…])", excerpt(p.text[span.Start:span.End]))
	return &Bad{Span: span}
}

// scoped takes "datascope=all", which says where a cluster looks and has no
// meaning here.
func (p *parser) scoped(e Expr) Expr {
	p.dataScope()
	return e
}

func (p *parser) dataScope() {
	if !p.accept("datascope") {
		return
	}
	p.expect("=")
	if p.is("hotcache") || p.peek().text == "all" {
		p.take()
		return
	}
	p.want(`"all" or "hotcache"`)
}

// parenthesised reads (…), which may hold a pipeline.
func (p *parser) parenthesised() Expr {
	p.enter()
	defer p.leave()
	start := p.start()
	p.expect("(")
	inner := p.tabular()
	p.expect(")")
	if inner.pipeline == nil {
		return inner.scalar
	}
	return &Subquery{Pipeline: inner.pipeline, Span: p.from(start)}
}

// callFollows tells whether f( comes next.
func (p *parser) callFollows() bool {
	n := p.scanName(0, useAlways)
	return n > 0 && p.isAt(n, "(")
}

// call reads f(args).
func (p *parser) call() *Call {
	call := &Call{}
	start := p.start()
	call.Function = p.name(useAlways, "a function")
	p.expect("(")
	p.maybeList(func() { call.Args = append(call.Args, p.argument()) })
	p.expect(")")
	call.Span = p.from(start)
	return call
}

func (p *parser) argument() Named {
	if p.is("*") && p.isAt(1, ",", ")") {
		return Named{Value: p.star()}
	}
	return p.named()
}

// scalarOf reads toscalar(T | …), totable(…) and materialize(…): calls whose
// argument may be a pipeline without parentheses of its own.
func (p *parser) scalarOf(function string) Expr {
	call := &Call{}
	start := p.start()
	call.Function = Name{p.take().text, p.from(start)}
	if function != "materialize" && p.is("kind") && p.isAt(1, "=") {
		p.option(optionSet{"kind": {formWord, "nooptimization"}})
	}
	p.expect("(")
	inner := p.tabular()
	p.expect(")")
	call.Args = []Named{{Value: inner.expr()}}
	call.Span = p.from(start)
	return call
}
