package syntax

var (
	evaluateOptions  = optionSet{"hint.remote": {formWord, "auto local"}}
	partitionOptions = optionSet{"hint.strategy": {formWord, "shuffle native legacy"}}
	getschemaOptions = optionSet{"kind": {formWord, "csl"}}
)

// otherOperator reads the operators that name, show, split or call.
func (p *parser) otherOperator(h Head) Operator {
	switch h.Word.Text {
	case "as":
		return p.as(h)
	case "getschema":
		if p.is("kind") && p.isAt(1, "=") {
			h.Options = append(h.Options, p.option(getschemaOptions))
		}
		return &GetSchema{h}
	case "consume":
		h.Options = p.options(nil, false)
		return &Consume{h}
	case "evaluate":
		return p.evaluate(h)
	case "render":
		return p.render(h)
	case "parse", "parse-where":
		return p.parse(h)
	case "parse-kv":
		return p.parseKV(h)
	case "reduce":
		return p.reduce(h)
	case "scan":
		return p.scan(h)
	case "assert-schema":
		return &AssertSchema{h, p.rowSchema()}
	case "invoke":
		return p.invoke(h)
	}
	return p.branching(h)
}

// branching reads the operators that have pipelines within.
func (p *parser) branching(h Head) Operator {
	switch h.Word.Text {
	case "fork":
		return p.fork(h)
	case "facet":
		return p.facet(h)
	case "partition":
		return p.partition(h)
	case "__partitionby":
		return p.partitionBy(h)
	case "macro-expand":
		return p.macroExpand(h)
	}
	return p.misplaced(h)
}

// misplaced reads operators that only make sense at the beginning.
func (p *parser) misplaced(h Head) Operator {
	switch h.Word.Text {
	case "print":
		p.pos--
		p.print()
	case "range":
		p.pos--
		p.rangeOf()
	case "inline_external_table":
		p.pos--
		p.inlineTable()
		return &Unknown{h}
	case "__executeAndCache":
		p.refuse(h.Word.Span, "__executeAndCache is not supported")
		return &Unknown{h}
	}
	p.report(h.Word.Span, CodeMeaning, "%s takes no rows: it stands at the beginning", h.Word.Text)
	return &Unknown{h}
}

func (p *parser) as(h Head) Operator {
	h.Options = p.options(nil, true)
	return &As{h, p.name(useAlways, "a name")}
}

func (p *parser) evaluate(h Head) Operator {
	h.Options = p.options(evaluateOptions, false)
	e := &Evaluate{Head: h, Call: p.call()}
	if p.accept(":") {
		p.expect("(")
		p.accept(",")
		e.Star = p.accept("*")
		p.accept(",")
		p.trailingList(func() { e.Schema = append(e.Schema, p.columnDecl()) })
		p.expect(")")
	}
	return e
}

// invoke reads f(…), or a.f(…) where a is a call too.
func (p *parser) invoke(h Head) Operator {
	start, call := p.start(), p.call()
	for p.is(".") {
		p.take()
		on := call
		call = p.call()
		call.On, call.Span = on, p.from(start)
	}
	return &Invoke{h, call}
}

// fork reads name = (op | op) (op | op).
func (p *parser) fork(h Head) Operator {
	f := &Fork{Head: h}
	for {
		var b ForkBranch
		if n := p.scanName(0, useAlways); n > 0 && p.isAt(n, "=") {
			name := p.takeName(n)
			b.Name = &name
			p.expect("=")
		}
		p.expect("(")
		b.Sub = p.branch()
		p.expect(")")
		f.Branches = append(f.Branches, b)
		if n := p.scanName(0, useAlways); !p.is("(") && (n == 0 || !p.isAt(n, "=")) {
			return f
		}
	}
}

// branch reads the operators of one branch. Kusto's parser takes any expression
// there.
func (p *parser) branch() *Pipeline {
	if token := p.peek(); token.Kind != TokenKeyword || !isOperator(token.text) {
		p.report(token.Span, CodeMeaning, "want an operator, such as where or project")
		return p.pipeline()
	}
	return p.subPipeline()
}

// facet reads by a, b with (op | op), or with op.
func (p *parser) facet(h Head) Operator {
	f := &Facet{Head: h}
	p.expect("by")
	p.listUntil(func() { f.By = append(f.By, p.columnName()) }, "with")
	if !p.accept("with") {
		return f
	}
	if !p.accept("(") {
		start := p.start()
		f.With = &Pipeline{Operators: []Operator{p.operator()}, Span: p.from(start)}
		return f
	}
	f.With = p.subPipeline()
	p.expect(")")
	return f
}

// simplePath reads a.b['c'], without calls.
func (p *parser) simplePath() Expr {
	start := p.start()
	e := p.element()
	for p.is(".", "[") {
		if p.is(".") && !p.isAt(1, "[") {
			p.take()
			e = &Member{Base: e, Name: p.stepName(), Span: p.from(start)}
			continue
		}
		e = p.step(start, e)
	}
	return e
}

// element reads the name that a simple path begins with: what stands in
// parentheses behind it are not its arguments.
func (p *parser) element() Expr {
	switch {
	case p.is("["):
		return p.bracketed()
	case p.atPathName():
		return &NameRef{p.pathName()}
	}
	p.want("a column")
	return &Bad{Span: p.peek().Span}
}

// columnName reads a column where Kusto's parser would take a path too.
func (p *parser) columnName() Name {
	e := p.simplePath()
	name, ok := e.(*NameRef)
	if !ok {
		p.report(e.At(), CodeMeaning, "want a column, not a path: add it with extend first")
		return Name{Span: e.At()}
	}
	return name.Name
}

// partition reads by Column ( op | op ), or by Column { T | op }.
func (p *parser) partition(h Head) Operator {
	h.Options = p.options(partitionOptions, false)
	t := &Partition{Head: h}
	p.expect("by")
	t.By = p.columnName()
	if p.accept("in") {
		p.partitionScope()
	}
	if p.accept("{") {
		t.Legacy = p.pipeline()
		p.expect("}")
		return t
	}
	p.expect("(")
	t.Sub = p.subPipeline()
	p.expect(")")
	return t
}

func (p *parser) partitionScope() {
	start := p.start()
	if p.is("dynamic") {
		p.dynamic()
	} else {
		p.call()
	}
	p.refuse(p.from(start), "a list of values for partition is not supported: filter before it")
}
