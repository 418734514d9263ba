package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Harmless takes out of text from outside, of several lines too, what a
// terminal would obey.
func Harmless(text string) string { return strings.Map(visible, text) }

// clean makes one harmless line of text from outside.
func clean(text string) string { return Harmless(strings.Map(oneLine, text)) }

// visible takes out what a terminal would obey: control characters, and those
// that turn the direction of writing. Line ends and tabs stay.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r >= ' ' && r <= '~':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
		return '\uFFFD'
	}
	return r
}

func oneLine(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// Width gives the number of terminal columns that text takes.
func Width(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

// runeColumns is 2 for the wide letters of East Asia and most pictures, 0 for
// marks that sit on the letter before, else 1.
func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens text to a number of columns, with an ellipsis where something
// is missing.
func (s Style) cut(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	room := columns - Width(s.ellipsis())
	if room < 1 {
		return take(text, columns)
	}
	return strings.TrimRight(take(text, room), " ") + s.ellipsis()
}

// cutMiddle shortens text as cut does, and keeps its end: of ids that is what tells
// them apart.
func (s Style) cutMiddle(text string, columns int) string {
	room := columns - Width(s.ellipsis())
	if Width(text) <= columns || room < 2 {
		return s.cut(text, columns)
	}
	start := strings.TrimRight(take(text, room/2), " ")
	end := len(text)
	for left := room - room/2; end > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:end])
		if left -= runeColumns(r); left < 0 {
			break
		}
		end -= size
	}
	return start + s.ellipsis() + strings.TrimLeft(text[end:], " ")
}

// take gives the longest start of text that fits.
func take(text string, columns int) string {
	for i, r := range text {
		if columns -= runeColumns(r); columns < 0 {
			return text[:i]
		}
	}
	return text
}

func repeat(text string, n int) string { return strings.Repeat(text, max(0, n)) }
