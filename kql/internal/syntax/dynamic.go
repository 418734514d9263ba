package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

// dynamic reads dynamic(…): JSON in which Kusto's literals may stand too.
func (p *parser) dynamic() Expr {
	start := p.start()
	p.expect("dynamic")
	p.expect("(")
	node := p.node()
	p.expect(")")
	return &Literal{Value: data.OfNode(node), Span: p.from(start)}
}

func (p *parser) node() *data.Node {
	p.enter()
	defer p.leave()
	switch {
	case p.accept("null"):
		return nil
	case p.is("["):
		return p.array()
	case p.is("{"):
		if n := p.scanParameter(0); n > 0 {
			p.takeName(n)
			return nil
		}
		return p.bag()
	case p.is("-"):
		return p.negative()
	case p.atLiteral() && !p.atWholeLiteral():
		if literal, ok := p.literal().(*Literal); ok {
			return data.NodeOf(literal.Value)
		}
		return nil
	}
	p.want("a JSON value")
	return nil
}

// atWholeLiteral tells the literals that Kusto does not take in JSON, where
// numbers are what they are: int(1), real(1).
func (p *parser) atWholeLiteral() bool {
	token := p.peek()
	if token.Kind != TokenTyped {
		return false
	}
	switch typedLiterals[token.text[:wordEnd(token.text, 0)]] {
	case data.Int, data.Long, data.Real:
		return true
	}
	return false
}

func (p *parser) negative() *data.Node {
	start := p.start()
	p.take()
	if kind := p.peek().Kind; kind != TokenLong && kind != TokenReal {
		p.want("a number")
		return nil
	}
	literal, _ := p.signedLiteral(start, true).(*Literal)
	return data.NodeOf(literal.Value)
}

func (p *parser) array() *data.Node {
	var items []*data.Node
	p.expect("[")
	p.maybeList(func() { items = append(items, p.node()) })
	p.expect("]")
	return data.NodeOfArray(items)
}

func (p *parser) bag() *data.Node {
	var keys []string
	var values []*data.Node
	p.expect("{")
	p.maybeList(func() {
		key, node := p.pair()
		keys, values = append(keys, key), append(values, node)
	})
	p.expect("}")
	return data.NodeOfBag(keys, values)
}

func (p *parser) pair() (string, *data.Node) {
	token := p.peek()
	if token.Kind != TokenString {
		p.want("a key in quotes")
		return "", nil
	}
	p.take()
	p.expect(":")
	node := p.node()
	if p.failed {
		return "", nil
	}
	return unquote(token.text), node
}
