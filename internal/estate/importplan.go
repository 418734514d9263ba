package estate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// preview says what an import would come to.
func (i *importing) preview(ctx context.Context) error {
	i.tree = i.growth.tree
	changes, err := i.plan(ctx)
	for _, u := range changes {
		i.count(u, i.estate.known.added(u.found))
	}
	return err
}

// plan works out what the import does to each unit, and what will be kept of reads.
func (i *importing) plan(ctx context.Context) (changes []*unitChange, err error) {
	if err := i.planReads(ctx); err != nil {
		return nil, err
	}
	asTheyWere := slices.Clone(i.read.Seen)
	i.leaveOut()
	if err := i.joinKnown(ctx); err != nil {
		return nil, fmt.Errorf("import: joining with what is known: %w", err)
	}
	i.keepWhole()
	i.markMissed(asTheyWere)
	if err := i.planLosses(ctx); err != nil {
		return nil, err
	}
	i.compareReads()
	i.seen = make(map[uint32]bool, len(i.read.Seen))
	for _, n := range i.read.Seen {
		i.seen[n] = true
	}
	for n := range i.read.Changed {
		if number := i.read.Changed[n].Number; number != 0 {
			i.seen[number] = true
		}
	}
	if err := i.move(ctx); err != nil {
		return nil, err
	}
	byUnit := unitsOfFound(i.read.Changed)
	for _, unit := range i.units(byUnit) {
		if u := i.changeOf(unit, byUnit[posture.Fold(unit)]); u != nil {
			changes = append(changes, u)
		}
	}
	return changes, nil
}

// unitsOfFound gives what was found by folded unit: parts of the whole, which is in
// the order of units.
func unitsOfFound(all []intake.Found) map[string][]intake.Found {
	byUnit := map[string][]intake.Found{}
	for from, to := 0, 0; from < len(all); from = to {
		for to = from; to < len(all) && all[to].Unit == all[from].Unit; to++ {
		}
		unit := posture.Fold(all[from].Unit)
		if before := byUnit[unit]; before != nil { // written otherwise
			byUnit[unit] = slices.Concat(before, all[from:to])
			continue
		}
		byUnit[unit] = all[from:to:to]
	}
	return byUnit
}

// grow works out what becomes of the tree.
func (i *importing) grow(root posture.Scope) {
	told, last := slices.Concat(i.read.Scopes, unitsOfReads(i.read.Reads)), ""
	for _, f := range i.read.Changed {
		if f.Unit != last { // they come unit by unit
			told = append(told, posture.Scope{ID: f.Unit, Kind: posture.Unit, Cloud: f.Cloud})
			last = f.Unit
		}
	}
	i.growth = i.estate.tree.grow(told, root, cmp.Or(i.options.Parent, root.ID), i.options.Allowed)
}

// unitsOfReads gives the units that records of reads are about. They are scopes also
// where nothing was found in them, so that nobody else can come later, call a unit by
// that name, and have what is kept of its reads.
func unitsOfReads(reads []posture.ReadRecord) (units []posture.Scope) {
	for _, r := range reads {
		id := cmp.Or(policy.UnitOf(r.Scope), r.Scope)
		if kindOfScope(id) == posture.Unit && policy.CheckScope(id) == nil {
			units = append(units, posture.Scope{ID: id, Kind: posture.Unit, Cloud: posture.CloudOfUnit(id)})
		}
	}
	return units
}

// count takes a unit's change into the answer.
func (i *importing) count(u *unitChange, added int) {
	changed := -added
	for n := range u.found {
		if isRead(&u.found[n]) {
			changed++
		}
	}
	i.answer.New, i.answer.Changed, i.answer.Deleted = i.answer.New+added, i.answer.Changed+changed, i.answer.Deleted+len(u.gone)-u.left
}

// added counts the resources among some that are not there yet.
func (k *known) added(found []intake.Found) (added int) {
	for _, f := range found {
		if standing, ok := k.Resource(f.Key); !ok || standing.Record == (ledger.Hash{}) {
			added++ // never met, or gone since
		}
	}
	return added
}

// planReads works out what will be kept of how far things were read.
func (i *importing) planReads(ctx context.Context) error {
	e := i.estate
	kept, err := e.store.Reads(ctx, e.Head()) // newer times of reads are no commit
	if err != nil {
		return fmt.Errorf("import: reading how far scopes were read: %w", err)
	}
	stated := i.stated()
	i.tree.keepListed(stated, i.read.Problems)
	i.now = e.options.Now().UTC().Truncate(time.Millisecond)
	told, wrong := dated(stated, i.now)
	i.answer.Notices = append(i.answer.Notices, wrong...)
	i.kept = newReadSet(kept, i.tree)
	i.settled = settle(i.tree.oneNameEach(kept), told, lostIn(i.read.Problems), i.tree, e.known.newcomersOf(i.read.Changed, i.tree))
	i.settled.leaveOpen(i.read.Changed)
	i.tellReads(stated)
	return nil
}

// tellReads tells what was taken as read: by the records of the inputs, which come first
// among what is stated, and by what who imports says to be complete.
func (i *importing) tellReads(stated []posture.ReadRecord) {
	met := map[readKey]bool{}
	for n := range stated {
		r := &stated[n]
		key := keyOfRead(r)
		if n >= len(i.read.Reads) && !met[key] {
			i.answer.Reads = append(i.answer.Reads, posture.ReadRecord{Scope: r.Scope, Type: r.Type, Complete: HasAll(r)})
		}
		met[key] = true
	}
	if i.settled.lost.files {
		for n := range i.answer.Reads {
			i.answer.Reads[n].Complete = false
		}
	}
}

// compareReads finds what of kept reads becomes another.
func (i *importing) compareReads() {
	i.reads = i.settled.after.all()
	for _, now := range i.reads {
		before, known := i.kept.rows[keyOfRead(&now.Record)]
		if !known || !saysTheSame(before, now) {
			i.changed = append(i.changed, now)
		} else if before.Record.StartedAt.Equal(now.Record.StartedAt) && slices.Equal(before.Missed, now.Missed) {
			continue
		}
		i.told = append(i.told, now)
	}
	for _, before := range i.kept.all() {
		if _, stays := i.settled.after.rows[keyOfRead(&before.Record)]; !stays {
			i.dropped = append(i.dropped, before)
		}
	}
}
