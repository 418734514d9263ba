package data

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
