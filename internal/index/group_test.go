package index

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

var groupFacets = []Facet{
	StateFacet, SeverityFacet, ControlFacet, RuleFacet, ReasonFacet, CloudFacet, TypeFacet, UnitFacet, LocationFacet, OwnerFacet, ResourceStateFacet, StandardFacet,
}

// drawGroupings are those by all facets, and by some sets of rules.
func drawGroupings(t *rapid.T, content Content) (all []*Grouping) {
	names := []string{"b:0", "a:1", "z:9", "gone"}
	for _, r := range content.Rules {
		names = append(names, r.ID)
	}
	for _, facet := range groupFacets {
		by := &Grouping{Facet: facet}
		if facet == StandardFacet {
			for i := range rapid.IntRange(0, 3).Draw(t, "sets") {
				by.Sets = append(by.Sets, RuleSet{fmt.Sprint("set ", i), rapid.SliceOfN(rapid.SampledFrom(names), 0, 5).Draw(t, "rules")})
			}
		}
		all = append(all, by)
	}
	return all
}

// TestGroups: the groups of a list are what the list has with the value of each as one
// more condition, whether that is asked for alone or within what all groups are of; and
// every check is in one.
func TestGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		x := newIndex(m.content)
		for range rapid.IntRange(1, 4).Draw(t, "commits") {
			if _, err := x.Apply(m.step(t), m.contents); err != nil {
				t.Fatal(err)
			}
		}
		var f Filter
		if rapid.Bool().Draw(t, "conditions") {
			f = drawFilter(t)
			f.Checks.Also.Values = slices.DeleteFunc(f.Checks.Also.Values, func(id string) bool { return id == "policy" }) // no rule's own id
		}
		for _, by := range drawGroupings(t, m.content) {
			for _, counted := range []Counted{Resources, Checks, Rules} {
				f.UnitChecks = nil
				if counted == Checks {
					f.UnitChecks = drawUnitChecks(t)
				}
				s := x.Select(f)
				all := s.Groups(counted, by)
				what := fmt.Sprint(counted, " by ", by.Facet)
				same(t, what+": order", slices.IsSortedFunc(all, func(a, b Group) int { return by.Compare(&a, &b) }), true)
				o := drawOrder(t)
				for i := range all {
					compareGroup(t, fmt.Sprint(what, " ", all[i].Value), s, f, by, &all[i], counted, o)
				}
				switch total := s.Tally().All.Total(); {
				case counted == Checks && by.Facet == StandardFacet:
					same(t, what+": values", countsOf(all), m.inSets(x, f, by))
				case counted == Checks:
					same(t, what+": rows", rowsIn(all), total)
				case counted == Resources && !by.OfChecks():
					same(t, what+": rows", rowsIn(all), s.WithChecks().Resources())
				}
			}
		}
	})
}

// compareGroup holds a group against the selection with its value as a condition.
func compareGroup(t *rapid.T, what string, s *Selection, f Filter, by *Grouping, g *Group, counted Counted, o []Order) {
	alone, within := s.index.Select(by.Narrow(f, g.Value)), s.Group(f, by, g.Value)
	for _, own := range []*Selection{alone, within} {
		tally := own.Tally()
		states, rows := tally.All, tally.All.Total()
		switch counted {
		case Resources:
			own = own.WithChecks()
			states, rows = own.ByState(), own.Resources()
		case Rules:
			var rules []int
			for n := range tally.Rules {
				if tally.Rules[n].Total() > 0 {
					rules = append(rules, n)
				}
			}
			same(t, what+": rules", fmt.Sprint(g.Rules), fmt.Sprint(rules))
			rows = len(rules)
		}
		same(t, what+": states", g.States, states)
		same(t, what+": rows", g.Count, rows)
	}
	if counted == Resources {
		alone, within = alone.WithChecks(), within.WithChecks()
		o = []Order{{By: ByState}}
	}
	if counted != Rules {
		at := rapid.IntRange(0, g.Count-1).Draw(t, "at")
		same(t, what+": page", fmt.Sprint(within.Page(counted == Checks, o, within.Skip(counted == Checks, o, at), 5)), fmt.Sprint(alone.Page(counted == Checks, o, alone.Skip(counted == Checks, o, at), 5)))
	}
}

func rowsIn(all []Group) (rows int) {
	for _, g := range all {
		rows += g.Count
	}
	return rows
}

func countsOf(all []Group) map[string]int {
	counts := map[string]int{}
	for _, g := range all {
		counts[g.Value] = g.Count
	}
	return counts
}

// inSets counts the checks that a filter leaves by the sets of rules, one by one.
func (m *model) inSets(x *Index, f Filter, by *Grouping) map[string]int {
	counts := map[string]int{}
	for _, row := range m.rows(x, f) {
		none := true
		for _, s := range by.Sets {
			if slices.Contains(s.Rules, row.Rule) {
				counts[s.Value]++
				none = false
			}
		}
		if none {
			counts[""]++
		}
	}
	return counts
}

