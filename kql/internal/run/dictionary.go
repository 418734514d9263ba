package run

import (
	"hash/maphash"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A dictionary numbers the different values of a column in the order in which
// they first appear; null is a value too.
type dictionary interface {
	// number puts each row's number into ids, and adds what is new.
	number(v *data.Vector, ids []uint32)
	// look puts each row's number into ids, or absent where it has none. It
	// changes nothing, so that many may look at the same time.
	look(v *data.Vector, ids []uint32)
	// len is how many values there are; null is the number of null, or absent.
	len() int
	null() uint32
	// values are all values, by their numbers.
	values() *data.Vector
	bytes() int64
}

const absent = math.MaxUint32

func newDictionary(t data.Type) dictionary {
	switch t {
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return &longs{typ: t, nullID: absent}
	case data.Bool, data.Real:
		return &encoded{longs: longs{typ: data.Long, nullID: absent}, typ: t}
	case data.String, data.GUID:
		return &texts{typ: t, nullID: absent, seed: maphash.MakeSeed()}
	}
	return &encodedTexts{texts: texts{typ: data.String, nullID: absent, seed: maphash.MakeSeed()}, typ: t}
}

// longs is a hash table of whole numbers with open addressing: slots hold a
// number plus one.
type longs struct {
	typ    data.Type
	slots  []uint32
	keys   []int64
	nullID uint32
}

func hashLong(x int64) uint64 {
	h := uint64(x) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

func (d *longs) number(v *data.Vector, ids []uint32) {
	if v.Const {
		fillIDs(ids, d.numberOne(v.Longs[0], v.Nulls.Has(0)))
		return
	}
	if v.Nulls != nil {
		for i, x := range v.Longs[:len(ids)] {
			ids[i] = d.numberOne(x, v.Nulls.Has(i))
		}
		return
	}
	d.numberAll(v.Longs[:len(ids)], ids)
}

// numberAll is the loop without nulls; the last value's number is at hand
// because columns often come in runs.
func (d *longs) numberAll(xs []int64, ids []uint32) {
	for i, x := range xs {
		if i > 0 && x == xs[i-1] {
			ids[i] = ids[i-1]
			continue
		}
		ids[i] = d.numberOne(x, false)
	}
}

func (d *longs) numberOne(x int64, null bool) uint32 {
	if null {
		if d.nullID == absent {
			d.nullID = uint32(len(d.keys))
			d.keys = append(d.keys, 0)
		}
		return d.nullID
	}
	if 2*(len(d.keys)+1) > len(d.slots) {
		d.grow()
	}
	mask := uint64(len(d.slots) - 1)
	for at := hashLong(x) & mask; ; at = (at + 1) & mask {
		slot := d.slots[at]
		if slot == 0 {
			d.keys = append(d.keys, x)
			d.slots[at] = uint32(len(d.keys))
			return uint32(len(d.keys) - 1)
		}
		if d.keys[slot-1] == x {
			return slot - 1
		}
	}
}

func (d *longs) grow() {
	d.slots = make([]uint32, max(64, 2*len(d.slots)))
	mask := uint64(len(d.slots) - 1)
	for id, x := range d.keys {
		if uint32(id) == d.nullID {
			continue
		}
		at := hashLong(x) & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = uint32(id + 1)
	}
}

func (d *longs) look(v *data.Vector, ids []uint32) {
	if v.Const {
		fillIDs(ids, d.lookOne(v.Longs[0], v.Nulls.Has(0)))
		return
	}
	for i, x := range v.Longs[:len(ids)] {
		ids[i] = d.lookOne(x, v.Nulls.Has(i))
	}
}

func (d *longs) lookOne(x int64, null bool) uint32 {
	if null {
		return d.nullID
	}
	if len(d.slots) == 0 {
		return absent
	}
	mask := uint64(len(d.slots) - 1)
	for at := hashLong(x) & mask; ; at = (at + 1) & mask {
		slot := d.slots[at]
		if slot == 0 {
			return absent
		}
		if d.keys[slot-1] == x {
			return slot - 1
		}
	}
}

func fillIDs(ids []uint32, id uint32) {
	for i := range ids {
		ids[i] = id
	}
}

func (d *longs) len() int     { return len(d.keys) }
func (d *longs) null() uint32 { return d.nullID }

func (d *longs) values() *data.Vector {
	v := &data.Vector{Type: d.typ, Len: len(d.keys), Longs: d.keys}
	if d.nullID != absent {
		v.Nulls = data.NewBits(v.Len)
		v.Nulls.Set(int(d.nullID))
	}
	return v
}

func (d *longs) bytes() int64 { return 4*int64(cap(d.slots)) + 8*int64(cap(d.keys)) }

// encoded numbers truth values and reals by whole numbers that stand for them.
type encoded struct {
	longs
	typ data.Type
}

func (d *encoded) encode(v *data.Vector) *data.Vector {
	n := sizeOf(v)
	out := &data.Vector{Type: data.Long, Len: v.Len, Const: v.Const, Nulls: v.Nulls, Longs: make([]int64, n)}
	for i := range n {
		if d.typ == data.Bool {
			if v.Bools[i] {
				out.Longs[i] = 1
			}
			continue
		}
		out.Longs[i] = bitsOfReal(v.Reals[i])
	}
	return out
}

// bitsOfReal gives equal numbers equal bits: zeros of both signs, all NaN.
func bitsOfReal(f float64) int64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return int64(math.Float64bits(math.NaN()))
	}
	return int64(math.Float64bits(f))
}

func (d *encoded) number(v *data.Vector, ids []uint32) { d.longs.number(d.encode(v), ids) }
func (d *encoded) look(v *data.Vector, ids []uint32)   { d.longs.look(d.encode(v), ids) }

func (d *encoded) values() *data.Vector {
	from := d.longs.values()
	out := data.NewVector(d.typ, from.Len)
	out.Nulls = from.Nulls
	for i, x := range from.Longs {
		if d.typ == data.Bool {
			out.Bools[i] = x != 0
		} else {
			out.Reals[i] = math.Float64frombits(uint64(x))
		}
	}
	return out
}

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
	return 8*int64(cap(d.slots)) + 16*int64(cap(d.keys)) + 4*int64(cap(d.hashes)) + d.size
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
