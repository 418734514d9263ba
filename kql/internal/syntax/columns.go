package syntax

// columnOperator reads the operators that say which columns there are.
func (p *parser) columnOperator(h Head) Operator {
	switch h.Word.Text {
	case "extend":
		return &Extend{h, p.namedList()}
	case "project":
		return &Project{h, p.maybeNamed()}
	case "project-rename":
		return p.rename(h)
	case "project-away", "project-keep":
		return p.patterns(h)
	case "project-reorder":
		return p.reorder(h)
	case "project-by-names":
		c := &ProjectColumns{Head: h}
		p.maybeList(func() { c.Values = append(c.Values, p.expression()) })
		return c
	case "summarize":
		return p.summarize(h)
	case "distinct":
		return p.distinct(h)
	case "serialize":
		h.Options = p.options(nil, true)
		return &Serialize{h, p.maybeNamed()}
	case "make-series":
		return p.makeSeries(h)
	}
	return nil
}

func (p *parser) namedList() []Named {
	var items []Named
	p.list(func() { items = append(items, p.named()) })
	return items
}

func (p *parser) maybeNamed() []Named {
	if p.atListEnd() {
		return nil
	}
	return p.namedList()
}

func (p *parser) rename(h Head) Operator {
	r := &ProjectRename{Head: h}
	for _, item := range p.maybeNamed() {
		old, ok := item.Value.(*NameRef)
		if !ok || item.Name == nil {
			p.report(item.Value.At(), CodeMeaning, "want new = old, both the names of columns")
			continue
		}
		r.Items = append(r.Items, Rename{*item.Name, old.Name})
	}
	return r
}

// patternName reads a column's name, perhaps with *.
func (p *parser) patternName() Pattern {
	if n := p.scanWildcard(0); n > 0 {
		return Pattern{p.wildcard(n), true}
	}
	if p.scanName(0, useAlways) == 0 && p.scanName(0, useDotted) > 0 {
		p.beyond(beyondKind)
		return Pattern{p.name(useDotted, "a column"), false}
	}
	return Pattern{p.name(useAlways, "a column"), false}
}

func (p *parser) patterns(h Head) Operator {
	c := &ProjectColumns{Head: h}
	p.maybeList(func() { c.Patterns = append(c.Patterns, p.patternName()) })
	return c
}

func (p *parser) reorder(h Head) Operator {
	c := &ProjectColumns{Head: h}
	p.maybeList(func() {
		c.Patterns = append(c.Patterns, p.patternName())
		order := ""
		if p.is("asc", "desc", "granny-asc", "granny-desc") {
			order = p.take().text
		}
		c.Orders = append(c.Orders, order)
	})
	return c
}

func (p *parser) summarize(h Head) Operator {
	h.Options = p.options(optionSet{"hint.strategy": {formWord, "shuffle"}}, true)
	s := &Summarize{Head: h}
	if !p.is("by") {
		s.Aggregates = p.maybeNamed()
	}
	if s.HasBy = p.accept("by"); !s.HasBy {
		return s
	}
	p.list(func() { s.By = append(s.By, p.groupKey()) })
	if p.atOldBin() {
		p.take()
		p.expect("=")
		s.Bin = p.expression()
	}
	return s
}

func (p *parser) groupKey() Named {
	if p.atOldBin() {
		p.want("a column to group by")
	}
	return p.named()
}

// atOldBin tells whether the old form of bin comes next: by Time bin=1h.
func (p *parser) atOldBin() bool {
	if !p.is("bin") || !p.isAt(1, "=") {
		return false
	}
	kind := p.peekAt(2).Kind
	return kind >= TokenString && kind <= TokenGUID
}

func (p *parser) distinct(h Head) Operator {
	h.Options = p.options(nil, true)
	d := &Distinct{Head: h}
	p.list(func() {
		if p.is("*") && !p.textOperator(1) && !p.isAt(1, "==") {
			p.take()
			d.Star = true
			return
		}
		d.Items = append(d.Items, p.named())
	})
	return d
}

func (p *parser) makeSeries(h Head) Operator {
	h.Options = p.options(optionSet{"kind": {formWord, "nonempty"}}, true)
	m := &MakeSeries{Head: h}
	p.listUntil(func() { m.Items = append(m.Items, p.seriesItem()) }, "on", "from", "in")
	p.expect("on")
	m.On = p.named()
	if p.accept("in") {
		m.In = p.seriesRange()
	} else {
		p.seriesSteps(m)
	}
	if p.accept("by") {
		m.By = p.namedList()
	}
	return m
}

func (p *parser) seriesItem() SeriesItem {
	item := SeriesItem{Named: p.named()}
	if p.accept("default") {
		p.expect("=")
		item.Default = p.named().Value
	}
	return item
}

func (p *parser) seriesSteps(m *MakeSeries) {
	if p.accept("from") {
		m.From = p.expression()
	}
	if p.accept("to") {
		m.To = p.expression()
	}
	p.expect("step")
	m.Step = p.expression()
}

// seriesRange reads the range(a, b, s) of the old form.
func (p *parser) seriesRange() Expr {
	call := &Call{}
	start := p.start()
	call.Function = Name{"range", p.peek().Span}
	p.expect("range")
	p.expect("(")
	p.maybeList(func() { call.Args = append(call.Args, p.named()) })
	p.expect(")")
	call.Span = p.from(start)
	return call
}
