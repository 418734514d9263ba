package resourcegraph

import (
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// sequence brings parts back into the inputs' order and leaves out duplicates.
type sequence struct {
	scan  *scan
	early map[position]*part // that came before their turn
	now   position
	seen  idSet
	held  []heldRows
}

// heldRows are resources of a part whose bodies were not wholly read, which count
// if no whole one of the same identity comes, and such as count if no newer one
// comes.
type heldRows struct {
	of    []heldRow
	batch data.Batch
}

type heldRow struct {
	id    uint64
	whole bool
	dated inventory.Dated
	row   int32 // in batch, -1 where it is not wanted
}

// inOrder yields the rows of all parts in order; false: yield wanted no more.
func (s *scan) inOrder(yield func(*data.Batch) bool) bool {
	q := &sequence{scan: s, early: map[position]*part{}}
	for p := range s.parts {
		q.early[p.at] = p
		for next := q.take(); next != nil; next = q.take() {
			if b := q.rows(next); b.Len > 0 && !yield(b) {
				return false
			}
		}
	}
	for _, whole := range [...]bool{true, false} {
		for i := range q.held {
			if b := q.held[i].counting(q, whole); b.Len > 0 && !yield(&b) {
				return false
			}
		}
	}
	return true
}

// counting gives the rows that count after all, of those that are whole or not.
func (h *heldRows) counting(q *sequence, whole bool) data.Batch {
	var keep []int32
	for _, r := range h.of {
		if r.whole == whole && !q.scan.merger.Outdated(r.dated) && q.first(r.id) && r.row >= 0 {
			keep = append(keep, r.row)
		}
	}
	return h.batch.Gather(keep)
}

// take gives the part whose turn it is, nil if it has not come yet.
func (q *sequence) take() *part {
	p := q.early[q.now]
	if p == nil {
		return nil
	}
	delete(q.early, q.now)
	if p.last {
		q.now = position{file: q.now.file + 1}
		return p
	}
	q.now.chunk++
	select {
	case <-q.scan.window:
	default: // the rest after all inputs took no place
	}
	return p
}

// rows are the part's rows without duplicates and without those that are held back.
func (q *sequence) rows(p *part) *data.Batch {
	if p.batch == nil {
		return &data.Batch{}
	}
	keep := make([]int32, 0, p.batch.Len)
	var held heldRows
	var late []int32
	for i, id := range p.ids {
		switch {
		case !p.whole[i] || p.dated[i].Of != 0:
			h := heldRow{id, p.whole[i], p.dated[i], -1}
			if p.rows[i] >= 0 {
				h.row = int32(len(late))
				late = append(late, p.rows[i])
			}
			held.of = append(held.of, h)
		case q.first(id) && p.rows[i] >= 0:
			keep = append(keep, p.rows[i])
		}
	}
	if held.of != nil {
		held.batch = p.batch.Gather(late)
		q.held = append(q.held, held)
	}
	if len(keep) == p.batch.Len {
		return p.batch
	}
	kept := p.batch.Gather(keep)
	return &kept
}

// first tells whether an id has not counted yet, and counts it.
func (q *sequence) first(id uint64) bool { return q.seen.add(id) }

// idSet is a set of hashes of ids, which are spread evenly already. Its zero
// value is empty.
type idSet struct {
	slots []uint64 // 0 for a free one; a power of two of them
	count int
}

// add is false for one that was there.
func (s *idSet) add(id uint64) bool {
	if id == 0 {
		id = 1
	}
	if 4*s.count >= 3*len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for i := id & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case id:
			return false
		case 0:
			s.slots[i] = id
			s.count++
			return true
		}
	}
}

func (s *idSet) grow() {
	old := s.slots
	s.slots, s.count = make([]uint64, max(1024, 4*len(old))), 0
	for _, id := range old {
		if id != 0 {
			s.add(id)
		}
	}
}
