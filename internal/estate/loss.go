package estate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// What of an import could not be read is kept where it may have been, until that was
// read: docs/decisions/0011-posture-store.md.

const (
	// mostPlaces is how many places of a loss are told; of more there is the number.
	mostPlaces = 100
	// mostLostIDs is how many ids one place may name; of one with more nobody knows.
	mostLostIDs = 20
)

// lossSet is losses by scope and type.
type lossSet map[readKey]ledger.Loss

func keyOfLoss(l *ledger.Loss) readKey { return readKey{posture.Fold(l.Scope), foldType(l.Type)} }

func lossesOf(all []ledger.Loss) lossSet {
	s := lossSet{}
	for i := range all {
		s[keyOfLoss(&all[i])] = all[i]
	}
	return s
}

// add adds places, in their order, to what was lost of a type in a scope.
func (s lossSet) add(scope, typeName string, places ...ledger.LostPlace) {
	l := ledger.Loss{Scope: scope, Type: typeName}
	if kept, met := s[keyOfLoss(&l)]; met {
		l = kept
	}
	l.Total += len(places)
	l.Places = append(l.Places, places[:min(len(places), mostPlaces-len(l.Places))]...)
	s[keyOfLoss(&l)] = l
}

// joinedLosses is what two imports lost of one type in one scope: the same place is one
// place, as it stands now. Beyond those that are told it is at least as many as either
// lost.
func joinedLosses(now, before ledger.Loss) ledger.Loss {
	all := slices.Concat(now.Places, otherPlaces(now.Places, before.Places))
	now.Total = max(len(all), now.Total, before.Total)
	slices.SortFunc(all, comparePlaces)
	now.Places = all[:min(len(all), mostPlaces)]
	if before.At.After(now.At) {
		now.At = before.At
	}
	return now
}

// planLosses works out what will be kept of what could not be read.
func (i *importing) planLosses(ctx context.Context) error {
	kept, err := i.estate.store.Losses(ctx, i.estate.Head())
	if err != nil {
		return fmt.Errorf("import: reading what could not be read: %w", err)
	}
	groups, err := i.groupsMet(ctx)
	if err != nil {
		return err
	}
	now := i.lossesNow(groups)
	i.lost = losing{before: lossesOf(kept), after: lossSet{}}
	found := i.foundByKey(kept)
	for _, l := range i.lost.before {
		if l, lasts := i.stillLost(l, len(now) > 0, found); lasts {
			l.Scope = i.tree.projectOf(l.Scope)
			if other, met := i.lost.after[keyOfLoss(&l)]; met { // of the project by its other name
				l = joinedLosses(l, other)
			}
			i.lost.after[keyOfLoss(&l)] = l
		}
	}
	for key, l := range now {
		if before, lasts := i.lost.after[key]; lasts {
			l = joinedLosses(l, before)
		}
		i.lost.after[key] = l
	}
	return nil
}

// losing is what becomes of kept losses.
type losing struct{ before, after lossSet }

// lossesNow is what the import lost, which tells of resources in some groups.
func (i *importing) lossesNow(groups []string) lossSet {
	now, nameless, keptAt := lossSet{}, []ledger.LostPlace(nil), i.foundAt()
	for n := range i.read.Problems {
		p := &i.read.Problems[n]
		place := ledger.LostPlace{File: p.File, Line: p.Line, Reason: p.Reason, Content: i.contentOf(p)}
		switch named := cmp.Or(p.Listed, p.Named); {
		case p.Notice:
		case p.Kept:
			if f := keptAt[readAtLine{p.File, p.Line}]; f != nil {
				i.addKept(now, f, place)
			}
		case named != "":
			place.IDs = strings.Split(named, "\n")
			scope, typeName := i.lossScope(place.IDs[0]), policy.TypeOfID(place.IDs[0])
			if len(place.IDs) > mostLostIDs {
				place.IDs, typeName = nil, everyType
			}
			if scope != "" {
				now.add(scope, typeName, place)
				continue
			}
			place.IDs = nil
			fallthrough
		default:
			nameless = append(nameless, place)
		}
	}
	if len(nameless) > 0 {
		for _, home := range i.homes(groups) {
			now.add(home, everyType, nameless...)
		}
	}
	for key, l := range now {
		l.At = i.lostAt(&l)
		slices.SortFunc(l.Places, comparePlaces)
		now[key] = l
	}
	return now
}

