package operator

import (
	"regexp"
	"strings"
)

// Sought is what "column : text" asks for: the operator, without "_cs", and the
// text to its right. Stars in the text stand for any text; where it has nothing
// else, any value will do and op is empty. A pattern of matches regex is not
// told yet whether case counts.
func Sought(text string) (op, rest string) {
	open, tail := strings.HasPrefix(text, "*"), strings.HasSuffix(text, "*")
	inner := strings.Trim(text, "*")
	switch {
	case inner == "":
		return "", ""
	case strings.Contains(inner, "*"):
		return "matches regex", soughtPattern(inner, open, tail)
	case open && tail:
		return "contains", inner
	case open:
		return "hassuffix", inner
	case tail:
		return "hasprefix", inner
	}
	return "has", text
}

// soughtPattern is the expression for a text with * inside. Its ends are ends of
// words, but where they are open or are no part of a word.
func soughtPattern(text string, open, tail bool) string {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, ".*")
	if !open && wordStart.MatchString(text) {
		pattern = `\b` + pattern
	}
	if !tail && wordEnd.MatchString(text) {
		pattern += `\b`
	}
	return pattern
}

var wordStart, wordEnd = regexp.MustCompile(`^\w`), regexp.MustCompile(`\w$`)

// seeker is ":" for a text that was not known before the run.
func seeker(text string, exact bool, ask func()) matcher {
	op, rest := Sought(text)
	switch {
	case op == "":
		return func(string) bool { return true }
	case op != "matches regex" && exact:
		return newMatcher(op+"_cs", rest, ask)
	case op != "matches regex":
		return newMatcher(op, rest, ask)
	case !exact:
		rest = "(?i)" + rest
	}
	pattern, err := CompilePattern(rest)
	if err != nil {
		return func(string) bool { return false }
	}
	return func(text string) bool { return pattern.Matches(text, ask) }
}
