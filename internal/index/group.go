package index

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// StandardFacet groups by the standards that rules are of, which [Grouping] tells. It is
// none of those that [Index.Facets] counts by.
const StandardFacet Facet = "standard"

// Grouping says by what rows are put into groups: by the values of a facet, or by sets
// of rules. A row is in several groups that has checks of several values, or whose rule
// is in several sets.
type Grouping struct {
	Facet Facet
	Sets  []RuleSet // of StandardFacet; what is in none of them is in the group ""
}

// RuleSet are rules under a name.
type RuleSet struct {
	Value string
	Rules []string // their own ids, also of controls that have checks on units
}

// Group is the rows that have one value in common: those that a list has with the
// value as one more condition.
type Group struct {
	Value string // "" for none
	Count int    // rows
	// States are of the rows that are checks, or of the resources that are rows by their
	// own states; of rules, of the checks that they have.
	States Counts
	Rules  []int // those that are rows, by their numbers among the content's, ascending
}

// Compare is below 0 if a stands before b: states and severities come with the worst
// first and what has none last, others by count and then by value.
func (g *Grouping) Compare(a, b *Group) int {
	switch g.Facet {
	case StateFacet, ResourceStateFacet, SeverityFacet:
		return cmp.Compare(g.rank(a.Value), g.rank(b.Value))
	}
	return cmp.Or(cmp.Compare(b.Count, a.Count), compare(a.Value, b.Value))
}

func (g *Grouping) rank(value string) int {
	if g.Facet == SeverityFacet {
		severity, _ := posture.ParseSeverity(value)
		return rankOfSeverity(severity)
	}
	state, err := posture.ParseState(value)
	if err != nil {
		return len(posture.States)
	}
	return rankOfState(state)
}

// OfChecks reports whether checks have the values, not their resources.
func (g *Grouping) OfChecks() bool {
	return g.Facet == StandardFacet || slices.Contains(ofChecks, g.Facet)
}

// Narrow puts a group of what a filter leaves in the place of the condition on what is
// grouped by. The filter may leave of a standard what is not in another one, by the rules'
// own ids in Also.
func (g *Grouping) Narrow(f Filter, value string) Filter {
	switch g.Facet {
	case CloudFacet:
		f.Clouds = anyParsed(value, posture.ParseCloud)
	case TypeFacet:
		f.Types = Any(value)
	case UnitFacet:
		f.Units = Any(value)
	case LocationFacet:
		f.Locations = Any(value)
	case OwnerFacet:
		f.Owners = Any(value)
	case ResourceStateFacet:
		f.States = anyParsed(value, posture.ParseState)
	case StateFacet:
		f.Checks.States = anyParsed(value, posture.ParseState)
	case SeverityFacet:
		f.Checks.Severities = anyParsed(value, posture.ParseSeverity)
	case ControlFacet:
		f.Checks.Controls = Any(value)
	case RuleFacet:
		f.Checks.Rules = Any(value)
	case ReasonFacet:
		f.Checks.Reasons = anyParsed(value, posture.ParseReason)
	case StandardFacet:
		f.Checks.Also = both(f.Checks.Also, g.set(value))
	}
	return f
}

// anyParsed chooses the value that a text names, the zero one for what it does not.
func anyParsed[T comparable](text string, parse func(string) (T, error)) Choice[T] {
	value, err := parse(text)
	if err != nil {
		value = *new(T)
	}
	return Any(value)
}

// set chooses the rules of a set, or those of no set.
func (g *Grouping) set(value string) Choice[string] {
	c := Choice[string]{Values: []string{""}, Not: value == ""} // there is no such rule
	for _, s := range g.Sets {
		if value == "" || s.Value == value {
			c.Values = append(c.Values, s.Rules...)
		}
	}
	return c
}

