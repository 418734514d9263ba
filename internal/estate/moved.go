package estate

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A resource whose identity does not name its unit may come in another one: a bucket is
// deleted and made anew in another account. The unit of a number never changes, so that
// what was said of it stays true: the old number ends in its unit, and a new one begins
// in the other. Each unit has a commit of its own, the one that loses something first,
// so that at no time two resources of one identity are there.

// comesElsewhere reports whether something was found in another unit than that of the
// number that it has so far. Both names of a project are one unit.
func (i *importing) comesElsewhere(f *intake.Found) bool {
	if f.Number == 0 {
		return false
	}
	k, t := i.estate.known, i.growth.tree
	was := k.units.texts[k.resources[f.Number].unit]
	return posture.Fold(t.projectOf(was)) != posture.Fold(t.projectOf(f.Unit))
}

// isThere reports whether the resource of a number is there.
func (k *known) isThere(number uint32) bool { return k.resources[number].record != (ledger.Hash{}) }

// standing is what is known of something that was found, where it was found.
func (i *importing) standing(f *intake.Found) (intake.Standing, bool) {
	if _, moved := i.moved[f.Key]; moved {
		return intake.Standing{}, false
	}
	return i.estate.known.Resource(f.Key)
}

// move makes what came in another unit something new there. Where a newer read of its
// old unit is kept, it stays in that, and is counted among what is left; unless the
// import has all of that unit, and it is no longer there.
func (i *importing) move(left map[readKey]int) {
	k := i.estate.known
	i.moved, i.leaves = map[uint64]uint32{}, map[int32][]uint32{}
	i.read.Changed = slices.DeleteFunc(i.read.Changed, func(f intake.Found) bool {
		if !i.comesElsewhere(&f) {
			return false
		}
		r := &k.resources[f.Number]
		if k.isThere(f.Number) {
			was := k.units.texts[r.unit]
			if age, by := i.settled.ageBeside(placeOf(&f), was, f.Type); age != readNow && !i.settled.deletes(was, f.Type) {
				left[by]++
				return true
			}
			i.leaves[r.unit] = append(i.leaves[r.unit], f.Number)
		}
		i.moved[f.Key] = f.Number
		return false
	})
	for n := range i.read.Changed {
		if f := &i.read.Changed[n]; i.moved[f.Key] != 0 {
			f.Number = 0
		}
	}
}

// placeOf is the narrowest scope that a resource was found in.
func placeOf(f *intake.Found) string {
	if posture.Within(f.Group, f.Unit) {
		return f.Group
	}
	return f.Unit
}

// ageBeside tells how old what was told of a type in one scope is beside what is kept of
// another.
func (s *settling) ageBeside(told, kept, typeName string) (readAge, readKey) {
	kind := foldReadType(typeName)
	return ageOfAnswer(s.told.answer(told, kind), s.before.answer(kept, kind))
}

// retiredBy gives the numbers that some of what was found has no longer.
func (i *importing) retiredBy(found []intake.Found) (numbers []uint32) {
	for n := range found {
		if number, moved := i.moved[found[n].Key]; moved {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// leaveFirst orders changes so that what comes to another unit has left its old one
// before. Where units exchange some, what comes to one of them is a change of its own.
func (i *importing) leaveFirst(changes []*unitChange) []*unitChange {
	var leaving, rest []*unitChange
	for _, u := range changes {
		if len(i.leaves[u.number]) == 0 {
			rest = append(rest, u)
			continue
		}
		leaving = append(leaving, u)
		if len(u.retired) == 0 {
			continue
		}
		var stays, comes []intake.Found
		for _, f := range u.found {
			if _, moved := i.moved[f.Key]; moved {
				comes = append(comes, f)
			} else {
				stays = append(stays, f)
			}
		}
		rest = append(rest, &unitChange{unit: u.unit, number: u.number, found: comes, retired: u.retired, reads: u.reads})
		u.found, u.retired = stays, nil
	}
	return append(leaving, rest...)
}
