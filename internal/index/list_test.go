package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// namedUnits are units whose names resources have too, and others.
var namedUnits = []string{"projects/n1", "projects/N2", "projects/m3", "/subscriptions/n1", "/subscriptions/s", "222222222222", "projects/zz"}

// drawUnitChecks gives each of some controls a check in each of some units.
func drawUnitChecks(t *rapid.T) (all []UnitChecks) {
	controls := []string{"b:0", "B:0", "a:1", "z:9", "low"} // one is called as a rule is
	states := []posture.State{posture.Manual, posture.Healthy, posture.Unhealthy, posture.Exempt}
	for len(controls) > 0 {
		together := rapid.IntRange(1, len(controls)).Draw(t, "controls together")
		for units := rapid.Permutation(namedUnits).Draw(t, "units"); len(units) > 0; {
			some := rapid.IntRange(1, len(units)).Draw(t, "units together")
			c := UnitChecks{Units: units[:some]}
			for _, control := range controls[:together] {
				v := Verdict{State: rapid.SampledFrom(states).Draw(t, "state"), Mark: Mark(rapid.IntRange(0, 3).Draw(t, "mark"))}
				c.Checks = append(c.Checks, UnitCheck{control, v})
			}
			if units = units[some:]; rapid.IntRange(0, 3).Draw(t, "there") > 0 {
				all = append(all, c)
			}
		}
		controls = controls[together:]
	}
	return all
}

// unitRowsOf finds the checks on units that a filter leaves, one by one.
func (m *model) unitRowsOf(x *Index, f *Filter) (rows []Row) {
	for _, group := range f.UnitChecks {
		for _, unit := range group.Units {
			_, known := x.units.find(unit)
			in := func(scope string) bool {
				return known && m.in(&thing{Resource: ledger.Resource{Unit: unit}}, scope)
			}
			for _, c := range group.Checks {
				if (len(f.Scopes) == 0 || slices.ContainsFunc(f.Scopes, in)) && f.Clouds.allows(posture.CloudOfUnit(unit)) && f.Types.allows(UnitType) && f.Units.allows(unit) &&
					f.Owners.allows("") && f.Locations.allows("") && f.States.allows(0) && meets(nil, f.Tags) && (f.Text == "" || containsFolded(unit, f.Text)) &&
					f.Checks.Rules.allows(c.Control) && f.Checks.Also.allows(c.Control) && f.Checks.Severities.allows(posture.NotRated) &&
					f.Checks.Controls.allows(c.Control) && f.Checks.States.allows(c.Verdict.State) && f.Checks.Reasons.allows(posture.NoReason) {
					rows = append(rows, Row{Unit: unit, Rule: c.Control, Verdict: c.Verdict})
				}
			}
		}
	}
	return rows
}

// TestLists: with checks on units too, the pages, jumps, totals and facets of a list in
// any order are those of all its rows, found one by one and sorted.
func TestLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		x := newIndex(m.content)
		for range rapid.IntRange(1, 4).Draw(t, "commits") {
			if _, err := x.Apply(m.step(t), m.contents); err != nil {
				t.Fatal(err)
			}
		}
		var f Filter // most conditions leave little
		if rapid.Bool().Draw(t, "conditions") {
			f = drawFilter(t)
		}
		if rapid.Bool().Draw(t, "of states") {
			f.Checks.States = choice(t, "check state", posture.Manual, posture.Unhealthy)
		}
		f.UnitChecks = drawUnitChecks(t)
		rows := m.rows(x, f)
		for range 3 {
			o := drawOrder(t)
			s := x.Select(f)
			comparePages(t, s, o, rows, rapid.IntRange(1, 6).Draw(t, "limit"))
			compareTotals(t, s, rows)
		}
		for facet, of := range valuesOf(x) {
			other, _ := without(f, facet)
			want := map[string]int{}
			for _, row := range m.rows(x, other) {
				want[of(row)]++
			}
			same(t, fmt.Sprint("facet ", facet), x.Facets(f, Checks, facet)[facet], sorted(want))
		}
	})
}

