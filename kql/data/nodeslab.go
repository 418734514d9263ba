package data

import "math"

// NodeOfStrings is an array of strings.
func NodeOfStrings(texts []string) *Node {
	var s Slab
	return s.Strings(texts)
}

// A Slab makes many small arrays with few allocations. What one slab made
// stays in memory together. Its zero value is ready.
type Slab struct {
	nodes []Node
	items []*Node
	trees []tree
	size  int // of the next slab
}

const largestSlab = 1024

// take is n of a slab's elements; a new slab is made where they do not fit.
func take[T any](slab *[]T, n, size int) []T {
	if n > len(*slab) {
		*slab = make([]T, max(n, size))
	}
	out := (*slab)[:n:n]
	*slab = (*slab)[n:]
	return out
}

// Strings is an array of strings; texts may change afterwards.
func (s *Slab) Strings(texts []string) *Node {
	nodes := take(&s.nodes, len(texts)+1, s.size)
	items := take(&s.items, len(texts), s.size)
	trees := take(&s.trees, 1, s.size/4)
	s.size = min(2*s.size+8, largestSlab)
	for i, text := range texts {
		n := &nodes[i+1]
		n.kind, n.text = KindString, text
		items[i] = n
	}
	trees[0].items = items
	n := &nodes[0]
	n.kind, n.tree = KindArray, &trees[0]
	return n
}

// NodeOfReals is an array of reals, made at once; NaN becomes null.
func NodeOfReals(x []float64) *Node {
	return numbers(len(x), func(i int, n *Node) bool {
		n.kind, n.bits = KindReal, math.Float64bits(x[i])
		return x[i] == x[i]
	})
}

// NodeOfLongs is an array of longs, made at once.
func NodeOfLongs(x []int64) *Node {
	return numbers(len(x), func(i int, n *Node) bool {
		n.kind, n.bits = KindLong, uint64(x[i])
		return true
	})
}

// numbers is an array whose nodes set fills, or says to be null.
func numbers(length int, set func(i int, n *Node) bool) *Node {
	items := make([]*Node, length)
	var nodes []Node
	for i := range items {
		if len(nodes) == 0 {
			nodes = make([]Node, min(length-i, largestSlab))
		}
		if set(i, &nodes[0]) {
			items[i] = &nodes[0]
		}
		nodes = nodes[1:]
	}
	return NodeOfArray(items)
}
