package syntax

import (
	"strings"
	"unicode/utf8"
)

// A TokenKind says what a token is.
type TokenKind uint8

// The kinds of tokens. Typed is long(…), datetime(…) and their like, one
// token from the word to the closing parenthesis.
const (
	TokenEnd TokenKind = iota
	TokenBad
	TokenName
	TokenKeyword
	TokenPunctuation
	TokenString
	TokenLong
	TokenReal
	TokenTimeSpan
	TokenBool
	TokenTyped
	TokenGUID // without guid(…), which Kusto refuses
	TokenComment
	TokenDirective // # to the end of the line
)

// A Token is a piece of a query's text.
type Token struct {
	Kind TokenKind
	Span Span
	// open: a string or literal that is not closed.
	open bool
	text string // as written
}

// lack is what an open token lacks at its end, as a message says it.
func (t Token) lack() string {
	switch i := strings.IndexAny(t.text, "\"'`~("); {
	case i < 0 || t.text[i] == '(':
		return "`)`"
	case t.text[i] == '`':
		return "three backticks"
	case t.text[i] == '~':
		return "`~~~`"
	default:
		return "`" + t.text[i:i+1] + "`"
	}
}

// Tokens cuts a text into tokens, comments among them; white space is between
// them. Every text has tokens: what fits nothing is TokenBad.
func Tokens(text string) []Token { return tokens(text, func() {}) }

// mostAhead is for how many tokens room is made before they are met.
const mostAhead = 1 << 14

// tokens is Tokens that tells of each.
func tokens(text string, met func()) []Token {
	tokens := make([]Token, 0, min(len(text)/4+8, mostAhead)) // about what queries have
	for pos := 0; ; {
		pos = skipSpace(text, pos)
		if pos >= len(text) {
			return tokens
		}
		token := scan(text, pos)
		met()
		tokens = append(tokens, token)
		pos = token.Span.End
	}
}

// Position turns a byte offset into line and column, both from 1; the column
// counts runes.
func Position(text string, offset int) (line, column int) {
	offset = min(max(offset, 0), len(text))
	line, start := 1, 0
	for i := range offset {
		if text[i] == '\n' {
			line, start = line+1, i+1
		}
	}
	return line, utf8.RuneCountInString(text[start:offset]) + 1
}
