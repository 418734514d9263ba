package run

import "github.com/bartizan-dev/bartizan/kql/data"

// A grouping numbers the different rows of some key columns in the order in
// which they first appear. Several columns are reduced pair by pair to one:
// the numbers of the first two in their dictionaries make a whole number, which
// is numbered in turn.
type grouping struct {
	columns []dictionary
	pairs   []*longs // pairs[i] joins what is before with columns[i+1]
	next    []uint32
	joined  []int64
}

func newGrouping(types []data.Type) *grouping {
	g := &grouping{columns: make([]dictionary, len(types))}
	for i, t := range types {
		g.columns[i] = newDictionary(t)
		if i > 0 {
			g.pairs = append(g.pairs, &longs{typ: data.Long, nullID: absent})
		}
	}
	return g
}

// number puts each row's group into ids.
func (g *grouping) number(keys []*data.Vector, ids []uint32) {
	g.walk(keys, ids, dictionary.number, (*longs).numberAll)
}

// look puts each row's group into ids, or absent. It may run beside other looks
// on groupings that share.
func (g *grouping) look(keys []*data.Vector, ids []uint32) {
	g.walk(keys, ids, dictionary.look, func(d *longs, xs []int64, ids []uint32) {
		for i, x := range xs {
			ids[i] = d.lookOne(x, false)
		}
	})
}

func (g *grouping) walk(
	keys []*data.Vector, ids []uint32, single func(dictionary, *data.Vector, []uint32), pair func(*longs, []int64, []uint32),
) {
	if len(keys) == 0 {
		clear(ids)
		return
	}
	single(g.columns[0], keys[0], ids)
	for k := 1; k < len(keys); k++ {
		n := len(ids)
		g.next, g.joined = room(g.next, n), room(g.joined, n)
		single(g.columns[k], keys[k], g.next)
		for i, id := range ids {
			g.joined[i] = int64(uint64(id)<<32 | uint64(g.next[i]))
		}
		pair(g.pairs[k-1], g.joined, ids)
	}
}

// sharing is a grouping that looks into the same dictionaries with room of its own.
func (g *grouping) sharing() *grouping {
	return &grouping{columns: g.columns, pairs: g.pairs}
}

func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// len is the number of groups.
func (g *grouping) len() int {
	switch {
	case len(g.columns) == 0:
		return 1
	case len(g.pairs) == 0:
		return g.columns[0].len()
	}
	return g.pairs[len(g.pairs)-1].len()
}

// keys are the key columns' values, one row a group.
func (g *grouping) keys() []*data.Vector {
	out := make([]*data.Vector, len(g.columns))
	if len(g.columns) == 0 {
		return out
	}
	if len(g.pairs) == 0 {
		out[0] = g.columns[0].values()
		return out
	}
	ids := make([]int32, g.len())
	for i := range ids {
		ids[i] = int32(i)
	}
	for k := len(g.columns) - 1; k > 0; k-- {
		last := make([]int32, len(ids))
		for i, id := range ids {
			joined := g.pairs[k-1].keys[id]
			last[i] = int32(uint32(joined))
			ids[i] = int32(joined >> 32)
		}
		out[k] = g.columns[k].values().Gather(last)
	}
	out[0] = g.columns[0].values().Gather(ids)
	return out
}

// nulls tells for each group whether one of its keys is null.
func (g *grouping) hasNull() func(id uint32) bool {
	return func(id uint32) bool {
		for k := len(g.columns) - 1; k > 0; k-- {
			joined := uint64(g.pairs[k-1].keys[id])
			if uint32(joined) == g.columns[k].null() {
				return true
			}
			id = uint32(joined >> 32)
		}
		return id == g.columns[0].null()
	}
}

func (g *grouping) bytes() int64 {
	total := int64(0)
	for _, d := range g.columns {
		total += d.bytes()
	}
	for _, d := range g.pairs {
		total += d.bytes()
	}
	return total
}
