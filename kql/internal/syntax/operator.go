package syntax

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// operatorWords are the operators that people write, for suggestions.
var operatorWords = []string{
	"as", "assert-schema", "consume", "count", "distinct", "evaluate", "extend", "facet", "filter", "find", "fork",
	"getschema", "graph-mark-components", "graph-match", "graph-shortest-paths", "graph-to-table",
	"graph-where-edges", "graph-where-nodes", "invoke", "join", "limit", "lookup", "make-graph", "make-series",
	"mv-apply", "mv-expand", "order", "parse", "parse-kv", "parse-where", "partition", "project", "project-away",
	"project-by-names", "project-keep", "project-rename", "project-reorder", "reduce", "render", "sample",
	"sample-distinct", "scan", "search", "serialize", "sort", "summarize", "take", "top", "top-hitters",
	"top-nested", "union", "where",
}

// otherWords are the ones that nobody should be pointed to.
var otherWords = []string{
	"__executeAndCache", "__partitionby", "inline_external_table", "macro-expand", "mvapply", "mvexpand", "print",
	"range",
}

// atOperator tells whether an operator comes next rather than an expression;
// some operators' words may also be names.
func (p *parser) atOperator() bool {
	token := p.peek()
	if token.Kind != TokenKeyword {
		return false
	}
	switch token.text {
	case "evaluate":
		return p.scanName(1, useAlways) > 0 || p.optionAt(1)
	case "facet":
		return p.isAt(1, "by")
	case "partition", "reduce":
		return p.isAt(1, "by") || p.optionAt(1)
	case "range":
		n := p.scanName(1, useAlways)
		return n > 0 && p.isAt(1+n, "from")
	case "inline_external_table":
		return p.isAt(1, "(", "kind")
	case "render":
		return p.scanWord(1) > 0 || charts[p.peekAt(1).text]
	case "graph-shortest-paths", "graph-where-nodes", "graph-where-edges":
		return false // as Kusto's parser has it, which matters in lists only
	}
	return keywords[token.text] != useAlways && isOperator(token.text)
}

func (p *parser) optionAt(n int) bool {
	_, known := knownOptions[p.peekAt(n).text]
	return known
}

func isOperator(word string) bool {
	return slices.Contains(operatorWords, word) || slices.Contains(otherWords, word)
}

// atBareOperator tells an operator at the beginning by what follows it, where
// its word might be a name: "take 5", "extend a = 1". Kusto has no such queries,
// but Resource Graph has a default table.
func (p *parser) atBareOperator() bool {
	if token := p.peek(); token.Kind != TokenKeyword || !isOperator(token.text) {
		return false
	}
	if keywords[p.peek().text] != useAlways {
		return true
	}
	switch next := p.peekAt(1); next.Kind {
	case TokenName, TokenString, TokenLong, TokenReal, TokenBool, TokenTyped:
		return true
	case TokenKeyword:
		return p.isAt(1, "by", "kind") || keywords[next.text] == useAlways || p.is("count") && p.isAt(1, "as")
	case TokenPunctuation:
		return p.is("distinct") && p.isAt(1, "*") && (p.peekAt(2).Kind == TokenEnd || p.isAt(2, "|", ";", ")"))
	}
	return false
}

// headOperator reads the operator that a pipeline begins with.
func (p *parser) headOperator() *Pipeline {
	start := p.start()
	keyword := p.peek().text
	if source := p.headSource(keyword); source != nil {
		return &Pipeline{Source: source}
	}
	empty := &Empty{Span{start, start}}
	return &Pipeline{Source: empty, Operators: []Operator{p.operator()}}
}

// headSource reads the operators that need no rows from before.
func (p *parser) headSource(keyword string) Source {
	switch keyword {
	case "print":
		return p.print()
	case "range":
		return p.rangeOf()
	case "inline_external_table":
		return p.inlineTable()
	case "union", "find", "search":
		switch op := p.operator().(type) {
		case *Union:
			return &UnionSource{op}
		case *Find:
			return &FindSource{op}
		case *Search:
			return &SearchSource{op}
		}
		return &Empty{}
	}
	return nil
}

// operator reads one operator.
func (p *parser) operator() Operator {
	h := Head{Word: Name{p.peek().text, p.peek().Span}}
	if p.peek().Kind != TokenKeyword || !isOperator(h.Word.Text) {
		return p.unknown(h)
	}
	p.take()
	op := p.known(h)
	op.(interface{ head() *Head }).head().Span = p.from(h.Word.Span.Start)
	return op
}

// known reads the operator whose word was taken.
func (p *parser) known(h Head) Operator {
	op := p.rowOperator(h)
	if op == nil {
		op = p.columnOperator(h)
	}
	if op == nil {
		op = p.tableOperator(h)
	}
	if op == nil {
		op = p.graphOperator(h)
	}
	if op == nil {
		op = p.otherOperator(h)
	}
	return op
}

func (h *Head) head() *Head { return h }

// unknown fails: no operator stands here.
func (p *parser) unknown(h Head) Operator {
	token := p.peek()
	n := p.scanDashed()
	if n == 0 && p.accept("|") {
		p.fail(token.Span, `unexpected "|": want an operator, such as where or project; in KQL "||" is "or"`)
		return &Unknown{h}
	}
	if n == 0 {
		p.want("an operator, such as where or project")
		return &Unknown{h}
	}
	h.Word.Span.End = p.peekAt(n - 1).Span.End
	h.Word.Text = p.text[token.Span.Start:h.Word.Span.End]
	h.Span = h.Word.Span
	p.report(h.Word.Span, CodeSyntax, "%s", unknownOperator(h.Word.Text))
	if near := spelling.Nearest(h.Word.Text, operatorWords); near != "" && !p.failed {
		return p.guessed(h, near, n)
	}
	p.failed = true
	return &Unknown{h}
}

// guessed reads a step of n tokens for a word as the operator that was probably
// meant, so that what is wrong behind it is told too. Where it does not read as
// that, nothing is told of it but its word.
func (p *parser) guessed(h Head, near string, n int) Operator {
	unknown, told := &Unknown{h}, len(p.problems)
	for range n {
		p.take()
	}
	h.Word.Text = near
	op := p.known(h)
	if p.failed {
		p.problems, p.failed = p.problems[:told], true
		return unknown
	}
	op.(interface{ head() *Head }).head().Span = p.from(h.Word.Span.Start)
	return op
}

func unknownOperator(word string) string {
	return "unknown operator " + excerpt(word) + didYouMean(word, slices.Clone(operatorWords))
}
