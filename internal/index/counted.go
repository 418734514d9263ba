package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// counted are the resources of a selection as far as the checks of sets are kept that
// they consist of: words that are chosen, or whole units.
type counted struct {
	sets  []*roaring.Bitmap
	parts []*checkCounts // of the sets
	rest  *roaring.Bitmap
}

// worthParting is how many resources are not gone through before it is looked whether
// they are whole units.
const worthParting = 4 * runOf

// counted takes the selection apart.
func (s *Selection) counted() *counted {
	if s.parted == nil {
		s.parted = &counted{rest: s.resources}
		switch {
		case len(s.of) > 0:
			s.parted.take(s.index, s.of)
		case s.resources.GetCardinality() >= worthParting:
			var whole []*roaring.Bitmap
			for _, set := range s.index.sets.units {
				if set != nil && !set.IsEmpty() && s.resources.AndCardinality(set) == set.GetCardinality() {
					whole = append(whole, set)
				}
			}
			s.parted.take(s.index, whole)
		}
	}
	return s.parted
}

// take takes sets that have nothing in common out of the rest.
func (c *counted) take(x *Index, sets []*roaring.Bitmap) {
	for _, set := range sets {
		if part := x.checksIn(set); part != nil {
			c.sets, c.parts = append(c.sets, set), append(c.parts, part)
		}
	}
	switch {
	case len(c.sets) == 1 && c.sets[0] == c.rest:
		c.rest = empty
	case len(c.sets) > 0:
		c.rest = roaring.AndNot(c.rest, roaring.FastOr(c.sets...))
	}
}

// has reports whether a set is one of those that are kept.
func (c *counted) has(set *roaring.Bitmap) bool { return slices.Contains(c.sets, set) }

// eachMeant calls with how many checks are meant of those that are counted and wanted,
// by their numbers; more than once with some, and below zero to take back.
func (s *Selection) eachMeant(c *checkCounts, wanted []bool, call func(check uint32, count int)) {
	plain := s.reasons.allows(posture.NoReason)
	if plain {
		for _, one := range c.checks {
			if one.count > 0 && wanted[one.check] {
				call(one.check, int(one.count))
			}
		}
	}
	if len(s.reasons.Values) == 0 {
		return
	}
	for d, count := range c.details {
		if d.reason == posture.NoReason || !wanted[d.check()] {
			continue
		}
		switch allows := s.reasons.allows(d.reason); {
		case plain && !allows:
			call(d.check(), -count)
		case !plain && allows:
			call(d.check(), count)
		}
	}
}

// eachOfRest calls with the verdicts that the resources of the rest have, and how many
// have it.
func (s *Selection) eachOfRest(call func(v Verdict, count int)) {
	some := s
	if rest := s.counted().rest; rest.IsEmpty() {
		return
	} else if rest != s.resources {
		some = &Selection{index: s.index, resources: rest}
	}
	some.eachTuple(func(n, count uint32) {
		for _, v := range s.index.tuples.of(n) {
			if s.wants(v) {
				call(v, int(count))
			}
		}
	})
}

// fewAtoms are looked up one by one.
const fewAtoms = 32

// checksCounted counts the checks of a bucket by what is kept of its one word.
func (s *Selection) checksCounted(b *bucket) (count int, ok bool) {
	if len(b.within) != 1 || !s.all && !s.counted().has(b.within[0]) {
		return 0, false
	}
	c, wanted := s.index.checksIn(b.within[0]), s.wanted
	switch {
	case c == nil:
		return 0, false
	case b.atoms == nil && s.everyOne:
		return c.total, true
	case b.atoms != nil && len(b.atoms) < fewAtoms && len(s.reasons.Values) == 0:
		return c.ofAtoms(b.atoms), true
	case b.atoms != nil:
		wanted = s.chosen(b.atoms)
	}
	s.eachMeant(c, wanted, func(_ uint32, one int) { count += one })
	return count, true
}

// mayHave reports whether one of the sets by word may have checks of some atoms: no is
// for sure.
func (s *Selection) mayHave(set *roaring.Bitmap, atoms []atom) bool {
	wanted := s.chosen(atoms)
	if c := s.index.checksIn(set); c != nil {
		return slices.ContainsFunc(c.checks, func(one checkCount) bool {
			return one.count > 0 && wanted[one.check]
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

// rare gives the resources of which some have a check that is meant, if few have one;
// nil if many have.
func (s *Selection) rare() *roaring.Bitmap {
	if s.everyOne {
		return nil
	}
	if !s.looked {
		s.looked = true
		few := s.resources.GetCardinality() / 16
		var sets []*roaring.Bitmap
		for all, atoms := uint64(0), s.atoms(); len(atoms) > 0; atoms = atoms[1:] {
			if all += atoms[0].set.GetCardinality(); all >= few {
				return nil
			}
			sets = append(sets, atoms[0].set)
		}
		s.seldom = roaring.FastOr(sets...)
	}
	return s.seldom
}
