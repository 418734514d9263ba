package run

import "slices"

// breadth finds the shortest walks from one node to all others. A walk that
// ends where it began is one only where it may have no edges.
type breadth struct {
	*search
	hop  hop
	most int32

	distance []int32 // -1: not reached
	before   [][]arrival
	queue    []int32
}

// An arrival is the last edge of a shortest walk, and the node before it.
type arrival struct{ edge, from int32 }

// from finds and keeps the walks from a node.
func (b *breadth) from(start int32) error {
	b.begin(start)
	for i := 0; i < len(b.queue); i++ {
		if i&1023 == 0 {
			if err := b.env.ctx.Err(); err != nil {
				return err
			}
		}
		if v := b.queue[i]; b.distance[v] < b.most {
			if err := b.around(v, b.hop.Direction, b.hop.Element, func(edge, next int32) error {
				b.arrive(arrival{edge, v}, next)
				return nil
			}); err != nil {
				return err
			}
		}
	}
	b.node[b.hop.left] = start
	defer func() { b.node[b.hop.left], b.node[b.hop.right] = -1, -1 }()
	for node := range int32(b.graph.nodes.Len) {
		if b.distance[node] < 0 || b.ok[b.hop.right] != nil && !b.ok[b.hop.right][node] {
			continue
		}
		b.node[b.hop.right] = node
		if err := b.ways(start, node); err != nil {
			return err
		}
	}
	return nil
}

func (b *breadth) begin(start int32) {
	if b.distance == nil {
		b.distance, b.before = make([]int32, b.graph.nodes.Len), make([][]arrival, b.graph.nodes.Len)
	}
	for i := range b.distance {
		b.distance[i], b.before[i] = -1, b.before[i][:0]
	}
	b.distance[start], b.queue = 0, append(b.queue[:0], start)
	b.accept = func() (bool, error) { return true, nil }
}

// arrive notes that an edge leads to a node, if no shorter walk does.
func (b *breadth) arrive(a arrival, node int32) {
	d := b.distance[a.from] + 1
	switch {
	case b.distance[node] < 0:
		b.distance[node] = d
		b.before[node] = append(b.before[node], a)
		b.queue = append(b.queue, node)
	case b.distance[node] == d && b.plan.Shortest == "all":
		b.before[node] = append(b.before[node], a)
	}
}

// ways keeps the walks to a node: one, or all.
func (b *breadth) ways(start, node int32) error {
	if node != start {
		return b.back(start, b.before[node], walk{})
	}
	if b.hop.Min > 0 {
		return nil
	}
	b.walk[b.hop.Element] = walk{}
	return b.keep()
}

// back goes from the end of a walk to its start; the walk so far is in reverse.
func (b *breadth) back(start int32, arrivals []arrival, w walk) error {
	for _, a := range arrivals {
		longer := walk{append(slices.Clone(w.edges), a.edge), slices.Clone(w.inner)}
		var err error
		if a.from == start {
			slices.Reverse(longer.edges)
			slices.Reverse(longer.inner)
			b.walk[b.hop.Element] = longer
			err = b.keep()
		} else {
			longer.inner = append(longer.inner, a.from)
			err = b.back(start, b.before[a.from], longer)
		}
		if err != nil || b.plan.Shortest == "any" {
			return err
		}
	}
	return nil
}
