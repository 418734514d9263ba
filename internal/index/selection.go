package index

import (
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Selection is what a filter leaves of an index. It is good until the index
// changes.
type Selection struct {
	index     *Index
	resources *roaring.Bitmap
	all       bool              // resources are all that are there
	of        []*roaring.Bitmap // sets of the index that they consist of, which have nothing in common; nil if it is not known
	wanted    []bool            // by evaluation and state, as in sets.checks
	reasons   Choice[posture.Reason]
	everyOne  bool // every check is meant
	// onlyUnhealthy says that every unhealthy check is meant and no other: a
	// resource has one exactly if that is its own state.
	onlyUnhealthy bool
	units         []block                       // checks on units as a whole
	whole         func() func(unit uint32) bool // see wholeUnits

	kept
}

// kept is what a selection counts when asked for, and keeps.
type kept struct {
	tuples  []uint32          // by tuple: how many of the resources have it
	few     []tupleCount      // the same of few resources
	weighed map[bool][]uint32 // see weights
	checks  []uint32          // see perCheck
	byRule  []atom            // see atoms
	last    []atom            // see chosen
	ofLast  []bool
	parted  *counted        // see counted
	looked  bool            // for what is rare
	seldom  *roaring.Bitmap // see rare
}

// Select finds what a filter leaves.
func (x *Index) Select(f Filter) *Selection {
	s := &Selection{index: x}
	s.resources, s.all, s.of = x.filtered(&f)
	s.choose(&f)
	return s
}

// choose says which checks are meant.
func (s *Selection) choose(f *Filter) {
	x := s.index
	s.reasons, s.everyOne = f.Checks.Reasons, f.Checks.none()
	s.units = x.unitChecks(f)
	s.whole = sync.OnceValue(func() func(uint32) bool { return x.wholeUnits(f) })
	states := f.Checks.States
	rest := f.Checks
	rest.States = Choice[posture.State]{}
	s.onlyUnhealthy = rest.none() && !states.Not && len(states.Values) == 1 && states.Values[0] == posture.Unhealthy
	s.wanted = make([]bool, len(x.rules.of_)*statesEach)
	meant := f.Checks.rules()
	for e := range x.rules.of_ {
		rule := x.rules.of(uint32(e))
		if rule == nil || !meant(rule) || !f.Checks.Severities.allows(rule.Severity) || !f.Checks.Controls.allows(rule.Control) {
			continue
		}
		for state := posture.State(1); state < statesEach; state++ {
			s.wanted[e*statesEach+int(state)] = f.Checks.States.allows(state)
		}
	}
}

// In keeps the resources only that are in some parts of the tree, and no checks on
// units as a whole.
func (s *Selection) In(parts []Part) *Selection {
	in := *s
	in.kept, in.all, in.units = kept{}, false, nil
	in.resources = and(s.resources, s.index.inParts(parts))
	return &in
}

// WithChecks keeps the resources only that have a check which is meant.
func (s *Selection) WithChecks() *Selection {
	if s.everyOne {
		return s
	}
	with := *s
	with.kept, with.all, with.of = kept{}, false, nil
	if len(s.reasons.Values) == 0 {
		if with.resources = s.withWanted(); !s.all {
			with.resources = and(s.resources, with.resources)
		} else {
			with.of = s.onlyOwn(with.resources)
		}
		return &with
	}
	with.resources = roaring.New()
	weights, laid := s.weights(false), s.index.resources.laid
	each(s.resources, func(n uint32) {
		if weights[laid[n]] > 0 {
			with.resources.Add(n)
		}
	})
	return &with
}

// onlyOwn gives a set of all resources that have a check which is meant, if it is one of
// the index.
func (s *Selection) onlyOwn(set *roaring.Bitmap) []*roaring.Bitmap {
	if s.onlyUnhealthy {
		return []*roaring.Bitmap{set}
	}
	return nil
}

// withWanted gives all resources that have a check which is meant, whatever the
// reasons.
func (s *Selection) withWanted() *roaring.Bitmap {
	if s.onlyUnhealthy {
		return s.index.sets.states.at(uint32(posture.Unhealthy))
	}
	var sets []*roaring.Bitmap
	for at, wanted := range s.wanted {
		if set := s.index.sets.checks.at(uint32(at)); wanted && !set.IsEmpty() {
			sets = append(sets, set)
		}
	}
	return roaring.FastOr(sets...)
}

func (s *Selection) wants(v Verdict) bool {
	return s.wanted[int(v.Evaluation)*statesEach+int(v.State)] && s.reasons.allows(v.unknownBecause())
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

// tupleCount is how many resources have a tuple.
type tupleCount struct{ tuple, count uint32 }

// eachTuple calls with the tuples that the resources have, and how many have it.
func (s *Selection) eachTuple(call func(n, count uint32)) {
	if !s.all && s.tuples == nil && s.resources.GetCardinality() < uint64(s.index.tuples.len()/16) {
		for _, t := range s.perFew() {
			call(t.tuple, t.count)
		}
		return
	}
	for n, count := range s.perTuple() {
		if count > 0 {
			call(uint32(n), count)
		}
	}
}

// perFew counts the resources by tuple, of few of them.
func (s *Selection) perFew() []tupleCount {
	if s.few != nil {
		return s.few
	}
	all := make([]uint32, 0, s.resources.GetCardinality())
	each(s.resources, func(n uint32) { all = append(all, s.index.resources.laid[n]) })
	slices.Sort(all)
	for _, n := range all {
		if last := len(s.few) - 1; last >= 0 && s.few[last].tuple == n {
			s.few[last].count++
		} else {
			s.few = append(s.few, tupleCount{n, 1})
		}
	}
	return s.few
}

// each calls with every member, faster than Iterate.
func each(set *roaring.Bitmap, call func(uint32)) {
	batches(set, func(some []uint32) {
		for _, n := range some {
			call(n)
		}
	})
}

// batches calls with the numbers in a set in order, some at a time.
func batches(set *roaring.Bitmap, call func([]uint32)) {
	var some [512]uint32
	for it := set.ManyIterator(); ; {
		count := it.NextMany(some[:])
		if count == 0 {
			return
		}
		call(some[:count])
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
	Rules          []Counts // by the number of the rule among the content's
	All            Counts   // of rules, and on units as a whole
	Mitigated      []int    // by rule: of its exempt checks
	MitigatedUnits int      // on units as a whole
	Attested       int
	Reasons        map[posture.Reason]int // of unknown checks
	// Under counts those of the checks that stand otherwise under some of their
	// references than as such; nil for none.
	Under  map[CountedUnder]int
	Unders [][]Under // that UnderOf gives
}

// Tally counts the checks that are meant.
func (s *Selection) Tally() Tally {
	x := s.index
	t := newTally(x.rules)
	t.addUnits(s.units)
	for _, c := range s.counted().parts {
		s.eachMeant(c, s.wanted, t.countTo(x.rules))
		s.tallyDetails(&t, c.details)
	}
	s.eachOfRest(func(v Verdict, count int) { t.add(x.rules.number(v.Evaluation), v, count) })
	s.tallyUnder(&t)
	t.sum()
	return t
}

// countTo gives what counts checks by their numbers, but for All.
func (t *Tally) countTo(r *rules) func(check uint32, count int) {
	return func(check uint32, count int) { t.Rules[r.number(check/statesEach)][check%statesEach] += count }
}

// tallyDetails counts what checks that are meant have besides their states.
func (s *Selection) tallyDetails(t *Tally, all details) {
	for d, count := range all {
		if !s.wanted[d.check()] || !s.reasons.allows(d.reason) {
			continue
		}
		switch {
		case d.mark == Mitigated:
			t.Mitigated[s.index.rules.number(d.evaluation)] += count
		case d.mark == Attested:
			t.Attested += count
		}
		if d.state == posture.Unknown {
			t.Reasons[d.reason] += count
		}
	}
}

func newTally(r *rules) Tally {
	return Tally{Rules: make([]Counts, len(r.content.Rules)), Mitigated: make([]int, len(r.content.Rules)), Reasons: map[posture.Reason]int{}}
}

// add counts checks of one verdict, but for All.
func (t *Tally) add(rule int, v Verdict, count int) {
	t.addToRule(rule, v, count)
	if v.Mark == Attested {
		t.Attested += count
	}
	if v.State == posture.Unknown {
		t.Reasons[v.Reason] += count
	}
}

func (t *Tally) addToRule(rule int, v Verdict, count int) {
	t.Rules[rule][v.State] += count
	if v.Mark == Mitigated && v.State == posture.Exempt {
		t.Mitigated[rule] += count
	}
}

// sum counts All.
func (t *Tally) sum() {
	for _, c := range t.Rules {
		for state, count := range c {
			t.All[state] += count
		}
	}
}

// ByState counts the resources by their own state.
func (s *Selection) ByState() Counts {
	var c Counts
	for state, members := range s.index.sets.states {
		if members != nil {
			c[state] = s.common(members)
		}
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

// Slice reports whether the selection has a part only of some unit's resources. What
// is in no unit has no score, and makes no part.
func (s *Selection) Slice() bool {
	if s.all {
		return false
	}
	for n, members := range s.index.sets.units {
		if n == 0 || members == nil {
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

// Among counts those of some resources that the selection has.
func (s *Selection) Among(resources []uint32) int {
	return int(s.resources.AndCardinality(roaring.BitmapOf(resources...)))
}

// UnitIDs lists the units of which the selection has a resource.
func (s *Selection) UnitIDs() []string {
	x := s.index
	var units []string
	for n, members := range x.sets.units {
		if n > 0 && members != nil && s.common(members) > 0 {
			units = append(units, x.units.texts[n])
		}
	}
	return units
}
