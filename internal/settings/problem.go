package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with settings, or that one should know.
type Problem struct {
	File         string // or the variable or flag
	Line, Column int    // from 1; 0 where there is no place in a file
	Text         string
	Suggestion   string // what was probably meant, "" if nothing is near
	Warning      bool   // it works as it is
}

func (p Problem) place() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Error gives the problem on one line: place, text, suggestion.
func (p Problem) Error() string {
	var b strings.Builder
	if at := p.place(); at != "" {
		b.WriteString(at + ": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Text)
	if p.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean %q?", p.Suggestion)
	}
	return b.String()
}

// Problems are all of them, in the order of their places.
type Problems []Problem

// Error gives one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err gives what is wrong, nil if there are warnings at most.
func (ps Problems) Err() error {
	wrong := ps.of(false)
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// Warnings are those that stop nothing.
func (ps Problems) Warnings() Problems { return ps.of(true) }

func (ps Problems) of(warning bool) (some Problems) {
	for _, p := range ps {
		if p.Warning == warning {
			some = append(some, p)
		}
	}
	return some
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}
