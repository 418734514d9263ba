package data

import "math/bits"

// ValidJSON tells whether ParseJSON would read the text, without building anything.
func ValidJSON(text string) bool {
	i := validValue(text, skipSpace(text, 0), 0)
	return i >= 0 && skipSpace(text, i) == len(text)
}

// EndOfJSON is the end of the value that begins at an offset of a text, without
// space before it; -1 where there is none that [ParseJSON] would read.
func EndOfJSON(text string, at int) int { return validValue(text, at, 0) }

// validValue goes past the value that starts at i; -1 if it is none.
func validValue(s string, i, depth int) int {
	if i >= len(s) {
		return -1
	}
	switch c := s[i]; c {
	case '"':
		return validString(s, i+1)
	case '{':
		return validBag(s, skipSpace(s, i+1), depth+1)
	case '[':
		return validArray(s, skipSpace(s, i+1), depth+1)
	case 't':
		return validWord(s, i, "true")
	case 'f':
		return validWord(s, i, "false")
	case 'n':
		return validWord(s, i, "null")
	}
	return validNumber(s, i)
}

func validWord(s string, i int, word string) int {
	end := i + len(word)
	if end > len(s) || s[i:end] != word || end < len(s) && isWordByte(s[end]) {
		return -1
	}
	return end
}

func validBag(s string, i, depth int) int {
	if i < len(s) && s[i] == '}' && depth <= maxDepth {
		return i + 1
	}
	for depth <= maxDepth && i < len(s) && s[i] == '"' {
		if i = validString(s, i+1); i < 0 {
			return -1
		}
		if i = skipSpace(s, i); i >= len(s) || s[i] != ':' {
			return -1
		}
		if i = validValue(s, skipSpace(s, i+1), depth); i < 0 {
			return -1
		}
		if i = skipSpace(s, i); i >= len(s) {
			return -1
		}
		switch s[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(s, i+1)
		default:
			return -1
		}
	}
	return -1
}

func validArray(s string, i, depth int) int {
	if i < len(s) && s[i] == ']' && depth <= maxDepth {
		return i + 1
	}
	for depth <= maxDepth {
		if i = validValue(s, i, depth); i < 0 {
			return -1
		}
		if i = skipSpace(s, i); i >= len(s) {
			return -1
		}
		switch s[i] {
		case ']':
			return i + 1
		case ',':
			i = skipSpace(s, i+1)
		default:
			return -1
		}
	}
	return -1
}

// validString goes from the byte after the opening quote past the closing one.
func validString(s string, i int) int {
	for i < len(s) {
		for i+8 <= len(s) {
			w := load8(s, i)
			hit := zeros(w^(ones*'"')) | zeros(w^(ones*'\\')) | (w-ones*' ')&^w&highs
			if hit != 0 {
				i += bits.TrailingZeros64(hit) >> 3
				break
			}
			i += 8
		}
		if i >= len(s) {
			return -1
		}
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i+1 >= len(s) || escapes[s[i+1]] == 0 && s[i+1] != 'u' {
				return -1
			}
			if s[i+1] == 'u' {
				if _, ok := hex4(s[i:]); !ok {
					return -1
				}
				i += 4
			}
			i += 2
		case c < ' ':
			return -1
		default:
			i++
		}
	}
	return -1
}

func validDigits(s string, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

func validNumber(s string, i int) int {
	if s[i] == '-' {
		i++
	}
	end := validDigits(s, i)
	if end == i || s[i] == '0' && end > i+1 {
		return -1
	}
	if end < len(s) && s[end] == '.' {
		i = end + 1
		if end = validDigits(s, i); end == i {
			return -1
		}
	}
	if end < len(s) && s[end]|0x20 == 'e' {
		i = end + 1
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if end = validDigits(s, i); end == i {
			return -1
		}
	}
	return end
}
