package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// atom is the checks of one evaluation and state.
type atom struct {
	set   *roaring.Bitmap // their resources
	check uint32          // as in sets.checks
	rule  int
	state posture.State
	count int // how many are meant
}

// bucket is the rows that are equal in some of the columns that a list is ordered by.
type bucket struct {
	key    Key               // in the last of these columns
	atoms  []atom            // of checks that are ordered by columns of checks, by rule
	within []*roaring.Bitmap // that their resources are in, all of them
	units  []block           // checks on units
}

// nothing is what no resource is within.
var nothing = []*roaring.Bitmap{empty}

// sets gives the resources, in parts that have none in common: those of the states of
// one rule's checks.
func (b *bucket) sets() (sets []*roaring.Bitmap) {
	if b.atoms == nil {
		return []*roaring.Bitmap{inAll(b.within)}
	}
	for _, a := range b.atoms {
		set := a.set
		if len(b.within) > 0 {
			set = and(set, inAll(b.within))
		}
		sets = append(sets, set)
	}
	return sets
}

func inAll(sets []*roaring.Bitmap) *roaring.Bitmap {
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastAnd(sets...)
}

func (b *bucket) set() *roaring.Bitmap {
	sets := b.sets()
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

// rule is that of the checks, -1 for whatever rule.
func (b *bucket) rule() int {
	if b.atoms == nil {
		return -1
	}
	return b.atoms[0].rule
}

// bare reports whether no resource is in the bucket.
func (b *bucket) bare() bool { return len(b.within) > 0 && b.within[0] == empty }

// meant gives those of some resources that the selection has.
func (s *Selection) meant(set *roaring.Bitmap) *roaring.Bitmap {
	if s.all {
		return set
	}
	return and(set, s.resources)
}

// descent goes over the buckets of a list in its order. A bucket of the first columns
// is taken apart by the next only when it is reached.
type descent struct {
	s      *Selection
	checks bool
	keys   []Order
	over   func(b *bucket) bool               // whether to leave out all of a bucket; nil for none
	call   func(b *bucket, after *Place) bool // false to stop
}

// from calls with the buckets from that of a place on, with the place while its own
// bucket is at hand.
func (d *descent) from(after *Place) {
	all := bucket{within: []*roaring.Bitmap{d.s.index.sets.here}}
	if d.checks {
		if slices.ContainsFunc(d.keys, Order.ofCheck) {
			if all = (bucket{atoms: d.s.atoms()}); len(all.atoms) == 0 {
				all = bucket{within: nothing}
			}
		}
		all.units = d.s.units
	}
	d.descend(&all, 0, after)
}

func (d *descent) descend(b *bucket, level int, after *Place) bool {
	if d.over != nil && level > 0 && d.over(b) {
		return true
	}
	if level == len(d.keys) {
		return d.call(b, after)
	}
	parts := d.s.parts(b, d.checks, d.keys[level], level > 0)
	for i := range parts {
		if after != nil && level < len(after.Keys) {
			at := parts[i].key.compare(after.Keys[level])
			if d.keys[level].Desc {
				at = -at
			}
			if at < 0 {
				continue
			}
			if at > 0 {
				after = nil
			}
		}
		if !d.descend(&parts[i], level+1, after) {
			return false
		}
		after = nil
	}
	return true
}

// parts takes a bucket apart by a column. Only where it was taken apart before it is
// worth to leave out at once what has nothing of it.
func (s *Selection) parts(b *bucket, checks bool, o Order, before bool) []bucket {
	var all []bucket
	if checks && o.ofCheck() {
		all = s.atomParts(b, o.By)
	} else {
		all = s.resourceParts(b, o.By, before)
	}
	if len(b.units) > 0 {
		all = merged(all, unitParts(b.units, o.By))
	}
	if o.Desc {
		slices.Reverse(all)
	}
	return all
}

// atomParts takes the checks of resources apart by a column of checks. They come by
// rule, and so do those of a part.
func (s *Selection) atomParts(b *bucket, by Column) (all []bucket) {
	rules := s.index.rules.content.Rules
	if by == ByRule {
		for from, to := 0, 0; from < len(b.atoms); from = to {
			rule := b.atoms[from].rule
			for to < len(b.atoms) && b.atoms[to].rule == rule {
				to++
			}
			all = append(all, bucket{key: Key{Text: rules[rule].ID}, atoms: b.atoms[from:to:to], within: b.within})
		}
		return all
	}
	rankOf := func(a *atom) int {
		if by == ByState {
			return rankOfState(a.state)
		}
		return rankOfSeverity(rules[a.rule].Severity)
	}
	var counts [len(posture.States) + 1]int
	for i := range b.atoms {
		counts[rankOf(&b.atoms[i])]++
	}
	var ranked [len(counts)][]atom
	for i := range b.atoms {
		rank := rankOf(&b.atoms[i])
		if ranked[rank] == nil {
			ranked[rank] = make([]atom, 0, counts[rank])
		}
		ranked[rank] = append(ranked[rank], b.atoms[i])
	}
	for rank, atoms := range ranked {
		if len(atoms) > 0 {
			all = append(all, bucket{key: Key{Rank: rank}, atoms: atoms, within: b.within})
		}
	}
	return all
}

// resourceParts takes resources apart by a column of them.
func (s *Selection) resourceParts(b *bucket, by Column, before bool) (all []bucket) {
	if b.bare() {
		return nil
	}
	x := s.index
	has, within := func(*roaring.Bitmap) bool { return true }, b.within
	switch {
	case before && b.atoms != nil && len(within) == 0:
		has = func(set *roaring.Bitmap) bool { return s.mayHave(set, b.atoms) }
	case before:
		has = b.set().Intersects
	case b.atoms == nil: // all that are there
		within = nil
	}
	part := func(set *roaring.Bitmap, key Key) {
		if set != nil && !set.IsEmpty() && has(set) {
			all = append(all, bucket{key: key, atoms: b.atoms, within: append(slices.Clip(within), set)})
		}
	}
	words := func(w *words, sets byWord) {
		for _, n := range x.ordered(w) {
			if int(n) < len(sets) {
				part(sets[n], Key{Text: w.texts[n]})
			}
		}
	}
	switch by {
	case ByState:
		for rank, state := range posture.States {
			part(x.sets.states.at(uint32(state)), Key{Rank: rank})
		}
	case ByType:
		words(x.types, x.sets.kinds)
	case ByUnit:
		words(x.units, x.sets.units)
	case ByLocation:
		words(x.locations, x.sets.location)
	case ByCloud:
		for n, set := range x.sets.clouds {
			part(set, Key{Text: posture.Cloud(n).String()})
		}
		slices.SortFunc(all, func(a, b bucket) int { return a.key.compare(b.key) })
	}
	return all
}

// merged joins the parts of a bucket that are of resources with those of units.
func merged(a, b []bucket) []bucket {
	all := make([]bucket, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch at := a[0].key.compare(b[0].key); {
		case at < 0:
			all, a = append(all, a[0]), a[1:]
		case at > 0:
			all, b = append(all, b[0]), b[1:]
		default:
			a[0].units = b[0].units
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// atoms lists the checks of resources that are meant by rule, in the order of ByRule.
func (s *Selection) atoms() []atom {
	if s.byRule != nil {
		return s.byRule
	}
	x, counts := s.index, s.perCheck()
	ends := make([]int, len(x.rules.rank)+1) // by rank of the rule: where its atoms begin, and then end
	some := make([]int, 0, len(counts)/2)
	for at, count := range counts {
		if count > 0 && s.wanted[at] {
			some = append(some, at)
			ends[x.rules.rank[x.rules.number(uint32(at/statesEach))]+1]++
		}
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	s.byRule = make([]atom, len(some))
	for _, at := range some {
		rule := x.rules.number(uint32(at / statesEach))
		end := &ends[x.rules.rank[rule]]
		s.byRule[*end] = atom{x.sets.checks[at], uint32(at), rule, posture.State(at % statesEach), int(counts[at])}
		*end++
	}
	return s.byRule
}

// perCheck counts the checks that are meant, by evaluation and state as in
// sets.checks; it also has some that are not.
func (s *Selection) perCheck() []uint32 {
	if s.all && len(s.reasons.Values) == 0 {
		return s.index.sets.perCheck
	}
	if s.checks == nil {
		s.checks = make([]uint32, len(s.wanted))
		for _, c := range s.counted().parts {
			s.eachMeant(c, s.wanted, func(check uint32, count int) { s.checks[check] += uint32(count) })
		}
		s.eachOfRest(func(v Verdict, count int) { s.checks[v.Evaluation*statesEach+uint32(v.State)] += uint32(count) })
	}
	return s.checks
}

// rowsOf counts the rows of a bucket, unless all of its resources would have to be
// looked at for their reasons.
func (s *Selection) rowsOf(b *bucket, checks bool) (count int, ok bool) {
	for i := range b.units {
		count += b.units[i].rows()
	}
	if b.bare() {
		return count, true
	}
	if len(b.within) == 0 { // all checks of some rules and states
		for i := range b.atoms {
			count += b.atoms[i].count
		}
		return count, true
	}
	if checks {
		if counted, ok := s.checksCounted(b); ok {
			return count + counted, true
		}
	}
	if !checks {
		return count + s.resourcesOf(b), true
	}
	if b.atoms == nil || len(b.atoms) == len(s.atoms()) {
		return count + s.checksOf(inAll(b.within)), true
	}
	if len(s.reasons.Values) > 0 {
		return 0, false
	}
	set := s.meant(inAll(b.within))
	for i := range b.atoms {
		count += int(set.AndCardinality(b.atoms[i].set))
	}
	return count, true
}

// resourcesOf counts the resources of a bucket that are meant.
func (s *Selection) resourcesOf(b *bucket) int {
	if of, kept := s.summed(b); kept && of.in != of.within {
		return s.index.common(of)
	}
	return s.common(inAll(b.within))
}

// weight gives what counts the checks of a resource that are meant.
func (s *Selection) weight() func(n uint32) int {
	laid, tuples := s.index.resources.laid, s.index.tuples
	if s.everyOne {
		return func(n uint32) int { return len(tuples.of(laid[n])) }
	}
	weights, asked := s.weighed[true], 0
	return func(n uint32) (checks int) {
		if weights == nil {
			if asked++; asked < tuples.len() {
				return s.meantOf(tuples.of(laid[n]))
			}
			weights = s.weights(true) // which looks at every tuple once
		}
		return int(weights[laid[n]])
	}
}

// meantOf counts the verdicts that are meant.
func (s *Selection) meantOf(verdicts []Verdict) (count int) {
	for _, v := range verdicts {
		if s.wants(v) {
			count++
		}
	}
	return count
}

// checksOf counts the checks that are meant of some resources.
func (s *Selection) checksOf(set *roaring.Bitmap) (count int) {
	weight := s.weight()
	each(s.meant(set), func(n uint32) { count += weight(n) })
	return count
}
