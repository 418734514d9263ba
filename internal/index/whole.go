package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// unitParts takes checks on units apart by a column.
func unitParts(all []block, by Column) (parts []bucket) {
	var cut []bucket
	add := func(key Key, b block) { cut = append(cut, bucket{key: key, within: nothing, units: []block{b}}) }
	for i := range all {
		b := &all[i]
		switch by {
		case ByRule:
			for n := range b.checks {
				add(Key{Text: b.checks[n].Control}, block{b.units, b.checks[n : n+1 : n+1]})
			}
		case ByState:
			for key, checks := range grouped(b.checks, func(c UnitCheck) Key { return Key{Rank: rankOfState(c.Verdict.State)} }) {
				add(key, block{b.units, checks})
			}
		case ByUnit:
			for n := range b.units {
				add(Key{Text: b.units[n].id}, block{b.units[n : n+1 : n+1], b.checks})
			}
		case ByCloud:
			for key, units := range grouped(b.units, func(u wholeUnit) Key { return Key{Text: posture.CloudOfUnit(u.id).String()} }) {
				add(key, block{units, b.checks})
			}
		default:
			add(keyOfUnit(by, &Row{}), *b)
		}
	}
	slices.SortStableFunc(cut, func(a, b bucket) int { return a.key.compare(b.key) })
	for _, c := range cut {
		if last := len(parts) - 1; last >= 0 && parts[last].key == c.key {
			parts[last].units = append(parts[last].units, c.units...)
		} else {
			parts = append(parts, c)
		}
	}
	return parts
}

func grouped[T any](all []T, key func(T) Key) map[Key][]T {
	groups := map[Key][]T{}
	for _, one := range all {
		groups[key(one)] = append(groups[key(one)], one)
	}
	return groups
}

// whole is a unit with those of its checks that are in a bucket.
type whole struct {
	wholeUnit
	checks []UnitCheck // by severity and rule
}

// wholes gives the units that have a check in some blocks, in the direction of a list.
func wholes(r *rules, blocks []block, backwards bool) (all []whole) {
	for _, b := range blocks {
		checks := ranked(r, b.checks)
		for _, u := range b.units {
			all = append(all, whole{u, checks})
		}
	}
	if len(blocks) > 1 {
		slices.SortStableFunc(all, func(a, b whole) int { return a.compare(b.wholeUnit) })
		all = eachOnce(r, all)
	}
	if backwards {
		slices.Reverse(all)
	}
	return all
}

// eachOnce makes one of those of one unit.
func eachOnce(r *rules, all []whole) (units []whole) {
	for from, to := 0, 0; from < len(all); from = to {
		for to < len(all) && all[to].wholeUnit == all[from].wholeUnit {
			to++
		}
		u := all[from]
		if to-from > 1 {
			var checks []UnitCheck
			for _, of := range all[from:to] {
				checks = append(checks, of.checks...)
			}
			u.checks = ranked(r, checks)
		}
		units = append(units, u)
	}
	return units
}

func ranked(r *rules, checks []UnitCheck) []UnitCheck {
	order := func(a, b UnitCheck) int { return compareRanked(r, a.Control, b.Control) }
	if !slices.IsSortedFunc(checks, order) {
		checks = slices.Clone(checks)
		slices.SortFunc(checks, order)
	}
	return checks
}

// row is that of one of the checks.
func (w *whole) row(n int) Row {
	return Row{Unit: w.id, Rule: w.checks[n].Control, Verdict: w.checks[n].Verdict}
}

// before reports whether the unit stands before a resource of a name: of one name it
// is the first, backwards the last.
func (w *whole) before(name string, backwards bool) bool {
	if at := compareFolded(w.name, name); backwards {
		return at > 0
	} else {
		return at <= 0
	}
}

// from compares a unit with that of a place, in the direction of a list.
func (w *whole) from(p *Place, backwards bool) int {
	at := compareFolded(w.name, p.Name)
	switch {
	case at == 0 && p.Resource > 0:
		at = -1
	case at == 0:
		at = compare(w.id, p.Unit)
	}
	if backwards {
		return -at
	}
	return at
}

// unitRows gives up to limit rows of some blocks that stand behind a place.
func (s *Selection) unitRows(blocks []block, backwards bool, after *Place, limit int) (rows []Row) {
	r := s.index.rules
	units := wholes(r, blocks, backwards)
	if after != nil {
		begin, _ := slices.BinarySearchFunc(units, after, func(w whole, p *Place) int { return w.from(p, backwards) })
		units = units[begin:]
	}
	for i := range units {
		own := after != nil && units[i].from(after, backwards) == 0
		for n, c := range units[i].checks {
			if len(rows) == limit {
				return rows
			}
			if !own || compareRanked(r, c.Control, after.Rule) > 0 {
				rows = append(rows, units[i].row(n))
			}
		}
	}
	return rows
}

// mix puts rows of units among those of resources, which begin at some row, and gives
// up to limit in all.
func (s *Selection) mix(rows []Row, begin int, units []Row, backwards bool, limit int) []Row {
	resources := slices.Clone(rows[begin:])
	rows = rows[:begin]
	for len(rows) < limit && len(units)+len(resources) > 0 {
		if len(resources) > 0 && (len(units) == 0 || !s.unitFirst(&units[0], &resources[0], backwards)) {
			rows, resources = append(rows, resources[0]), resources[1:]
		} else {
			rows, units = append(rows, units[0]), units[1:]
		}
	}
	return rows
}

func (s *Selection) unitFirst(unit, resource *Row, backwards bool) bool {
	w := whole{wholeUnit: wholeUnit{name: UnitName(unit.Unit)}}
	return w.before(s.index.resources.name(resource.Resource), backwards)
}
