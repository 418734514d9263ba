package report

import (
	"html"
	"strings"
)

// briefly is how many letters of a text from the estate are shown. Columns of a
// terminal would not do: letters of no width come in any number.
const briefly = 160

// brief cuts text, with an ellipsis where something is missing.
func brief(text string) string {
	n := 0
	for i := range text {
		if n++; n > briefly {
			return text[:i] + "…"
		}
	}
	return text
}

// summaryText makes text from outside mean itself in the summary of folded
// details, which is HTML and no Markdown.
func summaryText(text string) string {
	return html.EscapeString(strings.NewReplacer("@", "@\u200B", "#", "#\u200B").Replace(clean(text)))
}

// markdownText makes text from outside mean itself in Markdown, inside a line
// and inside a table: every sign that could mean something there is escaped, and what GitHub makes a link or a
// notice to a person of (@name, #12) is broken by a space of no width.
func markdownText(text string) string {
	var b strings.Builder
	previous := ' '
	for _, r := range clean(text) {
		switch {
		case r == '.' && (previous == 'w' || previous == 'W'): // www.
			b.WriteString(`\.`)
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@' || r == '#':
			b.WriteString(`\` + string(r) + "\u200B")
		case r < 0x80 && strings.ContainsRune("\\`*_{}[]~|/$", r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
		previous = r
	}
	return b.String()
}

// markdownCode makes one line of text a span of code, in which GitHub looks for
// neither names nor numbers.
func markdownCode(text string) string {
	if text = clean(text); text == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	if len(fence) > 1 || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") || strings.HasPrefix(text, "`") {
		return fence + " " + text + " " + fence // one space at each side is not part of it
	}
	return fence + text + fence
}

// markdownBlock makes a block of code.
func markdownBlock(text, language string) string {
	text = Harmless(text)
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	return fence + language + "\n" + strings.TrimRight(text, "\n") + "\n" + fence
}

func longestRun(text string, of byte) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
