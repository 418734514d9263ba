package index

import (
	"cmp"
	"slices"
	"sort"
)

// Several resources have one key where one came to another unit: it has another number
// since, and the highest is meant.

// addKey notes the key of a resource; those of one key come by number.
func (c *columns) addKey(key uint64, n uint32) {
	if c.later == nil {
		c.later = map[uint64]uint32{}
	}
	if before, had := c.later[key]; had {
		if c.moved == nil {
			c.moved = map[uint64][]uint32{}
		}
		c.moved[key] = append(c.moved[key], before)
	}
	c.later[key] = n
}

// find gives the number of a resource by its key.
func (c *columns) find(key uint64) (uint32, bool) {
	if n, ok := c.later[key]; ok {
		return n, true
	}
	at, ok := slices.BinarySearch(c.keys, key) // the first of them
	if !ok {
		return 0, false
	}
	return c.numbers[at], true
}

// settle sorts the keys that came later among the others.
func (c *columns) settle() {
	c.ids.settle()
	if len(c.later) == 0 {
		return
	}
	for key, n := range c.later {
		c.keys, c.numbers = append(c.keys, key), append(c.numbers, n)
	}
	for key, some := range c.moved {
		for _, n := range some {
			c.keys, c.numbers = append(c.keys, key), append(c.numbers, n)
		}
	}
	c.later, c.moved = nil, nil
	sort.Sort(byKey{c})
}

type byKey struct{ *columns }

func (b byKey) Len() int { return len(b.keys) }
func (b byKey) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(b.keys[i], b.keys[j]), cmp.Compare(b.numbers[j], b.numbers[i])) < 0
}

func (b byKey) Swap(i, j int) {
	b.keys[i], b.keys[j] = b.keys[j], b.keys[i]
	b.numbers[i], b.numbers[j] = b.numbers[j], b.numbers[i]
}

// Find gives the number of a resource by its key, also of one that is gone.
func (x *Index) Find(key uint64) (uint32, bool) { return x.resources.find(key) }

// Had gives all resources that have or had a key, each in a unit of its own at the
// time, the newest first.
func (x *Index) Had(key uint64) (all []uint32) {
	c := &x.resources
	if n, ok := c.later[key]; ok {
		all = append(all, n)
		for _, n := range slices.Backward(c.moved[key]) {
			all = append(all, n)
		}
	}
	at, _ := slices.BinarySearch(c.keys, key)
	for ; at < len(c.keys) && c.keys[at] == key; at++ {
		all = append(all, c.numbers[at])
	}
	return all
}
