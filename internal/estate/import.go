package estate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ImportOptions say what is imported, by whom, and where new scopes belong.
type ImportOptions struct {
	Inputs    []intake.Input
	Hierarchy []posture.Scope
	// HierarchyAt says where each of these is told, for messages; it may be nil.
	HierarchyAt []inventory.Problem
	// Root names our own node that new scopes belong below; "" means the only
	// one, which is made as "default" if there is none.
	Root string
	// Parent is the scope below which new units and organisations stand that the
	// inputs tell no parent of; "" means the root.
	Parent string
	// Complete says more than the read records of the inputs.
	Complete []posture.ReadRecord
	// CompleteAll says that of every unit of which there is a resource in the
	// inputs everything is there.
	CompleteAll bool
	// DryRun says only what would become of it: nothing is judged or written.
	DryRun bool
	Actor  string // id of who imports
	Name   string // of the actor, for the audit log; its id without it
	From   string // address that the actor comes from, "" for the command line
	// Allowed tells where who imports may write: at a unit that is known, and for
	// a new one, or one that moves, at the scope that it comes to stand below. Nil is
	// everywhere.
	Allowed func(scope string) bool
	// Unread are inputs that could not even be opened: what they have is lost.
	Unread []inventory.Problem
	// Progress is told how far the reading is, in bytes, and then how many of the
	// units are committed. It may be called from several goroutines.
	Progress func(stage string, done, total int64)
}

// Answer is what an import came to.
type Answer struct {
	Read      int                  // resources, each once
	New       int                  // of them, not known before
	Changed   int                  // of them, with another record
	Unchanged int                  // of them
	Deleted   int                  // resources that a complete read no longer had
	Commits   int                  // one a unit that changed
	Rejected  []inventory.Problem  // parts of the inputs that could not be read; of values of another type, where they are new
	Notices   []inventory.Problem  // what was left out or had no effect
	Reads     []posture.ReadRecord // that came with the inputs, then what else was said to be complete
}

// UsageError is an import that its caller asked for wrongly.
type UsageError struct{ Reason string }

// Error says what was asked for wrongly, and what is wanted.
func (e *UsageError) Error() string { return e.Reason }

