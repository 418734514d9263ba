package operator

import "unicode/utf8"

// termMatcher finds a pattern whose ends are the ends of terms: maximal runs
// of ASCII letters and digits. Kusto's index of terms of three and more characters
// changes how fast it answers, not what.
func termMatcher(next find, pattern string, left, right bool, ask func()) matcher {
	if pattern == "" {
		return func(string) bool { return true }
	}
	left = left && startsInTerm(pattern)
	right = right && endsInTerm(pattern)
	return func(text string) bool {
		work := Work{Ask: ask}
		for at := next(text, 0); at >= 0; at = next(text, at+1) {
			work.Add(len(text)) // as much as looking for the next may take
			if isWhole(text, at, len(pattern), left, right) {
				return true
			}
		}
		return false
	}
}

// isWhole tells that no term goes on before a place, after it, or both.
func isWhole(text string, at, length int, left, right bool) bool {
	end := min(at+length, len(text))
	return !(left && endsInTerm(text[:at])) && !(right && startsInTerm(text[end:]))
}

// hasFolded is text has pattern, of a pattern in ASCII that is used once.
func hasFolded(text, pattern string, ask func()) bool {
	if pattern == "" {
		return true
	}
	left, right := startsInTerm(pattern), endsInTerm(pattern)
	work := Work{Ask: ask}
	for at := indexFolded(text, pattern, 0, &work); at >= 0; at = indexFolded(text, pattern, at+1, &work) {
		work.Add(len(text))
		if isWhole(text, at, len(pattern), left, right) {
			return true
		}
	}
	return false
}

// startsInTerm tells whether a text's first character belongs to a term.
func startsInTerm(s string) bool { return s != "" && isInTerm(s[0]) }

// endsInTerm tells whether a text's last character belongs to a term.
func endsInTerm(s string) bool { return s != "" && isInTerm(s[len(s)-1]) }

// isInTerm: bytes beyond ASCII separate terms.
func isInTerm(b byte) bool { return b < utf8.RuneSelf && inTerm[b] }

// inTerm has the ASCII letters and digits.
var inTerm = func() (table [utf8.RuneSelf]bool) {
	for i := range table {
		c := lower[i]
		table[i] = c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	return table
}()
