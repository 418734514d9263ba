package policy

import (
	"slices"
	"strings"
)

// plan is what settling a signature takes: places to look at, each once.
type plan struct {
	lookups []search
	uses    []int // by pending check: number of its lookup, -1 for one that is settled apart
	targets []string
}

// search looks for candidates.
type search struct {
	program  *program // nil: no resource of the type was seen
	relation Relation
	group    string
	siblings bool // of the resource's own type: below its parent, if it has one
	named    bool
	name     uint64 // hash of a computed name
}

// plan is made once for all settlers.
func (s *Settlement) plan(n *Signature) *plan {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if n.plan != nil {
		return n.plan
	}
	p := &plan{}
	seen := map[search]int{}
	for _, at := range n.pending {
		pend := n.rule(at).pending
		if !slices.Contains(p.targets, pend.target) {
			p.targets = append(p.targets, pend.target)
		}
		if pend.isOwn() || pend.late {
			p.uses = append(p.uses, -1)
			continue
		}
		l := pend.search(s.set)
		number, ok := seen[l]
		if !ok {
			number = len(p.lookups)
			seen[l] = number
			p.lookups = append(p.lookups, l)
		}
		p.uses = append(p.uses, number)
	}
	n.plan = p
	return p
}

// search is what a check looks for that is the same for all resources.
func (p *pending) search(s *Set) search {
	l := search{program: s.programs[p.target], relation: p.relation, group: strings.ToLower(p.group), siblings: p.siblings}
	if p.query != nil {
		l = p.searchFor(s, p.query)
	}
	return l
}

// searchFor is what a check looks for with a query.
func (p *pending) searchFor(s *Set, q *Query) search {
	l := search{program: s.programs[p.target], relation: q.Relation, group: strings.ToLower(q.Group), siblings: p.siblings}
	if p.isNamed() {
		l.named, l.name = true, HashID(q.Name)
	}
	return l
}

// placed gives the candidates that a search finds.
func (st *Settler) placed(l *search, places *Places) placed {
	if l.program == nil {
		return placed{}
	}
	at, on := st.at(l, places)
	found := st.standing(l, at)
	if on == 0 {
		return found
	}
	switch more := st.standing(l, on); {
	case found.count == 0:
		return more
	case more.count > 0:
		found.class, found.count = st.either(found.class, more.class), found.more(more.count)
	}
	return found
}

// standing gives the candidates that a search finds at one place.
func (st *Settler) standing(l *search, at uint64) placed {
	c := st.found.in(l.program)
	if !l.named {
		return c.places.find(at)
	}
	found := c.places.find(named(at, l.name))
	if c.unnamed {
		any := c.places.find(named(at, HashID(anyName)))
		found.class, found.count = st.either(found.class, any.class), found.more(any.count)
	}
	return found
}

// either gives the class of two candidates together.
func (s *Settlement) either(a, b int32) int32 {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	return s.set.classes.or(a, b)
}

// at gives the place that a search looks at. Where candidates may stand in a
// group or subscription and may hang below other resources too, the place of
// those that hang below the resource itself is on; otherwise on is 0. What hangs
// below a resource is looked for on it alone, see [Query.Stands].
func (st *Settler) at(l *search, places *Places) (at, on uint64) {
	switch {
	case l.siblings && places.hasParent():
		return place(places.Parent, Below), 0
	case l.relation > InSubscription:
		return place(places.Self, Below), 0
	}
	if st.found.in(l.program).nested {
		on = place(places.Self, Below)
	}
	if l.relation == InSubscription {
		return place(places.Unit, InSubscription), on
	}
	group := places.Group
	if l.group != "" {
		group = HashID(st.unit + "/resourceGroups/" + l.group)
	}
	return place(group, InGroup), on
}
