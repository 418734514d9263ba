// Package terminal knows what the place that output goes to can show: whether
// it is a terminal at all, how wide it is, whether colour is wanted, whether
// it draws more than ASCII. It also shows how far a long run is, as a bar on a
// terminal and as an occasional plain line elsewhere.
//
// Start with [Describe]. What the words look like is the business of the
// packages that write them; docs/decisions/0005-terminal.md says why this is
// our own code.
package terminal

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// Device describes one output.
type Device struct {
	// Terminal says that a person looks at a terminal that understands
	// cursor movements.
	Terminal bool
	// Width is the number of columns, 0 where there is no limit.
	Width int
	// Colour says that escape sequences for colour are understood and wanted.
	Colour bool
	// Unicode says that the locale shows more than ASCII.
	Unicode bool
}

// Colouring is what the caller's flags say about colour.
type Colouring bool

// Colour is used where the device allows it, or never.
const (
	ColourWhereShown Colouring = true
	NoColour         Colouring = false
)

// Describe finds out what w can show. It looks at the file behind w, if there
// is one, and at NO_COLOR, TERM, COLUMNS and the locale in the environment.
// What is no terminal gets no colour, and no limit of width but COLUMNS.
func Describe(w io.Writer, getenv func(string) string, colour Colouring) Device {
	d := Device{Unicode: unicodeLocale(getenv), Width: max(0, columns(getenv))}
	file, ok := w.(*os.File)
	if !ok || getenv("TERM") == "dumb" || !term.IsTerminal(int(file.Fd())) {
		return d
	}
	d.Terminal = true
	d.Colour = bool(colour) && getenv("NO_COLOR") == ""
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		d.Width = width
	} else if d.Width == 0 {
		d.Width = 80
	}
	return d
}

// columns gives the width that the environment asks for, 0 for none. Shells
// keep COLUMNS to themselves, so that who exports it means it.
func columns(getenv func(string) string) int {
	n, err := strconv.Atoi(getenv("COLUMNS"))
	if err != nil {
		return 0
	}
	return n
}

// unicodeLocale follows the order in which POSIX looks at the variables. No
// locale at all is common in containers, whose output is read elsewhere: it
// counts as UTF-8.
func unicodeLocale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(getenv(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8") || value == "c" || value == "posix"
		}
	}
	return true
}
