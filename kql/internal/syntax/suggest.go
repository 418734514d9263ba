package syntax

import (
	"fmt"
	"sort"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// nearest is the word most like the written one; "" where none is near.
func nearest(written string, words []string) string {
	best, distance := "", len(written)/3+2
	sort.Strings(words)
	for _, w := range words {
		if len(written) > 40 || strings.HasPrefix(w, "__") {
			continue
		}
		if d := spelling.Distance(strings.ToLower(written), strings.ToLower(w)); d < distance {
			best, distance = w, d
		}
	}
	return best
}

// foreignWords are what other languages write, and how it is said here.
var foreignWords = map[string]string{
	"&": `"and"`, "AND": `"and"`, "And": `"and"`, "OR": `"or"`, "Or": `"or"`, "IN": `"in"`, "LIKE": `"contains"`, "BETWEEN": `"between"`,
	"is": "isnull(…) or isempty(…)", "IS": "isnull(…) or isempty(…)", "NOT": "not(…)", "BY": `"by"`, "ON": `"on"`,
	"ASC": `"asc"`, "DESC": `"desc"`, "ascending": `"asc"`, "descending": `"desc"`, "!": "not(…)",
}

// foreign adds how the next token is written in this language.
func (p *parser) foreign() string {
	if p.is("=") {
		return `; to compare, write "=="`
	}
	if ours, ok := foreignWords[p.peek().text]; ok {
		return "; in KQL it is " + ours
	}
	return ""
}

func didYouMean(written string, words []string) string {
	if near := nearest(written, words); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// unknownWord says that a value of a small set is none of it.
func unknownWord(name, written string, words []string) string {
	suggestion := didYouMean(written, words)
	sort.Strings(words)
	return fmt.Sprintf("unknown %s %s: want %s%s", name, excerpt(written), strings.Join(words, ", "), suggestion)
}

// wantWord fails: one of the words should come next.
func (p *parser) wantWord(what, written string, words []string) {
	if written == "" || p.peek().Kind == TokenPunctuation {
		sort.Strings(words)
		p.want(what + ": " + strings.Join(words, ", "))
		return
	}
	p.fail(p.peek().Span, "%s", unknownWord(what, written, words))
}
