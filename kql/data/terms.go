package data

import (
	"hash/maphash"
	"math"
	"slices"
)

// Terms are different texts, numbered in the order in which they first appear:
// a hash table with open addressing. Beside a slot's number stands a part of the
// hash, so that other texts are rarely read. A table may keep the terms of a
// column and hand them out with it: see [Vector].
type Terms struct {
	texts  []string
	hashes []uint32
	slots  []termSlot
	blank  uint32   // one more than the number of Blank; 0: none
	batch  []uint32 // hashes of the batch at hand
	size   int64
}

type termSlot struct{ number, hash uint32 } // number plus one; 0: empty

// NoTerm is the number of a text that is none of the terms.
const NoTerm = math.MaxUint32

// termSeed is one for all terms, so that hashes need not be computed again
// where one column's terms are looked up among another's.
var termSeed = maphash.MakeSeed()

func hashTerm(s string) uint32 {
	h := maphash.String(termSeed, s)
	return uint32(h ^ h>>32)
}

// Len is how many terms there are.
func (t *Terms) Len() int { return len(t.texts) }

// Texts are the terms by their numbers; they are not to be changed.
func (t *Terms) Texts() []string { return t.texts }

// Bytes is about what the terms hold, texts included.
func (t *Terms) Bytes() int64 {
	return 8*int64(cap(t.slots)) + 16*int64(cap(t.texts)) + 4*int64(cap(t.hashes)) + t.size
}

// Number is a text's number; one that is new gets the next.
func (t *Terms) Number(s string) uint32 { return t.number(s, hashTerm(s)) }

func (t *Terms) number(s string, hash uint32) uint32 {
	if 2*(len(t.texts)+1) > len(t.slots) {
		t.grow()
	}
	mask := uint32(len(t.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot.number == 0 {
			number := t.add(s, hash)
			t.slots[at] = termSlot{number: number + 1, hash: hash}
			return number
		}
		if slot.hash == hash && t.texts[slot.number-1] == s {
			return slot.number - 1
		}
	}
}

// Blank is a number that no text has, for null: the next one at first, then
// the same again.
func (t *Terms) Blank() uint32 {
	if t.blank == 0 {
		t.blank = t.add("", 0) + 1
	}
	return t.blank - 1
}

func (t *Terms) add(s string, hash uint32) uint32 {
	t.texts = append(t.texts, s)
	t.hashes = append(t.hashes, hash)
	t.size += int64(len(s))
	return uint32(len(t.texts) - 1)
}

func (t *Terms) grow() {
	t.slots = make([]termSlot, max(64, 2*len(t.slots)))
	mask := uint32(len(t.slots) - 1)
	for number, hash := range t.hashes {
		if uint32(number)+1 == t.blank {
			continue
		}
		at := hash & mask
		for t.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = termSlot{number: uint32(number + 1), hash: hash}
	}
}

// Find is a text's number, or NoTerm.
func (t *Terms) Find(s string) uint32 {
	if len(t.slots) == 0 {
		return NoTerm
	}
	return t.find(s, hashTerm(s))
}

func (t *Terms) find(s string, hash uint32) uint32 {
	mask := uint32(len(t.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot.number == 0 {
			return NoTerm
		}
		if slot.hash == hash && t.texts[slot.number-1] == s {
			return slot.number - 1
		}
	}
}

// crowdedTerms is how many terms no longer fit into the processor's caches.
const crowdedTerms = 1 << 14

// NumberAll is Number for many texts. Where terms are many it goes in three
// passes: hashes, candidates, comparisons. Within a pass nothing waits for what
// was read before, so that the processor waits for many places of the memory at
// the same time.
func (t *Terms) NumberAll(texts []string, numbers []uint32) {
	if len(t.texts) > crowdedTerms {
		t.batch = slices.Grow(t.batch[:0], len(texts))[:len(texts)]
		for i, s := range texts {
			t.batch[i] = hashTerm(s)
		}
		t.candidates(t.batch, numbers)
		for i, s := range texts {
			if numbers[i] != NoTerm && t.texts[numbers[i]] != s {
				numbers[i] = NoTerm
			}
		}
	} else {
		fill(numbers, NoTerm)
	}
	for i, s := range texts {
		switch {
		case numbers[i] != NoTerm:
		case i > 0 && s == texts[i-1]: // columns often come in runs
			numbers[i] = numbers[i-1]
		default:
			numbers[i] = t.Number(s)
		}
	}
}

// FindAll is Find for many texts. It changes nothing, so that many may look at
// the same time.
func (t *Terms) FindAll(texts []string, numbers []uint32) {
	if len(t.texts) <= crowdedTerms {
		for i, s := range texts {
			numbers[i] = t.Find(s)
		}
		return
	}
	for i, s := range texts {
		numbers[i] = hashTerm(s)
	}
	t.candidates(numbers, numbers)
	for i, s := range texts {
		if numbers[i] != NoTerm && t.texts[numbers[i]] != s {
			numbers[i] = t.Find(s) // another text with the same hash stood before it
		}
	}
}

// candidates gives for each hash the first term that has it, or NoTerm. Both
// slices may be the same.
func (t *Terms) candidates(hashes, numbers []uint32) {
	mask := uint32(len(t.slots) - 1)
	for i, h := range hashes {
		at := h & mask
		for t.slots[at].number != 0 && t.slots[at].hash != h {
			at = (at + 1) & mask
		}
		numbers[i] = t.slots[at].number - 1 // NoTerm for an empty slot
	}
}

// In gives for each term its number among other terms, or NoTerm. The smaller
// side is looked up in the larger one; no text is hashed.
func (t *Terms) In(other *Terms) []uint32 {
	if t.Len() <= other.Len() {
		return t.lookedUpIn(other)
	}
	out := make([]uint32, t.Len())
	fill(out, NoTerm)
	for number, found := range other.lookedUpIn(t) {
		if found != NoTerm {
			out[found] = uint32(number)
		}
	}
	return out
}

func (t *Terms) lookedUpIn(other *Terms) []uint32 {
	out := make([]uint32, t.Len())
	if len(other.slots) == 0 {
		fill(out, NoTerm)
		return out
	}
	other.candidates(t.hashes, out)
	for i, candidate := range out {
		switch {
		case uint32(i)+1 == t.blank:
			out[i] = NoTerm
		case candidate != NoTerm && other.texts[candidate] != t.texts[i]:
			out[i] = other.find(t.texts[i], t.hashes[i]) // another text with the same hash stood before it
		}
	}
	return out
}

// Only is new terms: those with the given numbers, in that order.
func (t *Terms) Only(numbers []uint32) *Terms {
	some := &Terms{}
	for _, n := range numbers {
		some.number(t.texts[n], t.hashes[n])
	}
	return some
}
