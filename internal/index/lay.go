package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Laying is something that people put over verdicts from outside: an exemption,
// an attestation, a disabling.
type Laying struct {
	ID    string
	Scope string   // "/", a node of the tree, a group
	Key   uint64   // of a resource, instead of Scope: ledger.KeyOf
	Rules []string // ids; nil for all
	// Mark is that of an exemption or attestation; NoMark disables.
	Mark Mark
	// State is what is attested: healthy or unhealthy.
	State posture.State
}

// layOver gives a verdict with what lies over it; it is not kept where it is
// disabled. An exemption counts more than an attestation; of exemptions waiver
// counts less, so that what is said to be mitigated is counted as that.
func layOver(v Verdict, over []int, layings []Laying, rules *rules) (now Verdict, keep bool) {
	rule := rules.of(v.Evaluation)
	var mark Mark
	for _, n := range over {
		l := &layings[n]
		if l.Rules != nil && !slices.Contains(l.Rules, rule.ID) {
			continue
		}
		switch {
		case l.Mark == NoMark:
			return v, false
		case l.Mark == Attested && v.Judged != posture.Manual:
			continue
		case l.Mark == Attested:
			v.State = l.State
		}
		mark = max(mark, l.Mark)
	}
	v.Mark = mark
	if mark > Attested && v.Judged != posture.NotApplicable {
		v.State = posture.Exempt
	}
	return v, true
}

// cover tells which layings lie over a resource, by where they were laid.
type cover struct {
	layings   []Laying
	units     map[uint32][]int // by unit: of it and of what is above it
	groups    map[uint32][]int
	resources map[uint32][]int
}

// over lists the layings over a resource, in their order.
func (c *cover) over(unit, group, resource uint32) []int {
	all := c.units[unit]
	if len(c.groups) == 0 && len(c.resources) == 0 {
		return all
	}
	g, r := c.groups[group], c.resources[resource]
	if group == 0 {
		g = nil
	}
	if len(g)+len(r) == 0 {
		return all
	}
	joined := slices.Concat(all, g, r)
	slices.Sort(joined)
	return slices.Compact(joined)
}

// SetLayings says what lies over verdicts from now on, and gives the resources
// whose verdicts that changed. The rules of the layings are compared exactly.
func (x *Index) SetLayings(layings []Laying) []uint32 {
	before := x.cover
	x.cover = x.coverOf(layings)
	x.tuples.relayed()
	var touched []uint32
	beneath := roaring.Or(x.beneath(before), x.beneath(x.cover))
	beneath.Iterate(func(n uint32) bool {
		if at := x.laidOver(n); at != x.resources.laid[n] {
			x.sets.remove(x, n)
			x.resources.laid[n] = at
			x.sets.add(x, n)
			touched = append(touched, n)
		}
		return true
	})
	return touched
}

// laidOver gives the tuple of a resource with what lies over it.
func (x *Index) laidOver(n uint32) uint32 {
	r := &x.resources
	over := x.cover.over(r.unit[n], r.group[n], n)
	return x.tuples.lay(r.judged[n], over, x.cover.layings, x.rules)
}

// beneath gives the resources that something may lie over.
func (x *Index) beneath(c *cover) *roaring.Bitmap {
	all := roaring.New()
	for unit := range c.units {
		all.Or(x.sets.units.at(unit))
	}
	for group := range c.groups {
		all.Or(x.inGroup(group))
	}
	for n := range c.resources {
		if x.sets.here.Contains(n) {
			all.Add(n)
		}
	}
	return all
}

// coverOf finds where layings lie.
func (x *Index) coverOf(layings []Laying) *cover {
	c := &cover{layings: layings, units: map[uint32][]int{}, groups: map[uint32][]int{}, resources: map[uint32][]int{}}
	for i, l := range layings {
		if l.Key != 0 {
			if n, ok := x.resources.find(l.Key); ok {
				c.resources[n] = append(c.resources[n], i)
			}
			continue
		}
		units, group := x.within(l.Scope)
		if group != 0 {
			c.groups[group] = append(c.groups[group], i)
		}
		for _, unit := range units {
			c.units[unit] = append(c.units[unit], i)
		}
	}
	return c
}
