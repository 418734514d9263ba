package syntax

import (
	"strings"
	"unicode/utf8"
)

// punctuation lists the marks of more than one character; others are one.
var punctuation = []string{"..", "<=", "<|", "<>", ">=", "==", "=>", "=~", "!=", "!~"}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// at is the byte at pos, 0 past the end.
func at(text string, pos int) byte {
	if pos < len(text) {
		return text[pos]
	}
	return 0
}

// skipSpace is the first position from pos on without white space.
func skipSpace(text string, pos int) int {
	for pos < len(text) {
		switch c := text[pos]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			pos++
		case c < utf8.RuneSelf:
			return pos
		default:
			r, size := utf8.DecodeRuneInString(text[pos:])
			if !wideSpace(r) {
				return pos
			}
			pos += size
		}
	}
	return pos
}

// wideSpace tells the white space beyond ASCII that copied queries carry, a
// byte order mark included.
func wideSpace(r rune) bool {
	switch r {
	case 0x85, 0xA0, 0x1680, 0x180E, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200B
}

// scan reads the token at pos, where something other than white space stands.
func scan(text string, pos int) Token {
	c := text[pos]
	switch {
	case c == '/' && at(text, pos+1) == '/', c == '#':
		return scanLine(text, pos)
	case isWord(c) || c == '$':
		return scanWord(text, pos)
	case c == '"' || c == '\'' || c == '`' || c == '~' || c == '@':
		if token, ok := scanString(text, pos); ok {
			return token
		}
	}
	return scanMark(text, pos)
}

func scanLine(text string, pos int) Token {
	kind, end := TokenComment, len(text)
	if text[pos] == '#' {
		kind = TokenDirective
	}
	if i := strings.IndexAny(text[pos:], "\r\n"); i >= 0 {
		end = pos + i
	}
	return make1(text, kind, pos, end)
}

// scanMark reads punctuation, an operator such as !in~, or one bad character.
func scanMark(text string, pos int) Token {
	if text[pos] == '!' {
		if end := keywordEnd(text, pos); end > 0 {
			return make1(text, TokenKeyword, pos, end)
		}
	}
	for _, mark := range punctuation {
		if strings.HasPrefix(text[pos:], mark) {
			return make1(text, TokenPunctuation, pos, pos+len(mark))
		}
	}
	if strings.IndexByte("()[]{}|.+-*/%<>=:;,@?", text[pos]) >= 0 {
		return make1(text, TokenPunctuation, pos, pos+1)
	}
	_, size := utf8.DecodeRuneInString(text[pos:])
	return make1(text, TokenBad, pos, pos+size)
}

func make1(text string, kind TokenKind, start, end int) Token {
	return Token{Kind: kind, Span: Span{start, end}, text: text[start:end]}
}

// scanWord reads what begins with a letter, a digit, _ or $: a keyword, a
// number, a literal or a name.
func scanWord(text string, pos int) Token {
	if end := keywordEnd(text, pos); end > 0 {
		if at(text, end) == '(' && typedLiterals[text[pos:end]] != 0 {
			return scanTyped(text, pos, end)
		}
		return make1(text, TokenKeyword, pos, end)
	}
	if guidAt(text, pos) {
		return make1(text, TokenGUID, pos, pos+36)
	}
	if isDigit(text[pos]) {
		return scanNumber(text, pos)
	}
	end := wordEnd(text, pos+1)
	switch word := text[pos:end]; word {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return make1(text, TokenBool, pos, end)
	case "h", "H":
		if token, ok := scanString(text, pos); ok {
			return token
		}
	}
	return make1(text, TokenName, pos, end)
}

func wordEnd(text string, pos int) int {
	for pos < len(text) && isWord(text[pos]) {
		pos++
	}
	return pos
}

// keywordEnd is where the longest keyword at pos ends; 0 where none stands
// there, or the word goes on past it: "in~x" has no keyword.
func keywordEnd(text string, pos int) int {
	end := wordEnd(text, pos+1)
	found := 0
	if _, ok := keywords[text[pos:end]]; ok {
		found = end
	}
	for _, long := range compounds[text[pos:end]] {
		if strings.HasPrefix(text[pos:], long) {
			found = pos + len(long)
			break
		}
	}
	if found == 0 && strings.HasPrefix(text[pos:], "matches") && end == pos+len("matches") {
		found = regexEnd(text, end)
	}
	if found > 0 && isWord(at(text, found)) {
		return 0
	}
	return found
}

// regexEnd finds the second word of "matches regex", which any white space may
// set apart.
func regexEnd(text string, pos int) int {
	if next := skipSpace(text, pos); next > pos && strings.HasPrefix(text[next:], "regex") {
		return next + len("regex")
	}
	return 0
}

// scanTyped reads long(…): all up to the first ")" of the line.
func scanTyped(text string, pos, open int) Token {
	end := open + 1
	for end < len(text) && text[end] != ')' && text[end] != '\n' && text[end] != '\r' {
		end++
	}
	if at(text, end) == ')' {
		return make1(text, TokenTyped, pos, end+1)
	}
	token := make1(text, TokenTyped, pos, end)
	token.open = true
	return token
}

// guidAt tells whether 8-4-4-4-12 hex digits stand at pos.
func guidAt(text string, pos int) bool {
	if len(text)-pos < 36 {
		return false
	}
	for i := range 36 {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if c := text[pos+i]; dash && c != '-' || !dash && !isHex(c) {
			return false
		}
	}
	return true
}
