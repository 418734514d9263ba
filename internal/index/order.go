package index

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// order is the resources that are there by name, ignoring case, then number.
type order []uint32

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

// sort orders anew.
func (o *order) sort(c *columns, here *roaring.Bitmap) {
	*o = here.ToArray()
	slices.SortFunc(*o, c.byName)
}

// update takes resources out and in. Names never change.
func (o *order) update(c *columns, added, removed []uint32) {
	if len(added)+len(removed) == 0 {
		return
	}
	if len(added)+len(removed) < 32 {
		for _, n := range removed {
			at, _ := slices.BinarySearchFunc(*o, n, c.byName)
			*o = slices.Delete(*o, at, at+1)
		}
		for _, n := range added {
			at, _ := slices.BinarySearchFunc(*o, n, c.byName)
			*o = slices.Insert(*o, at, n)
		}
		return
	}
	added = slices.Clone(added)
	slices.SortFunc(added, c.byName)
	gone := roaring.BitmapOf(removed...)
	all := make(order, 0, len(*o)+len(added))
	for _, n := range *o {
		if gone.Contains(n) {
			continue
		}
		for len(added) > 0 && c.byName(added[0], n) < 0 {
			all, added = append(all, added[0]), added[1:]
		}
		all = append(all, n)
	}
	*o = append(all, added...)
}