// lostAt is when the read began that lost something.
func (i *importing) lostAt(l *ledger.Loss) time.Time {
	if told := i.settled.told.answer(l.Scope, foldReadType(l.Type)); told != nil {
		return told.read.Record.StartedAt
	}
	return i.now
}

// readAtLine is a place of the inputs.
type readAtLine struct {
	file string
	line int
}

// foundAt gives the new and changed resources by where they stand, if something of one
// could not be read.
func (i *importing) foundAt() map[readAtLine]*intake.Found {
	if !slices.ContainsFunc(i.read.Problems, func(p inventory.Problem) bool { return p.Kept && !p.Notice }) {
		return nil
	}
	all := map[readAtLine]*intake.Found{}
	for n := range i.read.Changed {
		f := &i.read.Changed[n]
		all[readAtLine{f.File, f.Line}] = f
	}
	return all
}

// addKept adds what is lost of a resource that is kept without.
func (i *importing) addKept(to lossSet, f *intake.Found, place ledger.LostPlace) {
	scope := f.Unit
	switch {
	case scope == "":
		scope = i.placeAboveUnits(f.ID)
	case !i.mayWrite(scope):
		scope = cmp.Or(f.Group, policy.GroupOf(f.ID), scope)
	}
	place.IDs, place.Key = []string{f.ID}, f.Key
	to.add(scope, f.Type, place)
}

// lossScope is where a resource of an id is lost: its unit, or its group where who
// imports may not write all of the unit; "" if he may not write there, or nobody knows
// the unit.
func (i *importing) lossScope(id string) string {
	unit, group := policy.UnitOf(id), policy.GroupOf(id)
	switch {
	case unit == "" || policy.TypeOfID(id) == "" || !i.isThere(unit):
	case i.mayWrite(unit):
		return i.growth.tree.scopes[posture.Fold(unit)].ID
	case group != "" && i.mayWrite(group):
		return group
	}
	return ""
}

// homes are the scopes that the import is about, as far as who imports may write there:
// what nobody can tell of may have been in any of them. Where nothing tells, it is
// where new units would stand.
func (i *importing) homes(groups []string) []string {
	all := map[string]string{}
	for _, unit := range i.met() {
		if i.mayWrite(unit) {
			all[posture.Fold(unit)] = unit
			continue
		}
		for _, group := range groups {
			if posture.Within(group, unit) && i.mayWrite(group) {
				all[posture.Fold(group)] = group
			}
		}
	}
	for _, r := range i.settled.told.rows {
		if scope := r.Record.Scope; scope == access.Top {
			all[posture.Fold(i.growth.root.ID)] = i.growth.root.ID
		} else {
			all[posture.Fold(scope)] = scope
		}
	}
	if len(all) == 0 && i.mayWrite(i.growth.below) {
		return []string{i.growth.below}
	}
	var homes []string
	for folded, scope := range all {
		above := i.settled.after.upFrom(folded)[1:]
		if !slices.ContainsFunc(above, func(id string) bool { return all[id] != "" }) {
			homes = append(homes, scope)
		}
	}
	slices.Sort(homes)
	return homes
}

