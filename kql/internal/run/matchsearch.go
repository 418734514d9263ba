package run

import (
	"fmt"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A search finds embeddings of a pattern by binding one edge of the pattern
// after the other, each next to what is bound already.
type search struct {
	*matching
	env   *env
	graph *graph
	order []hop
	// allowed are the nodes and edges that meet the conditions on an element; nil: all.
	ok [][]bool

	node []int32 // by element, -1: not bound
	edge []int32
	walk []walk
	used []bool  // edges of the match, but for cycles=all
	met  []int32 // how often a node is in the match, for cycles=none

	// For cycles=none, of a pattern that comes back to a node of its own.
	mayClose bool
	legs     []leg
	along    []int32 // nodes of one pattern

	// most and length bound shortest paths: the hops of the whole match.
	most, length int
	accept       func() (bool, error)
	found        *matchRows
	kept         int // matches so far
	walked       int // edges of the walks that found has
	room         []int32
	full         func() error
	steps        int
}

// A hop is an edge of the pattern between two nodes of it.
type hop struct {
	plan.PatternPart
	left, right int // elements
}

func newSearch(m *matching, e *env, g *graph) *search {
	n := len(m.plan.Elements)
	s := &search{
		matching: m, env: e, graph: g, ok: make([][]bool, n), most: math.MaxInt,
		node: make([]int32, n), edge: make([]int32, n), walk: make([]walk, n),
		used: make([]bool, g.edges.Len), met: make([]int32, g.nodes.Len),
		mayClose: m.plan.Cycles == "none" && mayClose(m.plan),
	}
	for i := range n {
		s.ok[i], s.node[i] = m.allowed(e, g, i), -1
	}
	return s
}

// hops are the edges of all patterns.
func (s *search) hops() (all []hop) {
	for _, pattern := range s.plan.Patterns {
		for i := 1; i+1 < len(pattern); i += 2 {
			all = append(all, hop{PatternPart: pattern[i], left: pattern[i-1].Element, right: pattern[i+1].Element})
		}
	}
	return all
}

// all finds every embedding, beginning with the node that fewest may be.
func (s *search) all() error {
	s.accept = func() (bool, error) { return true, nil }
	start := s.fewest()
	s.order = s.arrange(start)
	return s.from(start)
}

// from tries every node for the element that the search begins with.
func (s *search) from(start int) error {
	for node := range int32(s.graph.nodes.Len) {
		if err := s.bind(start, node, func() error { return s.next(0) }); err != nil {
			return err
		}
	}
	return nil
}

// fewest is the node of the pattern that the fewest nodes may be.
func (s *search) fewest() int {
	best, least := s.plan.Patterns[0][0].Element, s.count(s.plan.Patterns[0][0].Element)
	for _, pattern := range s.plan.Patterns {
		for _, p := range pattern {
			if !p.Edge && s.count(p.Element) < least {
				best, least = p.Element, s.count(p.Element)
			}
		}
	}
	return best
}

func (s *search) count(element int) int {
	if s.ok[element] == nil {
		return s.graph.nodes.Len
	}
	n := 0
	for _, ok := range s.ok[element] {
		if ok {
			n++
		}
	}
	return n
}

// arrange puts the hops into an order in which each touches what is bound:
// those between bound nodes first, then single edges, then walks.
func (s *search) arrange(start int) (order []hop) {
	bound := map[int]bool{start: true}
	rest := s.hops()
	for len(rest) > 0 {
		best, least := 0, math.MaxInt
		for i, h := range rest {
			cost := 8
			if bound[h.left] || bound[h.right] {
				cost = 4
			}
			if bound[h.left] && bound[h.right] {
				cost = 0
			}
			if h.Variable {
				cost += 2
			}
			if cost < least {
				best, least = i, cost
			}
		}
		h := rest[best]
		rest = slices.Delete(rest, best, best+1)
		bound[h.left], bound[h.right] = true, true
		order = append(order, h)
	}
	return order
}

// bind lets an element be a node while then runs, if it may be.
func (s *search) bind(element int, node int32, then func() error) error {
	if s.node[element] >= 0 {
		if s.node[element] != node {
			return nil
		}
		return then()
	}
	if s.ok[element] != nil && !s.ok[element][node] || s.plan.Cycles == "none" && s.met[node] > 0 {
		return nil
	}
	s.node[element] = node
	s.met[node]++
	err := then()
	s.met[node]--
	s.node[element] = -1
	return err
}

// mayBe tells of most nodes that an element cannot be them, before more is done.
func (s *search) mayBe(element int, node int32) bool {
	if bound := s.node[element]; bound >= 0 {
		return bound == node
	}
	return s.ok[element] == nil || s.ok[element][node]
}

// next binds the k-th hop and all after it.
func (s *search) next(k int) error {
	s.steps++
	if s.steps&1023 == 0 {
		if err := s.env.ctx.Err(); err != nil {
			return err
		}
	}
	if k == len(s.order) {
		return s.keep()
	}
	h := &s.order[k]
	if h.Variable {
		return s.walks(k, h)
	}
	if s.length+1 > s.most {
		return nil
	}
	s.length++
	defer func() { s.length-- }()
	from, to, direction := h.left, h.right, h.Direction
	if s.node[from] < 0 {
		from, to, direction = to, from, -direction
	}
	if s.node[from] < 0 {
		return s.bindAny(from, k)
	}
	return s.around(s.node[from], direction, h.Element, func(edge, node int32) error {
		s.edge[h.Element] = edge
		return s.bind(to, node, func() error { return s.next(k + 1) })
	})
}

// bindAny begins again where a pattern touches nothing that is bound.
func (s *search) bindAny(element, k int) error {
	for node := range int32(s.graph.nodes.Len) {
		if err := s.bind(element, node, func() error { return s.next(k) }); err != nil {
			return err
		}
	}
	return nil
}

// around gives the edges at a node that an element may be, with the node at
// their other end.
func (s *search) around(node int32, direction, element int, visit func(edge, node int32) error) error {
	once := func(edge, other int32) error {
		if s.ok[element] != nil && !s.ok[element][edge] || s.plan.Cycles != "all" && s.used[edge] {
			return nil
		}
		was := s.used[edge]
		s.used[edge] = true
		err := visit(edge, other)
		s.used[edge] = was
		return err
	}
	if direction >= 0 {
		for _, edge := range s.graph.out.at(node) {
			if err := once(edge, s.graph.target[edge]); err != nil {
				return err
			}
		}
	}
	if direction > 0 {
		return nil
	}
	for _, edge := range s.graph.in.at(node) {
		if direction == 0 && s.graph.source[edge] == node {
			continue // a loop, met already
		}
		if err := once(edge, s.graph.source[edge]); err != nil {
			return err
		}
	}
	return nil
}

// walks binds a variable edge to every walk that it may be.
func (s *search) walks(k int, h *hop) error {
	from, to, direction, back := h.left, h.right, h.Direction, false
	if s.node[from] < 0 {
		from, to, direction, back = to, from, -direction, true
	}
	if s.node[from] < 0 {
		return s.bindAny(from, k)
	}
	most := h.Max
	if most <= 0 && h.Min > 0 || most < h.Min {
		most = s.graph.edges.Len
	}
	w := &walking{search: s, hop: h, k: k, to: to, direction: direction, back: back, most: most}
	return w.at(s.node[from])
}

// mostHops bounds a walk: what walks hold, and how many there are, grows with
// the square of their length at least.
const mostHops = 1000

// walking is a walk on its way.
type walking struct {
	*search
	hop       *hop
	k, to     int
	direction int
	back      bool // from the right end to the left
	most      int
	edges     []int32
	nodes     []int32 // after each edge
}

// at ends the walk at a node if it is long enough, and goes on from there.
func (w *walking) at(node int32) error {
	n := len(w.edges)
	if n >= w.hop.Min {
		if err := w.end(node); err != nil {
			return err
		}
	}
	if n == w.most || w.length+n+1 > w.search.most || n > 0 && w.plan.Cycles == "none" && w.met[node] > 0 {
		return nil
	}
	if n > 0 {
		w.met[node]++ // it is between others now
		defer func() { w.met[node]-- }()
	}
	return w.around(node, w.direction, w.hop.Element, func(edge, next int32) error {
		if n == mostHops {
			return fmt.Errorf("%s: a walk goes over more than %d edges; bound it, such as -[e*1..8]->, or give conditions on its edges", w.env.word, mostHops)
		}
		w.steps++
		if w.steps&1023 == 0 {
			if err := w.env.ctx.Err(); err != nil {
				return err
			}
		}
		w.edges, w.nodes = append(w.edges, edge), append(w.nodes, next)
		err := w.at(next)
		w.edges, w.nodes = w.edges[:n], w.nodes[:n]
		return err
	})
}

// end binds the walk's end and what comes after it.
func (w *walking) end(node int32) error {
	s, n := w.search, len(w.edges)
	if !s.mayBe(w.to, node) {
		return nil
	}
	outer, room, kept := s.walk[w.hop.Element], s.room, s.kept
	s.walk[w.hop.Element] = w.taken()
	s.length += n
	met := s.met[node]
	if n == 0 {
		s.met[node] = 0 // both ends are the one node, which does not repeat it
	}
	err := s.bind(w.to, node, func() error { return s.next(w.k + 1) })
	s.met[node] = met
	s.length -= n
	s.walk[w.hop.Element] = outer
	if s.kept == kept {
		s.room = room // nobody keeps the walk
	}
	return err
}

// taken is the walk in the pattern's direction.
func (w *walking) taken() walk {
	t := walk{edges: w.copied(w.edges)}
	if len(w.nodes) > 0 {
		t.inner = w.copied(w.nodes[:len(w.nodes)-1])
	}
	if w.back {
		slices.Reverse(t.edges)
		slices.Reverse(t.inner)
	}
	return t
}

// roomSize is how many numbers walks are kept in together.
const roomSize = 4096

// copied is a copy of numbers that stays.
func (s *search) copied(numbers []int32) []int32 {
	if len(numbers) == 0 {
		return nil
	}
	if len(s.room) < len(numbers) {
		s.room = make([]int32, max(roomSize, len(numbers)))
	}
	out := s.room[:len(numbers):len(numbers)]
	s.room = s.room[len(numbers):]
	copy(out, numbers)
	return out
}

// keep takes a whole match.
func (s *search) keep() error {
	if s.mayClose && s.closes() {
		return nil
	}
	if ok, err := s.accept(); !ok || err != nil {
		return err
	}
	f := s.found
	f.n++
	s.kept++
	for i, el := range s.plan.Elements {
		switch {
		case el.Variable:
			f.walks[i] = append(f.walks[i], s.walk[i])
			s.walked += len(s.walk[i].edges)
		case el.Edge:
			f.one[i] = append(f.one[i], s.edge[i])
		default:
			f.one[i] = append(f.one[i], s.node[i])
		}
	}
	if f.n < batchSize && s.walked < mostWalked {
		return nil
	}
	return s.full()
}

// mostWalked is how many edges of walks are kept before their rows are made.
const mostWalked = 1 << 16
