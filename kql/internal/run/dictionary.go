package run

import (
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

const absent = data.NoTerm

func newDictionary(t data.Type) dictionary {
	switch t {
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return &longs{typ: t, nullID: absent}
	case data.Bool, data.Real:
		return &encoded{longs: longs{typ: data.Long, nullID: absent}, typ: t}
	case data.String:
		return &columnTexts{texts: newTexts(t)}
	case data.GUID:
		d := newTexts(t)
		return &d
	}
	return &encodedTexts{texts: newTexts(data.String), typ: t}
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
