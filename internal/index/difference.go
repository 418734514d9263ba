package index

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Turn is a check that is another one in a later index than in an earlier. State is
// 0 where there is no such check.
type Turn struct {
	Rule        string
	Before, Now Verdict
}

// Comparison is what differs between two indexes, by resource. It refers to neither
// of them; questions are asked with selections of both.
type Comparison struct {
	resources []turned
	lists     [][]Turn
}

// turned is a resource of which something differs.
type turned struct {
	number      uint32
	list        uint32 // which of the lists of turns
	before, now bool   // it is there
}

// Turned is a resource of which something differs: it came, it went, or it has
// checks that are others.
type Turned struct {
	Resource   uint32
	Came, Went bool
	Turns      []Turn
}

// Compare finds what differs between an index and a later one. It looks at every
// resource once.
func Compare(before, now *Index) *Comparison {
	old, new := before.shown(), now.shown()
	c := &Comparison{}
	pairs := map[[2]uint32]uint32{}
	for n := range max(len(old), len(new)) {
		var was, is uint32 // one more than the tuple, 0 for a resource that is not there
		if n < len(old) {
			was = old[n]
		}
		if n < len(new) {
			is = new[n]
		}
		if was == 0 && is == 0 || was > 0 && is > 0 && before.tuples.stored[was-1] == now.tuples.stored[is-1] && before.tuples.stored[was-1] != 0 {
			continue // as it was judged
		}
		pair := [2]uint32{was, is}
		list, known := pairs[pair]
		if !known {
			list = uint32(len(c.lists))
			c.lists = append(c.lists, turns(before, now, was, is))
			pairs[pair] = list
		}
		if (was == 0) != (is == 0) || len(c.lists[list]) > 0 {
			c.resources = append(c.resources, turned{uint32(n), list, was != 0, is != 0})
		}
	}
	return c
}

// shown gives one more than the tuple that shows, by resource; 0 for none.
func (x *Index) shown() []uint32 {
	all := make([]uint32, x.resources.len())
	each(x.sets.here, func(n uint32) { all[n] = x.resources.laid[n] + 1 })
	return all
}

// turns lists the checks that differ between two tuples, each one more than its
// number and 0 for none, by rule.
func turns(before, now *Index, was, is uint32) (all []Turn) {
	old := map[string]Verdict{}
	for _, v := range before.tuple(was) {
		if rule := before.rules.of(v.Evaluation); rule != nil {
			old[rule.ID] = v
		}
	}
	for _, v := range now.tuple(is) {
		rule := now.rules.of(v.Evaluation)
		if rule == nil {
			continue
		}
		o := old[rule.ID]
		if delete(old, rule.ID); o.State != v.State || o.Reason != v.Reason {
			all = append(all, Turn{rule.ID, o, v})
		}
	}
	for rule, o := range old {
		all = append(all, Turn{Rule: rule, Before: o})
	}
	slices.SortFunc(all, func(a, b Turn) int { return cmp.Compare(a.Rule, b.Rule) })
	return all
}

func (x *Index) tuple(oneMore uint32) []Verdict {
	if oneMore == 0 {
		return nil
	}
	return x.tuples.of(oneMore - 1)
}

// Between are the selections of the two indexes that a question is about: what was
// meant before, or is meant now.
type Between struct{ Before, Now *Selection }

// means reports whether a turn is of a check that is meant at one of the two times.
func (b Between) means(t *Turn, before, now bool) bool {
	return before && t.Before.State != 0 && b.Before.wants(t.Before) || now && t.Now.State != 0 && b.Now.wants(t.Now)
}

// all yields the resources of which something that is meant differs, in the order
// of their numbers, behind one of them.
func (c *Comparison) all(b Between, after uint32, yield func(Turned) bool) {
	begin, _ := slices.BinarySearchFunc(c.resources, after, func(r turned, n uint32) int { return cmp.Compare(r.number, n) })
	plain := b.Before.everyOne && b.Now.everyOne
	for _, r := range c.resources[begin:] {
		was, is := b.Before.resources.Contains(r.number), b.Now.resources.Contains(r.number)
		if r.number == after && after != 0 || !was && !is {
			continue
		}
		one := Turned{Resource: r.number, Came: !r.before, Went: !r.now, Turns: c.lists[r.list]}
		if !plain || !was || !is {
			one.Turns = slices.DeleteFunc(slices.Clone(one.Turns), func(t Turn) bool { return !b.means(&t, was, is) })
		}
		if len(one.Turns) == 0 && !(plain && (one.Came || one.Went)) {
			continue
		}
		if !yield(one) {
			return
		}
	}
}

// Resources gives up to limit resources of which something that is meant differs,
// behind one of them, 0 for the first.
func (c *Comparison) Resources(b Between, after uint32, limit int) (page []Turned) {
	c.all(b, after, func(r Turned) bool {
		page = append(page, r)
		return len(page) < limit
	})
	return page
}

// Sum is what differs in numbers.
type Sum struct {
	Came, Went, Changed int // resources
	Checks              int
	Rules               map[string]*TurnCount
}

// TurnCount counts checks of one rule that differ by their states before and now, 0
// for no check.
type TurnCount struct {
	Checks      int
	Transitions map[[2]posture.State]int
}

// Sum counts what differs of what is meant.
func (c *Comparison) Sum(b Between) Sum {
	s := Sum{Rules: map[string]*TurnCount{}}
	c.all(b, 0, func(r Turned) bool {
		switch {
		case r.Came:
			s.Came++
		case r.Went:
			s.Went++
		default:
			s.Changed++
		}
		s.Checks += len(r.Turns)
		for _, t := range r.Turns {
			of := s.Rules[t.Rule]
			if of == nil {
				of = &TurnCount{Transitions: map[[2]posture.State]int{}}
				s.Rules[t.Rule] = of
			}
			of.Checks++
			of.Transitions[[2]posture.State{t.Before.State, t.Now.State}]++
		}
		return true
	})
	return s
}

// Known gives what the index knows of a resource that has a number, also of one that
// is not there, whose facts and state are not known.
func (x *Index) Known(n uint32) Resource {
	if r, ok := x.Resource(n); ok {
		return r
	}
	if int(n) >= x.resources.len() {
		return Resource{}
	}
	c := &x.resources
	return Resource{
		Number: n, ID: c.ids.at(n), Name: c.name(n), Type: x.types.texts[c.kind[n]], Cloud: posture.Cloud(c.cloud[n]), Unit: x.UnitOf(n),
		Group: x.groups.texts[c.group[n]], Region: x.locations.texts[c.region[n]],
	}
}
