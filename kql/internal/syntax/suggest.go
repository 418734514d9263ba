package syntax

import (
	"fmt"
	"sort"
	"strconv"
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
	"null": "long(null), or another type's",
}

// foreign adds how the next token is written in this language, where something
// else is wanted.
func (p *parser) foreign(wanted string) string {
	if p.is("=") {
		return `; to compare, write "=="`
	}
	if ours, ok := foreignWords[p.peek().text]; ok && !p.negatesWord() {
		return "; in KQL it is " + ours
	}
	return p.meantWord(wanted)
}

// wordsBetween may stand behind a value.
var wordsBetween = []string{
	"and", "or", "in", "in~", "between", "has", "has_cs", "has_any", "has_all", "hasprefix", "hassuffix", "contains", "contains_cs",
	"startswith", "startswith_cs", "endswith", "endswith_cs", "matches regex", "by", "on", "asc", "desc", "nulls first",
}

// meantWord proposes the word that the next token was probably meant to be.
func (p *parser) meantWord(wanted string) string {
	token := p.peek()
	written, not := token.text, ""
	if p.negatesWord() {
		written, not = p.peekAt(1).text, "!"
	} else if token.Kind != TokenName {
		return ""
	}
	best, distance, alike := "", 1+len(written)/4, 0
	for _, word := range wordsBetween {
		first, _, _ := strings.Cut(word, " ")
		d, same := spelling.Distance(strings.ToLower(written), first), sameStart(written, first)
		if d < distance || d == distance && same > alike {
			best, distance, alike = word, d, same
		}
	}
	if best == "" || distance >= len(written) || strings.Contains(wanted, strconv.Quote(best)) {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", not+best)
}

// negatesWord tells "!" right before a word: of !startwith.
func (p *parser) negatesWord() bool {
	return p.peek().text == "!" && p.tight(0, 1) && p.peekAt(1).Kind == TokenName
}

// sameStart counts the letters that two words begin with alike.
func sameStart(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
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
