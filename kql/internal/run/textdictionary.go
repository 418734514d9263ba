package run

import (
	"hash/maphash"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// texts is a hash table of texts; beside a slot's number stands a part of the
// hash, so that other texts are rarely read.
type texts struct {
	typ    data.Type
	seed   maphash.Seed
	slots  []textSlot
	keys   []string
	hashes []uint32
	batch  []uint32 // hashes of the batch at hand
	size   int64
	nullID uint32
	recent []recentText // see numberFew
}

type recentText struct {
	text string
	id   uint32 // plus one
}

type textSlot struct{ id, hash uint32 }

func (d *texts) hash(s string) uint32 {
	h := maphash.String(d.seed, s)
	return uint32(h ^ h>>32)
}

func (d *texts) number(v *data.Vector, ids []uint32) {
	switch {
	case v.Const:
		fillIDs(ids, d.numberOne(v.Texts[0], v.Nulls.Has(0)))
	case v.Nulls == nil && len(d.keys) > crowded:
		d.numberCrowded(v.Texts[:len(ids)], ids)
	case v.Nulls == nil && len(d.keys) <= recentTexts && len(ids) >= recentTexts:
		d.numberFew(v.Texts[:len(ids)], ids)
	default:
		d.numberInTurn(v, ids)
	}
}

func (d *texts) numberInTurn(v *data.Vector, ids []uint32) {
	last, lastID := "", uint32(absent)
	for i, s := range v.Texts[:len(ids)] {
		null := v.Nulls.Has(i)
		if null || lastID == absent || s != last {
			id := d.numberOne(s, null)
			ids[i] = id
			if !null {
				last, lastID = s, id
			}
			continue
		}
		ids[i] = lastID
	}
}

// recentTexts is how many places numberFew has.
const recentTexts = 256

// numberFew keeps for each of some places the text that was last met there, so
// that few different texts are neither hashed as a whole nor, as in runs of
// equal ones, guessed at.
func (d *texts) numberFew(texts []string, ids []uint32) {
	if d.recent == nil {
		d.recent = make([]recentText, recentTexts)
	}
	for i, s := range texts {
		met := &d.recent[placeOf(s)]
		if met.id == 0 || met.text != s {
			*met = recentText{s, d.numberOne(s, false) + 1}
		}
		ids[i] = met.id - 1
	}
}

// placeOf is a number below recentTexts, by a text's length and its end.
func placeOf(s string) uint64 {
	x := uint64(len(s))
	switch n := len(s); {
	case n >= 8:
		b := s[n-8:]
		x ^= uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	case n > 0:
		x ^= uint64(s[0])<<8 | uint64(s[n/2])<<16 | uint64(s[n-1])<<24
	}
	return x * 0x9e3779b97f4a7c15 >> (64 - 8)
}

// crowded is how many texts no longer fit into the processor's caches.
const crowded = 1 << 14

// numberCrowded does in three passes what numberOne does: hashes, candidates,
// comparisons. Within a pass nothing waits for what was read before, so that
// the processor waits for many places of the memory at the same time.
func (d *texts) numberCrowded(texts []string, ids []uint32) {
	d.batch = room(d.batch, len(texts))
	for i, s := range texts {
		d.batch[i] = d.hash(s)
	}
	mask := uint32(len(d.slots) - 1)
	for i, h := range d.batch {
		at := h & mask
		for d.slots[at].id != 0 && d.slots[at].hash != h {
			at = (at + 1) & mask
		}
		ids[i] = d.slots[at].id - 1 // absent for an empty slot
	}
	for i, s := range texts {
		if ids[i] != absent && d.keys[ids[i]] != s {
			ids[i] = absent
		}
	}
	for i, s := range texts {
		if ids[i] == absent {
			ids[i] = d.numberOne(s, false)
		}
	}
}

func (d *texts) numberOne(s string, null bool) uint32 {
	if null {
		if d.nullID == absent {
			d.nullID = d.add("", 0)
		}
		return d.nullID
	}
	if 2*(len(d.keys)+1) > len(d.slots) {
		d.grow()
	}
	h := d.hash(s)
	mask := uint32(len(d.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		slot := d.slots[at]
		if slot.id == 0 {
			id := d.add(s, h)
			d.slots[at] = textSlot{id: id + 1, hash: h}
			return id
		}
		if slot.hash == h && d.keys[slot.id-1] == s {
			return slot.id - 1
		}
	}
}

func (d *texts) add(s string, h uint32) uint32 {
	d.keys = append(d.keys, s)
	d.hashes = append(d.hashes, h)
	d.size += int64(len(s))
	return uint32(len(d.keys) - 1)
}

func (d *texts) grow() {
	d.slots = make([]textSlot, max(64, 2*len(d.slots)))
	mask := uint32(len(d.slots) - 1)
	for id, h := range d.hashes {
		if uint32(id) == d.nullID {
			continue
		}
		at := h & mask
		for d.slots[at].id != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = textSlot{id: uint32(id + 1), hash: h}
	}
}

func (d *texts) look(v *data.Vector, ids []uint32) {
	switch {
	case v.Const:
		fillIDs(ids, d.lookOne(v.Texts[0], v.Nulls.Has(0)))
	case v.Nulls == nil && len(d.keys) > crowded:
		d.lookCrowded(v.Texts[:len(ids)], ids)
	default:
		for i, s := range v.Texts[:len(ids)] {
			ids[i] = d.lookOne(s, v.Nulls.Has(i))
		}
	}
}

// lookCrowded looks up as numberCrowded does; ids first hold the hashes.
func (d *texts) lookCrowded(texts []string, ids []uint32) {
	for i, s := range texts {
		ids[i] = d.hash(s)
	}
	mask := uint32(len(d.slots) - 1)
	for i, h := range ids {
		at := h & mask
		for d.slots[at].id != 0 && d.slots[at].hash != h {
			at = (at + 1) & mask
		}
		ids[i] = d.slots[at].id - 1
	}
	for i, s := range texts {
		if ids[i] != absent && d.keys[ids[i]] != s {
			ids[i] = d.lookOne(s, false) // another text with the same hash stood before it
		}
	}
}

func (d *texts) lookOne(s string, null bool) uint32 {
	if null {
		return d.nullID
	}
	if len(d.slots) == 0 {
		return absent
	}
	h := d.hash(s)
	mask := uint32(len(d.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		slot := d.slots[at]
		if slot.id == 0 {
			return absent
		}
		if slot.hash == h && d.keys[slot.id-1] == s {
			return slot.id - 1
		}
	}
}

func (d *texts) len() int     { return len(d.keys) }
func (d *texts) null() uint32 { return d.nullID }

func (d *texts) values() *data.Vector {
	v := &data.Vector{Type: d.typ, Len: len(d.keys), Texts: d.keys}
	if d.nullID != absent && d.typ != data.String {
		v.Nulls = data.NewBits(v.Len)
		v.Nulls.Set(int(d.nullID))
	}
	return v
}

func (d *texts) bytes() int64 {
	return 8*int64(cap(d.slots)) + 16*int64(cap(d.keys)) + 4*int64(cap(d.hashes)) + 24*int64(cap(d.recent)) + d.size
}

// encodedTexts numbers decimals and dynamics by a text that equal values share.
type encodedTexts struct {
	texts
	typ  data.Type
	kept []data.Value
}

func (d *encodedTexts) encode(v *data.Vector) *data.Vector {
	n := sizeOf(v)
	out := &data.Vector{Type: data.String, Len: v.Len, Const: v.Const, Texts: make([]string, n)}
	var room []byte
	for i := range n {
		value := v.Value(i)
		if value.IsNull() {
			if out.Nulls == nil {
				out.Nulls = data.NewBits(n)
			}
			out.Nulls.Set(i)
			continue
		}
		room = data.AppendKey(room[:0], value)
		out.Texts[i] = string(room)
	}
	return out
}

func (d *encodedTexts) number(v *data.Vector, ids []uint32) {
	d.texts.number(d.encode(v), ids)
	for i, id := range ids {
		if int(id) == len(d.kept) {
			d.kept = append(d.kept, v.Value(i))
		}
	}
}

func (d *encodedTexts) look(v *data.Vector, ids []uint32) { d.texts.look(d.encode(v), ids) }

func (d *encodedTexts) values() *data.Vector {
	out := data.NewVector(d.typ, len(d.kept))
	for i, value := range d.kept {
		out.Put(i, value)
	}
	return out
}