// TestGroups_in_order: what has an order of its own comes in it, the worst first, and
// what is none of it last.
func TestGroups_in_order(t *testing.T) {
	for facet, want := range map[Facet][]string{
		StateFacet:         {"unhealthy", "unknown", "healthy", "manual", "exempt", "notApplicable"},
		ResourceStateFacet: {"unhealthy", "healthy", "notApplicable", ""},
		SeverityFacet:      {"critical", "high", "medium", "low", "notRated"},
		TypeFacet:          {"c", "a", "b"},
	} {
		by := Grouping{Facet: facet}
		all := []Group{}
		for i, value := range want {
			all = append(all, Group{Value: value, Count: i})
		}
		if facet == TypeFacet {
			all = []Group{{Value: "a", Count: 1}, {Value: "b", Count: 1}, {Value: "c", Count: 7}}
		} else {
			slices.Reverse(all)
		}
		slices.SortFunc(all, func(a, b Group) int { return by.Compare(&a, &b) })
		for i := range all {
			if all[i].Value != want[i] {
				t.Errorf("%s: %v, want %v", facet, all, want)
				break
			}
		}
	}
}

// TestGroupModels: what each group's resources gain and score is what they do with the
// group's value as a condition.
func TestGroupModels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		x := newIndex(m.content)
		for range rapid.IntRange(1, 4).Draw(t, "commits") {
			if _, err := x.Apply(m.step(t), m.contents); err != nil {
				t.Fatal(err)
			}
		}
		var f Filter
		if rapid.Bool().Draw(t, "conditions") {
			f = drawFilter(t)
			f.Checks = CheckFilter{}
		}
		s := x.Select(f)
		for _, facet := range groupFacets {
			by := &Grouping{Facet: facet}
			if by.OfChecks() {
				continue
			}
			models := map[string]*score.Model{}
			s.GroupModels(facet, func(value string, m *score.Model) { models[value] = m })
			all := s.Groups(Resources, by)
			same(t, fmt.Sprint("groups by ", facet), len(models), len(all))
			for _, g := range all {
				want := x.Select(by.Narrow(f, g.Value)).ScoreModel()
				same(t, fmt.Sprint("score of ", facet, " ", g.Value), models[g.Value].Score(), want.Score())
				for rule := range m.content.Rules {
					same(t, fmt.Sprint("gain of ", rule, " in ", facet, " ", g.Value), models[g.Value].Gain(rule), want.Gain(rule))
				}
			}
		}
	})
}

// TestGroups_of_many: the same where counts of words are kept, before and after a change.
func TestGroups_of_many(t *testing.T) {
	x := grown(2*perUnit + 700)
	filters := map[string]Filter{
		"all": {}, "unhealthy": {Checks: CheckFilter{States: Any(posture.Unhealthy)}}, "denied": {Checks: CheckFilter{Reasons: Any(posture.Denied)}},
		"not denied": {Checks: CheckFilter{Reasons: Choice[posture.Reason]{Values: []posture.Reason{posture.Denied}, Not: true}}},
		"units":      {Units: Any(x.units.texts[1], x.units.texts[2])}, "type": {Types: Any("microsoft.things/kind7")},
		"place": {Locations: Any("region-3", "region-4"), Checks: CheckFilter{Severities: Any(posture.High)}}, "name": {Text: "7"},
	}
	sets := []RuleSet{{"even", nil}, {"few", []string{"rule-1", "rule-2", "rule-30"}}}
	for i := 0; i < len(x.Content().Rules); i += 2 {
		sets[0].Rules = append(sets[0].Rules, x.Content().Rules[i].ID)
	}
	for _, change := range []bool{false, true} {
		if change {
			c := ledger.Change{Commit: ledger.Commit{Number: 2}}
			for n := uint32(1); n < 400; n++ {
				c.Judged = append(c.Judged, ledger.Judged{Resource: n, Interval: ledger.Interval{Since: 2, Until: ledger.Open}, Tuple: x.tuples.stored[x.resources.judged[n+1]]})
			}
			if _, err := x.Apply(&c, Contents{}); err != nil {
				t.Fatal(err)
			}
		}
		for name, f := range filters {
			s := x.Select(f)
			for _, facet := range groupFacets {
				by := &Grouping{Facet: facet, Sets: sets}
				for _, counted := range []Counted{Resources, Checks, Rules} {
					all := s.Groups(counted, by)
					if len(all) == 0 {
						t.Errorf("%s: no groups by %s", name, facet)
					}
					for i := 0; i < len(all); i += 1 + len(all)/20 {
						g := all[i]
						rows, states := rowsOf(x.Select(by.Narrow(f, g.Value)), counted)
						if rows != g.Count || states != g.States {
							t.Errorf("%s, changed %t: %d by %s %q: %d %v, want %d %v", name, change, counted, facet, g.Value, g.Count, g.States, rows, states)
						}
					}
				}
			}
		}
	}
}

// rowsOf counts the rows of a list, and what groups tell of states.
func rowsOf(s *Selection, counted Counted) (rows int, states Counts) {
	if counted == Resources {
		s = s.WithChecks()
		return s.Resources(), s.ByState()
	}
	tally := s.Tally()
	if rows = tally.All.Total(); counted == Rules {
		rows = 0
		for _, c := range tally.Rules {
			if c.Total() > 0 {
				rows++
			}
		}
	}
	return rows, tally.All
}