// groupsMet lists the resource groups of which there is a resource in the inputs, where
// who imports may not write everywhere.
func (i *importing) groupsMet(ctx context.Context) ([]string, error) {
	if i.options.Allowed == nil {
		return nil, nil
	}
	groups := map[string]string{}
	for _, f := range i.read.Changed {
		groups[posture.Fold(f.Group)] = f.Group
	}
	i.estate.mu.Lock()
	defer i.estate.mu.Unlock()
	x, err := i.estate.posture(ctx)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	for _, n := range i.read.Seen {
		if group := x.PlaceOf(n); group != x.UnitOf(n) {
			groups[posture.Fold(group)] = group
		}
	}
	delete(groups, "")
	return slices.SortedFunc(maps.Values(groups), compareText), nil
}

// stillLost gives what of a kept loss lasts, if anything does. Loses says that the
// import lost something itself.
func (i *importing) stillLost(l ledger.Loss, loses bool, found map[uint64]bool) (ledger.Loss, bool) {
	whole := i.readsAll(i.tree.projectOf(l.Scope), foldReadType(l.Type), l.At) || !loses && i.readsFrom(&l)
	var places []ledger.LostPlace
	for _, all := range l.Places {
		p := all
		if p.Key != 0 {
			if anew, met := found[p.Key]; !met || !anew {
				places = append(places, p)
			}
			continue
		}
		p.IDs = slices.DeleteFunc(slices.Clone(p.IDs), func(id string) bool { return i.hasRead(id, l.At, found) })
		if named := len(all.IDs) > 0; named && len(p.IDs) > 0 || !named && !whole {
			places = append(places, p)
		}
	}
	more := l.Total - len(l.Places)
	if whole {
		more = 0
	}
	l.Places, l.Total = places, len(places)+more
	return l, l.Total > 0
}

// hasRead reports whether the import has what is there of an id, not older than a time.
func (i *importing) hasRead(id string, since time.Time, found map[uint64]bool) bool {
	unit, typeName := policy.UnitOf(id), policy.TypeOfID(id)
	if _, met := found[ledger.KeyOf(posture.IdentityOf(id, typeName, unit, ""))]; met {
		told := i.settled.told.answer(unit, foldReadType(typeName))
		return told == nil || !told.read.Record.StartedAt.Before(since)
	}
	return i.readsAll(unit, typeName, since)
}

// readsAll reports whether the import has all of a type, "" for every one, that there is
// in a scope, not older than a time and than what is kept. Of every type it also has
// all where it has all of each that is known there.
func (i *importing) readsAll(scope, typeName string, since time.Time) bool {
	all := func(kind string) bool {
		told := i.settled.told.answer(scope, foldReadType(kind))
		if !told.complete() || told.read.Record.StartedAt.Before(since) {
			return false
		}
		age, _ := i.settled.ageOf(scope, kind)
		return age == readNow
	}
	if all(typeName) {
		return true
	}
	number, known := i.estate.known.units.numbers[posture.Fold(scope)]
	if typeName != "" || !known || len(i.estate.known.members[number]) == 0 {
		return false
	}
	k, asked := i.estate.known, map[int32]bool{}
	for _, n := range k.members[number] {
		kind := k.resources[n].kind
		if answer, met := asked[kind]; met && answer {
			continue
		}
		if asked[kind] = all(k.types.texts[kind]); !asked[kind] {
			return false
		}
	}
	return true
}

// readsFrom reports whether the import comes from the same place as one that told of no
// scope, and has all of every unit that it tells of.
func (i *importing) readsFrom(l *ledger.Loss) bool {
	met := i.met()
	return posture.Fold(l.Scope) == posture.Fold(i.growth.below) && l.Type == everyType && i.mayWrite(l.Scope) && len(met) > 0 &&
		!slices.ContainsFunc(met, func(unit string) bool { return !i.readsAll(unit, "", l.At) })
}

// foundByKey gives the resources that the import has, or tells to be gone, where losses
// are kept: whether otherwise than they were.
func (i *importing) foundByKey(losses []ledger.Loss) map[uint64]bool {
	found := map[uint64]bool{}
	if len(losses) == 0 {
		return found
	}
	k := i.estate.known
	for _, n := range i.read.Seen {
		found[k.resources[n].key] = false
	}
	for n := range i.read.Changed {
		found[i.read.Changed[n].Key] = true
	}
	for _, n := range i.read.Gone {
		found[k.resources[n].key] = true
	}
	return found
}

