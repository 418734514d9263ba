package index

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// order is the resources that are there by name, ignoring case, then number.
type order struct {
	names []uint32
	run   []uint32 // by resource: its place among them ÷ runOf, so that few of them are put in order without looking at all

	clock, begun uint32   // counts changes, of which one was of all runs
	changes      []uint32 // by run: the last change of its own, if there was one since
}

// runOf is how many resources, one after another, are a run.
const runOf = 1 << 10

func compare(a, b string) int { return cmp.Compare(a, b) }

// compareFolded compares texts ignoring the case of ASCII letters.
func compareFolded(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// byName compares two resources.
func (c *columns) byName(a, b uint32) int {
	return cmp.Or(compareFolded(c.name(a), c.name(b)), cmp.Compare(a, b))
}

// orderOf is an order of which the names are known.
func orderOf(names []uint32, resources int) order {
	o := order{names: names, run: make([]uint32, resources)}
	for at, n := range names {
		o.run[n] = uint32(at / runOf)
	}
	return o
}

// sort orders anew.
func (o *order) sort(c *columns, here *roaring.Bitmap) {
	names := here.ToArray()
	slices.SortFunc(names, c.byName)
	o.replace(orderOf(names, c.len()))
}

// replace puts another order in the place of one.
func (o *order) replace(by order) {
	by.clock = o.clock + 1
	by.begun = by.clock
	*o = by
}

// runs is how many there are.
func (o *order) runs() int { return (len(o.names) + runOf - 1) / runOf }

// members are those of a run.
func (o *order) members(run int) []uint32 {
	return o.names[run*runOf : min((run+1)*runOf, len(o.names))]
}

// update takes resources out and in. Names never change.
func (o *order) update(c *columns, added, removed []uint32) {
	if len(added)+len(removed) == 0 {
		return
	}
	if len(added)+len(removed) >= 32 {
		o.replace(orderOf(o.merged(c, added, removed), c.len()))
		return
	}
	for _, n := range removed {
		at, _ := slices.BinarySearchFunc(o.names, n, c.byName)
		o.names = slices.Delete(o.names, at, at+1)
		for last := at/runOf*runOf + runOf - 1; last < len(o.names); last += runOf { // what was first of the next run
			o.run[o.names[last]] = uint32(last / runOf)
		}
		o.changed(at/runOf, o.runs())
	}
	o.run = slices.Grow(o.run, c.len()-len(o.run))[:c.len()]
	for _, n := range added {
		at, _ := slices.BinarySearchFunc(o.names, n, c.byName)
		o.names = slices.Insert(o.names, at, n)
		o.run[n] = uint32(at / runOf)
		for first := at/runOf*runOf + runOf; first < len(o.names); first += runOf { // what was last of the run before
			o.run[o.names[first]] = uint32(first / runOf)
		}
		o.changed(at/runOf, o.runs())
	}
}

// merged is the names with some out and in.
func (o *order) merged(c *columns, added, removed []uint32) []uint32 {
	added = slices.Clone(added)
	slices.SortFunc(added, c.byName)
	gone := roaring.BitmapOf(removed...)
	all := make([]uint32, 0, len(o.names)+len(added))
	for _, n := range o.names {
		if gone.Contains(n) {
			continue
		}
		for len(added) > 0 && c.byName(added[0], n) < 0 {
			all, added = append(all, added[0]), added[1:]
		}
		all = append(all, n)
	}
	return append(all, added...)
}

// among gives some of the resources by run, those of a run in any order: the ends
// of the runs among them.
func (o *order) among(set *roaring.Bitmap) (members, ends []uint32) {
	ends = make([]uint32, o.runs()+1)
	each(set, func(n uint32) { ends[o.run[n]+1]++ })
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	members = make([]uint32, ends[len(ends)-1])
	each(set, func(n uint32) {
		at := &ends[o.run[n]]
		members[*at] = n
		*at++
	})
	return members, ends[:len(ends)-1]
}
