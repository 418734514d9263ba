package report

import "github.com/bartizan-dev/bartizan/internal/posture"

// Style says how text for people is laid out. The zero value suits a file:
// no limit, no colour, plain ASCII.
type Style struct {
	Width   int  // columns, 0 = no limit
	Colour  bool // escape sequences for colour
	Unicode bool // more than ASCII
	Rows    int  // longest list in the table format, 0 = no limit
}

// Ink is the colour of a piece of text. It only underlines what the words say
// anyway.
type Ink uint8

// The inks.
const (
	Plain Ink = iota
	Bold
	Grey
	Good
	Warn
	Bad
	Worst
)

var inkCodes = [...]string{"", "1", "90", "32", "33", "31", "1;35"}

// SeverityInk gives the ink of a severity.
func SeverityInk(s posture.Severity) Ink {
	switch s {
	case posture.Critical:
		return Worst
	case posture.High:
		return Bad
	case posture.Medium:
		return Warn
	case posture.Low:
		return Plain
	}
	return Grey
}

// Paint gives text the ink where the style has colour.
func (s Style) Paint(text string, ink Ink) string {
	if !s.Colour || ink == Plain || text == "" {
		return text
	}
	return "\x1b[" + inkCodes[ink] + "m" + text + "\x1b[0m"
}

// bar draws a share of 0..1 over a number of columns.
func (s Style) bar(share float64, columns int) (full, empty string) {
	mark, rest := "#", "."
	if s.Unicode {
		mark, rest = "█", "░"
	}
	filled := min(columns, max(0, int(share*float64(columns)+0.5)))
	return repeat(mark, filled), repeat(rest, columns-filled)
}

func (s Style) ellipsis() string {
	if s.Unicode {
		return "…"
	}
	return "..."
}
