package resourcegraph

import "github.com/bartizan-dev/bartizan/kql/data"

// sequence brings parts back into the inputs' order and leaves out duplicates.
type sequence struct {
	scan  *scan
	early map[position]*part // that came before their turn
	now   position
	seen  idSet
	held  []heldRow
}

// heldRow is a resource whose body was not wholly read: it counts if no whole
// one of the same id comes.
type heldRow struct {
	id    uint64
	batch *data.Batch // nil where it is not wanted
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
	for _, h := range q.held {
		if q.first(h.id) && h.batch != nil && !yield(h.batch) {
			return false
		}
	}
	return true
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
	for i, id := range p.ids {
		switch {
		case !p.whole[i]:
			q.hold(p, i)
		case q.first(id) && p.rows[i] >= 0:
			keep = append(keep, p.rows[i])
		}
	}
	if len(keep) == p.batch.Len {
		return p.batch
	}
	kept := p.batch.Gather(keep)
	return &kept
}

func (q *sequence) hold(p *part, i int) {
	h := heldRow{id: p.ids[i]}
	if p.rows[i] >= 0 {
		row := p.batch.Gather([]int32{p.rows[i]})
		h.batch = &row
	}
	q.held = append(q.held, h)
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
