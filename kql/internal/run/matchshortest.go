package run

// shortest finds, for every pair of first and last node, the matches with the
// fewest edges: one of them, or all.
//
// A pattern of one variable edge is searched in breadth. For others matches of
// one length after the other are looked for, so that no walk is made longer
// than some pair needs.
func (s *search) shortest() error {
	pattern := s.plan.Patterns[0]
	first, last := pattern[0].Element, pattern[len(pattern)-1].Element
	s.order = s.hops()
	least, most := s.lengths()
	from := func(start int32) error { return s.shortestFrom(start, first, last, least, most) }
	if h := s.order[0]; len(s.order) == 1 && h.Min <= 1 && first != last {
		from = newBreadth(s, h, most).from
	}
	for start := range int32(s.graph.nodes.Len) {
		if s.ok[first] != nil && !s.ok[first][start] {
			continue
		}
		if err := from(start); err != nil {
			return err
		}
	}
	return nil
}

func (s *search) shortestFrom(start int32, first, last, least, most int) error {
	found := map[int32]int{} // by last node: length
	reach := s.distances(start)
	longest := 0
	for node, d := range reach {
		if d >= 0 && (s.ok[last] == nil || s.ok[last][node]) {
			longest = max(longest, int(d))
		}
	}
	for length := least; length <= most; length++ {
		s.most = length
		s.accept = func() (bool, error) {
			if first != last && s.node[last] == start && s.length > 0 {
				return false, nil // it is there already
			}
			at, known := found[s.node[last]]
			if s.length != length || known && (at < length || s.plan.Shortest == "any") {
				return false, nil
			}
			found[s.node[last]] = length
			return true, nil
		}
		if err := s.bind(first, start, func() error { return s.next(0) }); err != nil {
			return err
		}
		if length >= longest && s.allFound(reach, found, first, last, start) {
			return nil
		}
	}
	return nil
}

// allFound tells that every node that can be reached, and may be the last, was.
func (s *search) allFound(reach []int32, found map[int32]int, first, last int, start int32) bool {
	for node, d := range reach {
		if d < 0 || first != last && node == int(start) || s.ok[last] != nil && !s.ok[last][node] {
			continue
		}
		if _, ok := found[int32(node)]; !ok {
			return false
		}
	}
	return true
}

// lengths are the fewest and the most edges that a match may have.
func (s *search) lengths() (least, most int) {
	for _, h := range s.order {
		if !h.Variable {
			least, most = least+1, most+1
			continue
		}
		least += h.Min
		if h.Max < h.Min || h.Max == 0 {
			most += s.graph.edges.Len
		} else {
			most += h.Max
		}
	}
	return least, min(most, s.graph.edges.Len)
}

// distances are how many edges lead from a node to each, -1 where none do,
// whatever the pattern says of them.
func (s *search) distances(start int32) []int32 {
	d := make([]int32, s.graph.nodes.Len)
	for i := range d {
		d[i] = -1
	}
	d[start] = 0
	for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
		v := queue[0]
		for _, edge := range s.graph.out.at(v) {
			if u := s.graph.target[edge]; d[u] < 0 {
				d[u] = d[v] + 1
				queue = append(queue, u)
			}
		}
		for _, edge := range s.graph.in.at(v) {
			if u := s.graph.source[edge]; d[u] < 0 {
				d[u] = d[v] + 1
				queue = append(queue, u)
			}
		}
	}
	return d
}
