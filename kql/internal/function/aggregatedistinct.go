package function

import (
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// distinctValues is a set of (group, value) in order of first appearance: one table
// for all groups, since many groups have few values. Values are held as 64
// bits (numbers, times, bools), as text, or as nodes.
type distinctValues struct {
	of     data.Type
	values *cells
	groups []uint32
	hashes []uint32
	table  []uint32 // entry + 1; a power of two long
	seed   maphash.Seed
}

func newDistinct(a Arg) *distinctValues {
	return &distinctValues{of: a.Type, values: newCells(a), table: make([]uint32, 64), seed: maphash.MakeSeed()}
}

// mix spreads the bits of two numbers over 64.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return high ^ low
}

// add puts row i of v into the set of a group and tells whether it was new.
// The row must not be null, and v not constant.
func (d *distinctValues) add(group uint32, v *data.Vector, i int) bool {
	hash := uint32(mix(d.hash(v, i), uint64(group)+1) >> 32)
	mask := uint32(len(d.table) - 1)
	at := hash & mask
	for d.table[at] != 0 {
		e := d.table[at] - 1
		if d.hashes[e] == hash && d.groups[e] == group && d.same(int(e), v, i) {
			return false
		}
		at = (at + 1) & mask
	}
	d.values.push(v, i)
	d.groups = append(d.groups, group)
	d.hashes = append(d.hashes, hash)
	d.table[at] = uint32(len(d.groups))
	if 2*len(d.groups) > len(d.table) {
		d.enlarge()
	}
	return true
}

func (d *distinctValues) enlarge() {
	d.table = make([]uint32, 4*len(d.table))
	mask := uint32(len(d.table) - 1)
	for e, hash := range d.hashes {
		at := hash & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(e + 1)
	}
}

func (d *distinctValues) hash(v *data.Vector, i int) uint64 {
	switch d.of {
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return uint64(v.Longs[i])
	case data.Real:
		return realBits(v.Reals[i])
	case data.Bool:
		return uint64(b2i(v.Bools[i]))
	case data.Dynamic:
		return v.Nodes[i].Hash()
	default:
		return maphash.String(d.seed, v.Texts[i])
	}
}

// realBits is equal for equal reals, and all NaNs are one.
func realBits(f float64) uint64 {
	if f != f {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(f + 0) // -0 + 0 is 0
}

func (d *distinctValues) same(e int, v *data.Vector, i int) bool {
	switch d.of {
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return d.values.Longs[e] == v.Longs[i]
	case data.Real:
		return realBits(d.values.Reals[e]) == realBits(v.Reals[i])
	case data.Bool:
		return d.values.Bools[e] == v.Bools[i]
	case data.Dynamic:
		return data.EqualNodes(d.values.Nodes[e], v.Nodes[i])
	default:
		return d.values.Texts[e] == v.Texts[i]
	}
}

func (d *distinctValues) bytes() int { return d.values.bytes() + 8*cap(d.groups) + 4*cap(d.table) }

// dcount counts distinct values exactly.
type dcount struct {
	set    *distinctValues
	counts []int64
}

func newDcount(args []Arg) (Accumulator, error) {
	return &dcount{set: newDistinct(args[0])}, nil
}

func (d *dcount) Add(size int, groups []uint32, args []*data.Vector) {
	d.counts = grow(d.counts, size)
	v := flat(args[0])
	nulls := v.Nulls != nil || v.Type == data.Dynamic
	for i, g := range groups {
		if nulls && v.Null(i) {
			continue
		}
		if d.set.add(g, v, i) {
			d.counts[g]++
		}
	}
}

func (d *dcount) Merge(size int, other Accumulator, into []uint32) {
	d.counts = grow(d.counts, size)
	o := other.(*dcount).set
	v := o.values.vector(o.values.Len)
	for e, g := range o.groups {
		if d.set.add(into[g], v, e) {
			d.counts[into[g]]++
		}
	}
}

func (d *dcount) Results(size int) []*data.Vector {
	d.counts = grow(d.counts, size)
	return []*data.Vector{numberColumn(data.Long, d.counts[:size])}
}

func (d *dcount) Bytes() int { return d.set.bytes() + 8*cap(d.counts) }
