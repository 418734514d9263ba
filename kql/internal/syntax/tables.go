package syntax

// Options of the operators that read other tables or parts of their own.
var (
	joinOptions = optionSet{
		"kind": {formWord, "inner fullouter innerunique leftanti leftantisemi anti leftouter leftsemi rightanti " +
			"rightantisemi rightouter rightsemi"},
		"hint.strategy": {formWord, strategies},
	}
	lookupOptions = optionSet{"kind": {formWord, "inner leftouter"}}
	unionOptions  = optionSet{"kind": {formWord, "inner outer"}, "best_effort": {formValue, ""}}
	expandOptions = optionSet{"kind": {formWord, "bag array"}}
)

// tableOperator reads the operators that take rows from elsewhere, or make
// more of them.
func (p *parser) tableOperator(h Head) Operator {
	switch h.Word.Text {
	case "join":
		return p.join(h)
	case "lookup":
		return p.lookup(h)
	case "union":
		return p.union(h)
	case "find":
		return p.find(h)
	case "search":
		return p.search(h)
	case "mv-expand", "mvexpand":
		return p.mvExpand(h)
	case "mv-apply", "mvapply":
		return p.mvApply(h)
	}
	return nil
}

// source reads the table of join and lookup.
func (p *parser) source() Source {
	e := p.expression()
	if sub, ok := e.(*Subquery); ok && p.text[sub.Span.Start] != '(' {
		return sub.Pipeline.Source
	}
	return p.asSource(e)
}

func (p *parser) join(h Head) Operator {
	h.Options = p.options(joinOptions, true)
	j := &Join{Head: h, Kind: h.word("kind"), Right: p.source()}
	switch {
	case p.accept("on"):
		p.list(func() { j.On = append(j.On, p.expression()) })
	case p.accept("where"): // an old form of on
		j.On = []Expr{p.expression()}
	case !p.failed:
		p.report(h.Word.Span, CodeMeaning, `join has no condition: want "on" and columns`)
	}
	return j
}

func (p *parser) lookup(h Head) Operator {
	h.Options = p.options(lookupOptions, true)
	l := &Lookup{Head: h, Kind: h.word("kind"), Right: p.source()}
	p.expect("on")
	p.list(func() { l.On = append(l.On, p.expression()) })
	return l
}

func (p *parser) union(h Head) Operator {
	h.Options = p.options(unionOptions, true)
	u := &Union{Head: h, Kind: h.word("kind"), WithSource: h.word("withsource", "with_source"), Fuzzy: h.truth("isfuzzy", "__isFuzzy")}
	p.list(func() { u.Tables = append(u.Tables, p.operand()) })
	return u
}

// operand reads a table of union: T, T*, db.T*, f(x), ( pipeline ).
func (p *parser) operand() Source {
	switch {
	case p.is("("):
		return p.asSource(p.parenthesised())
	case p.is("materialize") && p.isAt(1, "("):
		return p.source()
	}
	start := p.start()
	if n := p.scanWildcard(0); n > 0 {
		return &TableRef{Name: p.wildcard(n), Wildcard: true}
	}
	if !p.callFollows() && !p.atPathName() {
		p.want("a table")
		return &Empty{p.peek().Span}
	}
	base := p.primary()
	for p.is(".", "[") {
		if n := p.scanWildcard(1); p.is(".") && n > 0 {
			p.take()
			return &TableRef{Name: p.wildcard(n), Wildcard: true, On: base}
		}
		base = p.step(start, base)
	}
	return p.asSource(base)
}

// mvItem reads [name =] expr [to typeof(T)].
func (p *parser) mvItem() MvItem {
	item := MvItem{Named: p.named()}
	if p.accept("to") {
		item.Type = p.toType()
	}
	return item
}

func (p *parser) mvExpand(h Head) Operator {
	h.Options = p.options(expandOptions, true)
	m := &MvExpand{Head: h, Bags: h.word("kind", "bagexpansion"), ItemIndex: h.name("with_itemindex")}
	p.listUntil(func() { m.Items = append(m.Items, p.mvItem()) }, "limit")
	if p.accept("limit") {
		m.Limit = p.expression()
	}
	return m
}

// applyItem is mvItem where limit, id and on are names only if that is plain.
func (p *parser) applyItem() MvItem {
	if p.is("limit", "id", "on") && !p.isAt(1, ",", "to", "=") {
		p.want("an expression")
	}
	return p.mvItem()
}

func (p *parser) mvApply(h Head) Operator {
	h.Options = p.options(nil, true)
	m := &MvApply{Head: h, ItemIndex: h.name("with_itemindex")}
	p.list(func() { m.Items = append(m.Items, p.applyItem()) })
	if p.accept("limit") {
		m.Limit = p.expression()
	}
	if p.accept("id") {
		m.ID = p.expression()
	}
	p.expect("on")
	p.expect("(")
	m.On = p.contextual()
	p.expect(")")
	return m
}
