package syntax

// What stands here is read so that it can be refused by its name, not for
// its tree.

// command skips .show tables and its like.
func (p *parser) command() {
	p.beyond(beyondCommand)
	p.refuse(Span{p.start(), len(p.text)}, "management commands, which begin with a dot, are not supported")
}

// alias reads alias database a = cluster(…).database(…).
func (p *parser) alias() {
	start := p.start()
	p.expect("alias")
	p.expect("database")
	p.name(useAlways, "a name")
	p.expect("=")
	p.expression()
	p.refuse(p.from(start), "alias is not supported: there is one database only")
}

// restrict reads restrict access to (…) with (…).
func (p *parser) restrict() {
	start := p.start()
	p.expect("restrict")
	p.expect("access")
	p.expect("to")
	p.expect("(")
	p.list(func() { p.operand() })
	p.expect(")")
	p.properties()
	p.refuse(p.from(start), "restrict is not supported: whoever runs the query says what it may see")
}

// pattern reads declare pattern P = (a: string)[b: string] { ("x").["y"] = { T }; }.
func (p *parser) pattern() {
	start := p.start()
	p.expect("declare")
	p.expect("pattern")
	p.name(useAlways, "a name")
	if p.accept("=") {
		p.patternBody()
	}
	p.refuse(p.from(start), "patterns are not supported: write a function instead: let f = (a: string) { … }")
}

func (p *parser) patternBody() {
	p.expect("(")
	p.maybeList(func() { p.columnDecl() })
	p.expect(")")
	if p.accept("[") {
		p.columnDecl()
		p.expect("]")
	}
	p.expect("{")
	for p.patternMatch(); p.is("("); {
		p.patternMatch()
	}
	p.expect("}")
}

func (p *parser) patternMatch() {
	p.expect("(")
	p.list(func() { p.expression() })
	p.expect(")")
	if p.accept(".") {
		p.expect("[")
		p.constant()
		p.expect("]")
	}
	p.expect("=")
	p.body(&Lambda{})
	p.expect(";")
}

// entityGroup reads entity_group [a, b] or entity_group("name").
func (p *parser) entityGroup() {
	start := p.start()
	if p.callFollows() {
		p.call()
	} else {
		p.expect("entity_group")
		p.expect("[")
		p.list(func() { p.expression() })
		p.expect("]")
	}
	p.refuse(p.from(start), "entity groups are not supported: there is one database only")
}

// macroExpand reads macro-expand entity_group […] as X (…).
func (p *parser) macroExpand(h Head) Operator {
	h.Options = p.options(unionOptions, true)
	if p.is("entity_group") {
		p.entityGroup()
	} else {
		p.path()
	}
	if p.accept("as") {
		p.name(useAlways, "a name")
	}
	p.expect("(")
	for q := (&Query{}); !p.is(")") && p.peek().Kind != TokenEnd; {
		p.statement(q)
		if !p.accept(";") {
			break
		}
	}
	p.expect(")")
	p.refuse(p.from(h.Word.Span.Start), "macro-expand is not supported: there is one database only")
	return &Unknown{h}
}

// partitionBy reads __partitionby, which Kusto itself writes.
func (p *parser) partitionBy(h Head) Operator {
	h.Options = p.options(partitionOptions, false)
	p.simplePath()
	if p.accept("id") {
		p.constant()
	}
	p.expect("(")
	p.contextual()
	p.expect(")")
	p.refuse(p.from(h.Word.Span.Start), `__partitionby is not supported: use partition`)
	return &Unknown{h}
}

// contextual reads the operators in parentheses of mv-apply and make-graph.
func (p *parser) contextual() *Pipeline { return p.subPipeline() }
