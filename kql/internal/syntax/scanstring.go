package syntax

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// fences open and close strings that span lines.
var fences = []string{"```", "~~~"}

// scanString reads a string in any of its forms: '…', "…", @'…', h"…", ```…```.
func scanString(text string, pos int) (Token, bool) {
	start := pos
	if text[pos]|0x20 == 'h' {
		pos++
	}
	verbatim := at(text, pos) == '@'
	if verbatim {
		pos++
	}
	if quote := at(text, pos); quote == '"' || quote == '\'' {
		return closed(text, start, quotedEnd(text, pos+1, quote, verbatim), text[pos:pos+1]), true
	}
	for _, fence := range fences {
		if strings.HasPrefix(text[pos:], fence) {
			end := len(text)
			if i := strings.Index(text[pos+3:], fence); i >= 0 {
				end = pos + 3 + i
			}
			return closed(text, start, end, fence), true
		}
	}
	return Token{}, false
}

// closed is the string whose content ends at end, where its quote should stand.
func closed(text string, start, end int, quote string) Token {
	if strings.HasPrefix(text[end:], quote) {
		return make1(text, TokenString, start, end+len(quote))
	}
	token := make1(text, TokenString, start, end)
	token.open = true
	return token
}

// quotedEnd is where the content ends that begins at pos: at the quote, or
// where the line ends or something stands that is no escape.
func quotedEnd(text string, pos int, quote byte, verbatim bool) int {
	for pos < len(text) {
		switch c := text[pos]; {
		case c == quote && verbatim && at(text, pos+1) == quote:
			pos += 2
		case c == '\\' && !verbatim:
			n := escapeLength(text[pos:])
			if n == 0 {
				return pos
			}
			pos += n
		case c == quote || c == '\n' || c == '\r':
			return pos
		default:
			pos++
		}
	}
	return pos
}

// escapeLength is the length of the escape at the start of s; 0: none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '\\', '\'', '"', 'a', 'b', 'f', 'n', 'r', 't', 'v':
		return 2
	case 'u':
		return hexEscape(s, 4)
	case 'U':
		return hexEscape(s, 8)
	case 'x':
		return hexEscape(s, 2)
	}
	return octalEscape(s)
}

func hexEscape(s string, digits int) int {
	if len(s) < 2+digits {
		return 0
	}
	for i := range digits {
		if !isHex(s[2+i]) {
			return 0
		}
	}
	return 2 + digits
}

func octalEscape(s string) int {
	n := 1
	for n < 4 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
		n++
	}
	if n == 4 && s[1] > '3' { // \400 would not fit a byte: \40 and 0
		n = 3
	}
	if n == 1 {
		return 0
	}
	return n
}

// unquote is the value of a string token.
func unquote(token string) string {
	if token[0]|0x20 == 'h' {
		token = token[1:]
	}
	verbatim := token[0] == '@'
	if verbatim {
		token = token[1:]
	}
	quote := token[:1]
	if len(token) >= 6 && (quote == "`" || quote == "~") {
		return token[3 : len(token)-3]
	}
	body := token[1 : len(token)-1]
	if verbatim {
		return strings.ReplaceAll(body, quote+quote, quote)
	}
	return unescape(body)
}

func unescape(s string) string {
	first := strings.IndexByte(s, '\\')
	if first < 0 {
		return s
	}
	out := []byte(s[:first])
	for s = s[first:]; s != ""; {
		if s[0] != '\\' {
			out, s = append(out, s[0]), s[1:]
			continue
		}
		n := escapeLength(s)
		if pair := surrogates(s); pair != 0 {
			out, n = utf8.AppendRune(out, pair), 12
		} else {
			out = appendEscape(out, s[:n])
		}
		s = s[n:]
	}
	return string(out)
}

// surrogates is the rune that two \u escapes at the start of s make up; 0: they
// do not.
func surrogates(s string) rune {
	if len(s) < 12 || s[1] != 'u' || s[6] != '\\' || s[7] != 'u' || hexEscape(s[6:], 4) == 0 {
		return 0
	}
	high, _ := strconv.ParseUint(s[2:6], 16, 32)
	low, _ := strconv.ParseUint(s[8:12], 16, 32)
	if r := utf16.DecodeRune(rune(high), rune(low)); r != utf8.RuneError {
		return r
	}
	return 0
}

func appendEscape(out []byte, escape string) []byte {
	if i := strings.IndexByte(`\'"abfnrtv`, escape[1]); i >= 0 {
		return append(out, "\\'\"\a\b\f\n\r\t\v"[i])
	}
	base, digits := 16, escape[2:]
	if escape[1] <= '7' {
		base, digits = 8, escape[1:]
	}
	code, _ := strconv.ParseUint(digits, base, 32) // the scanner saw that these are digits
	return append(out, string(rune(code))...)
}
