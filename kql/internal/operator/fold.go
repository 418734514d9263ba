package operator

import (
	"strings"
	"unicode/utf8"
)

// lower has the lower case of each ASCII byte, all others as they are.
var lower = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			table[i] = byte(i) + 'a' - 'A'
		}
	}
	return table
}()

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// equalASCII compares texts of one length, the letters A to Z without case.
func equalASCII(a, b string) bool {
	for i := range len(a) {
		if a[i] != b[i] && lower[a[i]] != lower[b[i]] {
			return false
		}
	}
	return true
}

// EqualFold is a =~ b.
func EqualFold(a, b string) bool {
	if len(a) == len(b) && equalASCII(a, b) {
		return true
	}
	if isASCII(a) && isASCII(b) {
		return false
	}
	return strings.EqualFold(a, b)
}

// A find gives the place of the next occurrence at or after from, or -1.
type find func(text string, from int) int

// finder looks for a pattern, with or without case.
func finder(pattern string, exact bool) find {
	if exact || pattern == "" {
		return func(text string, from int) int {
			if at := strings.Index(text[from:], pattern); at >= 0 {
				return at + from
			}
			return -1
		}
	}
	if isASCII(pattern) {
		return foldedFinder(pattern)
	}
	folded := strings.ToLower(pattern)
	return func(text string, from int) int {
		if isASCII(text) { // the pattern is not
			return -1
		}
		// Lower-casing may move bytes; the callers only compare neighbours of
		// what is found, and the texts that move are too rare to matter.
		low := strings.ToLower(text)
		if from > len(low) || len(low) != len(text) && from > 0 {
			return -1
		}
		if at := strings.Index(low[from:], folded); at >= 0 {
			return at + from
		}
		return -1
	}
}

// foldedFinder skips to the rarer places where the first letter of an ASCII
// pattern stands in either case.
func foldedFinder(pattern string) find {
	folded := strings.ToLower(pattern)
	first, upper := folded[0], strings.ToUpper(folded[:1])[0]
	return func(text string, from int) int {
		for last := len(text) - len(folded); from <= last; from++ {
			if c := text[from]; c != first && c != upper {
				continue
			}
			if equalASCII(text[from:from+len(folded)], folded) {
				return from
			}
		}
		return -1
	}
}
