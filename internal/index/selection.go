package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Selection is what a filter leaves of an index. It is good until the index
// changes.
type Selection struct {
	index     *Index
	resources *roaring.Bitmap
	all       bool   // resources are all that are there
	wanted    []bool // by evaluation and state, as in sets.checks
	reasons   Choice[posture.Reason]
	everyOne  bool // every check is meant

	tuples []uint32 // by tuple: how many of the resources have it; made when asked for
}

// Select finds what a filter leaves.
func (x *Index) Select(f Filter) *Selection {
	s := &Selection{index: x, reasons: f.Checks.Reasons, everyOne: f.Checks.none()}
	s.resources, s.all = x.filtered(&f)
	s.wanted = make([]bool, len(x.rules.of_)*statesEach)
	for e := range x.rules.of_ {
		rule := x.rules.of(uint32(e))
		if rule == nil || !f.Checks.Rules.allows(rule.ID) || !f.Checks.Severities.allows(rule.Severity) || !f.Checks.Controls.allows(rule.Control) {
			continue
		}
		for state := posture.State(1); state < statesEach; state++ {
			s.wanted[e*statesEach+int(state)] = f.Checks.States.allows(state)
		}
	}
	return s
}

// WithChecks keeps the resources only that have a check which is meant.
func (s *Selection) WithChecks() *Selection {
	if s.everyOne {
		return s
	}
	ok := make([]bool, s.index.tuples.len())
	for n := range ok {
		ok[n] = slices.ContainsFunc(s.index.tuples.of(uint32(n)), s.wants)
	}
	kept := *s
	kept.tuples, kept.all, kept.resources = nil, false, roaring.New()
	s.resources.Iterate(func(n uint32) bool {
		if ok[s.index.resources.laid[n]] {
			kept.resources.Add(n)
		}
		return true
	})
	return &kept
}

func (s *Selection) wants(v Verdict) bool {
	return s.wanted[int(v.Evaluation)*statesEach+int(v.State)] && s.reasons.allows(v.Reason)
}

// Resources counts the resources.
func (s *Selection) Resources() int { return int(s.resources.GetCardinality()) }

// perTuple counts the resources by tuple.
func (s *Selection) perTuple() []uint32 {
	if s.tuples == nil {
		s.tuples = make([]uint32, s.index.tuples.len())
		if s.all {
			copy(s.tuples, s.index.sets.perTuple)
		} else {
			laid := s.index.resources.laid
			each(s.resources, func(n uint32) { s.tuples[laid[n]]++ })
		}
	}
	return s.tuples
}

// each calls with every member, faster than Iterate.
func each(set *roaring.Bitmap, call func(uint32)) {
	var some [512]uint32
	for it := set.ManyIterator(); ; {
		count := it.NextMany(some[:])
		if count == 0 {
			return
		}
		for _, n := range some[:count] {
			call(n)
		}
	}
}

// Counts counts checks by state.
type Counts [statesEach]int

// Total is the number of all checks.
func (c Counts) Total() (all int) {
	for _, n := range c {
		all += n
	}
	return all
}

// Tally is the checks that a selection has, in numbers.
type Tally struct {
	Rules     []Counts // by the number of the rule among the content's
	All       Counts
	Mitigated []int // by rule: of its exempt checks
	Attested  int
	Reasons   map[posture.Reason]int // of unknown checks
}

// Tally counts the checks that are meant.
func (s *Selection) Tally() Tally {
	x := s.index
	t := Tally{Rules: make([]Counts, len(x.rules.content.Rules)), Mitigated: make([]int, len(x.rules.content.Rules)), Reasons: map[posture.Reason]int{}}
	for n, count := range s.perTuple() {
		if count == 0 {
			continue
		}
		for _, v := range x.tuples.of(uint32(n)) {
			if !s.wants(v) {
				continue
			}
			rule := x.rules.number(v.Evaluation)
			t.Rules[rule][v.State] += int(count)
			switch {
			case v.Mark == Mitigated && v.State == posture.Exempt:
				t.Mitigated[rule] += int(count)
			case v.Mark == Attested:
				t.Attested += int(count)
			}
			if v.State == posture.Unknown {
				t.Reasons[v.Reason] += int(count)
			}
		}
	}
	for _, c := range t.Rules {
		for state, count := range c {
			t.All[state] += count
		}
	}
	return t
}

// ByState counts the resources by their own state; those without checks have 0.
func (s *Selection) ByState() Counts {
	var c Counts
	for n, count := range s.perTuple() {
		c[s.index.tuples.rollUp[n]] += int(count)
	}
	return c
}

// Units gives the scores of the units of which the selection has a resource, by
// id.
func (s *Selection) Units() []score.Unit {
	x := s.index
	var units []score.Unit
	for n := range x.units.texts {
		if members := x.sets.units.at(uint32(n)); n > 0 && !members.IsEmpty() && (s.all || s.resources.Intersects(members)) {
			units = append(units, x.unitScore(uint32(n)))
		}
	}
	slices.SortFunc(units, func(a, b score.Unit) int { return compare(a.Scope, b.Scope) })
	return units
}

// groupsOf gives resources of one unit by their scored checks.
func (x *Index) groupsOf(unit uint32, members *roaring.Bitmap) []score.Group {
	counts := map[uint32]int{}
	each(members, func(n uint32) { counts[x.resources.laid[n]]++ })
	numbers := make([]uint32, 0, len(counts))
	for n := range counts {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var groups []score.Group
	for _, n := range numbers {
		var checks []score.Check
		for _, v := range x.tuples.of(n) {
			if rule := x.rules.number(v.Evaluation); x.rules.content.Rules[rule].Scored {
				checks = append(checks, score.Check{Recommendation: rule, State: v.State})
			}
		}
		if len(checks) > 0 {
			groups = append(groups, score.Group{Unit: x.units.texts[unit], Count: counts[n], Checks: checks})
		}
	}
	return groups
}

// Slice reports whether the selection has a part only of some unit's resources.
func (s *Selection) Slice() bool {
	if s.all {
		return false
	}
	for _, members := range s.index.sets.units {
		if members == nil {
			continue
		}
		if count := s.resources.AndCardinality(members); count > 0 && count < members.GetCardinality() {
			return true
		}
	}
	return false
}

// Clouds lists the clouds of which the selection has a resource.
func (s *Selection) Clouds() []posture.Cloud {
	var met []posture.Cloud
	for cloud, members := range s.index.sets.clouds {
		if members != nil && s.common(members) > 0 {
			met = append(met, posture.Cloud(cloud))
		}
	}
	return met
}

// UnitsOf lists the units of some clouds of which the selection has a resource.
func (s *Selection) UnitsOf(clouds []posture.Cloud) []string {
	x := s.index
	var units []string
	for n, members := range x.sets.units {
		if n > 0 && members != nil && s.common(members) > 0 && slices.Contains(clouds, posture.CloudOfUnit(x.units.texts[n])) {
			units = append(units, x.units.texts[n])
		}
	}
	return units
}

// Among counts those of some resources that the selection has.
func (s *Selection) Among(resources []uint32) int {
	return int(s.resources.AndCardinality(roaring.BitmapOf(resources...)))
}
