package syntax

// rowOperator reads the operators that keep, drop or order rows.
func (p *parser) rowOperator(h Head) Operator {
	switch h.Word.Text {
	case "where", "filter":
		return p.where(h)
	case "count":
		return p.count(h)
	case "take", "limit":
		h.Options = p.options(nil, true)
		return &Take{h, p.unnamed()}
	case "sample":
		h.Options = p.options(nil, true)
		return &Sample{h, p.unnamed()}
	case "sample-distinct":
		h.Options = p.options(nil, true)
		rows := p.unnamed()
		p.expect("of")
		return &SampleDistinct{h, rows, p.unnamed()}
	case "top":
		return p.top(h)
	case "top-hitters":
		return p.topHitters(h)
	case "top-nested":
		return p.topNested(h)
	case "sort", "order":
		h.Options = p.options(nil, false)
		p.expect("by")
		return &Sort{h, p.orders()}
	}
	return nil
}

func (p *parser) where(h Head) Operator {
	h.Options = p.options(nil, true)
	item := p.named()
	if item.Name != nil {
		p.report(item.Name.Span, CodeMeaning, `"=" gives a name: to compare, write "=="`)
		item.Value = &Binary{Op: "==", Left: &NameRef{*item.Name}, Right: item.Value, Span: Span{item.Name.Span.Start, item.Value.At().End}}
	}
	return &Where{h, item.Value}
}

// unnamed reads an expression where Kusto's parser would take "name =" too,
// to no effect.
func (p *parser) unnamed() Expr {
	item := p.named()
	if item.Name != nil {
		p.report(item.Name.Span, CodeMeaning, "%q names what needs no name", item.Name.Text)
	}
	return item.Value
}

func (p *parser) count(h Head) Operator {
	c := &Count{Head: h}
	if p.accept("as") {
		if p.peek().Kind != TokenName {
			p.want("a name")
		}
		c.As = p.optionalName(useAlways)
	}
	return c
}

func (p *parser) top(h Head) Operator {
	h.Options = p.options(nil, true)
	rows := p.unnamed()
	p.expect("by")
	return &Top{h, rows, p.order()}
}

func (p *parser) topHitters(h Head) Operator {
	t := &TopHitters{Head: h, Rows: p.unnamed()}
	p.expect("of")
	t.Of = p.unnamed()
	if p.accept("by") {
		t.By = p.unnamed()
	}
	return t
}

func (p *parser) topNested(h Head) Operator {
	t := &TopNested{Head: h, Levels: []TopLevel{p.topLevel()}}
	for p.accept(",") {
		p.expect("top-nested")
		t.Levels = append(t.Levels, p.topLevel())
	}
	return t
}

func (p *parser) topLevel() TopLevel {
	var l TopLevel
	if !p.is("of") || p.isAt(1, "of") {
		l.Rows = p.unnamed()
	}
	p.expect("of")
	l.Of = p.named()
	if p.accept("with") {
		p.expect("others")
		p.expect("=")
		l.Others = p.others()
	}
	p.expect("by")
	l.By = p.named()
	l.Descending = p.direction(&Order{Descending: true}).Descending
	return l
}

// others reads a literal, behind which no operator may stand, or an expression.
func (p *parser) others() Expr {
	signed := p.is("-", "+") && p.tight(0, 1) && p.peekAt(1).Kind >= TokenLong && p.peekAt(1).Kind <= TokenTimeSpan
	if p.atLiteral() || signed {
		return p.constant()
	}
	return p.expression()
}

func (p *parser) orders() []Order {
	var all []Order
	p.list(func() { all = append(all, p.order()) })
	return all
}

// order reads expr [asc|desc] [nulls first|last].
func (p *parser) order() Order {
	return *p.direction(&Order{Value: p.unnamed(), Descending: true})
}

func (p *parser) direction(o *Order) *Order {
	if p.is("asc", "desc", "granny-asc", "granny-desc") {
		o.Descending = p.is("desc", "granny-desc")
		p.take()
	}
	o.NullsFirst = !o.Descending
	if p.accept("nulls") {
		if !p.is("first", "last") {
			p.want(`"first" or "last"`)
		}
		o.NullsFirst = p.take().text == "first"
	}
	return o
}
