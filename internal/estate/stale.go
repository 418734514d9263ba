package estate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// StaleReads knows which of what is kept is stale, as of a commit.
type StaleReads struct {
	reads *readSet
	ids   map[string][]scopedMark // by folded id: of resources that a later read did not get
	names []Unseen                // see Unseen
}

// scopedMark is what a read says of something in its scope.
type scopedMark struct {
	Mark
	scope string // folded
}

// Mark says why what is known is stale, and since when.
type Mark struct {
	Reason posture.Reason
	Since  time.Time
}

// StaleAt reads it; nil for nothing.
func StaleAt(ctx context.Context, s interface {
	Reads(ctx context.Context, n ledger.Number) ([]ledger.Read, error)
	Scopes(ctx context.Context, n ledger.Number) ([]ledger.ScopeVersion, error)
}, n ledger.Number,
) (*StaleReads, error) {
	reads, err := s.Reads(ctx, n)
	if err != nil {
		return nil, err
	}
	stale, named := &StaleReads{ids: map[string][]scopedMark{}}, false
	for i := range reads {
		named = named || slices.ContainsFunc(reads[i].Record.Gaps, func(g posture.Gap) bool { return g.ID != "" })
		for _, g := range reads[i].Record.Gaps {
			if id := posture.Fold(g.ID); g.ID != "" && g.Path == "" {
				stale.ids[id] = append(stale.ids[id], scopedMark{Mark{g.Reason, reads[i].Record.StartedAt}, posture.Fold(reads[i].Record.Scope)})
			}
		}
	}
	if !named && !slices.ContainsFunc(reads, func(r ledger.Read) bool { return r.Stale != posture.NoReason }) {
		return stale, nil
	}
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return nil, err
	}
	stale.reads = newReadSet(reads, newTree(scopes))
	stale.names = stale.reads.unseenIn()
	return stale, nil
}

// Unseen lists the resources that reads name as not read, also those that are kept from
// another read.
func (s *StaleReads) Unseen() []Unseen { return s.names }

// Of gives the mark of a resource, by its number, of a type in a unit or group, if what
// is known of it is stale. One goroutine may ask at a time.
func (s *StaleReads) Of(number uint32, id, scope, typeName string) (Mark, bool) {
	if s == nil || s.reads == nil {
		return Mark{}, false
	}
	if scope == "" {
		scope = placeAboveUnits(id)
	}
	for _, mark := range s.ids[posture.Fold(id)] {
		if slices.Contains(s.reads.upFrom(scope), mark.scope) {
			return mark.Mark, true
		}
	}
	a := s.reads.answer(scope, foldReadType(typeName))
	if a == nil || a.read.Stale == posture.NoReason || !a.read.Missed.Has(number) {
		return Mark{}, false
	}
	return Mark{a.read.Stale, a.read.StaleSince}, true
}

// markMissed says of reads that are stale which resources that is about: those that the
// read did not have that failed, without those that were read since. Those whose records
// are as they were are given by number.
func (i *importing) markMissed(asTheyWere []uint32) {
	kept := i.settled.after
	if !slices.ContainsFunc(slices.Collect(maps.Values(kept.rows)), func(r ledger.Read) bool {
		return r.Stale != posture.NoReason || slices.ContainsFunc(r.Record.Gaps, func(g posture.Gap) bool { return isListed(&g) })
	}) {
		return
	}
	read := i.readNow(asTheyWere)
	i.forgetListed(read)
	for key, r := range kept.rows {
		if r.Stale == posture.NoReason {
			continue
		}
		if i.settled.failing[key] {
			r.Missed = i.estate.known.within(kept, key.scope, foldReadType(r.Record.Type))
		}
		r.Missed = r.Missed.Without(read)
		kept.rows[key] = r
	}
}

// readNow gives the known resources that the inputs have, not older than what is kept.
func (i *importing) readNow(asTheyWere []uint32) ledger.Numbers {
	k, ages := i.estate.known, map[readKey]readAge{}
	var all []uint32
	for _, n := range asTheyWere {
		of := readKey{i.unitOf(n), k.types.texts[k.resources[n].kind]}
		age, asked := ages[of]
		if !asked {
			age, _ = i.settled.ageOf(of.scope, of.typeName)
			ages[of] = age
		}
		if age == readNow {
			all = append(all, n)
		}
	}
	for n := range i.read.Changed {
		if number := i.read.Changed[n].Number; number != 0 {
			all = append(all, number)
		}
	}
	return ledger.NumbersOf(all)
}

// within gives the resources of a type, "" for every one, in the units that a scope has,
// or that have the scope.
func (k *known) within(s *readSet, scope, typeName string) ledger.Numbers {
	var all []uint32
	for n, unit := range k.units.texts {
		if unit != "" && !posture.Within(scope, unit) && !slices.Contains(s.upFrom(unit), scope) {
			continue
		}
		for _, number := range k.members[int32(n)] {
			if typeName == "" || foldReadType(k.types.texts[k.resources[number].kind]) == typeName {
				all = append(all, number)
			}
		}
	}
	return ledger.NumbersOf(all)
}
