package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Members are the resources that a filter leaves, with the tuples that showed of them
// when they were last looked at. They go on with the index, as long as it has the
// same rules; a filter of owners is not followed, since a scope lends its own to what
// lies in it.
type Members struct {
	x      *Index
	filter Filter
	shown  []uint32 // by resource: one more than the tuple, 0 for one that is no member
	units  []int    // by unit: members
}

// Members gives those that a filter leaves.
func (x *Index) Members(f Filter) *Members {
	m := &Members{x: x, filter: f}
	set, _, _ := x.filtered(&f)
	m.grow()
	each(set, func(n uint32) {
		m.shown[n] = x.resources.laid[n] + 1
		m.units[x.resources.unit[n]]++
	})
	return m
}

func (m *Members) grow() {
	for len(m.shown) < m.x.resources.len() {
		m.shown = append(m.shown, 0)
	}
	for len(m.units) < len(m.x.units.texts) {
		m.units = append(m.units, 0)
	}
}

// Has reports whether a resource was a member when it was last looked at.
func (m *Members) Has(n uint32) bool { return int(n) < len(m.shown) && m.shown[n] != 0 }

// Look looks at some resources again, and gives those of which other verdicts count
// than before; those of no member are the empty tuple.
func (m *Members) Look(resources []uint32) (turned []Relaid) {
	if len(resources) == 0 {
		return nil
	}
	m.grow()
	set, _, _ := m.x.filtered(&m.filter)
	for _, n := range resources {
		was, is := m.shown[n], uint32(0)
		if set.Contains(n) {
			is = m.x.resources.laid[n] + 1
		}
		m.shown[n] = is
		switch unit := m.x.resources.unit[n]; {
		case was == 0 && is != 0:
			m.units[unit]++
		case was != 0 && is == 0:
			m.units[unit]--
		}
		if before, now := max(was, 1)-1, max(is, 1)-1; before != now {
			turned = append(turned, Relaid{n, before, now})
		}
	}
	return turned
}

// LookAll looks at all resources again.
func (m *Members) LookAll() []Relaid {
	all := make([]uint32, m.x.resources.len())
	for n := range all {
		all[n] = uint32(n)
	}
	return m.Look(all)
}

// WholeUnitsOf lists the units of some clouds that are among what is asked for, not
// only resources in them, and have a member.
func (m *Members) WholeUnitsOf(clouds []posture.Cloud) (units []string) {
	whole := m.x.wholeUnits(&m.filter)
	for n, members := range m.units {
		if unit := m.x.units.texts[n]; n > 0 && members > 0 && whole(uint32(n)) && slices.Contains(clouds, posture.CloudOfUnit(unit)) {
			units = append(units, unit)
		}
	}
	return units
}

// Lives reports whether a unit has a resource.
func (x *Index) Lives(unit string) bool {
	n, ok := x.units.find(unit)
	return ok && !x.sets.units.at(n).IsEmpty()
}

// Count counts the checks of resources with some verdicts in or, below zero, out: by
// rule, how many are mitigated, and how they stand under references.
func (t *Tally) Count(x *Index, verdicts []Shown, by int) {
	for _, v := range verdicts {
		if rule := x.rules.number(v.Evaluation); rule >= 0 {
			t.addToRule(rule, v.Verdict, by)
			t.countUnder(rule, v, &x.tuples.unders, by)
		}
	}
}
