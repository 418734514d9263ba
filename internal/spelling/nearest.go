package spelling

import (
	"fmt"
	"strings"
)

// Nearest gives the name that a misspelt one probably stands for: the one with
// the fewest edits, ignoring case; "" if it takes more than a third of them.
func Nearest(name string, names []string) string {
	best, limit := "", max(1, len(name)/3)
	for _, candidate := range names {
		if n := Distance(strings.ToLower(name), strings.ToLower(candidate)); n <= limit {
			best, limit = candidate, n-1
		}
	}
	return best
}

// Meant is the end of a message about a name that is none of names: the nearest
// of them as a question, "" if none is near.
func Meant(name string, names []string) string {
	near := Nearest(name, names)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}
