package index

import (
	"cmp"
	"maps"
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

// keptCounts are the counts of sets of resources by word, once somebody asked for
// them. They go on with the sets.
type keptCounts struct {
	mu    sync.Mutex
	bySet map[*roaring.Bitmap]*checkCounts
}

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
	c, per := &checkCounts{details: details{}}, x.sets.perCheck
	if set == x.sets.here {
		c.details = maps.Clone(x.sets.details)
	} else {
		per = make([]uint32, len(x.sets.checks))
		some := Selection{index: x, resources: set}
		some.eachTuple(func(tuple, count uint32) {
			for _, v := range x.tuples.of(tuple) {
				per[v.Evaluation*statesEach+uint32(v.State)] += count
				c.details.count(v, int(count))
			}
		})
	}
	for check, count := range per {
		if count > 0 {
			c.checks = append(c.checks, checkCount{uint32(check), count})
			c.total += int(count)
		}
	}
	return c
}

// count counts the checks of a resource in or, by -1, out of the sets of some words.
func (k *keptCounts) count(in *[columnsOfSets + 1]*roaring.Bitmap, verdicts []Verdict, by int) {
	if len(k.bySet) == 0 {
		return
	}
	for _, set := range in {
		if c := k.bySet[set]; c != nil {
			c.count(verdicts, by)
		}
	}
}
