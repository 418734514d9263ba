package index

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestPrepare: after it nothing is left to be counted for a jump in a list of
// everything, and the jump lands where it does without.
func TestPrepare(t *testing.T) {
	prepared, plain := grown(500*runOf/20), grown(500*runOf/20)
	pieces := 0
	for piece := 0; piece >= 0; piece = prepared.Prepare(piece) {
		pieces++
	}
	if pieces < 20 {
		t.Fatalf("%d pieces", pieces)
	}
	if got, want := len(prepared.owner.facts), len(prepared.facts.stored); got != want {
		t.Errorf("owners of %d facts, want %d", got, want)
	}
	runs, counts := len(prepared.runs.kept), len(prepared.counts.bySet)
	for _, list := range []struct {
		checks bool
		filter Filter
	}{
		{false, Filter{}},
		{false, Filter{States: Any(posture.Unhealthy)}},
		{true, Filter{}},
		{true, Filter{Checks: CheckFilter{States: Any(posture.Unhealthy)}}},
		{true, Filter{Checks: CheckFilter{States: Any(posture.Unknown)}}},
	} {
		checks := list.checks
		for _, by := range [][]Order{nil, {{By: ByUnit}}, {{By: ByType}}, {{By: ByLocation}}, {{By: ByCloud}}, {{By: ByState}}, {{By: ByCloud}, {By: BySeverity}}, {{By: BySeverity}}} {
			if !checks && len(by) > 0 && by[len(by)-1].By == BySeverity {
				continue
			}
			all, same := prepared.Select(list.filter), plain.Select(list.filter)
			rows := int(all.Resources())
			if checks {
				tally := all.Tally()
				rows = tally.All.Total()
			}
			for part := range 7 {
				got, want := all.Skip(checks, by, rows*part/7), same.Skip(checks, by, rows*part/7)
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("checks %v %v by %v: -want +got\n%s", checks, list.filter.Checks.States.Values, by, diff)
				}
			}
			if r, c := len(prepared.runs.kept), len(prepared.counts.bySet); r != runs || c != counts {
				t.Errorf("checks %v %v by %v: %d sums of runs and %d counts were left to be made", checks, list.filter.Checks.States.Values, by, r-runs, c-counts)
				runs, counts = r, c
			}
		}
	}
}
