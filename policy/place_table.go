package policy

// placed are the candidates at one place. The count of those that could not be
// read is unseenCount, however many there are.
type placed struct{ class, count int32 }

const unseenCount = 1 << 30

// seen counts the candidates that were read.
func (p placed) seen() int32 { return p.count &^ unseenCount }

// more counts others.
func (p placed) more(count int32) int32 {
	return p.seen() + count&^unseenCount | (p.count|count)&unseenCount
}

// placeTable maps hashes of places to candidates. A map of a million entries
// costs several times the memory, and each look-up in it more pages.
type placeTable struct {
	slots []placeSlot // a power of two of them, or none
	used  int
}

type placeSlot struct {
	at uint64 // 0 where placed.count is 0, or a hash that is 0
	placed
}

// find gives what is at a place.
func (t *placeTable) find(at uint64) placed {
	if len(t.slots) == 0 {
		return placed{}
	}
	return t.slot(at).placed
}

// entry gives what is at a place, to be changed until the next call. A new one
// has a count of 0 and must be given another.
func (t *placeTable) entry(at uint64) *placed {
	if 4*t.used >= 3*len(t.slots) {
		t.grow()
	}
	s := t.slot(at)
	if s.count == 0 {
		s.at = at
		t.used++
	}
	return &s.placed
}

// slot finds the slot of a place, or the free one where it belongs.
func (t *placeTable) slot(at uint64) *placeSlot {
	mask := uint64(len(t.slots) - 1)
	for i := at & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.count == 0 || s.at == at {
			return s
		}
	}
}

func (t *placeTable) grow() {
	old := t.slots
	t.slots = make([]placeSlot, max(16, 2*len(old)))
	for i := range old {
		if old[i].count > 0 {
			*t.slot(old[i].at) = old[i]
		}
	}
}

// each yields all that is in the table.
func (t *placeTable) each(yield func(at uint64, p placed)) {
	for i := range t.slots {
		if s := &t.slots[i]; s.count > 0 {
			yield(s.at, s.placed)
		}
	}
}
