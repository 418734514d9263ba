package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

var (
	parseOptions = optionSet{"kind": {formWord, "simple regex relaxed"}, "flags": {formWord, ""}}
	kvOptions    = optionSet{
		"pair_delimiter": {formValue, ""}, "kv_delimiter": {formValue, ""}, "regex": {formValue, ""}, "quote": {formValue, ""},
		"escape": {formValue, ""}, "greedy": {formValue, ""},
	}
	reduceOptions     = optionSet{"kind": {formWord, "source"}}
	reduceWithOptions = optionSet{"threshold": {formReal, ""}, "characters": {formValue, ""}}
)

// parse reads parse and parse-where: expr with "text" column: type *.
func (p *parser) parse(h Head) Operator {
	h.Options = p.options(parseOptions, true)
	t := &ParseText{Head: h, Where: h.Word.Text == "parse-where", Kind: h.word("kind"), Flags: h.word("flags")}
	t.Value = p.expression()
	p.expect("with")
	for !p.atListEnd() && !p.failed {
		t.Parts = append(t.Parts, p.parsePart())
	}
	return t
}

func (p *parser) parsePart() ParsePart {
	start := p.start()
	switch {
	case p.accept("*"):
		return ParsePart{Star: true, Span: p.from(start)}
	case p.peek().Kind == TokenString:
		text := p.strings()
		return ParsePart{Text: &text, Span: p.from(start)}
	}
	column := ColumnDecl{Name: p.name(useDeclare, `a text, a column or "*"`)}
	if p.accept(":") {
		column.Type = p.declaredType()
	}
	return ParsePart{Column: &column, Span: p.from(start)}
}

// parseKV reads parse-kv expr as (a: type) with (…).
func (p *parser) parseKV(h Head) Operator {
	kv := &ParseKV{Head: h, Value: p.expression()}
	p.expect("as")
	kv.Columns = p.rowSchema()
	if p.accept("with") {
		p.expect("(")
		kv.With = p.onlyOptions(kvOptions)
		p.expect(")")
	}
	return kv
}

// reduce reads reduce by expr with threshold=0.2, characters="x".
func (p *parser) reduce(h Head) Operator {
	h.Options = p.options(reduceOptions, false)
	p.expect("by")
	r := &Reduce{Head: h, By: p.unnamed()}
	if !p.accept("with") {
		return r
	}
	p.maybeList(func() {
		if n, _ := p.scanOption(reduceWithOptions); n == 0 {
			p.wantWord("property", p.peek().text, reduceWithOptions.names())
			return
		}
		r.With = append(r.With, p.option(reduceWithOptions))
	})
	return r
}

// toType reads the typeof(T) behind "to".
func (p *parser) toType() data.Type {
	if !p.is("typeof") {
		p.want("typeof(…)")
		return 0
	}
	known := len(p.problems)
	of, _ := p.typeOf().(*TypeOf)
	if of.Type == 0 && len(p.problems) == known {
		p.report(of.Span, CodeMeaning, "want one type: typeof(string)")
	}
	return of.Type
}
