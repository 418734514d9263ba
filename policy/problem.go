package policy

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong with a document, or that its author
// should look at.
type Problem struct {
	File string
	// Pos is the zero Position where the problem has no place in the file.
	Pos Position
	// Warning says that the document is good for use in spite of it.
	Warning bool
	Text    string
	// Suggestion is the name that was probably meant, "" if none is near.
	Suggestion string
}

// Error gives the problem on one line: place, text, suggestion.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Pos != (Position{}) {
		if p.File != "" {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%d:%d", p.Pos.Line, p.Pos.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
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

// Problems are all problems of one or several documents, in the order of the
// text. A list that is not empty is an error; use [Problems.Err] to turn a
// list into one.
type Problems []Problem

// Error gives one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each problem as an error, for errors.Is and errors.As.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// Err is nil if no problem is more than a warning, else all that are, as one
// error.
func (ps Problems) Err() error {
	if refused := ps.only(false); len(refused) > 0 {
		return refused
	}
	return nil
}

// Warnings are the problems in spite of which the documents are good for use.
func (ps Problems) Warnings() Problems { return ps.only(true) }

func (ps Problems) only(warning bool) Problems {
	var some Problems
	for _, p := range ps {
		if p.Warning == warning {
			some = append(some, p)
		}
	}
	return some
}

// byPlace orders problems of one file by where they are.
func byPlace(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
}

// nearest returns the name that a misspelt one probably stands for: the one
// with the fewest letters added, left out, replaced or swapped, ignoring
// case; "" if it would take more than a third of them. The first wins a tie.
func nearest(name string, names iter.Seq[string]) string {
	folded := foldRunes(name)
	best, limit := "", max(1, len(folded)/3)
	var d distance
	for candidate := range names {
		other := foldRunes(candidate)
		if n := d.between(folded, other, limit); n <= limit && n < len(other) {
			best, limit = candidate, n-1
		}
	}
	return best
}

// foldRunes is the name in lower case, character by character.
func foldRunes(s string) []rune { return appendFolded(nil, s) }

func appendFolded(dst []rune, s string) []rune {
	for _, r := range s {
		dst = append(dst, unicode.ToLower(r))
	}
	return dst
}

// distance computes edit distances; it keeps its rows between calls.
type distance struct{ before, last, row []int }

// between is the number of edits from a to b if it is at most limit, else
// some number above limit.
func (d *distance) between(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	d.row = d.row[:0]
	for j := range len(b) + 1 {
		d.row = append(d.row, j)
	}
	for i := 1; i <= len(a); i++ {
		d.before, d.last, d.row = d.last, d.row, d.before
		if d.next(a, b, i) > limit {
			return limit + 1
		}
	}
	return d.row[len(b)]
}

// next fills the row of a[:i] and returns its least entry.
func (d *distance) next(a, b []rune, i int) int {
	d.row = append(d.row[:0], i)
	least := i
	for j := 1; j <= len(b); j++ {
		n := min(d.last[j], d.row[j-1]) + 1
		if a[i-1] == b[j-1] {
			n = min(n, d.last[j-1])
		} else {
			n = min(n, d.last[j-1]+1)
		}
		if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
			n = min(n, d.before[j-2]+1)
		}
		d.row = append(d.row, n)
		least = min(least, n)
	}
	return least
}