// Import takes inputs in: what is new or changed is kept, judged and committed,
// one unit after another. An import that ends early has committed whole units;
// repeated, it goes on.
func (e *Estate) Import(ctx context.Context, o ImportOptions) (*Answer, error) {
	e.mu.Lock()
	pending := e.pending()
	e.mu.Unlock()
	if pending && !o.DryRun {
		return nil, ErrOtherCatalogue
	}
	root, err := e.root(o.Root)
	if err != nil {
		return nil, err
	}
	if err := e.mayStandBelow(o.Parent, root.ID); err != nil {
		return nil, err
	}
	if _, known := e.tree.scopes[posture.Fold(root.ID)]; !known && o.Allowed != nil && !o.Allowed(root.ID) {
		return nil, &UsageError{fmt.Sprintf("import: there is no root %q", root.ID)}
	}
	dry := &forgetful{open: e.options.Scratch}
	keeper, bodies := ledger.Intake(dry), bodyReader(dry)
	if !o.DryRun {
		if keeper, err = e.store.Intake(ctx); err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		bodies = e.store
	}
	defer keeper.Close()
	read, err := intake.Read(ctx, intake.Options{
		Inputs: o.Inputs, Hierarchy: o.Hierarchy, Known: e.known, Keeper: keeper, Key: e.options.Key, Workers: e.options.Workers,
		Progress: func(done, total int64) { o.progress("reading", done, total) },
	})
	if err != nil {
		return nil, fmt.Errorf("import: nothing is kept: %w", err)
	}
	for _, p := range o.Unread {
		p.Unread = true
		read.Problems = append(read.Problems, p)
	}
	i := &importing{estate: e, options: &o, keeper: keeper, bodies: bodies, tree: e.tree, read: read, may: map[string]bool{}, answer: &Answer{Read: read.Resources, Unchanged: len(read.Seen), Reads: read.Reads}}
	for _, p := range read.Problems {
		if p.Notice {
			i.answer.Notices = append(i.answer.Notices, p)
			continue
		}
		i.answer.Rejected = append(i.answer.Rejected, p)
	}
	i.grow(root)
	i.nameUnits()
	refused, err := i.refuse(ctx)
	if err != nil {
		return nil, err
	}
	i.tellElsewhere(root.ID)
	i.tellHierarchy()
	if o.DryRun {
		err = i.preview(ctx)
	} else {
		err = i.run(ctx, root)
	}
	if err != nil {
		return nil, err
	}
	i.answer.Rejected = append(i.answer.Rejected, refused...)
	slices.SortStableFunc(i.answer.Rejected, func(a, b inventory.Problem) int {
		return cmp.Or(compareText(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return i.answer, nil
}

func (o *ImportOptions) progress(stage string, done, total int64) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// importing is one import after its reading.
type importing struct {
	estate  *Estate
	options *ImportOptions
	keeper  ledger.Intake
	bodies  bodyReader // what the keeper was given
	tree    *tree      // the estate's, or of a dry run what that would be
	read    *intake.Result
	answer  *Answer
	growth  *growth         // what becomes of the tree
	may     map[string]bool // see allowed
	whole   []string        // units of which everything was read: see metWhole
	seen    map[uint32]bool
	settled *settling     // what becomes of kept reads by those
	told    []ledger.Read // that are written: they say something else than what is kept, or are newer
	changed []ledger.Read // of them, those by which something else is judged
	dropped []ledger.Read // that are kept no longer
	reads   []ledger.Read // all, as they will be kept
	kept    *readSet      // reads as they are kept
	lost    losing        // what becomes of what could not be read
	moving  moving
	now     time.Time // when reads began that do not say it

	toldKept map[inventory.Problem]bool // see isTold
}

// unitChange is what an import does to one unit.
type unitChange struct {
	unit    string
	number  int32         // among the known units, -1 for a new one
	head    ledger.Number // as of which it is judged
	at      time.Time
	found   []intake.Found // new and changed
	changes map[uint32]bool
	gone    map[uint32]bool      // with those that left
	left    int                  // of those, for another unit
	reads   []posture.ReadRecord // about the unit, as they will be
	told    []ledger.Read        // of it alone, to be written with it
	dropped []ledger.Read        // of it alone, to be removed with it
	tree    *tree                // as it will be
	scopes  []posture.Scope      // of it, all or those that tell of what is judged
	types   []string             // whose resources are judged, in lower case; nil for all
	whole   bool                 // all of it is judged, not what is near the change alone
	near    *nearby              // what is judged; nil for all
}

func (i *importing) run(ctx context.Context, root posture.Scope) error {
	e := i.estate
	if err := i.commitTree(ctx, root); err != nil {
		return err
	}
	changes, err := i.plan(ctx)
	if err != nil {
		return err
	}
	if err := i.commitLost(ctx, root); err != nil {
		return err
	}
	done := 0
	for _, units := range i.moving.together(changes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, u := range units {
			u.tree, u.at = e.tree, e.options.Now()
		}
		if err := i.commitUnits(ctx, units); err != nil {
			return err
		}
		done += len(units)
		i.options.progress("judging", int64(done), int64(len(changes)))
	}
	// Reads of what is above units come last: should this end before, they are
	// news again, and the units are judged by them.
	return i.commitReads(ctx, root)
}

// units lists the units that are known or were met, by id.
func (i *importing) units(byUnit map[string][]intake.Found) []string {
	units := map[string]string{}
	for n, unit := range i.estate.known.units.texts {
		if len(i.estate.known.members[int32(n)]) > 0 {
			units[posture.Fold(unit)] = unit
		}
	}
	for folded, found := range byUnit {
		units[folded] = found[0].Unit
	}
	return slices.SortedFunc(maps.Values(units), compareText)
}

// changeOf says what the import does to a unit; nil for nothing.
func (i *importing) changeOf(unit string, found []intake.Found) *unitChange {
	e := i.estate
	u := &unitChange{unit: unit, number: -1, found: found, changes: map[uint32]bool{}}
	if number, ok := e.known.units.numbers[posture.Fold(unit)]; ok {
		u.number = number
	}
	for _, f := range found {
		if f.Number != 0 {
			u.changes[f.Number] = true
		}
	}
	u.gone = i.gone(u)
	if u.number >= 0 {
		u.left = len(i.moving.leaves[u.number])
		for n := range i.moving.leaves[u.number] {
			u.gone[n] = true
		}
	}
	u.whole = len(readsOf(i.changed, i.tree, unit))+len(readsOf(i.dropped, i.tree, unit)) > 0
	if len(u.found)+len(u.gone) == 0 && !u.whole {
		return nil
	}
	u.reads = readsOf(i.reads, i.tree, unit)
	outside := func(r ledger.Read) bool { return !liesIn(r.Record.Scope, unit) }
	u.told = slices.DeleteFunc(slices.Clone(i.changed), outside)
	after := i.settled.after
	u.dropped = slices.DeleteFunc(slices.Clone(i.dropped), func(d ledger.Read) bool {
		// What a read of more than the unit replaces goes with that, at the end.
		return outside(d) || !slices.ContainsFunc(after.beneath[posture.Fold(unit)], func(key readKey) bool {
			r := after.rows[key]
			return replaces(&r.Record, &d.Record)
		})
	})
	return u
}

// keepWhole leaves out bodies that were read in part of resources that are
// known as a whole in the same unit: what is known stays.
func (i *importing) keepWhole() {
	var kept []intake.Found
	for _, f := range i.read.Changed {
		if standing, ok := i.estate.known.Resource(f.Key); ok && standing.Whole && !f.Whole && !i.comesElsewhere(&f) {
			i.read.Seen = append(i.read.Seen, standing.Number)
			i.answer.Unchanged++
			continue
		}
		kept = append(kept, f)
	}
	i.read.Changed = kept
}

// commitTree writes the root and the scopes that were met, or that stand elsewhere or
// are called otherwise than before, with what follows from that: what is inherited by
// the units that moved, and what lies over them.
func (i *importing) commitTree(ctx context.Context, root posture.Scope) error {
	scopes := i.growth.written()
	if len(scopes) == 0 {
		return nil
	}
	if err := i.commitScopes(ctx, root, scopes); err != nil {
		return fmt.Errorf("import: writing scopes: %w", err)
	}
	return nil
}

func (i *importing) commitScopes(ctx context.Context, root posture.Scope, scopes []posture.Scope) error {
	e := i.estate
	e.mu.Lock()
	defer e.mu.Unlock()
	x, err := e.posture(ctx)
	if err != nil {
		return err
	}
	again, moved, err := e.judgeMoved(ctx, i.growth.tree)
	if err != nil {
		return err
	}
	numbers := map[string]int{"scopes": len(scopes)}
	if moved > 0 {
		numbers["moved"] = moved
	}
	m := e.moves()
	err = i.commit(ctx, root.ID, "scopes", numbers, func(tx ledger.Tx) error {
		if err := tx.SetScopes(ctx, scopes); err != nil {
			return err
		}
		if err := again.write(ctx, tx, x); err != nil {
			return err
		}
		for _, s := range scopes {
			again.change.Scopes = append(again.change.Scopes, ledger.ScopeVersion{Scope: s, Interval: ledger.Interval{Since: tx.Number(), Until: ledger.Open}})
		}
		touched, err := again.apply(x)
		if err != nil {
			return err
		}
		for _, unit := range unitsOf(x, touched) {
			m.step(x.UnitScore(unit), ledger.Scope, unit)
		}
		return m.write(ctx, tx)
	})
	if err != nil {
		return err
	}
	m.learn()
	again.learn()
	for _, s := range scopes {
		e.tree.set(s)
	}
	return nil
}

// commit makes a commit of the import, at a scope, which the audit log tells with its
// numbers. The estate's lock is held.
func (i *importing) commit(ctx context.Context, scope, words string, numbers map[string]int, work func(ledger.Tx) error) error {
	detail, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	o := i.options
	entry := ledger.AuditEntry{Actor: o.Actor, Name: cmp.Or(o.Name, o.Actor), From: o.From, Action: "inventory.import", Object: scope, Scope: scope, Detail: detail}
	commit, err := i.estate.write(ctx, ledger.Commit{Kind: ledger.Import, Actor: o.Actor, Object: scope, Words: words}, func(tx ledger.Tx) error {
		if err := work(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, entry)
	})
	if err == nil && commit.Number != 0 {
		i.answer.Commits++
	}
	return err
}

// stated gives what is told of how far things were read: by records, and by who imports,
// whose word is as old as the record of the same scope and type, so that of both the one
// counts that promises less.
func (i *importing) stated() []posture.ReadRecord {
	said := slices.Clone(i.options.Complete)
	for _, unit := range i.whole {
		said = append(said, posture.ReadRecord{Scope: unit, Type: everyType, Complete: true})
	}
	stated := slices.Concat(i.read.Reads, said)
	for n := range stated {
		stated[n].Scope = i.tree.projectOf(stated[n].Scope)
	}
	told, said := stated[:len(i.read.Reads)], stated[len(i.read.Reads):]
	about := func(r *posture.ReadRecord) readKey { return readKey{posture.Fold(r.Scope), foldReadType(r.Type)} }
	begun := map[readKey]time.Time{}
	for n := range told {
		if key := about(&told[n]); told[n].StartedAt.After(begun[key]) {
			begun[key] = told[n].StartedAt
		}
	}
	for n := range said {
		said[n].StartedAt = begun[about(&said[n])]
	}
	return stated
}

// leaveOut leaves out what was read before that which is kept: of a type and place
// that were read completely later everything, of one of which a later read failed
// what is known.
func (i *importing) leaveOut() {
	k := i.estate.known
	left := map[readKey]int{} // by the read that told of it
	var kept []intake.Found
	for _, f := range i.read.Changed {
		place := f.Unit
		if posture.Within(f.Group, f.Unit) {
			place = f.Group
		}
		age, by := i.settled.ageOf(place, f.Type)
		standing, ok := k.Resource(f.Key)
		stands := ok && standing.Record != (ledger.Hash{})
		elsewhere, older := stands && i.comesElsewhere(&f), false
		if elsewhere && age != readLate {
			older, by = i.isOlderThere(&f, place)
		}
		if age == readLate || age == readBeforeFailed && stands && !elsewhere || older {
			switch {
			case elsewhere: // which says nothing of where it is
				i.answer.Unchanged++
			case stands:
				i.read.Seen = append(i.read.Seen, standing.Number)
				i.answer.Unchanged++
			}
			left[by]++
			continue
		}
		kept = append(kept, f)
	}
	i.read.Changed = kept
	i.read.Gone = slices.DeleteFunc(i.read.Gone, func(n uint32) bool {
		age, _ := i.settled.ageOf(i.unitOf(n), k.types.texts[k.resources[n].kind])
		return age != readNow
	})
	i.answer.Notices = append(i.answer.Notices, i.settled.noticesOf(left)...)
}

// met lists the units of which there is a resource in the inputs, by id.
func (i *importing) met() []string {
	units := map[string]string{}
	for _, n := range i.read.Seen {
		unit := i.unitOf(n)
		units[posture.Fold(unit)] = unit
	}
	for _, f := range i.read.Changed {
		units[posture.Fold(f.Unit)] = f.Unit
	}
	delete(units, "")
	return slices.SortedFunc(maps.Values(units), compareText)
}

// saysTheSame reports whether two reads differ at most in their time, and in what is
// stale: nothing is judged by these.
func saysTheSame(a, b ledger.Read) bool {
	return a.Record.Complete == b.Record.Complete && slices.Equal(a.Record.Gaps, b.Record.Gaps) && a.Stale == b.Stale && a.StaleSince.Equal(b.StaleSince)
}

// commitReads writes how far things were read, and when, as far as that was not
// written with a unit, and what is lost no longer.
func (i *importing) commitReads(ctx context.Context, root posture.Scope) error {
	i.estate.mu.Lock()
	defer i.estate.mu.Unlock()
	i.forgetGone()
	lost, found := i.lost.after.differing(i.lost.before)
	err := i.commit(ctx, root.ID, "how far scopes were read", map[string]int{"reads": len(i.told), "readsForgotten": len(i.dropped)}, func(tx ledger.Tx) error {
		if err := tx.RemoveReads(ctx, i.dropped); err != nil {
			return err
		}
		if err := tx.RemoveLosses(ctx, found); err != nil {
			return err
		}
		if err := tx.SetLosses(ctx, lost); err != nil {
			return err
		}
		return tx.SetReads(ctx, i.told)
	})
	if err != nil {
		return fmt.Errorf("import: writing how far scopes were read: %w", err)
	}
	i.estate.reads = i.reads
	return nil
}

// learnReads takes reads as kept, and others as no longer kept.
func (e *Estate) learnReads(told, dropped []ledger.Read) {
	if len(told)+len(dropped) == 0 {
		return
	}
	reads := slices.Clone(e.reads) // others may hold the ones that are there
	for i := range dropped {
		if at, known := placeOfRead(reads, &dropped[i]); known {
			reads = slices.Delete(reads, at, at+1)
		}
	}
	for i := range told {
		if at, known := placeOfRead(reads, &told[i]); known {
			reads[at] = told[i]
		} else {
			reads = slices.Insert(reads, at, told[i])
		}
	}
	e.reads = reads
}

// placeOfRead gives the place of a read among some in the order of [readSet.all], or
// where it belongs.
func placeOfRead(reads []ledger.Read, r *ledger.Read) (at int, known bool) {
	return slices.BinarySearchFunc(reads, keyOfRead(&r.Record), func(k ledger.Read, key readKey) int { return keyOfRead(&k.Record).compare(key) })
}

// gone lists the known resources of a unit that were not among what this import
// read completely. What may have been in a part of the inputs that could not be read
// is not believed to be gone.
func (i *importing) gone(u *unitChange) map[uint32]bool {
	if u.number < 0 {
		return map[uint32]bool{}
	}
	return i.goneOf(u.number)
}

func (i *importing) goneOf(unit int32) map[uint32]bool {
	gone, k := map[uint32]bool{}, i.estate.known
	for _, n := range i.read.Gone {
		if k.resources[n].unit == unit {
			gone[n] = true
		}
	}
	if i.settled.lost.any || !i.settled.mayDelete() {
		return gone
	}
	whole := map[int32]bool{}
	for _, n := range k.members[unit] {
		if i.seen[n] {
			continue
		}
		kind := k.resources[n].kind
		all, asked := whole[kind]
		if !asked {
			all = i.settled.deletes(i.unitOf(n), k.types.texts[kind])
			whole[kind] = all
		}
		if all {
			gone[n] = true
		}
	}
	return gone
}

func compareText(a, b string) int { return cmp.Compare(a, b) }