// differing gives the losses that have to be written so that others are kept, and those
// that are kept no longer.
func (s lossSet) differing(from lossSet) (written, dropped []ledger.Loss) {
	for key, l := range s {
		if before, kept := from[key]; !kept || !sameLoss(&before, &l) || !before.At.Equal(l.At) {
			written = append(written, l)
		}
	}
	for key, l := range from {
		if _, lasts := s[key]; !lasts {
			dropped = append(dropped, l)
		}
	}
	order := func(a, b ledger.Loss) int {
		return cmp.Or(compareText(a.Scope, b.Scope), compareText(a.Type, b.Type))
	}
	slices.SortFunc(written, order)
	slices.SortFunc(dropped, order)
	return written, dropped
}

func sameLoss(a, b *ledger.Loss) bool {
	return a.Total == b.Total && slices.EqualFunc(a.Places, b.Places, func(p, q ledger.LostPlace) bool {
		return comparePlaces(p, q) == 0 && p.Key == q.Key && p.Content == q.Content && slices.Equal(p.IDs, q.IDs)
	})
}

// commitLost writes what could not be read, before the units are: should the import end
// early, nobody takes them for all that was sent. What is lost no longer lasts until its
// end.
func (i *importing) commitLost(ctx context.Context, root posture.Scope) error {
	first := lossSet{}
	for key, l := range i.lost.after {
		if before, kept := i.lost.before[key]; kept {
			at := l.At
			l = joinedLosses(before, l)
			l.At = at
		}
		first[key] = l
	}
	for key, l := range i.lost.before {
		if _, met := first[key]; !met {
			first[key] = l
		}
	}
	written, _ := first.differing(i.lost.before)
	if len(written) == 0 {
		return nil
	}
	i.estate.mu.Lock()
	defer i.estate.mu.Unlock()
	err := i.commit(ctx, root.ID, "what could not be read", map[string]int{"lost": len(written)}, func(tx ledger.Tx) error {
		return tx.SetLosses(ctx, written)
	})
	if err != nil {
		return fmt.Errorf("import: writing what could not be read: %w", err)
	}
	i.lost.before = first
	return nil
}

// loseOf takes in what judging a unit found that cannot be read of what the import
// brought, and gives the losses that are written with the unit.
func (i *importing) loseOf(u *unitChange, faults []fault) (written []ledger.Loss) {
	now := lossSet{}
	for _, f := range faults {
		if n := slices.IndexFunc(u.found, func(r intake.Found) bool { return r.Key == f.key && isRead(&r) }); n >= 0 {
			i.addKept(now, &u.found[n], ledger.LostPlace{File: u.found[n].File, Line: u.found[n].Line, Reason: f.reason})
		}
	}
	for key, l := range now {
		l.At = i.lostAt(&l)
		slices.SortFunc(l.Places, comparePlaces)
		i.lost.after[key] = joinedLosses(l, i.lost.after[key])
		i.lost.before[key] = joinedLosses(i.lost.after[key], i.lost.before[key])
		written = append(written, i.lost.before[key])
	}
	return written
}

// forgetGone takes away what was lost of resources that are not there any more.
func (i *importing) forgetGone() {
	for key, l := range i.lost.after {
		before := len(l.Places)
		l.Places = slices.DeleteFunc(slices.Clone(l.Places), func(p ledger.LostPlace) bool {
			standing, known := i.estate.known.Resource(p.Key)
			return p.Key != 0 && (!known || standing.Record == (ledger.Hash{}))
		})
		if l.Total -= before - len(l.Places); l.Total == 0 {
			delete(i.lost.after, key)
		} else {
			i.lost.after[key] = l
		}
	}
}
