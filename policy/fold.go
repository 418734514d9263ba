package policy

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

var folder = cases.Fold()

// fold gives the text by which strings are compared: full Unicode case
// folding, so that ß is ss and all sigmas are one. Nothing is normalised.
func fold(s string) string {
	upper := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return folder.String(s)
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if upper {
		return strings.ToLower(s)
	}
	return s
}

// appendFold writes the folded s; it allocates only where dst is too small or
// s is not ASCII.
func appendFold(dst []byte, s string) []byte {
	start := len(dst)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return append(dst[:start], folder.String(s)...)
		}
		dst = append(dst, lowerByte(c))
	}
	return dst
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// equalFold reports whether a and b are the same text ignoring case.
func equalFold(a, b string) bool {
	n := min(len(a), len(b))
	for i := 0; i < n; i++ {
		c, d := a[i], b[i]
		if (c | d) >= utf8.RuneSelf {
			return folder.String(a[i:]) == folder.String(b[i:])
		}
		if c != d && lowerByte(c) != lowerByte(d) {
			return false
		}
	}
	return len(a) == len(b)
}

// compareFold orders folded texts by their code points: -1, 0 or 1.
func compareFold(a, b string) int {
	n := min(len(a), len(b))
	for i := 0; i < n; i++ {
		c, d := a[i], b[i]
		if (c | d) >= utf8.RuneSelf {
			return strings.Compare(folder.String(a[i:]), folder.String(b[i:]))
		}
		if c, d = lowerByte(c), lowerByte(d); c != d {
			if c < d {
				return -1
			}
			return 1
		}
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return 1
	}
	return 0
}

// containsFolded reports whether the folded s holds needle, which is folded
// already.
func containsFolded(s, needle string) bool {
	if needle == "" {
		return true
	}
	var buffer [128]byte
	folded := appendFold(buffer[:0], s)
	return indexBytes(folded, needle) >= 0
}

// indexBytes is strings.Index over bytes, without a conversion that
// allocates.
func indexBytes(s []byte, needle string) int {
	n := len(needle)
	if n == 0 {
		return 0
	}
	for i := 0; i+n <= len(s); i++ {
		if s[i] == needle[0] && string(s[i:i+n]) == needle {
			return i
		}
	}
	return -1
}
