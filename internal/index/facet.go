package index

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Facet is a property that lists are filtered by.
type Facet string

// The facets. State, Severity, Control, RuleFacet and ReasonFacet are of checks.
const (
	CloudFacet         Facet = "cloud"
	TypeFacet          Facet = "type"
	UnitFacet          Facet = "unit"
	LocationFacet      Facet = "location"
	OwnerFacet         Facet = "owner"
	ResourceStateFacet Facet = "resourceState"
	StateFacet         Facet = "state"
	SeverityFacet      Facet = "severity"
	ControlFacet       Facet = "control"
	RuleFacet          Facet = "recommendation"
	ReasonFacet        Facet = "reason"
)

// FacetValue is a value of a facet and how often it is met.
type FacetValue struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// ofChecks are the facets whose values checks have.
var ofChecks = []Facet{StateFacet, SeverityFacet, ControlFacet, RuleFacet, ReasonFacet}

// Counted is what a list has a row for.
type Counted uint8

// What lists have rows for. A resource or rule is counted that has a check which is
// meant; a resource also without checks if all are.
const (
	Resources Counted = iota
	Checks
	Rules
)

// Facets counts, for each facet, the rows that its values would leave under all
// other conditions of a filter. Values come by count, then by text.
func (x *Index) Facets(f Filter, rows Counted, facets ...Facet) map[Facet][]FacetValue {
	found := map[Facet][]FacetValue{}
	var shared *Selection
	for _, facet := range facets {
		other, own := without(f, facet)
		s := shared
		if own || s == nil {
			s = x.Select(other)
			if !own {
				shared = s
			}
		}
		if slices.Contains(ofChecks, facet) {
			found[facet] = s.checkFacet(facet, rows)
		} else {
			found[facet] = s.resourceFacet(facet, rows)
		}
		if rows == Checks {
			found[facet] = s.withUnits(facet, found[facet])
		}
	}
	return found
}

// without leaves out the condition on a facet, and tells whether there was one.
func without(f Filter, facet Facet) (Filter, bool) {
	had := 0
	switch facet {
	case CloudFacet:
		had, f.Clouds = len(f.Clouds.Values), Choice[posture.Cloud]{}
	case TypeFacet:
		had, f.Types = len(f.Types.Values), Choice[string]{}
	case UnitFacet:
		had, f.Units = len(f.Units.Values), Choice[string]{}
	case LocationFacet:
		had, f.Locations = len(f.Locations.Values), Choice[string]{}
	case OwnerFacet:
		had, f.Owners = len(f.Owners.Values), Choice[string]{}
	case ResourceStateFacet:
		had, f.States = len(f.States.Values), Choice[posture.State]{}
	case StateFacet:
		had, f.Checks.States = len(f.Checks.States.Values), Choice[posture.State]{}
	case SeverityFacet:
		had, f.Checks.Severities = len(f.Checks.Severities.Values), Choice[posture.Severity]{}
	case ControlFacet:
		had, f.Checks.Controls = len(f.Checks.Controls.Values), Choice[string]{}
	case RuleFacet:
		had, f.Checks.Rules = len(f.Checks.Rules.Values), Choice[string]{}
	case ReasonFacet:
		had, f.Checks.Reasons = len(f.Checks.Reasons.Values), Choice[posture.Reason]{}
	}
	return f, had > 0
}

// checkFacet counts by a property of checks.
func (s *Selection) checkFacet(facet Facet, rows Counted) []FacetValue {
	x := s.index
	code, text, codes := x.facetCode(facet)
	counts := make([]int, codes)
	met := make([]uint32, codes) // by code: one more than the tuple that met it
	rules := make([]*roaring.Bitmap, codes)
	s.eachTuple(func(n, count uint32) {
		for _, v := range x.tuples.of(n) {
			if !s.wants(v) || facet == ReasonFacet && v.State != posture.Unknown {
				continue
			}
			at := code(v)
			switch {
			case rows == Rules:
				if rules[at] == nil {
					rules[at] = roaring.New()
				}
				if rules[at].CheckedAdd(uint32(x.rules.number(v.Evaluation))) {
					counts[at]++
				}
			case rows == Checks || met[at] != n+1:
				met[at] = n + 1
				counts[at] += int(count)
			}
		}
	})
	named := map[string]int{}
	for at, count := range counts {
		if count > 0 {
			named[text(at)] += count
		}
	}
	return sorted(named)
}

// facetCode numbers the values of a property of checks.
func (x *Index) facetCode(facet Facet) (code func(Verdict) int, text func(int) string, codes int) {
	rules := x.rules
	switch facet {
	case StateFacet:
		return func(v Verdict) int { return int(v.State) }, func(n int) string { return posture.State(n).String() }, statesEach
	case ReasonFacet:
		return func(v Verdict) int { return int(v.Reason) }, func(n int) string { return posture.Reason(n).String() }, 256
	case SeverityFacet:
		return func(v Verdict) int { return int(rules.of(v.Evaluation).Severity) }, func(n int) string { return posture.Severity(n).String() }, 8
	case ControlFacet:
		// One more than the control's number; 0 is none.
		return func(v Verdict) int {
				n, ok := rules.controls[rules.of(v.Evaluation).Control]
				if !ok {
					return 0
				}
				return n + 1
			}, func(n int) string {
				if n == 0 {
					return ""
				}
				return rules.content.Controls[n-1].ID
			}, len(rules.content.Controls) + 1
	default:
		return func(v Verdict) int { return rules.number(v.Evaluation) }, func(n int) string { return rules.content.Rules[n].ID }, len(rules.content.Rules)
	}
}

