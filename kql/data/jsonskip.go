package data

import "math/bits"

// The scanner trusts its text: it finds where values end without checking
// them. On invalid text it stops somewhere, but never outside the text.

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func load8(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// zeros has the high bit of each byte of x that is zero; bytes above the
// lowest such may be wrong.
func zeros(x uint64) uint64 { return (x - ones) &^ x & highs }

// skipString goes from the byte after the opening quote past the closing one.
// plain tells that there was no escape.
func skipString(s string, i int) (end int, plain bool) {
	plain = true
	for {
		for i+8 <= len(s) {
			w := load8(s, i)
			if hit := zeros(w^(ones*'"')) | zeros(w^(ones*'\\')); hit != 0 {
				i += bits.TrailingZeros64(hit) >> 3
				goto found
			}
			i += 8
		}
		for i < len(s) && s[i] != '"' && s[i] != '\\' {
			i++
		}
	found:
		if i >= len(s) {
			return len(s), plain
		}
		if s[i] == '"' {
			return i + 1, plain
		}
		plain = false
		i = min(i+2, len(s))
	}
}

// classes of bytes between values: 1 opens, 2 closes, 3 quotes.
var classes = [256]uint8{'{': 1, '[': 1, '}': 2, ']': 2, '"': 3}

// skipValue goes past the value that starts at i.
func skipValue(s string, i int) int {
	if i >= len(s) {
		return i
	}
	switch s[i] {
	case '"':
		i, _ = skipString(s, i+1)
		return i
	case '{', '[':
		return skipContainer(s, i+1)
	}
	for i < len(s) && s[i] != ',' && s[i] != '}' && s[i] != ']' && s[i] > ' ' {
		i++
	}
	return i
}

// skipContainer goes from inside a container past its end.
func skipContainer(s string, i int) int {
	depth := 1
	for i < len(s) {
		switch classes[s[i]] {
		case 0:
			i++
			continue
		case 1:
			depth++
		case 2:
			if depth--; depth == 0 {
				return i + 1
			}
		case 3:
			i = skipShort(s, i+1)
			continue
		}
		i++
	}
	return i
}

// skipShort is skipString, quick for strings without escapes.
func skipShort(s string, i int) int {
	for i+8 <= len(s) {
		w := load8(s, i)
		hit := zeros(w^(ones*'"')) | zeros(w^(ones*'\\'))
		if hit == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(hit) >> 3; s[i] == '"' {
			return i + 1
		}
		break
	}
	i, _ = skipString(s, i)
	return i
}
