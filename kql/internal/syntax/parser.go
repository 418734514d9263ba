package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The codes of this package's problems.
const (
	// CodeSyntax: the text is no KQL.
	CodeSyntax = "ParserFailure"
	// CodeLiteral: a literal's content is not of its type: datetime(soon).
	CodeLiteral = "InvalidLiteral"
	// CodeMeaning: it reads as KQL, but says nothing: an unknown kind of join, a
	// number where a table is wanted.
	CodeMeaning = "InvalidQuery"
	// CodeRefused: KQL that this engine leaves out on purpose.
	CodeRefused = "NotSupported"
)

const (
	// maxDepth bounds how many brackets are open at once, so that no text
	// exhausts the stack.
	maxDepth = 200
	// rulesPerBracket is how many rules that contain themselves a bracket
	// enters at most.
	rulesPerBracket = 4
	// maxChain bounds a and b and c …: the tree of a chain is as deep as it is long.
	maxChain = 10_000
	// maxProblems is where a text that is not KQL at all stops being reported on.
	maxProblems = 50
)

// A parser walks the tokens. After an error it is failed: it then sees the end
// of the text wherever it looks, so that every rule returns by itself, and
// says nothing until [parser.recover] goes on behind the error.
type parser struct {
	text     string
	tokens   []Token         // without comments; a TokenEnd last
	nesting  []int32         // brackets open before each token
	spend    func(bytes int) // see ParseWithin
	pos      int
	depth    int
	failed   bool
	problems []Problem
	broken   []Span
	extras   []string // what was taken that Kusto's own parser does not take
	strict   bool     // take nothing more than Kusto's own parser: for tests
}

// What is read beyond Kusto's own grammar; docs/kql-syntax.md says why.
const (
	beyondSource      = "operators without a table before them"
	beyondKind        = "kind, withsource as the name of a new column, and in project-away"
	beyondKeyword     = "any keyword as a name behind a dot"
	beyondMaterialize = "materialize( ) other than in let"
	beyondCommand     = "management commands, not looked into"
	beyondRegex       = "matches and regex set apart by other than one space"
	beyondPackAll     = "pack_all() in the columns of find"
)

func (p *parser) beyond(what string) {
	p.extras = append(p.extras, what)
	if p.strict && what != beyondCommand {
		p.fail(p.peek().Span, "%s", what)
	}
}

const (
	// tokenBytes is what a token takes with its nesting, treeBytes what the tree
	// takes for each.
	tokenBytes = 64
	treeBytes  = 96
)

func newParser(text string, spend func(bytes int)) *parser {
	if spend == nil {
		spend = func(int) {}
	}
	all := tokens(text, func() { spend(tokenBytes) })
	p := &parser{text: text, tokens: all[:0], nesting: make([]int32, 0, len(all)+1), spend: spend}
	open := int32(0)
	for _, token := range all {
		if token.Kind == TokenComment {
			continue
		}
		switch token.text {
		case ")", "]", "}":
			open = max(open-1, 0)
		}
		p.tokens, p.nesting = append(p.tokens, token), append(p.nesting, open)
		switch token.text {
		case "(", "[", "{":
			open++
		}
	}
	end := Span{len(text), len(text)}
	p.tokens, p.nesting = append(p.tokens, Token{Span: end}), append(p.nesting, 0)
	return p
}

// peek is the next token.
func (p *parser) peek() Token { return p.peekAt(0) }

// peekAt is the token n after the next.
func (p *parser) peekAt(n int) Token {
	if p.failed || p.pos+n >= len(p.tokens) {
		return p.tokens[len(p.tokens)-1]
	}
	return p.tokens[p.pos+n]
}

// is tells whether the next token is one of these keywords or marks.
func (p *parser) is(words ...string) bool { return p.isAt(0, words...) }

func (p *parser) isAt(n int, words ...string) bool {
	token := p.peekAt(n)
	if token.Kind != TokenKeyword && token.Kind != TokenPunctuation {
		return false
	}
	for _, word := range words {
		if token.text == word {
			return true
		}
	}
	return false
}

// take returns the next token and goes on.
func (p *parser) take() Token {
	token := p.peek()
	if token.Kind != TokenEnd {
		p.pos++
		p.spend(treeBytes)
	}
	if token.open {
		p.fail(Span{token.Span.End, token.Span.End}, "%s is not closed: want %s", excerpt(token.text), token.lack())
	}
	return token
}