// both is the choice of what two choices allow. The second has values.
func both(a, b Choice[string]) Choice[string] {
	switch {
	case len(a.Values) == 0:
		return b
	case a.Not && b.Not:
		return Choice[string]{Values: slices.Concat(a.Values, b.Values), Not: true}
	case b.Not:
		a, b = b, a
	}
	allows := a.asked()
	return Any(append(slices.DeleteFunc(slices.Clone(b.Values), func(v string) bool { return !allows(v) }), "")...)
}

// Group is what a filter leaves in one group of what it leaves in all, which is the
// selection.
func (s *Selection) Group(f Filter, by *Grouping, value string) *Selection {
	g := &Selection{index: s.index, resources: s.resources, all: s.all, of: s.of}
	if by.OfChecks() {
		g.tuples, g.few, g.parted = s.tuples, s.few, s.parted // which are of resources alone
	} else {
		only := by.Narrow(Filter{}, value)
		set, _, of := s.index.filtered(&only)
		if g.resources, g.all, g.of = set, false, of; !s.all {
			g.resources, g.of = and(s.resources, set), nil
		}
	}
	f = by.Narrow(f, value)
	g.choose(&f)
	return g
}

// Groups gives the groups of what the selection has that have rows, in their order.
func (s *Selection) Groups(rows Counted, by *Grouping) []Group {
	found := groups{}
	if by.OfChecks() {
		s.groupChecks(found, rows, by)
	} else {
		s.groupResources(found, rows, by.Facet)
	}
	if rows == Checks {
		for i := range s.units {
			s.units[i].group(found, by)
		}
	}
	all := make([]Group, 0, len(found))
	for _, g := range found {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b Group) int { return by.Compare(&a, &b) })
	return all
}

// groups are those that were met so far, by value.
type groups map[string]*Group

// add adds rows, of which there are some, to the group of a value.
func (all groups) add(value string, g *Group) {
	to := all[value]
	if to == nil {
		to = &Group{Value: value}
		all[value] = to
	}
	to.Count += g.Count
	to.States.add(&g.States, 1)
	to.Rules = append(to.Rules, g.Rules...)
}

// add adds others so many times.
func (c *Counts) add(other *Counts, times int) {
	for state := range c {
		c[state] += times * other[state]
	}
}

// addRule adds the checks of a rule, if it has some.
func (g *Group) addRule(rule int, c *Counts) {
	if *c != (Counts{}) {
		g.States.add(c, 1)
		g.Rules = append(g.Rules, rule)
	}
}

// close counts the rows.
func (g *Group) close(rows Counted) {
	if g.Count = g.States.Total(); rows == Rules {
		g.Count = len(g.Rules)
	}
}

// groupChecks counts by a property of checks. What rules tell of it is in the tally; the
// rest takes one pass over tuples.
func (s *Selection) groupChecks(found groups, rows Counted, by *Grouping) {
	x := s.index
	code, text, codes := x.groupCode(by)
	counted := make([]Group, codes)
	each := func(n uint32, call func(at int32, rule int, v *Verdict)) {
		for _, v := range x.tuples.of(n) {
			if s.wants(v) {
				rule := x.rules.number(v.Evaluation)
				for _, at := range code(rule, v.State, v.unknownBecause()) {
					call(at, rule, &v)
				}
			}
		}
	}
	switch {
	case rows == Resources:
		met := make([]uint32, codes) // by code: one more than the tuple that met it
		s.eachTuple(func(n, count uint32) {
			each(n, func(at int32, _ int, _ *Verdict) {
				if met[at] != n+1 {
					met[at] = n + 1
					counted[at].States[x.tuples.rollUp[n]] += int(count)
				}
			})
		})
	case by.Facet == ReasonFacet:
		perRule := make([][]Counts, codes)
		s.eachTuple(func(n, count uint32) {
			each(n, func(at int32, rule int, v *Verdict) {
				if perRule[at] == nil {
					perRule[at] = make([]Counts, len(x.rules.content.Rules))
				}
				perRule[at][rule][v.State] += int(count)
			})
		})
		for at, rules := range perRule {
			for rule := range rules {
				counted[at].addRule(rule, &rules[rule])
			}
		}
	default:
		for rule, all := range s.Tally().Rules {
			for state, count := range all {
				for _, at := range code(rule, posture.State(state), posture.NoReason) {
					if g := &counted[at]; count > 0 {
						if g.States[state] += count; len(g.Rules) == 0 || g.Rules[len(g.Rules)-1] != rule {
							g.Rules = append(g.Rules, rule)
						}
					}
				}
			}
		}
	}
	for at := range counted {
		if g := &counted[at]; g.States != (Counts{}) {
			g.close(rows)
			found.add(text(at), g)
		}
	}
}

