package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// longestKey is how long a text may be that is looked up, in bytes: PostgreSQL
// indexes no longer ones.
const longestKey = 2000

// checkKey refuses a text that not both databases can look up.
func checkKey(what, text string) error {
	switch {
	case len(text) > longestKey:
		return fmt.Errorf("%s %.60q…: %d bytes, want at most %d", what, text, len(text), longestKey)
	case !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0:
		return fmt.Errorf("%s %q: want UTF-8 without NUL", what, text)
	}
	return nil
}

// clean makes a text that is only shown one that both databases take.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
