//go:build unix

package report

import (
	"os"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestLargePage opens a report of a hundred thousand checks, or the one that
// BARTIZAN_PAGE names, and says how long things take:
//
//	go test -run LargePage -v ./internal/report
//
// Times are printed and not judged: machines differ. Only what does not is
// held: a fixed number of row elements, and that the last row can be reached.
func TestLargePage(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a large page")
	}
	b := startBrowser(t)
	file := os.Getenv("BARTIZAN_PAGE")
	if file == "" {
		run := single()
		run.Checks = func(yield func(*posture.Check, error) bool) {
			for c := range many(100_000) {
				if !yield(c, nil) {
					return
				}
			}
		}
		file = pageOf(t, run)
	}
	b.resize(1440, 900)
	b.open(pageOf(t, empty()), "") // the browser's own start is not the page's
	b.open(file, "#checks")
	t.Logf("first paint after %.0f ms, all checks read after %.0f ms",
		eval[float64](b, `performance.getEntriesByType("paint").find(e => e.name === "first-contentful-paint").startTime`),
		eval[float64](b, `performance.getEntriesByName("checks read")[0].startTime`))
	for _, hash := range []string{"#checks?state=unhealthy", "#checks?q=contoso", "#checks?q=prod%20setting3", "#checks?state=unhealthy&severity=high&q=team-3", "#checks?sort=resource", "#checks?sort=-type"} {
		eval[any](b, `performance.clearMeasures()`)
		eval[any](b, `location.hash = `+"`"+hash+"`")
		b.until(`performance.getEntriesByName("list").length`)
		t.Logf("%-50s %4.0f ms to filter, %4.0f ms with drawing: %s", hash,
			eval[float64](b, `performance.getEntriesByName("filter").at(-1).duration`),
			eval[float64](b, `performance.getEntriesByName("list").at(-1).duration`),
			eval[string](b, `document.getElementById("list-count").textContent`))
	}
	eval[any](b, `location.hash = "#checks"`)
	b.until(`!document.getElementById("list-count").textContent.includes(" of ")`)
	rows := eval[int](b, `document.querySelectorAll("#runway .row").length`)
	if rows > 60 {
		t.Errorf("%d row elements, want at most 60", rows)
	}
	b.press("End")
	last := eval[string](b, `document.querySelector("#runway .cursor").getAttribute("aria-rowindex")`)
	if all := eval[string](b, `document.getElementById("grid").getAttribute("aria-rowcount")`); last != all {
		t.Errorf("End leads to row %s of %s", last, all)
	}
	if window := eval[string](b, `document.getElementById("list-window").textContent`); !strings.Contains(window, " to ") {
		t.Errorf("the window is %q", window)
	}
	t.Logf("%d row elements", rows)
	b.picture("large")
	b.quiet()
}
