package index

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestUnitChecks: checks on units stand among those of resources wherever a list is
// entered, and are in its total and its facets.
func TestUnitChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		x := newIndex(m.content)
		if _, err := x.Apply(m.step(t), m.contents); err != nil {
			t.Fatal(err)
		}
		f := drawFilter(t)
		for _, unit := range units {
			for n := range rapid.IntRange(0, 3).Draw(t, "controls") {
				state := rapid.SampledFrom([]posture.State{posture.Manual, posture.Healthy, posture.Exempt}).Draw(t, "state")
				f.UnitChecks = append(f.UnitChecks, UnitCheck{fmt.Sprintf("b:%d", n), unit, Verdict{State: state, Judged: state}})
			}
		}
		o := Order{rapid.SampledFrom([]Column{ByName, ByState, ByType, ByUnit, ByLocation, ByCloud, BySeverity, ByRule}).Draw(t, "by"), rapid.Bool().Draw(t, "desc")}
		s := x.Select(f)
		all := s.Page(true, o, nil, 1000)
		same(t, "in order", slices.IsSortedFunc(all, func(a, b Row) int {
			one, other := s.PlaceOf(o, a), s.PlaceOf(o, b)
			return o.compare(x.rules, &one, &other)
		}), true)
		tally := s.Tally()
		same(t, "total", tally.All.Total(), len(all))
		alone := f
		alone.UnitChecks = nil
		ofResources := x.Select(alone).Page(true, o, nil, 1000)
		same(t, "of resources", fmt.Sprint(slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return r.Unit != "" })), fmt.Sprint(ofResources))
		for skipped := range all {
			same(t, "behind a place", fmt.Sprint(s.Page(true, o, s.Skip(true, o, skipped), 1000)), fmt.Sprint(all[skipped:]))
			at := s.PlaceOf(o, all[skipped])
			same(t, "a short page", fmt.Sprint(s.Page(true, o, &at, 2)), fmt.Sprint(all[skipped+1:min(skipped+3, len(all))]))
		}
		without := f
		without.Checks.States = Choice[posture.State]{}
		states := map[string]int{}
		for _, row := range x.Select(without).Page(true, o, nil, 1000) {
			states[row.Verdict.State.String()]++
		}
		same(t, "facet", fmt.Sprint(x.Facets(f, true, StateFacet)[StateFacet]), fmt.Sprint(sorted(states)))
	})
}
