package index

import (
	"cmp"
	"fmt"
	"reflect"
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
		var f Filter // most conditions leave little
		if rapid.Bool().Draw(t, "conditions") {
			f = drawFilter(t)
		}
		if rapid.Bool().Draw(t, "some") {
			f.Checks.Also, f.Units = choice(t, "rule too", append(ruleNames[:2:2], "b:0", "b:2")...), choice(t, "unit", units...)
		}
		f.UnitChecks = nil
		for _, unit := range units {
			for n := range rapid.IntRange(0, 3).Draw(t, "controls") {
				state := rapid.SampledFrom([]posture.State{posture.Manual, posture.Healthy, posture.Exempt}).Draw(t, "state")
				f.UnitChecks = append(f.UnitChecks, UnitChecks{[]string{unit}, []UnitCheck{{fmt.Sprintf("b:%d", n), Verdict{State: state, Judged: state}}}})
			}
		}
		var o []Order
		columns := rapid.Permutation([]Column{ByState, ByType, ByUnit, ByLocation, ByCloud, BySeverity, ByRule, ByName}).Draw(t, "columns")
		for _, by := range columns[:rapid.IntRange(1, 3).Draw(t, "of them")] {
			if o = append(o, Order{by, rapid.Bool().Draw(t, "desc")}); by == ByName {
				break
			}
		}
		s := x.Select(f)
		all, order := s.Page(true, o, nil, 1000), comparing(x.rules, o)
		same(t, "in order", slices.IsSortedFunc(all, func(a, b Row) int {
			one, other := s.PlaceOf(o, a), s.PlaceOf(o, b)
			return order(&one, &other)
		}), true)
		tally := s.Tally()
		same(t, "total", tally.All.Total(), len(all))
		alone := f
		alone.UnitChecks = nil
		ofResources := x.Select(alone).Page(true, o, nil, 1000)
		for _, row := range all {
			if row.Unit != "" && !(f.Checks.Also.allows(row.Rule) && f.Units.allows(row.Unit)) {
				t.Fatalf("%s of %s is not meant", row.Rule, row.Unit)
			}
		}
		if reflect.DeepEqual(f, Filter{UnitChecks: f.UnitChecks}) {
			same(t, "of units", len(all)-len(ofResources), len(f.UnitChecks))
		}
		same(t, "of resources", fmt.Sprint(slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return r.Unit != "" })), fmt.Sprint(ofResources))
		for skipped := range all {
			same(t, "behind a place", fmt.Sprint(s.Page(true, o, s.Skip(true, o, skipped), 1000)), fmt.Sprint(all[skipped:]))
			at := s.PlaceOf(o, all[skipped])
			same(t, "a short page", fmt.Sprint(s.Page(true, o, &at, 2)), fmt.Sprint(all[skipped+1:min(skipped+3, len(all))]))
		}
		for facet, of := range map[Facet]func(Row) string{
			StateFacet: func(r Row) string { return r.Verdict.State.String() },
			RuleFacet:  func(r Row) string { return r.Rule },
			UnitFacet:  func(r Row) string { return cmp.Or(r.Unit, x.Known(r.Resource).Unit) },
			OwnerFacet: func(r Row) string {
				if r.Unit != "" {
					return ""
				}
				return x.OwnerOf(r.Resource)
			},
		} {
			other, _ := without(f, facet)
			want := map[string]int{}
			for _, row := range x.Select(other).Page(true, o, nil, 1000) {
				want[of(row)]++
			}
			same(t, fmt.Sprint("facet ", facet), fmt.Sprint(x.Facets(f, Checks, facet)[facet]), fmt.Sprint(sorted(want)))
		}
	})
}

// comparing orders places of a list of checks.
func comparing(r *rules, by []Order) func(a, b *Place) int {
	keys, backwards := Expand(true, by)
	return func(a, b *Place) int {
		for i := range keys {
			at := a.Keys[i].compare(b.Keys[i])
			if keys[i].Desc {
				at = -at
			}
			if at != 0 {
				return at
			}
		}
		name := cmp.Or(compareFolded(a.Name, b.Name), cmp.Compare(a.Resource, b.Resource), compare(a.Unit, b.Unit))
		if backwards {
			name = -name
		}
		return cmp.Or(name, compareRanked(r, a.Rule, b.Rule))
	}
}
