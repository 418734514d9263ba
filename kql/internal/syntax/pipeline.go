package syntax

// A part is what may be a pipeline or a scalar: which is seen when it was read.
// A bare name or a call counts as scalar: the binder knows better.
type part struct {
	pipeline *Pipeline
	scalar   Expr
	span     Span
}

// expr is the part as an expression.
func (t part) expr() Expr {
	if t.pipeline != nil {
		return &Subquery{Pipeline: t.pipeline, Span: t.span}
	}
	return t.scalar
}

// tabular reads a pipeline or an expression.
func (p *parser) tabular() part {
	p.enter()
	defer p.leave()
	start, nesting := p.start(), p.nesting[min(p.pos, len(p.nesting)-1)]
	failed := p.failed
	head := p.head()
	if !failed {
		p.recoverStep(start, nesting)
	}
	if head.pipeline == nil && p.is("|") {
		head = part{pipeline: &Pipeline{Source: p.asSource(head.scalar)}}
	}
	if head.pipeline != nil {
		p.operators(head.pipeline, nesting)
		head.pipeline.Span = p.from(start)
	}
	head.span = p.from(start)
	return head
}

// head reads what a pipeline begins with.
func (p *parser) head() part {
	start := p.start()
	switch {
	case p.is("|"):
		p.beyond(beyondSource)
		return part{pipeline: &Pipeline{Source: &Empty{Span{start, start}}}}
	case p.atOperator():
		return part{pipeline: p.headOperator()}
	case p.atBareOperator():
		if keywords[p.peek().text] == useAlways {
			p.beyond(beyondSource)
		}
		return part{pipeline: p.headOperator()}
	}
	e := p.expression()
	if sub, ok := e.(*Subquery); ok {
		if p.text[sub.Span.Start] != '(' { // a datatable
			return part{pipeline: sub.Pipeline}
		}
		if p.is("|") {
			return part{pipeline: &Pipeline{Source: &Nested{sub.Pipeline}}}
		}
		return part{pipeline: sub.Pipeline}
	}
	return part{scalar: e}
}

// pipeline reads what must be tabular.
func (p *parser) pipeline() *Pipeline {
	t := p.tabular()
	if t.pipeline == nil {
		return &Pipeline{Source: p.asSource(t.scalar), Span: t.span}
	}
	return t.pipeline
}

// operators reads | op | op …
func (p *parser) operators(to *Pipeline, nesting int32) {
	for p.accept("|") {
		to.Operators = append(to.Operators, p.wholeOperator(nesting))
	}
}

// subPipeline reads op | op …: what mv-apply, fork and their like do with rows
// that they hand in, so the source is nil.
func (p *parser) subPipeline() *Pipeline {
	p.enter()
	defer p.leave()
	start, nesting := p.start(), p.nesting[min(p.pos, len(p.nesting)-1)]
	sub := &Pipeline{Operators: []Operator{p.wholeOperator(nesting)}}
	p.operators(sub, nesting)
	sub.Span = p.from(start)
	return sub
}

// wholeOperator reads an operator and checks that it ends where it was read to.
// What failed before it goes on failing.
func (p *parser) wholeOperator(nesting int32) Operator {
	failed := p.failed
	op := p.operator()
	if !p.failed && p.peek().Kind != TokenEnd && !p.is("|", ";", ")", "}") {
		p.unexpectedEnd(op.Keyword())
	}
	if !failed {
		p.recoverStep(op.Keyword().Span.Start, nesting)
	}
	return op
}

// unexpectedEnd fails behind an operator. Where a "-" follows its word, as in
// project-awy, that is what was meant to be another operator's.
func (p *parser) unexpectedEnd(word Name) {
	end := wordEnd(p.text, word.Span.End+1)
	if at(p.text, word.Span.End) != '-' || !isLetter(at(p.text, word.Span.End+1)) {
		p.want("\"|\" or the end")
		return
	}
	span := Span{word.Span.Start, end}
	p.fail(span, "%s", unknownOperator(p.text[span.Start:span.End]))
}

// asSource takes an expression for a table.
func (p *parser) asSource(e Expr) Source {
	switch e := e.(type) {
	case *NameRef:
		return &TableRef{Name: e.Name}
	case *Call:
		return &SourceCall{Call: e}
	case *Member:
		return &TableRef{Name: e.Name, On: e.Base}
	case *Index:
		if name, ok := e.Index.(*Literal); ok {
			return &TableRef{Name: Name{name.Value.Text(), name.Span}, On: e.Base}
		}
	case *Subquery:
		return &Nested{e.Pipeline}
	case *Bad:
		return &Empty{e.Span}
	}
	span := e.At()
	hint := ""
	if p.is("|") {
		hint = `: is a ")" missing before "|"?`
	}
	p.report(span, CodeMeaning, "%s is no table%s", excerpt(p.text[span.Start:span.End]), hint)
	return &Empty{Span{span.Start, span.Start}}
}
