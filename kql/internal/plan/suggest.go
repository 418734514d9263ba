package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// nearest lists the candidates that are closest to a word, at most three. Of
// those that are equally close the ones that have all its letters go first: a
// letter is left out more often than it is typed for nothing.
func nearest(word string, candidates []string) []string {
	var near []string
	best := distance{edits: max(1, len(word)/3), shorter: true}
	for _, c := range candidates {
		if abs(len(c)-len(word)) > best.edits {
			continue
		}
		d := distance{spelling.Edits(strings.ToLower(word), strings.ToLower(c)), len(c) < len(word)}
		if best.less(d) || d.edits >= min(len(word), len(c)) {
			continue
		}
		if d.less(best) {
			best, near = d, nil
		}
		near = append(near, c)
	}
	slices.Sort(near)
	near = slices.Compact(near)
	return near[:min(len(near), 3)]
}

// A distance is how far a candidate is from a word.
type distance struct {
	edits   int
	shorter bool // than the word
}

func (d distance) less(than distance) bool {
	return d.edits < than.edits || d.edits == than.edits && !d.shorter && than.shorter
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
	hint := meant(name, candidates)
	if hint == "" && strings.EqualFold(name, "null") {
		hint = "; isnull(…) tells one, long(null) and its like make one"
	}
	b.problem(at, code, "unknown %s %q%s", kind, name, hint)
}
