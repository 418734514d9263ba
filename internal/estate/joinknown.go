package estate

import (
	"context"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// joinKnown brings records of Google assets together with what is kept of them: exports
// have data and policies in files of their own, so that a record replaces what it
// carries and nothing else.
func (i *importing) joinKnown(ctx context.Context) error {
	e := i.estate
	byUnit := map[int32]map[uint32]int{} // by unit: places among what was found, by number
	types := map[int32][]string{}
	for n := range i.read.Changed {
		f := &i.read.Changed[n]
		standing, ok := e.known.Resource(f.Key)
		if f.Cloud != posture.GCP || !ok || standing.Record == (ledger.Hash{}) || i.comesElsewhere(f) {
			continue
		}
		unit := e.known.resources[standing.Number].unit
		if byUnit[unit] == nil {
			byUnit[unit] = map[uint32]int{}
		}
		byUnit[unit][standing.Number] = n
		if !slices.Contains(types[unit], f.Type) {
			types[unit] = append(types[unit], f.Type)
		}
	}
	joiner, same := inventory.NewJoiner(), map[int]bool{}
	for unit, places := range byUnit {
		for known, err := range e.store.UnitBodies(ctx, e.Head(), e.known.units.texts[unit], types[unit]...) {
			if err != nil {
				return err
			}
			n, wanted := places[known.Resource.Number]
			if !wanted {
				continue
			}
			if same[n], err = i.joinFound(ctx, joiner, &i.read.Changed[n], known.Record); err != nil {
				return err
			}
		}
	}
	var changed []intake.Found
	for n, f := range i.read.Changed {
		if !same[n] {
			changed = append(changed, f)
			continue
		}
		i.read.Seen = append(i.read.Seen, f.Number)
		i.answer.Unchanged++
	}
	i.read.Changed = changed
	return nil
}

// joinFound makes of what was found of an asset what is known of it from now on, and
// reports whether that is what was known before.
func (i *importing) joinFound(ctx context.Context, joiner *inventory.Joiner, f *intake.Found, known []byte) (same bool, err error) {
	bodies, err := i.bodies.Bodies(ctx, []int64{f.Body})
	if err != nil {
		return false, err
	}
	r, err := joiner.Join(known, bodies[0].Record)
	if err != nil {
		return false, nil // what is kept cannot be read any more: the new one counts
	}
	record := inventory.AppendRecord(nil, r)
	hash := ledger.HashOf(record)
	if same = hash == ledger.HashOf(known); same || hash == f.Record {
		return same, nil
	}
	numbers, err := i.keeper.PutBodies(ctx, []ledger.Body{{Hash: hash, Type: f.Type, Record: record}})
	if err != nil {
		return false, fmt.Errorf("keeping %s: %w", f.ID, err)
	}
	f.Record, f.Body, f.Whole, f.Facts = hash, numbers[0], r.Whole, intake.FactsOf(r)
	return false, nil
}
