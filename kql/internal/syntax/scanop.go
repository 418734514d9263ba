package syntax

// scanWords begin the parts of scan.
var scanWords = []string{"partition", "order", "by", "declare", "with"}

var scanOptions = optionSet{"kind": {formWord, "partial full"}}

// scan reads scan with_match_id=… declare (…) with ( step …; ).
func (p *parser) scan(h Head) Operator {
	h.Options = p.options(scanOptions, false)
	s := &Scan{Head: h, MatchID: h.name("with_match_id")}
	if p.accept("order") {
		p.expect("by")
		p.listUntil(func() { s.OrderBy = append(s.OrderBy, p.order()) }, scanWords...)
	}
	if p.accept("partition") {
		p.expect("by")
		p.listUntil(func() { s.Partition = append(s.Partition, p.expression()) }, scanWords...)
	}
	if p.accept("declare") {
		p.expect("(")
		p.maybeList(func() { s.Declare = append(s.Declare, p.param()) })
		p.expect(")")
	}
	p.expect("with")
	p.expect("(")
	for p.is("step") {
		s.Steps = append(s.Steps, p.scanStep())
	}
	p.expect(")")
	return s
}

// scanStep reads step name [optional] [output=…]: condition [=> a = …, b = …];
func (p *parser) scanStep() ScanStep {
	var s ScanStep
	p.expect("step")
	s.Name = p.name(useDeclare, "a step's name")
	s.Optional = p.accept("optional")
	if p.accept("output") {
		p.expect("=")
		s.Output = p.oneOf("output", "all", "last", "none")
	}
	p.expect(":")
	s.Condition = p.expression()
	if p.accept("=>") {
		p.list(func() { s.Assignments = append(s.Assignments, p.assignment()) })
	}
	p.expect(";")
	return s
}

func (p *parser) assignment() Named {
	name := p.name(useDeclare, "a column")
	p.expect("=")
	return Named{Name: &name, Value: p.expression()}
}

// oneOf takes one of the words.
func (p *parser) oneOf(what string, words ...string) string {
	for _, w := range words {
		if p.peek().text == w {
			return p.take().text
		}
	}
	p.wantWord(what, p.peek().text, words)
	return ""
}
