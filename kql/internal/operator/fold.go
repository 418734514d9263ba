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
	if len(a) < 8 {
		for i := range len(a) {
			if a[i] != b[i] && lower[a[i]] != lower[b[i]] {
				return false
			}
		}
		return true
	}
	last := len(a) - 8
	for i := 0; i < last; i += 8 {
		if lower8(load8(a, i)) != lower8(load8(b, i)) {
			return false
		}
	}
	return lower8(load8(a, last)) == lower8(load8(b, last))
}

// load8 reads eight bytes; the compiler makes one instruction of it.
func load8(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// lower8 lower-cases the ASCII letters among eight bytes: a byte is one where
// adding what is missing to 0x80 overflows at A but not yet after Z.
func lower8(x uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	low := x &^ highs
	fromA := low + (0x80-'A')*ones
	afterZ := low + (0x7f-'Z')*ones
	letters := ^x & (fromA &^ afterZ) & highs
	return x | letters>>2
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
func finder(pattern string, exact bool, ask func()) find {
	if exact || pattern == "" {
		return func(text string, from int) int {
			if at := strings.Index(text[from:], pattern); at >= 0 {
				return at + from
			}
			return -1
		}
	}
	if isASCII(pattern) {
		return foldedFinder(pattern, ask)
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

// foldedFinder looks for an ASCII pattern that is not empty.
func foldedFinder(pattern string, ask func()) find {
	folded := strings.ToLower(pattern)
	return func(text string, from int) int {
		work := Work{Ask: ask}
		return indexFolded(text, folded, from, &work)
	}
}

// indexFolded skips to the rarer places where the first letter of an ASCII
// pattern stands in either case.
func indexFolded(text, pattern string, from int, work *Work) int {
	first, upper := lower[pattern[0]], lower[pattern[0]]
	if first >= 'a' && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for last := len(text) - len(pattern); from <= last; from++ {
		if c := text[from]; c != first && c != upper {
			continue
		}
		work.Add(len(pattern))
		if equalASCII(text[from:from+len(pattern)], pattern) {
			return from
		}
	}
	return -1
}