// accept takes the next token if it is this keyword or mark.
func (p *parser) accept(word string) bool {
	if !p.is(word) {
		return false
	}
	p.pos++
	return true
}

// expect takes this keyword or mark, which must come next.
func (p *parser) expect(word string) {
	if !p.accept(word) {
		p.want(strconv.Quote(word))
	}
}

// joined tells whether marks such as --> come next, written without space.
func (p *parser) joined(marks string) bool { return p.joinedAt(0, marks) > 0 }

// joinedAt counts the tokens from the n-th on that make up marks; 0: they do not.
func (p *parser) joinedAt(n int, marks string) int {
	first := p.peekAt(n).Span.Start
	if p.peekAt(n).Kind == TokenEnd || len(p.text)-first < len(marks) || p.text[first:first+len(marks)] != marks {
		return 0
	}
	for i := 0; ; i++ {
		switch end := p.peekAt(n+i).Span.End - first; {
		case end == len(marks):
			return i + 1
		case end > len(marks) || p.peekAt(n+i).Kind == TokenEnd:
			return 0
		}
	}
}

func (p *parser) acceptJoined(marks string) bool {
	n := p.joinedAt(0, marks)
	p.pos += n
	return n > 0
}

// from is the span from start to the end of what was taken last.
func (p *parser) from(start int) Span {
	end := start
	if p.pos > 0 {
		end = max(start, p.tokens[p.pos-1].Span.End)
	}
	return Span{start, end}
}

// start is where the next token starts.
func (p *parser) start() int { return p.peek().Span.Start }

// enter guards a rule that contains itself; leave is due at its end. Brackets
// count, as a reader would count them; rules do if no bracket leads to them.
func (p *parser) enter() {
	p.depth++
	open := p.nesting[min(p.pos, len(p.nesting)-1)]
	if open > maxDepth || p.depth > maxDepth*rulesPerBracket {
		p.fail(p.peek().Span, "more than %d brackets inside each other", maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

// want fails: something else should come next.
func (p *parser) want(what string) {
	token := p.peek()
	switch {
	case token.Kind == TokenEnd:
		if p.pos > 0 { // blanks may follow
			token.Span = p.from(p.tokens[p.pos-1].Span.End)
		}
		p.fail(token.Span, "the query ends where it should have %s", what)
	case token.open:
		p.take()
	case token.Kind == TokenKeyword && keywords[token.text] != useAlways && strings.HasPrefix(what, "a"):
		p.fail(token.Span, "unexpected %q: want %s; as a name it is written ['%s']", token.text, what, token.text)
	case p.is("{"):
		p.fail(token.Span, `unexpected "{": want %s; parameters and shared queries in { } are to be replaced before the query runs`, what)
	default:
		p.fail(token.Span, "unexpected %s: want %s%s", excerpt(token.text), what, p.foreign(what))
	}
}

// fail reports an error in the syntax, once until the parser has recovered.
func (p *parser) fail(span Span, format string, args ...any) {
	if !p.failed {
		p.report(span, CodeSyntax, format, args...)
	}
	p.failed = true
}

// report notes a problem behind which parsing goes on.
func (p *parser) report(span Span, code, format string, args ...any) {
	if !p.failed && len(p.problems) < maxProblems {
		p.problems = append(p.problems, Problem{Span: span, Code: code, Message: fmt.Sprintf(format, args...)})
	}
}

// refuse notes, once, that this engine leaves something out.
func (p *parser) refuse(span Span, message string) {
	known := slices.ContainsFunc(p.problems, func(old Problem) bool { return old.Message == message })
	if !known {
		p.report(span, CodeRefused, "%s", message)
	}
}

// recover goes on after an error, at the next of the marks that stands at this
// nesting of brackets, or where these brackets close.
func (p *parser) recover(nesting int32, marks ...string) {
	if !p.failed {
		return
	}
	p.failed = false
	for p.peek().Kind != TokenEnd && p.nesting[p.pos] >= nesting {
		if p.nesting[p.pos] == nesting && p.is(marks...) {
			return
		}
		p.pos++
	}
}

// recoverStep is recover behind a step that begins at start, which is noted as broken.
func (p *parser) recoverStep(start int, nesting int32) {
	if p.failed {
		p.recover(nesting, "|", ";")
		p.broken = append(p.broken, Span{start, max(start, p.start())})
	}
}

// excerpt quotes text of any length for a message.
func excerpt(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strconv.Quote(text)
}
