package data

import "strings"

// ParseGUID reads a GUID with or without hyphens, braces or parentheses; the
// canonical text is 8-4-4-4-12 in lower case.
func ParseGUID(text string) (canonical string, ok bool) {
	text = strings.TrimSpace(text)
	if n := len(text); n >= 2 && (text[0] == '{' && text[n-1] == '}' || text[0] == '(' && text[n-1] == ')') {
		text = text[1 : n-1]
	}
	if len(text) == 32 {
		text = text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
	}
	if len(text) != 36 {
		return "", false
	}
	for i := range len(text) {
		c := text[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return "", false
			}
			continue
		}
		if c-'0' > 9 && (c|0x20)-'a' > 5 {
			return "", false
		}
	}
	return strings.ToLower(text), true
}
