package server

import (
	"cmp"
	"net/url"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestSortRecommendations: a minus is descending, so -gain,severity is what is worth
// most, and of that the worst first; which is also the order without asking.
func TestSortRecommendations(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	bySeverity := func(a, b RecommendationRow) int { return cmp.Compare(b.Severity, a.Severity) }
	for order, compare := range map[string]func(a, b RecommendationRow) int{
		"":               func(a, b RecommendationRow) int { return cmp.Or(cmp.Compare(b.Gain, a.Gain), bySeverity(a, b)) },
		"-gain,severity": func(a, b RecommendationRow) int { return cmp.Or(cmp.Compare(b.Gain, a.Gain), bySeverity(a, b)) },
		"gain":           func(a, b RecommendationRow) int { return cmp.Compare(a.Gain, b.Gain) },
		"-unhealthy,severity": func(a, b RecommendationRow) int {
			return cmp.Or(cmp.Compare(b.Unhealthy, a.Unhealthy), bySeverity(a, b))
		},
		"unhealthy":      func(a, b RecommendationRow) int { return cmp.Compare(a.Unhealthy, b.Unhealthy) },
		"-unknown":       func(a, b RecommendationRow) int { return cmp.Compare(b.Unknown, a.Unknown) },
		"severity,-gain": func(a, b RecommendationRow) int { return cmp.Or(bySeverity(a, b), cmp.Compare(b.Gain, a.Gain)) },
		"-severity":      func(a, b RecommendationRow) int { return bySeverity(b, a) },
	} {
		rows := get[List[RecommendationRow]](r, "/api/v1/recommendations?limit=200&sort="+url.QueryEscape(order), owner).Rows
		if !slices.IsSortedFunc(rows, compare) || compare(rows[0], rows[len(rows)-1]) == 0 {
			t.Errorf("sort=%s begins with %+v", order, rows[0])
		}
	}
}