// groupCode numbers the groups of checks: those of a check are good until it is asked again.
func (x *Index) groupCode(by *Grouping) (code func(rule int, s posture.State, r posture.Reason) []int32, text func(int) string, codes int) {
	rules := x.rules.content.Rules
	if by.Facet == StandardFacet {
		of := make([][]int32, len(rules))
		for at, s := range by.Sets {
			for _, id := range s.Rules {
				if rule, ok := x.rules.byID[id]; ok && !slices.Contains(of[rule], int32(at+1)) {
					of[rule] = append(of[rule], int32(at+1))
				}
			}
		}
		none := []int32{0}
		return func(rule int, _ posture.State, _ posture.Reason) []int32 {
				if of[rule] != nil {
					return of[rule]
				}
				return none
			}, func(n int) string {
				if n == 0 {
					return ""
				}
				return by.Sets[n-1].Value
			}, len(by.Sets) + 1
	}
	_, text, codes = x.facetCode(by.Facet)
	var one [1]int32
	return func(rule int, s posture.State, r posture.Reason) []int32 {
		switch by.Facet {
		case StateFacet:
			one[0] = int32(s)
		case ReasonFacet:
			one[0] = int32(r)
		case SeverityFacet:
			one[0] = int32(rules[rule].Severity)
		case ControlFacet: // as facetCode has it
			if one[0] = 0; rules[rule].Control != "" {
				if n, ok := x.rules.controls[rules[rule].Control]; ok {
					one[0] = int32(n + 1)
				}
			}
		default:
			one[0] = int32(rule)
		}
		return one[:]
	}, text, codes
}

// groupResources counts by a property of resources: of each value the set of those that
// have it.
func (s *Selection) groupResources(found groups, rows Counted, facet Facet) {
	sets, text := s.index.facetSets(facet)
	var count func(g *Group, set *roaring.Bitmap)
	if rows == Resources {
		count = s.countResources()
	} else {
		count = s.countChecks(facet != OwnerFacet)
	}
	for n, set := range sets {
		if set == nil || set.IsEmpty() {
			continue
		}
		var g Group
		if count(&g, set); g.States != (Counts{}) {
			g.close(rows)
			found.add(text(n), &g)
		}
	}
}

// countResources counts by their own states those of a set that the selection has and
// that have a check which is meant.
func (s *Selection) countResources() func(g *Group, set *roaring.Bitmap) {
	x, with := s.index, s.WithChecks()
	all := make([]*roaring.Bitmap, len(x.sets.states))
	for state, set := range x.sets.states {
		if all[state] = set; set != nil && !with.all {
			all[state] = and(set, with.resources)
		}
	}
	return func(g *Group, set *roaring.Bitmap) {
		for state, of := range all {
			if of != nil {
				g.States[state] = int(of.AndCardinality(set))
			}
		}
	}
}

