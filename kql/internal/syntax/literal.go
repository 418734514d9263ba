package syntax

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// smallestLong is the long that only fits with its minus.
const smallestLong = "9223372036854775808"

// atLiteral tells whether a constant comes next, of which a sign is no part.
func (p *parser) atLiteral() bool {
	switch p.peek().Kind {
	case TokenString, TokenLong, TokenReal, TokenTimeSpan, TokenBool, TokenTyped, TokenGUID:
		return true
	}
	return p.is("dynamic") && p.isAt(1, "(")
}

// constant reads a literal where no other expression may stand: a sign right
// before a number belongs to it.
func (p *parser) constant() Expr {
	start := p.start()
	switch {
	case p.is("typeof") && p.isAt(1, "("):
		return p.typeOf()
	case p.is("{") && p.scanParameter(0) > 0:
		return &NameRef{p.takeName(p.scanParameter(0))}
	case p.is("-", "+") && p.tight(0, 1):
		switch p.peekAt(1).Kind {
		case TokenLong, TokenReal, TokenTimeSpan:
			return p.signedLiteral(start, p.take().text == "-")
		}
	}
	if !p.atLiteral() {
		p.want("a literal")
		return &Bad{Span: p.peek().Span}
	}
	return p.literal()
}

// signedLiteral reads the number behind a sign.
func (p *parser) signedLiteral(start int, minus bool) Expr {
	token := p.take()
	v, problem := parseNumber(token, minus)
	span := p.from(start)
	if problem != "" {
		p.report(span, CodeLiteral, "%s", problem)
	}
	return &Literal{Value: v, Span: span}
}

// literal reads the constant that atLiteral saw.
func (p *parser) literal() Expr {
	start := p.start()
	switch token := p.peek(); token.Kind {
	case TokenString:
		return &Literal{Value: data.OfString(p.strings()), Span: p.from(start)}
	case TokenBool:
		p.take()
		return &Literal{Value: data.OfBool(strings.EqualFold(token.text, "true")), Span: token.Span}
	case TokenGUID:
		p.fail(token.Span, "%s is no literal: write guid(%s)", excerpt(token.text), token.text)
		return &Bad{Span: token.Span}
	case TokenTyped:
		return p.typed()
	case TokenKeyword:
		return p.dynamic()
	}
	return p.signedLiteral(start, false)
}

// parseNumber reads a long, real or timespan; problem says what is wrong with it.
func parseNumber(token Token, minus bool) (v data.Value, problem string) {
	sign := ""
	if minus {
		sign = "-"
	}
	switch token.Kind {
	case TokenReal:
		f, err := strconv.ParseFloat(sign+token.text, 64)
		if err != nil {
			return data.Null(data.Real), token.text + " does not fit a real"
		}
		return data.OfReal(f), ""
	case TokenTimeSpan:
		ticks, ok := parseUnits(sign + token.text)
		if !ok {
			return data.Null(data.TimeSpan), token.text + " does not fit a timespan"
		}
		return data.OfTimeSpan(ticks), ""
	}
	n, ok := parseLong(sign + token.text)
	if !ok {
		return data.Null(data.Long), sign + token.text + " does not fit a long"
	}
	return data.OfLong(n), ""
}

// parseLong reads decimal or hexadecimal digits; 0xFFFFFFFFFFFFFFFF is -1.
func parseLong(text string) (int64, bool) {
	digits, minus := strings.CutPrefix(text, "-")
	if len(digits) < 2 || digits[1]|0x20 != 'x' {
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	}
	bits, err := strconv.ParseUint(digits[2:], 16, 64)
	n := int64(bits)
	if minus {
		n = -n
	}
	return n, err == nil
}

// parseUnits reads 1.5h and its like in ticks.
func parseUnits(text string) (int64, bool) {
	end := strings.LastIndexAny(text, "0123456789") + 1
	unit := units[text[end:]]
	if n, err := strconv.ParseInt(text[:end], 10, 64); err == nil && unit >= 1 {
		ticks := n * int64(unit)
		return ticks, ticks/int64(unit) == n
	}
	f, err := strconv.ParseFloat(text[:end], 64)
	ticks := f * unit
	return int64(ticks), err == nil && ticks > -(1<<63) && ticks < 1<<63
}

// typeOf reads typeof(long) or typeof(a: string, *).
func (p *parser) typeOf() Expr {
	start, of := p.start(), &TypeOf{}
	p.expect("typeof")
	p.expect("(")
	if token := p.peek(); token.Kind == TokenName && p.isAt(1, ")") || declaredTypes[token.text] || castTypes[token.text] {
		of.Type = p.castType()
	} else {
		p.maybeList(func() {
			if p.accept("*") {
				of.Star = true
				return
			}
			of.Columns = append(of.Columns, p.columnDecl())
		})
	}
	p.expect(")")
	of.Span = p.from(start)
	return of
}

// castType takes the type in typeof(…), which may be one of the old names too.
func (p *parser) castType() data.Type {
	token := p.take()
	t, ok := data.ParseType(token.text)
	if !ok {
		p.report(token.Span, CodeMeaning, "%s", unknownWord("type", token.text, typeNames()))
	}
	return t
}

// declaredType takes a column's or parameter's type.
func (p *parser) declaredType() data.Type {
	token := p.peek()
	if token.Kind != TokenKeyword || !declaredTypes[token.text] {
		p.wantWord("type", token.text, typeNames())
		return 0
	}
	p.take()
	if token.text == "int8" {
		return data.Int
	}
	t, _ := data.ParseType(token.text)
	return t
}

func typeNames() []string {
	var names []string
	for _, t := range data.Types {
		names = append(names, t.String())
	}
	return names
}