// resourceFacet counts by a property of resources.
func (s *Selection) resourceFacet(facet Facet, rows Counted) []FacetValue {
	x := s.index
	sets, text := x.facetSets(facet)
	perWord := make([]int, len(sets))
	switch {
	case rows == Rules:
		s.rulesPer(sets, perWord)
	case facet == ResourceStateFacet:
		weights := s.weights(rows == Checks)
		s.eachTuple(func(n, count uint32) { perWord[x.tuples.rollUp[n]] += int(count) * int(weights[n]) })
	case rows == Resources && s.everyOne:
		for n, set := range sets {
			if set != nil {
				perWord[n] = s.common(set)
			}
		}
	default:
		weights, laid, column := s.weights(rows == Checks), x.resources.laid, x.facetColumn(facet)
		each(s.resources, func(n uint32) { perWord[column(n)] += int(weights[laid[n]]) })
	}
	counts := map[string]int{}
	for n, count := range perWord {
		if count > 0 {
			counts[text(n)] += count
		}
	}
	return sorted(counts)
}

// rulesPer counts, for each of some sets, the rules of which a resource in it has a
// check that is meant.
func (s *Selection) rulesPer(sets byWord, counts []int) {
	x := s.index
	tuples, rules := make([]uint32, x.tuples.len()), make([]uint32, len(x.rules.content.Rules)) // one more than the set that met it
	for n, set := range sets {
		if set == nil {
			continue
		}
		this := uint32(n) + 1
		if !s.all {
			set = and(set, s.resources)
		}
		each(set, func(resource uint32) {
			tuple := x.resources.laid[resource]
			if tuples[tuple] == this {
				return
			}
			tuples[tuple] = this
			for _, v := range x.tuples.of(tuple) {
				if rule := x.rules.number(v.Evaluation); s.wants(v) && rules[rule] != this {
					rules[rule] = this
					counts[n]++
				}
			}
		})
	}
}

func (s *Selection) common(set *roaring.Bitmap) int {
	if s.all {
		return int(set.GetCardinality())
	}
	return int(s.resources.AndCardinality(set))
}

// weights gives, for each tuple that a resource has, how many of its checks are
// meant, or 1 if any is.
func (s *Selection) weights(checks bool) []uint32 {
	if s.weighed[checks] != nil {
		return s.weighed[checks]
	}
	if s.weighed == nil {
		s.weighed = map[bool][]uint32{}
	}
	weights := make([]uint32, s.index.tuples.len())
	s.weighed[checks] = weights
	s.eachTuple(func(n, _ uint32) {
		if !checks && s.everyOne {
			weights[n] = 1
			return
		}
		for _, v := range s.index.tuples.of(n) {
			if s.wants(v) && (checks || weights[n] == 0) {
				weights[n]++
			}
		}
	})
	return weights
}

func (x *Index) facetSets(facet Facet) (byWord, func(int) string) {
	switch facet {
	case CloudFacet:
		return x.sets.clouds, func(n int) string { return posture.Cloud(n).String() }
	case TypeFacet:
		return x.sets.kinds, func(n int) string { return x.types.texts[n] }
	case UnitFacet:
		return x.sets.units, func(n int) string { return x.units.texts[n] }
	case OwnerFacet:
		o := x.owned()
		return o.sets, func(n int) string { return o.words.texts[n] }
	case ResourceStateFacet:
		return x.sets.states, func(n int) string { return posture.State(n).String() }
	default:
		return x.sets.location, func(n int) string { return x.locations.texts[n] }
	}
}

func (x *Index) facetColumn(facet Facet) func(uint32) uint32 {
	c := &x.resources
	switch facet {
	case CloudFacet:
		return func(n uint32) uint32 { return uint32(c.cloud[n]) }
	case TypeFacet:
		return func(n uint32) uint32 { return c.kind[n] }
	case UnitFacet:
		return func(n uint32) uint32 { return c.unit[n] }
	case OwnerFacet:
		o := x.owners()
		return func(n uint32) uint32 { return o.of(c, n) }
	default:
		return func(n uint32) uint32 { return x.facts.locations[c.facts[n]] }
	}
}

func sorted(counts map[string]int) []FacetValue {
	all := make([]FacetValue, 0, len(counts))
	for value, count := range counts {
		all = append(all, FacetValue{value, count})
	}
	slices.SortFunc(all, func(a, b FacetValue) int { return cmp.Or(cmp.Compare(b.Count, a.Count), compare(a.Value, b.Value)) })
	return all
}