// rows finds the checks that a filter leaves, one by one.
func (m *model) rows(x *Index, f Filter) (rows []Row) {
	_, checks := m.selected(&f)
	for _, c := range checks {
		rows = append(rows, Row{Resource: c.thing.Number, Rule: c.rule.ID, Verdict: c.verdict})
	}
	return append(rows, m.unitRowsOf(x, &f)...)
}

func drawOrder(t *rapid.T) (o []Order) {
	columns := rapid.Permutation([]Column{ByState, ByType, ByUnit, ByLocation, ByCloud, BySeverity, ByRule, ByName}).Draw(t, "columns")
	for _, by := range columns[:rapid.IntRange(1, 3).Draw(t, "of them")] {
		if o = append(o, Order{by, rapid.Bool().Draw(t, "desc")}); by == ByName {
			break
		}
	}
	return o
}

// comparePages holds pages from everywhere against all rows.
func comparePages(t *rapid.T, s *Selection, o []Order, rows []Row, limit int) {
	rows = inOrder(s, o, rows)
	for at := range rows {
		want := fmt.Sprint(rows[at:min(at+limit, len(rows))])
		same(t, fmt.Sprint("behind ", at, " of ", o), fmt.Sprint(s.Page(true, o, s.Skip(true, o, at), limit)), want)
		if at > 0 {
			place := s.PlaceOf(o, rows[at-1])
			same(t, fmt.Sprint("after ", at, " of ", o), fmt.Sprint(s.Page(true, o, &place, limit)), want)
		}
	}
	if len(rows) == 0 {
		same(t, "nothing", len(s.Page(true, o, nil, limit)), 0)
	}
}

// inOrder sorts rows by their places.
func inOrder(s *Selection, o []Order, rows []Row) (sorted []Row) {
	type placed struct {
		row Row
		at  Place
	}
	var all []placed
	for _, row := range rows {
		all = append(all, placed{row, s.PlaceOf(o, row)})
	}
	order := comparing(s.index.rules, o)
	slices.SortFunc(all, func(a, b placed) int { return order(&a.at, &b.at) })
	for i := range all {
		sorted = append(sorted, all[i].row)
	}
	return sorted
}

func compareTotals(t *rapid.T, s *Selection, rows []Row) {
	var all Counts
	attested, mitigated := 0, 0
	for _, row := range rows {
		all[row.Verdict.State]++
		if row.Verdict.Mark == Attested {
			attested++
		}
		if row.Unit != "" && row.Verdict.Mark == Mitigated && row.Verdict.State == posture.Exempt {
			mitigated++
		}
	}
	tally := s.Tally()
	same(t, "totals", tally.All, all)
	same(t, "attested", tally.Attested, attested)
	same(t, "mitigated on units", tally.MitigatedUnits, mitigated)
}

// valuesOf tells what rows count as in facets.
func valuesOf(x *Index) map[Facet]func(Row) string {
	of := func(unit func(Row) string, resource func(Resource) string) func(Row) string {
		return func(r Row) string {
			if r.Unit != "" {
				return unit(r)
			}
			known, _ := x.Resource(r.Resource)
			return resource(known)
		}
	}
	none := func(Row) string { return "" }
	return map[Facet]func(Row) string{
		StateFacet:    func(r Row) string { return r.Verdict.State.String() },
		RuleFacet:     func(r Row) string { return r.Rule },
		UnitFacet:     of(func(r Row) string { return r.Unit }, func(r Resource) string { return r.Unit }),
		CloudFacet:    of(func(r Row) string { return posture.CloudOfUnit(r.Unit).String() }, func(r Resource) string { return r.Cloud.String() }),
		OwnerFacet:    of(none, func(r Resource) string { return x.OwnerOf(r.Number) }),
		LocationFacet: of(none, func(r Resource) string { return r.Facts.Location }),
		ControlFacet: func(r Row) string {
			if rule, ok := x.Rule(r.Rule); ok && r.Unit == "" {
				return rule.Control
			}
			return r.Rule
		},
		SeverityFacet: func(r Row) string {
			if rule, ok := x.Rule(r.Rule); ok && r.Unit == "" {
				return rule.Severity.String()
			}
			return posture.NotRated.String()
		},
	}
}

