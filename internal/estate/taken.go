package estate

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// comesElsewhere reports whether something was found in another unit than that of the
// number that it has so far, and not in its project by another name.
func (i *importing) comesElsewhere(f *intake.Found) bool {
	if f.Number == 0 {
		return false
	}
	return posture.Fold(i.unitOf(f.Number)) != posture.Fold(i.growth.tree.projectOf(f.Unit))
}

// isThere reports whether the resource of a number is there.
func (k *known) isThere(number uint32) bool { return k.resources[number].record != (ledger.Hash{}) }

// standing is what is known of something that was found, in the unit where it was found.
func (i *importing) standing(f *intake.Found) (intake.Standing, bool) {
	if i.moving.taken[f.Key] {
		return intake.Standing{}, false
	}
	return i.estate.known.Resource(f.Key)
}

// take makes what came in another unit something new there, of which nothing is known,
// that has gone from its old one. Where a newer read of that is kept it stays there, and
// is counted among what is left; unless the import has all of that unit, and it is no
// longer there.
func (i *importing) take(left map[readKey]int) {
	k, m := i.estate.known, &i.moving
	m.taken = map[uint64]bool{}
	i.read.Changed = slices.DeleteFunc(i.read.Changed, func(f intake.Found) bool {
		if !i.comesElsewhere(&f) {
			return false
		}
		if k.isThere(f.Number) {
			unit, was := k.resources[f.Number].unit, i.unitOf(f.Number)
			if age, by := i.settled.ageBeside(placeOf(&f), was, f.Type); age != readNow && !i.settled.deletes(was, f.Type) {
				left[by]++
				return true
			}
			i.leave(unit, f.Number)
			m.pairs = append(m.pairs, [2]string{posture.Fold(k.units.texts[unit]), posture.Fold(f.Unit)})
		}
		m.taken[f.Key] = true
		return false
	})
	for n := range i.read.Changed {
		if f := &i.read.Changed[n]; m.taken[f.Key] {
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
