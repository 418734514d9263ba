package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// nearest lists the candidates that are closest to a word, at most three.
func nearest(word string, candidates []string) []string {
	var near []string
	best := reach(word) + 1
	for _, c := range candidates {
		if abs(len(c)-len(word)) > best {
			continue
		}
		d := spelling.Distance(strings.ToLower(word), strings.ToLower(c))
		if d > best || d > reach(word) || d >= min(len(word), len(c)) {
			continue
		}
		if d < best {
			best, near = d, nil
		}
		near = append(near, c)
	}
	slices.Sort(near)
	near = slices.Compact(near)
	return near[:min(len(near), 3)]
}

// reach is how far a meant word may be: two letters exchanged count as two.
func reach(word string) int {
	switch {
	case len(word) < 4:
		return 1
	case len(word) < 8:
		return 2
	}
	return 3
}

func abs(n int) int { return max(n, -n) }

// meant is "; did you mean …?", or nothing.
func meant(word string, candidates []string) string {
	near := nearest(word, candidates)
	if len(near) == 0 {
		return ""
	}
	for i, n := range near {
		near[i] = fmt.Sprintf("%q", n)
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// unknown reports a name that is not there.
func (b *binder) unknown(at syntax.Span, code, kind, name string, candidates []string) {
	b.problem(at, code, "unknown %s %q%s", kind, name, meant(name, candidates))
}
