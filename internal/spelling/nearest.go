package spelling

import (
	"fmt"
	"strings"
)

// Nearest gives the name that a misspelt one probably stands for: the one with
// the fewest edits, ignoring case; "" if they are more than a third of its
// letters. Two neighbours that are swapped are one edit.
func Nearest(name string, names []string) string {
	best, limit := "", max(1, len(name)/3)
	for _, candidate := range names {
		if n := Edits(strings.ToLower(name), strings.ToLower(candidate)); n <= limit {
			best, limit = candidate, n-1
		}
	}
	return best
}

// Edits is [Distance] where neighbours in each other's place are one edit.
func Edits(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := row[j]
			if a[i] != b[j] {
				cost++
			}
			next[j+1] = min(cost, next[j]+1, row[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
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
