package syntax

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// query reads statements with semicolons between.
func (p *parser) query() *Query {
	q := &Query{}
	for p.peek().Kind == TokenDirective {
		p.take()
	}
	if p.is(".") {
		p.command()
		return q
	}
	for p.peek().Kind != TokenEnd {
		before, start, earlier := p.pos, p.start(), len(p.problems)
		p.statement(q)
		p.endStatement()
		if p.failed {
			end := p.start()
			if n := len(p.problems); n > earlier { // not beyond the most that are told
				p.misspeltStatement(q)
				end = p.problems[n-1].Span.Start
			}
			if q.Lost == nil {
				q.Lost = &Span{start, end}
			}
		}
		p.recover(0, ";")
		if !p.accept(";") && p.pos == before {
			p.pos++ // a bracket that nothing opened
		}
	}
	return q
}

// misspeltStatement says of "lett x = 5" what the first word was to be, instead
// of what stands behind it.
func (p *parser) misspeltStatement(q *Query) {
	if q.Result == nil || len(q.Result.Operators) > 0 {
		return
	}
	ref, ok := q.Result.Source.(*TableRef)
	last := &p.problems[len(p.problems)-1]
	if !ok || ref.On != nil || last.Span.Start < ref.Name.Span.End || !strings.HasPrefix(last.Message, "unexpected ") || strings.TrimSpace(p.text[ref.Name.Span.End:last.Span.Start]) != "" {
		return
	}
	if ref.Name.Text == "let" {
		word := p.text[last.Span.Start:last.Span.End]
		last.Message = fmt.Sprintf("unexpected %q: want a name", word)
		if word != "" && isLetter(word[0]) {
			last.Message += "; as a name it is written ['" + word + "']"
		}
		return
	}
	near := nearest(ref.Name.Text, []string{"let", "set", "declare", "print", "range", "datatable"})
	if near != "" && spelling.Distance(strings.ToLower(ref.Name.Text), near) <= max(1, len(ref.Name.Text)/3) {
		*last = Problem{ref.Name.Span, CodeSyntax, fmt.Sprintf("unknown statement %q; did you mean %q?", ref.Name.Text, near)}
	}
}

func (p *parser) endStatement() {
	switch {
	case p.failed || p.peek().Kind == TokenEnd || p.is(";"):
	case p.is("{") && p.isAt(1, "{"):
		p.fail(p.peek().Span, "a shared query in {{ }} is known to the portal only: put its text here")
	case p.peek().Kind == TokenKeyword && isOperator(p.peek().text):
		p.fail(p.peek().Span, `unexpected %q: want "|" before it`, p.peek().text)
	default:
		p.want(`";" or the end`)
	}
}

func (p *parser) statement(q *Query) {
	switch {
	case p.is(";"):
		p.want("a statement")
	case p.is("let") && p.scanName(1, useAlways) > 0:
		q.Statements = append(q.Statements, p.let())
	case p.is("set"):
		q.Sets = append(q.Sets, p.set())
	case p.is("declare") && p.isAt(1, "query_parameters"):
		q.Declared = append(q.Declared, p.queryParameters()...)
	case p.is("declare") && p.isAt(1, "pattern"):
		p.pattern()
	case p.is("alias") && p.isAt(1, "database"):
		p.alias()
	case p.is("restrict") && p.isAt(1, "access"):
		p.restrict()
	default:
		if q.Result != nil {
			q.Earlier = append(q.Earlier, q.Result)
		}
		q.Result = p.result()
	}
}

// result reads the tabular expression that a text is for.
func (p *parser) result() *Pipeline {
	if p.is("{") && p.isAt(1, "{") {
		return nil
	}
	return p.pipeline()
}

func (p *parser) let() Statement {
	var s Statement
	p.expect("let")
	s.Name = p.name(useAlways, "a name")
	p.expect("=")
	switch {
	case p.is("entity_group"):
		p.entityGroup()
		s.Value = &Bad{Span: s.Name.Span}
	case p.is("materialize"):
		s.Tabular = p.materialized()
	case p.atLambda():
		s.Function = p.lambda()
	default:
		value := p.tabular()
		s.Tabular, s.Value = value.pipeline, value.scalar
	}
	return s
}

// materialized reads materialize(T | …), a table whatever is in it.
func (p *parser) materialized() *Pipeline {
	start, nesting := p.start(), p.nesting[p.pos]
	call, _ := p.scalarOf("materialize").(*Call)
	t := &Pipeline{Source: &SourceCall{call}}
	if p.is("|") {
		p.beyond(beyondMaterialize)
		p.operators(t, nesting)
	}
	t.Span = p.from(start)
	return t
}

// atLambda tells whether a function's parameters come next.
func (p *parser) atLambda() bool {
	n := 0
	if p.is("view") {
		n = 1
	}
	if !p.isAt(n, "(") {
		return false
	}
	if p.isAt(n+1, ")", "*") {
		return true
	}
	length := p.scanName(n+1, useDeclare)
	return length > 0 && p.isAt(n+1+length, ":")
}

func (p *parser) lambda() *Lambda {
	start, f := p.start(), &Lambda{View: p.accept("view")}
	p.expect("(")
	p.maybeList(func() { f.Params = append(f.Params, p.param()) })
	p.expect(")")
	p.body(f)
	f.Span = p.from(start)
	return f
}

// body reads { let …; expression }.
func (p *parser) body(f *Lambda) {
	p.enter()
	defer p.leave()
	p.expect("{")
	for p.is("let", "declare") {
		if p.is("let") {
			f.Statements = append(f.Statements, p.let())
		} else {
			p.queryParameters()
		}
		p.expect(";")
	}
	if !p.is("}") {
		value := p.tabular()
		f.Tabular, f.Value = value.pipeline, value.scalar
		p.accept(";")
	}
	p.expect("}")
}

func (p *parser) set() Set {
	p.expect("set")
	s := Set{Name: p.name(useAlways, "an option")}
	if p.accept("=") {
		s.Value = p.expression()
	}
	return s
}

func (p *parser) queryParameters() []Param {
	var params []Param
	p.expect("declare")
	p.expect("query_parameters")
	p.expect("(")
	p.list(func() { params = append(params, p.param()) })
	p.expect(")")
	return params
}
