package policy

// slabs hands out pieces of memory that was taken in larger blocks.
type slabs[T any] struct {
	free   []T
	blocks [][]T // all there are
	next   int   // the first block that is not in use
}

// take gives n elements, from a new block of the given size or a larger one
// where none is left. What they hold is left over from other use.
func (s *slabs[T]) take(n, size int) []T {
	if len(s.free) < n {
		s.free = s.block(max(n, size))
	}
	piece := s.free[:n:n]
	s.free = s.free[n:]
	return piece
}

// block gives a block of at least a size. Smaller ones that it meets are left
// to the next document.
func (s *slabs[T]) block(size int) []T {
	for s.next < len(s.blocks) {
		b := s.blocks[s.next]
		if s.next++; len(b) >= size {
			return b
		}
	}
	b := make([]T, size)
	s.blocks = append(s.blocks, b)
	s.next = len(s.blocks)
	return b
}

// rewind takes everything back.
func (s *slabs[T]) rewind() { s.free, s.next = nil, 0 }

// forget leaves everything to whom it was given.
func (s *slabs[T]) forget() { *s = slabs[T]{} }

// clone copies a node and all below it, for those who keep it longer than its
// document.
func (n *Node) clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.from, c.to = 0, 0 // of a text that is not kept
	if n.Items != nil {
		c.Items = make([]*Node, len(n.Items))
		for i, item := range n.Items {
			c.Items[i] = item.clone()
		}
	}
	if n.Members != nil {
		c.Members = make([]Property, len(n.Members))
		for i, p := range n.Members {
			p.Value = p.Value.clone()
			c.Members[i] = p
		}
	}
	return &c
}