// countChecks counts the checks that are meant of those of a set that the selection has,
// and lists their rules. Where the set is one of those of which counts are kept, and the
// selection has all of it, these tell.
func (s *Selection) countChecks(keeps bool) func(g *Group, set *roaring.Bitmap) {
	x, whole := s.index, map[*roaring.Bitmap]bool{}
	for _, set := range s.counted().sets {
		whole[set] = true
	}
	rules := make([]Counts, len(x.rules.content.Rules))
	return func(g *Group, set *roaring.Bitmap) {
		clear(rules)
		add := func(check uint32, count int) { rules[x.rules.number(check/statesEach)][check%statesEach] += count }
		var kept *checkCounts
		if keeps && (s.all || whole[set]) {
			kept = x.checksIn(set)
		}
		if kept != nil {
			s.eachMeant(kept, s.wanted, add)
		} else {
			some := &Selection{index: x, resources: set}
			if !s.all {
				some.resources = and(s.resources, set)
			}
			some.eachTuple(func(n, count uint32) {
				for _, v := range x.tuples.of(n) {
					if s.wants(v) {
						add(v.Evaluation*statesEach+uint32(v.State), int(count))
					}
				}
			})
		}
		for rule := range rules {
			g.addRule(rule, &rules[rule])
		}
	}
}

// group counts the rows by groups.
func (b *block) group(found groups, by *Grouping) {
	var each Counts // of a unit
	for _, c := range b.checks {
		each[c.Verdict.State]++
	}
	all := Group{Count: b.rows()}
	all.States.add(&each, len(b.units))
	switch by.Facet {
	case CloudFacet, UnitFacet:
		for _, u := range b.units {
			value := u.id
			if by.Facet == CloudFacet {
				value = posture.CloudOfUnit(u.id).String()
			}
			found.add(value, &Group{Count: len(b.checks), States: each})
		}
	case StateFacet, ControlFacet, RuleFacet, StandardFacet:
		sets := by.setsOf()
		for _, c := range b.checks {
			one := Group{Count: len(b.units)}
			one.States[c.Verdict.State] = len(b.units)
			values := []string{c.Control}
			if by.Facet == StateFacet {
				values[0] = c.Verdict.State.String()
			} else if by.Facet == StandardFacet {
				if values = sets[c.Control]; values == nil {
					values = []string{""}
				}
			}
			for _, value := range values {
				found.add(value, &one)
			}
		}
	case TypeFacet:
		found.add(UnitType, &all)
	case SeverityFacet:
		found.add(posture.NotRated.String(), &all)
	default:
		found.add("", &all) // it has none
	}
}

// setsOf gives the names of the sets that a rule is in.
func (g *Grouping) setsOf() map[string][]string {
	of := map[string][]string{}
	for _, s := range g.Sets {
		for _, id := range s.Rules {
			if !slices.Contains(of[id], s.Value) {
				of[id] = append(of[id], s.Value)
			}
		}
	}
	return of
}

// GroupModels prepares, one after another, the resources that the selection has of each
// value of a facet of resources for questions about their score, as
// [Selection.ScoreModel] does.
func (s *Selection) GroupModels(facet Facet, call func(value string, m *score.Model)) {
	sets, text := s.index.facetSets(facet)
	recommendations := s.index.scored()
	for n, set := range sets {
		if set == nil || s.common(set) == 0 {
			continue
		}
		if !s.all {
			set = and(s.resources, set)
		}
		some := &Selection{index: s.index, resources: set}
		call(text(n), some.scoreModel(recommendations))
	}
}

// unitsMet lists the units of which the selection may have a resource, ascending.
func (s *Selection) unitsMet() (units []uint32) {
	x := s.index
	if s.all || s.resources.GetCardinality() > 8*uint64(len(x.units.texts)) {
		for n := range x.units.texts {
			units = append(units, uint32(n))
		}
		return units
	}
	each(s.resources, func(n uint32) { // most come by unit
		if unit := x.resources.unit[n]; len(units) == 0 || units[len(units)-1] != unit {
			units = append(units, unit)
		}
	})
	slices.Sort(units)
	return slices.Compact(units)
}
