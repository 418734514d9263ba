package report

import (
	"regexp"
	"strings"
)

// hanging is the indent of what follows a break.
const hanging = "    "

// escapes are those that Paint writes; they take no room.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func widthPainted(text string) int { return Width(escapes.ReplaceAllString(text, "")) }

// wordAndBlanks is a word with the blanks before it.
var wordAndBlanks = regexp.MustCompile(" *[^ ]+")

// wrap breaks a painted line at blanks, so that no part of it is wider than the
// style says. A word that is too long for a line is broken itself.
func (s Style) wrap(line string) string {
	if s.Width <= 0 || widthPainted(line) <= s.Width {
		return line
	}
	before := hanging
	if s.Width <= len(hanging) {
		before = ""
	}
	var out strings.Builder
	columns := 0
	for _, part := range wordAndBlanks.FindAllString(line, -1) {
		if w := widthPainted(part); columns+w <= s.Width {
			out.WriteString(part)
			columns += w
			continue
		}
		word := strings.TrimLeft(part, " ")
		if columns > 0 {
			out.WriteString("\n" + before)
			columns = len(before)
		}
		for word != "" {
			piece := takePainted(word, s.Width-columns)
			if piece == "" { // a wide letter where there is room for half of it
				piece = word
			}
			out.WriteString(piece)
			columns += widthPainted(piece)
			if word = word[len(piece):]; widthPainted(word) > 0 {
				out.WriteString("\n" + before)
				columns = len(before)
			}
		}
	}
	return out.String()
}

// takePainted is take for painted text.
func takePainted(text string, columns int) string {
	taken := 0
	for taken < len(text) {
		if escape := escapes.FindStringIndex(text[taken:]); escape != nil && escape[0] == 0 {
			taken += escape[1]
			continue
		}
		next := strings.IndexByte(text[taken:], '\x1b')
		if next < 0 {
			next = len(text) - taken
		}
		piece := take(text[taken:taken+next], columns)
		taken += len(piece)
		if columns -= Width(piece); len(piece) < next {
			break
		}
	}
	return text[:taken]
}
