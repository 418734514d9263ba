package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// nearest lists the candidates that are close to a word, nearest first, at most three.
func nearest(word string, candidates []string) []string {
	type match struct {
		text     string
		distance int
	}
	var near []match
	limit := max(1, len(word)/3)
	for _, c := range candidates {
		if abs(len(c)-len(word)) > limit {
			continue
		}
		if d := spelling.Distance(strings.ToLower(word), strings.ToLower(c)); d <= limit {
			near = append(near, match{c, d})
		}
	}
	slices.SortFunc(near, func(a, b match) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.text, b.text)
	})
	var texts []string
	for _, m := range near {
		texts = append(texts, m.text)
	}
	texts = slices.Compact(texts)
	return texts[:min(len(texts), 3)]
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
