package syntax

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	type token struct {
		Kind TokenKind
		Text string
	}
	const (
		name, keyword, mark = TokenName, TokenKeyword, TokenPunctuation
	)
	tests := map[string]struct {
		text string
		want []token
	}{
		"nothing":          {" \t\n", nil},
		"query":            {"T|where a", []token{{name, "T"}, {mark, "|"}, {keyword, "where"}, {name, "a"}}},
		"comment":          {"a // b\r\nc", []token{{name, "a"}, {TokenComment, "// b"}, {name, "c"}}},
		"address":          {`"http://x" // y`, []token{{TokenString, `"http://x"`}, {TokenComment, "// y"}}},
		"directive":        {"#crp x\nT", []token{{TokenDirective, "#crp x"}, {name, "T"}}},
		"dashed_keywords":  {"project-away mv-expand project-awy", []token{{keyword, "project-away"}, {keyword, "mv-expand"}, {keyword, "project"}, {mark, "-"}, {name, "awy"}}},
		"tilde_and_bang":   {"in~ !in~ !has !in in~x", []token{{keyword, "in~"}, {keyword, "!in~"}, {keyword, "!has"}, {keyword, "!in"}, {name, "in"}, {TokenBad, "~"}, {name, "x"}}},
		"keyword_and_more": {"wherex has_any has_anyx", []token{{name, "wherex"}, {keyword, "has_any"}, {name, "has_anyx"}}},
		"matches_regex":    {"matches \n regex", []token{{keyword, "matches \n regex"}}},
		"hints":            {"hint.strategy=x", []token{{keyword, "hint.strategy"}, {mark, "="}, {name, "x"}}},
		"numbers":          {"1 0x1F 1.5 1e5 1.5e-3 2.", []token{{TokenLong, "1"}, {TokenLong, "0x1F"}, {TokenReal, "1.5"}, {TokenReal, "1e5"}, {TokenReal, "1.5e-3"}, {TokenReal, "2."}}},
		"range":            {"1..5", []token{{TokenLong, "1"}, {mark, ".."}, {TokenLong, "5"}}},
		"timespans":        {"1d 1.5h 10ms 1dx", []token{{TokenTimeSpan, "1d"}, {TokenTimeSpan, "1.5h"}, {TokenTimeSpan, "10ms"}, {name, "1dx"}}},
		"typed":            {"datetime(2024-01-01) long(null) real (1)", []token{{TokenTyped, "datetime(2024-01-01)"}, {TokenTyped, "long(null)"}, {keyword, "real"}, {mark, "("}, {TokenLong, "1"}, {mark, ")"}}},
		"typed_open":       {"datetime(2024\nx", []token{{TokenTyped, "datetime(2024"}, {name, "x"}}},
		"guid":             {"74be27de-1e4e-49d9-b579-fe0b331d3642", []token{{TokenGUID, "74be27de-1e4e-49d9-b579-fe0b331d3642"}}},
		"bools":            {"true True tRue", []token{{TokenBool, "true"}, {TokenBool, "True"}, {name, "tRue"}}},
		"strings":          {`'a\'b' @"c\" h"d" H@'e''f'`, []token{{TokenString, `'a\'b'`}, {TokenString, `@"c\"`}, {TokenString, `h"d"`}, {TokenString, `H@'e''f'`}}},
		"fences":           {"```a\n`b``` ~~~c~~~", []token{{TokenString, "```a\n`b```"}, {TokenString, "~~~c~~~"}}},
		"string_open":      {"'a\nb", []token{{TokenString, "'a"}, {name, "b"}}},
		"h_is_a_name":      {"h h1", []token{{name, "h"}, {name, "h1"}}},
		"other_letters":    {"é", []token{{TokenBad, "é"}}},
		"wide_space":       {"\ufeffT\u00a0x", []token{{name, "T"}, {name, "x"}}},
		"dollar":           {"$left.a", []token{{name, "$left"}, {mark, "."}, {name, "a"}}},
		"edges":            {"-[e]->", []token{{mark, "-"}, {mark, "["}, {name, "e"}, {mark, "]"}, {mark, "-"}, {mark, ">"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []token
			for _, tok := range Tokens(tt.text) {
				got = append(got, token{tok.Kind, tt.text[tok.Span.Start:tok.Span.End]})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q\n%s", tt.text, diff)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	tests := map[string]struct {
		text         string
		offset       int
		line, column int
	}{
		"start":          {"abc", 0, 1, 1},
		"in_a_line":      {"abc", 2, 1, 3},
		"end":            {"abc", 3, 1, 4},
		"past_the_end":   {"abc", 9, 1, 4},
		"before_start":   {"abc", -1, 1, 1},
		"second_line":    {"a\nbc", 3, 2, 2},
		"runes_not_byte": {"é\néé€x", 10, 2, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			line, column := Position(tt.text, tt.offset)
			if line != tt.line || column != tt.column {
				t.Errorf("%d:%d, want %d:%d", line, column, tt.line, tt.column)
			}
		})
	}
}
