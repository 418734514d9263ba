package index

import (
	"encoding/binary"
	"unsafe"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Mark says what lies over a judged verdict.
type Mark uint8

// The marks, the weakest first.
const (
	NoMark Mark = iota
	Attested
	Waived
	Mitigated
)

// Category is that of the exemption that a mark is of, "" for another mark.
func (m Mark) Category() string {
	switch m {
	case Waived:
		return "waiver"
	case Mitigated:
		return "mitigated"
	}
	return ""
}

// Verdict is what one evaluation says of a resource, with what lies over it.
type Verdict struct {
	Evaluation uint32
	State      posture.State // exempt, if it is
	Judged     posture.State // beneath an exemption; what is attested, if it is
	Reason     posture.Reason
	Mark       Mark
}

// unknownBecause is why the check is unknown, NoReason for one that is not.
func (v *Verdict) unknownBecause() posture.Reason {
	if v.State != posture.Unknown {
		return posture.NoReason
	}
	return v.Reason
}

// tuples are lists of verdicts by number; equal ones are one. Number 0 is the
// empty list. Those that a store knows come as they were judged; others are such
// ones with something laid over them.
type tuples struct {
	verdicts []Verdict
	ends     []uint32             // by number: where among the verdicts it ends
	stored   []int64              // by number: the store's number, 0 for one with layings, or forgotten
	rollUp   []posture.State      // by number: of a resource that has it
	cut      map[uint32][]Verdict // by number: all verdicts, where some do not show

	// What references make of few verdicts; all only grows, as readers may have it.
	stands     []uint32 // by number, as far as some have any: one more than the place of the list
	standLists [][]stand
	unders     unders

	numbers  map[int64]uint32  // by the store's number; made when asked for
	contents map[string]uint32 // of those with layings
	layered  map[string]uint32 // by tuple and layings over it
	controls [][]controlState  // by number, made when asked for
	cells    cells
}

func newTuples() *tuples {
	return &tuples{ends: []uint32{0}, stored: []int64{0}, rollUp: []posture.State{rollUp(nil)}}
}

func (t *tuples) len() int { return len(t.ends) }

func (t *tuples) of(n uint32) []Verdict {
	start := uint32(0)
	if n > 0 {
		start = t.ends[n-1]
	}
	return t.verdicts[start:t.ends[n]]
}

// find gives the number of a stored tuple.
func (t *tuples) find(stored int64) (uint32, bool) {
	if t.numbers == nil {
		t.numbers = make(map[int64]uint32, len(t.stored))
		for n, s := range t.stored {
			if s > 0 || n == 0 {
				t.numbers[s] = uint32(n)
			}
		}
	}
	n, ok := t.numbers[stored]
	return n, ok
}

// learn takes in a stored tuple. Verdicts of rules that there are no more do not show.
func (t *tuples) learn(tuple ledger.Tuple, rules *rules) {
	if _, ok := t.find(tuple.Number); ok {
		return
	}
	all := make([]Verdict, len(tuple.Verdicts))
	for i, v := range tuple.Verdicts {
		all[i] = asJudged(v.Evaluation, v.State, v.Reason)
	}
	t.numbers[tuple.Number] = t.putShown(all, tuple.Number, rules)
}

func (t *tuples) put(verdicts []Verdict, stored int64) uint32 {
	n := uint32(len(t.ends))
	t.verdicts = append(t.verdicts, verdicts...)
	t.ends = append(t.ends, uint32(len(t.verdicts)))
	t.stored = append(t.stored, stored)
	t.rollUp = append(t.rollUp, rollUp(verdicts))
	return n
}

// rollUp is the state of a resource with these verdicts: not applicable without any.
func rollUp(verdicts []Verdict) posture.State {
	var has [8]bool
	for _, v := range verdicts {
		has[v.State] = true
	}
	for _, s := range posture.States {
		if has[s] {
			return s
		}
	}
	return posture.NotApplicable
}

// bytesOf gives verdicts as their bytes, to tell lists apart.
func bytesOf(verdicts []Verdict) string {
	if len(verdicts) == 0 {
		return ""
	}
	return unsafe.String((*byte)(unsafe.Pointer(&verdicts[0])), len(verdicts)*int(unsafe.Sizeof(Verdict{})))
}

// lay gives the tuple that comes of laying something over another. Rules are
// those of the evaluations.
func (t *tuples) lay(under uint32, over []int, c *cover, rules *rules) uint32 {
	if len(over) == 0 || under == 0 {
		return under
	}
	key := binary.AppendUvarint(nil, uint64(under))
	for _, n := range over {
		key = binary.AppendUvarint(key, uint64(n))
	}
	if n, ok := t.layered[string(key)]; ok {
		return n
	}
	if t.layered == nil {
		t.layered = map[string]uint32{}
	}
	n := t.laid(under, over, c, rules)
	t.layered[string(key)] = n
	return n
}

func (t *tuples) laid(under uint32, over []int, c *cover, rules *rules) uint32 {
	plain := t.of(under)
	var verdicts []Verdict
	var stands []stand
	changed := false
	for _, v := range plain {
		now, list, keep := c.lay(v, over, rules)
		if n := t.unders.number(list); n > 0 {
			stands = append(stands, stand{v.Evaluation, n})
		}
		changed = changed || !keep || now != v
		if keep {
			verdicts = append(verdicts, now)
		}
	}
	if !changed && len(stands) == 0 {
		return under
	}
	if len(verdicts) == 0 {
		return 0
	}
	if t.contents == nil {
		t.contents = map[string]uint32{}
		for n, s := range t.stored {
			if s == 0 && n > 0 {
				t.contents[contentsOf(t.of(uint32(n)), t.standing(uint32(n)))] = uint32(n)
			}
		}
	}
	key := contentsOf(verdicts, stands)
	n, ok := t.contents[key]
	if !ok {
		n = t.put(verdicts, 0)
		t.putStands(n, stands)
		t.contents[key] = n // verdicts are not written to any more
	}
	return n
}

// contentsOf tells tuples apart.
func contentsOf(verdicts []Verdict, stands []stand) string {
	text := bytesOf(verdicts)
	if len(stands) == 0 {
		return text
	}
	key := append([]byte(text), 0) // no list of verdicts is as long
	for _, s := range stands {
		key = binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(key, s.evaluation), s.under)
	}
	return string(key)
}

// relayed forgets what was laid over what, as there are other layings.
func (t *tuples) relayed() { t.layered = nil }
