package syntax

import "strings"

// A name is an identifier, ['any text'], or a keyword that the place allows.
// scanName counts the tokens of the name n tokens ahead; 0: there is none.
func (p *parser) scanName(n int, use nameUse) int {
	token := p.peekAt(n)
	switch {
	case token.Kind == TokenName:
		return 1
	case token.Kind == TokenKeyword && keywords[token.text] >= use:
		return 1
	case p.isAt(n, "["):
		return p.scanBracketed(n)
	case p.isAt(n, "{"):
		return p.scanParameter(n)
	}
	return 0
}

func (p *parser) scanBracketed(n int) int {
	end := n + 1
	for p.peekAt(end).Kind == TokenString {
		end++
	}
	if end == n+1 || !p.isAt(end, "]") {
		return 0
	}
	return end + 1 - n
}

// scanParameter counts the tokens of {Name} or {Name[1]}, which workbooks
// replace before they run a query.
func (p *parser) scanParameter(n int) int {
	if word := p.peekAt(n + 1); word.Kind != TokenName && word.Kind != TokenKeyword {
		return 0
	}
	end := n + 2
	if p.isAt(end, "[") {
		end++
		if p.isAt(end, "-") {
			end++
		}
		if p.peekAt(end).Kind != TokenLong || !p.isAt(end+1, "]") {
			return 0
		}
		end += 2
	}
	if !p.isAt(end, "}") || !p.tight(n, end) {
		return 0
	}
	return end + 1 - n
}

// tight tells whether no space stands between the tokens from one to the other.
func (p *parser) tight(from, to int) bool {
	for i := from; i < to; i++ {
		if p.peekAt(i).Span.End != p.peekAt(i+1).Span.Start {
			return false
		}
	}
	return true
}

// name takes a name that must come next.
func (p *parser) name(use nameUse, what string) Name {
	n := p.scanName(0, use)
	if n == 0 {
		p.want(what)
		return Name{Span: p.peek().Span}
	}
	return p.takeName(n)
}

// optionalName takes a name if one comes next.
func (p *parser) optionalName(use nameUse) *Name {
	n := p.scanName(0, use)
	if n == 0 {
		return nil
	}
	name := p.takeName(n)
	return &name
}

// takeName takes the name of n tokens that scanName saw.
func (p *parser) takeName(n int) Name {
	first, start := p.peek(), p.start()
	switch first.text {
	case "[":
		p.pos++
		text := p.strings()
		p.expect("]")
		return Name{text, p.from(start)}
	case "{":
		p.pos += n
		span := p.from(start)
		p.refuse(span, "workbook parameter "+p.text[span.Start:span.End]+" has no value here: replace it before running the query")
		return Name{p.text[span.Start:span.End], span}
	}
	p.pos++
	return Name{first.text, first.Span}
}

// strings takes one or more string literals; those side by side are one.
func (p *parser) strings() string {
	var all strings.Builder
	for p.peek().Kind == TokenString {
		if token := p.take(); !token.open {
			p.spend(len(token.text))
			all.WriteString(unquote(token.text))
		}
	}
	return all.String()
}

// scanWildcard counts the tokens of a name with * in it, written without
// space: *, a*, *b, a*b*.
func (p *parser) scanWildcard(n int) int {
	end := n
	if !p.isAt(n, "*") {
		if p.scanWord(n) == 0 || !p.isAt(n+1, "*") || !p.tight(n, n+1) {
			return 0
		}
		end++
	}
	for end++; p.scanWord(end) > 0 || p.peekAt(end).Kind == TokenLong || p.isAt(end, "*"); end++ {
		if !p.tight(end-1, end) {
			break
		}
	}
	return end - n
}

// scanWord is scanName without brackets.
func (p *parser) scanWord(n int) int {
	if p.isAt(n, "[", "{") {
		return 0
	}
	return p.scanName(n, useDeclare)
}

// wildcard takes the n tokens that scanWildcard saw.
func (p *parser) wildcard(n int) Name {
	start := p.start()
	p.pos += n
	span := p.from(start)
	return Name{p.text[span.Start:span.End], span}
}

// list reads one or more, with commas between.
func (p *parser) list(element func()) {
	for element(); p.accept(","); {
		element()
	}
}

// listUntil is list where none may begin with one of the words that follow the
// list, although they may be names.
func (p *parser) listUntil(element func(), words ...string) {
	p.list(func() {
		if p.is(words...) {
			p.want("an expression")
			return
		}
		element()
	})
}

// maybeList is list where nothing at all may stand.
func (p *parser) maybeList(element func()) {
	if !p.atListEnd() {
		p.list(element)
	}
}

// looseList is maybeList where a comma may stand before the first and behind the last.
func (p *parser) looseList(element func()) {
	p.accept(",")
	p.trailingList(element)
}

// trailingList is maybeList where a comma may stand behind the last.
func (p *parser) trailingList(element func()) {
	for !p.atListEnd() {
		element()
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) atListEnd() bool {
	return p.peek().Kind == TokenEnd || p.is(")", "]", "}", "|", ";")
}
