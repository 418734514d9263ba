package run

import "slices"

// breadth finds the shortest walks from one node to all others. A walk that
// ends where it began is one only where it may have no edges.
type breadth struct {
	*search
	hop  hop
	most int32

	distance []int32   // -1: not reached
	first    []int32   // by node: its first arrival, -1 for none
	last     []int32   // and its last
	arrivals []arrival // of all nodes
	queue    []int32   // nodes reached, in the order of their distances
	ends     int       // nodes that a walk may end at, -1 where any may
	walked   walk      // on the way back
}

// An arrival is the last edge of a shortest walk, the node before it, and the
// next arrival at the same node, -1 for none.
type arrival struct{ edge, from, next int32 }

func newBreadth(s *search, h hop, most int) *breadth {
	nodes := s.graph.nodes.Len
	b := &breadth{
		search: s, hop: h, most: int32(most), ends: -1,
		distance: make([]int32, nodes), first: make([]int32, nodes), last: make([]int32, nodes),
	}
	for i := range b.distance {
		b.distance[i], b.first[i] = -1, -1
	}
	if s.ok[h.right] != nil {
		b.ends = s.count(h.right)
	}
	b.accept = func() (bool, error) { return true, nil }
	return b
}

// from finds and keeps the walks from a node.
func (b *breadth) from(start int32) error {
	if err := b.reach(start); err != nil {
		return err
	}
	slices.Sort(b.queue)
	b.node[b.hop.left] = start
	defer func() { b.node[b.hop.left], b.node[b.hop.right] = -1, -1 }()
	for i, node := range b.queue {
		if i&1023 == 0 {
			if err := b.env.ctx.Err(); err != nil {
				return err
			}
		}
		if !b.mayEnd(node) {
			continue
		}
		b.node[b.hop.right] = node
		if err := b.ways(start, node); err != nil {
			return err
		}
	}
	return nil
}

func (b *breadth) mayEnd(node int32) bool {
	return b.ok[b.hop.right] == nil || b.ok[b.hop.right][node]
}

// reach goes from a node to all others, but not farther than the last that a
// walk may end at.
func (b *breadth) reach(start int32) error {
	for _, node := range b.queue {
		b.distance[node], b.first[node] = -1, -1
	}
	b.distance[start], b.queue, b.arrivals = 0, append(b.queue[:0], start), b.arrivals[:0]
	missing, most := b.ends, b.most
	if missing > 0 && b.mayEnd(start) {
		missing--
	}
	if missing == 0 {
		return nil
	}
	for i := 0; i < len(b.queue) && !(missing == 0 && b.plan.Shortest == "any"); i++ {
		if i&1023 == 0 {
			if err := b.env.ctx.Err(); err != nil {
				return err
			}
		}
		v := b.queue[i]
		if b.distance[v] >= most {
			return nil // all that follow are as far away
		}
		if err := b.around(v, b.hop.Direction, b.hop.Element, func(edge, node int32) error {
			if b.arrive(arrival{edge, v, -1}, node) && b.mayEnd(node) {
				if missing--; missing == 0 {
					most = b.distance[node]
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// arrive notes that an edge leads to a node, if no shorter walk does; true for
// the first.
func (b *breadth) arrive(a arrival, node int32) bool {
	d, number := b.distance[a.from]+1, int32(len(b.arrivals))
	switch {
	case b.distance[node] < 0:
		b.distance[node], b.first[node], b.last[node] = d, number, number
		b.arrivals, b.queue = append(b.arrivals, a), append(b.queue, node)
		return true
	case b.distance[node] == d && b.plan.Shortest == "all":
		b.arrivals[b.last[node]].next = number
		b.arrivals, b.last[node] = append(b.arrivals, a), number
	}
	return false
}

// ways keeps the walks to a node: one, or all.
func (b *breadth) ways(start, node int32) error {
	if node != start {
		return b.back(start, node)
	}
	if b.hop.Min > 0 {
		return nil
	}
	b.walk[b.hop.Element] = walk{}
	return b.keep()
}

// back goes from the end of a walk to its start; what was walked is in reverse.
func (b *breadth) back(start, node int32) error {
	w := b.walked
	defer func() { b.walked = w }()
	for at := b.first[node]; at >= 0; at = b.arrivals[at].next {
		a, err := b.arrivals[at], error(nil)
		b.walked.edges, b.walked.inner = append(w.edges, a.edge), w.inner
		if a.from == start {
			err = b.end()
		} else {
			b.walked.inner = append(w.inner, a.from)
			err = b.back(start, a.from)
		}
		if err != nil || b.plan.Shortest == "any" {
			return err
		}
	}
	return nil
}

// end keeps the match with what was walked.
func (b *breadth) end() error {
	t := walk{edges: b.copied(b.walked.edges), inner: b.copied(b.walked.inner)}
	slices.Reverse(t.edges)
	slices.Reverse(t.inner)
	b.walk[b.hop.Element] = t
	return b.keep()
}
