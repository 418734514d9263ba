package index

import (
	"cmp"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// checkCounts are how many checks some resources have.
type checkCounts struct {
	checks  []checkCount // in the order of their numbers; some count 0
	details details
	total   int
}

// checkCount counts the checks of one evaluation and state, by a number as in
// sets.checks.
type checkCount struct{ check, count uint32 }

// count counts the checks of one resource in or, by -1, out.
func (c *checkCounts) count(verdicts []Verdict, by int) {
	for _, v := range verdicts {
		check := v.Evaluation*statesEach + uint32(v.State)
		at, met := c.find(check)
		if !met {
			c.checks = slices.Insert(c.checks, at, checkCount{check: check})
		}
		c.checks[at].count += uint32(by)
		c.details.count(v, by)
	}
	c.total += by * len(verdicts)
}

func (c *checkCounts) find(check uint32) (at int, met bool) {
	return slices.BinarySearchFunc(c.checks, check, func(c checkCount, check uint32) int { return cmp.Compare(c.check, check) })
}

// ofAtoms adds up those of some atoms.
func (c *checkCounts) ofAtoms(atoms []atom) (sum int) {
	for i := range atoms {
		if at, met := c.find(atoms[i].check); met {
			sum += int(c.checks[at].count)
		}
	}
	return sum
}

// of adds up those that are wanted, by their numbers.
func (c *checkCounts) of(wanted []bool) (sum int) {
	for _, one := range c.checks {
		if int(one.check) < len(wanted) && wanted[one.check] {
			sum += int(one.count)
		}
	}
	return sum
}

// keptCounts are the counts of sets of resources by word, once somebody asked for
// them. They go on with the sets.
type keptCounts struct {
	mu    sync.Mutex
	bySet map[*roaring.Bitmap]*checkCounts
}

// fewAtoms are looked up one by one.
const fewAtoms = 32

// worthCounting is how many resources are not gone through each time.
const worthCounting = 64

// checksIn gives the counts of one of the sets by word, nil if it has few resources.
func (x *Index) checksIn(set *roaring.Bitmap) *checkCounts {
	x.counts.mu.Lock()
	defer x.counts.mu.Unlock()
	c := x.counts.bySet[set]
	if c == nil && set.GetCardinality() >= worthCounting {
		c = x.countChecks(set)
		if x.counts.bySet == nil {
			x.counts.bySet = map[*roaring.Bitmap]*checkCounts{}
		}
		x.counts.bySet[set] = c
	}
	return c
}

func (x *Index) countChecks(set *roaring.Bitmap) *checkCounts {
	c := &checkCounts{details: details{}}
	per := make([]uint32, len(x.sets.checks))
	some := Selection{index: x, resources: set}
	some.eachTuple(func(tuple, count uint32) {
		for _, v := range x.tuples.of(tuple) {
			per[v.Evaluation*statesEach+uint32(v.State)] += count
			c.details.count(v, int(count))
			c.total += int(count)
		}
	})
	for check, count := range per {
		if count > 0 {
			c.checks = append(c.checks, checkCount{uint32(check), count})
		}
	}
	return c
}

// count counts the checks of a resource in or, by -1, out of the sets of some words.
func (k *keptCounts) count(in *[columnsOfSets]*roaring.Bitmap, verdicts []Verdict, by int) {
	if len(k.bySet) == 0 {
		return
	}
	for _, set := range in {
		if c := k.bySet[set]; c != nil {
			c.count(verdicts, by)
		}
	}
}

// counted gives what is kept of the checks of the selection's resources, nil if
// nothing is.
func (s *Selection) counted() *checkCounts {
	if !s.own || len(s.reasons.Values) > 0 {
		return nil
	}
	return s.index.checksIn(s.resources)
}

// checksCounted counts the checks of a bucket by what is kept of its one word.
func (s *Selection) checksCounted(b *bucket) (count int, ok bool) {
	if len(b.within) != 1 || len(s.reasons.Values) > 0 || !s.all && !(s.own && s.resources == b.within[0]) {
		return 0, false
	}
	c := s.index.checksIn(b.within[0])
	switch {
	case c == nil:
		return 0, false
	case b.atoms != nil && len(b.atoms) < fewAtoms:
		return c.ofAtoms(b.atoms), true
	case b.atoms != nil:
		return c.of(s.chosen(b.atoms)), true
	case s.everyOne:
		return c.total, true
	}
	return c.of(s.wanted), true
}

// mayHave reports whether one of the sets by word may have checks of some atoms: no is
// for sure.
func (s *Selection) mayHave(set *roaring.Bitmap, atoms []atom) bool {
	wanted := s.chosen(atoms)
	if c := s.index.checksIn(set); c != nil {
		return slices.ContainsFunc(c.checks, func(one checkCount) bool {
			return one.count > 0 && int(one.check) < len(wanted) && wanted[one.check]
		})
	}
	for it := set.Iterator(); it.HasNext(); {
		if slices.ContainsFunc(s.index.tuples.of(s.index.resources.laid[it.Next()]), func(v Verdict) bool {
			return wanted[v.Evaluation*statesEach+uint32(v.State)]
		}) {
			return true
		}
	}
	return false
}

// chosen tells, by the numbers of checks, which are those of some atoms. Many buckets
// one after another have the same ones.
func (s *Selection) chosen(atoms []atom) []bool {
	if len(s.last) == len(atoms) && &s.last[0] == &atoms[0] {
		return s.ofLast
	}
	s.last, s.ofLast = atoms, make([]bool, len(s.wanted))
	for i := range atoms {
		s.ofLast[atoms[i].check] = true
	}
	return s.ofLast
}
