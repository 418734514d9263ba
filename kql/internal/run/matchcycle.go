package run

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A leg is a hop of a match by the nodes that it leads between.
type leg struct {
	from, to         int32
	eitherWay, taken bool
}

// mayClose tells of a pattern that it comes back to a node of its own, so that
// nodes can repeat although no two elements are the same node.
func mayClose(m *plan.Match) bool {
	nodes, hops := map[int]bool{}, 0
	for _, pattern := range m.Patterns {
		hops += len(pattern) / 2
		for i := 0; i < len(pattern); i += 2 {
			nodes[pattern[i].Element] = true
		}
	}
	return hops >= len(nodes)
}

// closes tells whether a whole match has a cycle: one of its patterns is at a
// node twice, or its edges lead round over several. Two patterns may meet in a
// node, and walks without an edge lead nowhere.
func (s *search) closes() bool {
	s.legs = s.legs[:0]
	for _, pattern := range s.plan.Patterns {
		s.along = append(s.along[:0], s.node[pattern[0].Element])
		for i := 1; i+1 < len(pattern); i += 2 {
			edge := &pattern[i]
			if edge.Variable && len(s.walk[edge.Element].edges) == 0 {
				continue
			}
			from, to := s.node[pattern[i-1].Element], s.node[pattern[i+1].Element]
			if slices.Contains(s.along, to) {
				return true
			}
			s.along = append(s.along, to)
			if edge.Direction < 0 {
				from, to = to, from
			}
			s.legs = append(s.legs, leg{from: from, to: to, eitherWay: edge.Direction == 0})
		}
	}
	for i := range s.legs {
		if s.leads(s.legs[i].from, s.legs[i].from) {
			return true
		}
	}
	return false
}

// leads tells whether legs, each taken once, lead from a node to another one.
func (s *search) leads(from, to int32) bool {
	for i := range s.legs {
		l := &s.legs[i]
		next := l.to
		if l.eitherWay && l.to == from {
			next = l.from
		}
		if l.taken || l.from != from && next == l.to {
			continue
		}
		if next == to {
			return true
		}
		l.taken = true
		led := s.leads(next, to)
		l.taken = false
		if led {
			return true
		}
	}
	return false
}
