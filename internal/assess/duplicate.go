package assess

import (
	"maps"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// winner is the record that counts among duplicates: the first wholly read
// one, or else the first; of those the first that names its unit.
type winner struct {
	order         uint64
	whole, placed bool
}

// duplicates picks, in one reading, the records that count.
type duplicates struct {
	winners map[uint64]winner // by hash of the identity, of those that occur more than once

	mu  sync.Mutex
	met map[uint64]bool
}

func newDuplicates(winners map[uint64]winner) *duplicates {
	return &duplicates{winners: winners, met: map[uint64]bool{}}
}

// winners finds the identities that occur more than once, and the record of each that
// counts. It keeps where all of them stand.
func (rd *reading) winners() map[uint64]winner {
	seen := newIDSet(rd.count())
	twice := map[uint64]winner{}
	rd.records(func(_ *worker, r *record) bool {
		if !seen.add(r.id) {
			twice[r.id] = winner{}
		}
		return true
	})
	if len(twice) == 0 {
		return nil
	}
	outdated := rd.outdated(twice)
	met := map[uint64]bool{}
	rd.run.repeated = map[uint64][]uint64{}
	rd.records(func(_ *worker, r *record) bool {
		best, isTwice := twice[r.id]
		if now := (winner{r.order, r.whole, r.placed}); isTwice && !outdated[datedKey{r.id, now}] && (!met[r.id] || now.better(best)) {
			twice[r.id] = now
			met[r.id] = true
		}
		if isTwice {
			rd.run.repeated[r.id] = append(rd.run.repeated[r.id], r.order)
		}
		return true
	})
	// Where none of them counts, what another reading finds does.
	maps.DeleteFunc(twice, func(id uint64, _ winner) bool { return !met[id] })
	return twice
}

// datedRecord is what is kept of a record with a date.
type datedRecord struct {
	id     uint64 // see record.id
	winner winner
	dated  inventory.Dated
}

type datedKey struct {
	id     uint64
	winner winner
}

// outdated finds, among the records of some ids, those that turned out to be older
// than others.
func (rd *reading) outdated(ids map[uint64]winner) map[datedKey]bool {
	old := map[datedKey]bool{}
	for _, w := range rd.workers {
		for i := range w.dated {
			d := &w.dated[i]
			if _, isTwice := ids[d.id]; !isTwice {
				continue
			}
			// Of several on one line one that counts is enough.
			key := datedKey{d.id, d.winner}
			was, known := old[key]
			old[key] = (was || !known) && rd.run.halves.Outdated(d.dated)
		}
	}
	return old
}

func (w winner) better(than winner) bool {
	if w.whole != than.whole {
		return w.whole
	}
	if w.placed != than.placed {
		return w.placed
	}
	return w.order < than.order
}

// loses reports whether a record is a duplicate of a better one. Of a torn resource the
// one that counts tells no more than that it is there.
func (rd *reading) loses(r *inventory.Resource, id uint64) bool {
	if rd.twice.lost(id, winner{rd.run.orderOf(r), r.Whole, r.Unit != ""}) {
		return true
	}
	if rd.run.torn[id] {
		r.Tear()
	}
	return false
}

// lost reports whether a record is a duplicate of a better one. Of several on
// one line the first that asks counts.
func (d *duplicates) lost(id uint64, w winner) bool {
	best, twice := d.winners[id]
	if !twice {
		return false
	}
	if best != w {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	lost := d.met[id]
	d.met[id] = true
	return lost
}

// idSet is a set of hashes, made for a million of them.
type idSet struct {
	slots []uint64
	mask  uint64
	zero  bool
}

func newIDSet(n int) *idSet {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &idSet{slots: make([]uint64, size), mask: uint64(size - 1)}
}

// add reports whether id was not in the set yet.
func (s *idSet) add(id uint64) bool {
	if id == 0 {
		was := s.zero
		s.zero = true
		return !was
	}
	for at := id & s.mask; ; at = (at + 1) & s.mask {
		switch s.slots[at] {
		case 0:
			s.slots[at] = id
			return true
		case id:
			return false
		}
	}
}
