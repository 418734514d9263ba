package estate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A resource stays for good in the unit that its number was given in. What is found in
// another one, as the bucket of a name that somebody else has by now, or as all that a
// project of Google has whose number was told before its id, leaves the one unit and
// gets another number in the other, in one commit of both.

// moving is what leaves units for others.
type moving struct {
	leaves map[int32]map[uint32]bool // by unit: the numbers
	pairs  [][2]string               // units, folded, of which the one has what left the other
	named  map[uint64]bool           // by key: what was given its unit by what is known
}

// nameUnits gives what was found the unit that it is counted in: that of a project's id
// where its number is told, and of what tells none the one that it is known in.
func (i *importing) nameUnits() {
	k, renamed := i.estate.known, false
	i.moving.named = map[uint64]bool{}
	for n := range i.read.Changed {
		f := &i.read.Changed[n]
		unit := i.growth.tree.projectOf(f.Unit)
		if unit == "" && f.Number != 0 {
			unit = i.unitOf(f.Number)
			i.moving.named[f.Key] = true
		}
		if unit != f.Unit {
			f.Unit, renamed = unit, true
		}
	}
	if renamed {
		slices.SortFunc(i.read.Changed, func(a, b intake.Found) int {
			return cmp.Or(compareText(a.Unit, b.Unit), compareText(a.Type, b.Type), compareText(a.ID, b.ID))
		})
	}
	for n := range k.units.texts {
		if unit := k.units.texts[n]; len(k.members[int32(n)]) > 0 && i.growth.tree.projectOf(unit) != unit {
			i.moving.pairs = append(i.moving.pairs, [2]string{posture.Fold(unit), posture.Fold(i.growth.tree.projectOf(unit))})
		}
	}
}

// unitOf gives the unit that a known resource is counted in once the tree has grown.
func (i *importing) unitOf(n uint32) string {
	k := i.estate.known
	return i.growth.tree.projectOf(k.units.texts[k.resources[n].unit])
}

// comesElsewhere reports whether something was found in another unit than it is or was
// in. What is of nobody so far is the same thing in whichever unit it is found.
func (i *importing) comesElsewhere(f *intake.Found) bool {
	if f.Number == 0 {
		return false
	}
	was := i.unitOf(f.Number)
	return was != "" && posture.Fold(was) != posture.Fold(f.Unit)
}

// isOlderThere reports whether something that comes elsewhere was told by a read that is
// older than one that is kept of the unit that it is in, and which told it. There it
// stays then, unless the import has all of that unit, and has it there no longer.
func (i *importing) isOlderThere(f *intake.Found, place string) (bool, readKey) {
	was := i.unitOf(f.Number)
	age, by := i.settled.ageBeside(place, was, f.Type)
	return age != readNow && !i.settled.deletes(was, f.Type), by
}

// move finds what is in another unit than it was.
func (i *importing) move(ctx context.Context) error {
	k := i.estate.known
	i.moving.leaves = map[int32]map[uint32]bool{}
	for n := range i.read.Changed {
		f := &i.read.Changed[n]
		if f.Number == 0 {
			continue
		}
		of := &k.resources[f.Number]
		from := posture.Fold(k.units.texts[of.unit])
		if from == posture.Fold(f.Unit) {
			continue
		}
		if of.record != (ledger.Hash{}) {
			i.leave(of.unit, f.Number)
			i.moving.pairs = append(i.moving.pairs, [2]string{from, posture.Fold(f.Unit)})
		}
		f.Number = 0
	}
	for number, unit := range k.units.texts {
		if to := i.growth.tree.projectOf(unit); to != unit {
			if err := i.moveAll(ctx, int32(number), to); err != nil {
				return fmt.Errorf("import: %s is %s: %w", unit, to, err)
			}
		}
	}
	return nil
}

func (i *importing) leave(unit int32, number uint32) {
	if i.moving.leaves[unit] == nil {
		i.moving.leaves[unit] = map[uint32]bool{}
	}
	i.moving.leaves[unit][number] = true
}

// moveAll takes to a project all that is kept of its number, but for what has gone.
func (i *importing) moveAll(ctx context.Context, number int32, to string) error {
	e := i.estate
	gone, stays := i.goneOf(number), map[uint32]bool{}
	for _, n := range e.known.members[number] {
		stays[n] = !gone[n] && !i.moving.leaves[number][n]
	}
	if len(stays) == 0 {
		return nil
	}
	e.mu.Lock()
	x, err := e.posture(ctx)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	var moved []intake.Found
	for r, err := range e.store.UnitBodies(ctx, e.Head(), e.known.units.texts[number]) {
		if err != nil {
			return err
		}
		n := r.Resource.Number
		if !stays[n] {
			continue
		}
		shown, _ := x.Resource(n)
		f := intake.Found{Resource: r.Resource, Record: e.known.resources[n].record, Body: r.Version.Body, Whole: !e.known.resources[n].partial, Facts: shown.Facts}
		f.Number, f.Unit = 0, to
		moved = append(moved, f)
		i.leave(number, n)
	}
	i.read.Changed = append(i.read.Changed, moved...)
	slices.SortFunc(i.read.Changed, func(a, b intake.Found) int { return compareText(a.Unit, b.Unit) })
	return nil
}

// isRead reports whether something was in the inputs of an import, not moved alone.
func isRead(f *intake.Found) bool { return f.File != "" || f.Line != 0 }

// together gives the changes of units by what has to be one commit: what leaves one is
// in the other right after.
func (m *moving) together(changes []*unitChange) (groups [][]*unitChange) {
	group := map[string]string{} // by folded unit: one of its group
	var of func(unit string) string
	of = func(unit string) string {
		if above, ok := group[unit]; ok && above != unit {
			return of(above)
		}
		return unit
	}
	for _, p := range m.pairs {
		if one, other := of(p[0]), of(p[1]); one != other {
			group[one] = other
		}
	}
	places := map[string]int{}
	for _, u := range changes {
		name := of(posture.Fold(u.unit))
		at, met := places[name]
		if !met {
			at = len(groups)
			places[name], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], u)
	}
	return groups
}