// TestLists_of_many: the same where names are in several runs, and a rule's resources
// are close together or far apart.
func TestLists_of_many(t *testing.T) {
	x := grown(3*runOf - 100)
	random := rand.New(rand.NewPCG(5, 6))
	f := Filter{Checks: CheckFilter{Rules: Any("s:1", "s:2", "s:3")}}
	for i := 0; i < len(x.Content().Rules); i += 7 { // two of each resource
		f.Checks.Rules.Values = append(f.Checks.Rules.Values, x.Content().Rules[i].ID)
	}
	for _, controls := range [][]string{{"s:1", "s:2"}, {"s:3"}} {
		c := UnitChecks{}
		for range 20 {
			c.Units = append(c.Units, "projects/"+x.resources.name(x.names.names[random.IntN(len(x.names.names))]))
		}
		for _, control := range controls {
			c.Checks = append(c.Checks, UnitCheck{control, Verdict{State: posture.Manual}})
		}
		f.UnitChecks = append(f.UnitChecks, c)
	}
	for _, states := range []Choice[posture.State]{{}, Any(posture.Unhealthy, posture.Manual), {Values: []posture.State{posture.Unknown}, Not: true}} {
		f.Checks.States = states
		s := x.Select(f)
		rows := x.allRows(s)
		for _, o := range [][]Order{{{By: ByName}}, {{By: ByName, Desc: true}}, {{By: BySeverity}}, {{By: ByState, Desc: true}}, {{By: ByUnit}, {By: ByRule}}, {{By: ByCloud}}} {
			rows := inOrder(s, o, rows)
			for range 40 {
				at := random.IntN(len(rows) - 1)
				got, want := fmt.Sprint(s.Page(true, o, s.Skip(true, o, at), 30)), fmt.Sprint(rows[at:min(at+30, len(rows))])
				if got != want {
					t.Fatalf("behind %d of %v: %s, want %s", at, o, got, want)
				}
			}
		}
	}
}

// TestPage_far_away: a page is found wherever in the order of names its rows begin.
func TestPage_far_away(t *testing.T) {
	x := grown((patience + 2) * runOf)
	names := x.names.names
	want := slices.Concat(names[:3], names[len(names)-500:])
	s := x.Select(Filter{})
	s.all, s.resources = false, roaring.BitmapOf(want...)
	for _, desc := range []bool{false, true} {
		var got []uint32
		for _, row := range s.Page(false, []Order{{By: ByName, Desc: desc}}, nil, len(want)+1) {
			got = append(got, row.Resource)
		}
		if !slices.Equal(got, want) {
			t.Errorf("backwards %t: %d resources, want %d", desc, len(got), len(want))
		}
		slices.Reverse(want)
	}
}

// allRows lists the checks that a selection of all resources has, in no order.
func (x *Index) allRows(s *Selection) (rows []Row) {
	for _, n := range x.names.names {
		for _, v := range x.Tuple(x.Laid(n)) {
			if s.wants(v) {
				rows = append(rows, Row{Resource: n, Rule: x.RuleOf(v.Evaluation).ID, Verdict: v})
			}
		}
	}
	for _, b := range s.units {
		for _, u := range b.units {
			for _, c := range b.checks {
				rows = append(rows, Row{Unit: u.id, Rule: c.Control, Verdict: c.Verdict})
			}
		}
	}
	return rows
}
