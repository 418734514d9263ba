package syntax

import "strings"

// Operators on text bind tighter than arithmetic, as in Kusto: a has "x" + "y"
// is (a has "x") + "y".
var textOperators = set(`=~ !~ has !has has_cs !has_cs hasprefix !hasprefix hasprefix_cs !hasprefix_cs
	hassuffix !hassuffix hassuffix_cs !hassuffix_cs like notlike likecs notlikecs contains notcontains !contains
	containscs contains_cs notcontainscs !contains_cs startswith !startswith startswith_cs !startswith_cs
	endswith !endswith endswith_cs !endswith_cs :`)

// spelled gives old spellings of operators their present ones.
var spelled = map[string]string{
	"<>": "!=", "notcontains": "!contains", "containscs": "contains_cs", "notcontainscs": "!contains_cs",
}

// expression reads a scalar expression.
func (p *parser) expression() Expr {
	p.enter()
	defer p.leave()
	return p.chain((*parser).conjunction, "or")
}

func (p *parser) conjunction() Expr { return p.chain((*parser).equality, "and") }
func (p *parser) sum() Expr         { return p.chain((*parser).product, "+", "-") }
func (p *parser) product() Expr     { return p.chain((*parser).textual, "*", "/", "%") }

// chain reads operands with any of the operators between, from left to right.
func (p *parser) chain(operand func(*parser) Expr, operators ...string) Expr {
	start, left := p.start(), operand(p)
	for n := 0; p.is(operators...); n++ {
		if n == maxChain {
			p.fail(p.peek().Span, "more than %d operands in a row", maxChain)
			break
		}
		left = p.binary(start, left, operand)
	}
	return left
}

// binary takes an operator and what stands to its right.
func (p *parser) binary(start int, left Expr, operand func(*parser) Expr) Expr {
	op := p.take()
	right := operand(p)
	return &Binary{Op: p.operatorName(op.text), OpSpan: op.Span, Left: left, Right: right, Span: p.from(start)}
}

func (p *parser) operatorName(text string) string {
	if strings.HasPrefix(text, "matches") {
		if text != "matches regex" {
			p.beyond(beyondRegex)
		}
		return "matches regex"
	}
	if name, ok := spelled[text]; ok {
		return name
	}
	return text
}

func (p *parser) equality() Expr {
	if p.is("*") && p.isAt(1, "==") {
		return p.binary(p.start(), p.star(), (*parser).relation)
	}
	start, left := p.start(), p.relation()
	switch {
	case p.is("==", "!=", "<>"):
		return p.binary(start, left, (*parser).relation)
	case p.is("in") && p.isAt(1, "range"): // of make-series
	case p.is("in", "in~", "!in", "!in~", "has_any", "has_all"):
		return p.membership(start, left)
	case p.is("between", "!between"):
		return p.between(start, left)
	}
	return left
}

func (p *parser) relation() Expr {
	start, left := p.start(), p.sum()
	if p.is("<", "<=", ">", ">=") {
		return p.binary(start, left, (*parser).sum)
	}
	return left
}

func (p *parser) textual() Expr {
	start := p.start()
	if p.is("*") && p.textOperator(1) {
		return p.binary(start, p.star(), (*parser).signed)
	}
	left := p.signed()
	if p.textOperator(0) {
		return p.binary(start, left, (*parser).signed)
	}
	return left
}

func (p *parser) textOperator(n int) bool {
	token := p.peekAt(n)
	return (token.Kind == TokenKeyword || token.Kind == TokenPunctuation) &&
		(textOperators[token.text] || strings.HasPrefix(token.text, "matches"))
}

func (p *parser) signed() Expr {
	if !p.is("-", "+") {
		return p.path()
	}
	start, sign := p.start(), p.take()
	if sign.text == "-" && p.peek().text == smallestLong {
		return p.signedLiteral(start, true)
	}
	operand := p.path()
	return &Unary{Op: sign.text, Operand: operand, Span: p.from(start)}
}

// membership reads the list of in and its like, or the query that makes one.
func (p *parser) membership(start int, left Expr) Expr {
	op := p.take()
	in := &In{Op: op.text, OpSpan: op.Span, Left: left}
	p.expect("(")
	if p.atQuery() {
		in.List = []Expr{p.tabular().expr()}
	} else {
		p.list(func() { in.List = append(in.List, p.expression()) })
	}
	p.expect(")")
	in.Span = p.from(start)
	return in
}

// atQuery tells whether a pipeline comes next rather than an expression: it
// begins with an operator, or has a bar before it ends.
func (p *parser) atQuery() bool {
	if p.atOperator() {
		return true
	}
	open := 0
	for n := 0; ; n++ {
		switch token := p.peekAt(n); {
		case token.Kind == TokenEnd || p.isAt(n, ";"):
			return false
		case p.isAt(n, ",", ")") && open == 0:
			return false
		case p.isAt(n, "("):
			open++
		case p.isAt(n, ")"):
			open--
		case p.isAt(n, "|") && open == 0:
			return true
		}
	}
}

func (p *parser) between(start int, left Expr) Expr {
	b := &Between{Negated: p.take().text == "!between", Left: left}
	p.expect("(")
	b.Low = p.expression()
	p.expect("..")
	b.High = p.expression()
	p.expect(")")
	b.Span = p.from(start)
	return b
}

func (p *parser) star() Expr { return &Star{Span: p.take().Span} }

// named reads name = expr, (a, b) = expr, or an expression alone.
func (p *parser) named() Named {
	if n := p.scanName(0, useDotted); n > 0 && p.isAt(n, "=") {
		if p.scanName(0, useDeclare) == 0 {
			p.beyond(beyondKind)
		}
		name := p.takeName(n)
		p.expect("=")
		return Named{Name: &name, Value: p.expression()}
	}
	if p.scanNames() {
		return p.manyNamed()
	}
	if n := p.scanDashed(); n > 0 && p.isAt(n, "=") {
		span := Span{p.start(), p.peekAt(n - 1).Span.End}
		name := p.text[span.Start:span.End]
		p.fail(span, "%q is no name: write ['%s']", name, name)
	}
	return Named{Value: p.expression()}
}

// scanNames tells whether "(a, b) =" comes next.
func (p *parser) scanNames() bool {
	if !p.is("(") {
		return false
	}
	n := 1
	for {
		length := p.scanName(n, useDeclare)
		n += length
		if length == 0 || !p.isAt(n, ",") {
			return p.isAt(n, ")") && p.isAt(n+1, "=")
		}
		n++
	}
}

func (p *parser) manyNamed() Named {
	var names []Name
	p.expect("(")
	p.list(func() { names = append(names, p.name(useDeclare, "a name")) })
	p.expect(")")
	p.expect("=")
	return Named{Names: names, Value: p.expression()}
}

// scanDashed counts the tokens of what was meant to be a name: first-seen, time.
func (p *parser) scanDashed() int {
	if kind := p.peek().Kind; kind != TokenName && kind != TokenKeyword {
		return 0
	}
	n := 1
	for p.tight(n-1, n) && (p.isAt(n, "-") || p.peekAt(n).Kind == TokenName || p.peekAt(n).Kind == TokenKeyword) {
		n++
	}
	return n
}
