package policy

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// Closest finds, for existence checks that failed, the related resource that
// came closest to passing, to tell what it lacks. Give it all failed checks with
// [Closest.Want], then all resources with [Closest.Offer]; it keeps what stands
// where a check failed. It is for one goroutine.
type Closest struct {
	settler  *Settler
	fields   *fieldResolver
	index    *candidates // for hashing
	wanted   map[closestKey]*pending
	rules    map[string][]int32 // by lower-cased type looked for
	found    map[closestKey]*nearMisses
	compiled map[conditionKey]*cond
	weights  map[*cond]int // of leaves
}

// closestKey is a rule's check at a place.
type closestKey struct {
	rule int32
	at   uint64
}

type conditionKey struct {
	rule     *Bound
	typeName string
}

// Closest starts looking. Resources must be those that were settled.
func (s *Settlement) Closest() *Closest {
	x := newCandidates()
	for name := range s.found.extension {
		x.extension[name] = true
	}
	return &Closest{
		settler: s.Settler(), fields: newFieldResolver(s.set.aliases), index: x, wanted: map[closestKey]*pending{},
		rules: map[string][]int32{}, found: map[closestKey]*nearMisses{}, compiled: map[conditionKey]*cond{}, weights: map[*cond]int{},
	}
}

// Wants reports whether some failed check has related resources that fail it.
func (c *Closest) Wants() bool { return len(c.wanted) > 0 }

// Want notes the failed checks of a settled resource of a unit.
func (c *Closest) Want(j *Judged, unit string) {
	for _, n := range j.Signatures {
		for at, st := range n.Statuses {
			if st.Status != StatusNonCompliant {
				continue
			}
			p := n.rule(at).pending
			if p == nil || p.own != nil || p.bound.details.Existence == nil {
				continue
			}
			if place, there := c.placeOf(n.rule(at), j, unit); there {
				c.want(closestKey{st.Rule, place}, p)
			}
		}
	}
}

func (c *Closest) want(key closestKey, p *pending) {
	if c.wanted[key] != nil {
		return
	}
	c.wanted[key] = p
	if !slices.Contains(c.rules[p.target], key.rule) {
		c.rules[p.target] = append(c.rules[p.target], key.rule)
	}
}

// placeOf gives the place at which a resource's check looks, and whether
// something stands there.
func (c *Closest) placeOf(rule *programRule, j *Judged, unit string) (at uint64, there bool) {
	st, p := c.settler, rule.pending
	l := search{st.set.programs[p.target], p.relation, p.group, p.siblings}
	if l.program == nil {
		return 0, false
	}
	name := ""
	for _, e := range j.extras {
		if e.rule == rule {
			if e.failed != 0 {
				return 0, false
			}
			l.relation, l.group, name = e.query.Relation, e.query.Group, e.query.Name
		}
	}
	at = st.at(l, j.Places, unit)
	classes := st.found.classes
	there = classes[at].count > 0 || len(st.found.byPlace[at]) > 0 || classes[st.lower.named(at, name)].count > 0
	return at, there
}

// Looks reports whether some failed check looks for resources of a type.
func (c *Closest) Looks(resourceType string) bool { return len(c.rules[FoldType(resourceType)]) > 0 }

// Offer looks at a resource. It may be changed afterwards.
func (c *Closest) Offer(r *Resource) {
	target := FoldType(r.Type)
	rules := c.rules[target]
	if len(rules) == 0 {
		return
	}
	p := c.settler.set.programs[target]
	for relation, ids := range c.index.placesOf(r, p) {
		for _, id := range ids {
			at := place(id, p, Relation(relation))
			for _, rule := range rules {
				if key := (closestKey{rule, at}); c.wanted[key] != nil {
					c.offer(key, c.wanted[key], r)
				}
			}
		}
	}
}

// offer keeps a resource that fails a check at a place.
func (c *Closest) offer(key closestKey, p *pending, r *Resource) {
	d := p.bound.details
	computed := d.Name != nil && !isLiteral(*d.Name)
	q := Query{AnyName: d.Name == nil || computed}
	if !q.AnyName {
		q.Name = d.Name.Const.Text()
	}
	if d.Kind != nil {
		q.Kind = d.Kind.Const.Text()
	}
	if !q.Matches(r) {
		return
	}
	here := c.found[key]
	if here == nil {
		here = &nearMisses{}
		c.found[key] = here
	}
	miss := &nearMiss{id: strings.Clone(r.ID), fullName: strings.Clone(r.FullName)}
	if p.late {
		if !here.wants(miss, true) {
			return
		}
		miss.body = r.copied()
	} else {
		f, condition := c.frame(r, r), c.condition(p, r)
		miss.distance = c.distance(f, condition)
		if !here.wants(miss, computed) {
			return
		}
		miss.evidence = lacking(miss.id, f.trace(condition))
	}
	here.add(miss, p.late || computed)
}

// copied copies what an existence condition reads of a candidate.
func (r *Resource) copied() *Resource {
	body, err := fastjson.ParseBytes(r.Body.MarshalTo(nil))
	if err != nil {
		return nil
	}
	c := *r
	c.Body = body
	for _, s := range []*string{&c.ID, &c.Type, &c.Name, &c.FullName, &c.Location, &c.Unit} {
		*s = strings.Clone(*s)
	}
	return &c
}

// condition compiles a check's existence condition for a type.
func (c *Closest) condition(p *pending, r *Resource) *cond {
	key := conditionKey{p.bound, r.Type}
	condition := c.compiled[key]
	if condition == nil {
		condition = (&compiler{fields: c.fields, shape: &Resource{Type: r.Type, Native: r.Native}}).compile(p.bound.details.Existence)
		c.compiled[key] = condition
	}
	return condition
}

func (c *Closest) frame(r, outer *Resource) *frame {
	return &frame{self: r, outer: outer, fields: c.fields, policy: noPolicy(), clock: clock(c.settler.set.now)}
}

// failure tells how many related resources fail a check of the inspected
// resource, and what the one lacks that comes closest to passing. Where being
// there is enough, none is there.
func (c *Closest) failure(rule *programRule, x *Inspection, q *Query, unit string) (count int, lacks []Evidence) {
	if c == nil {
		return 0, nil
	}
	at, there := c.placeOf(rule, &x.Judged, unit)
	here := c.found[closestKey{rule.rule, at}]
	if !there || here == nil {
		return 0, nil
	}
	var best *nearMiss
	var f *frame
	for _, miss := range here.list {
		if !q.AnyName && !nameMatches(q.Name, miss.fullName) {
			continue
		}
		count++
		if best != nil && best.distance == 1 && best.id <= miss.id {
			continue // nothing that fails comes closer
		}
		if miss.body != nil {
			if f == nil {
				f = c.frame(nil, x.r)
			}
			f.self = miss.body
			miss.distance = c.distance(f, c.condition(rule.pending, miss.body))
		}
		if best == nil || miss.before(best) {
			best = miss
		}
	}
	switch {
	case best == nil:
		return 0, nil
	case best.body != nil:
		f.self = best.body
		return count + here.more, lacking(best.id, f.trace(c.condition(rule.pending, best.body)))
	}
	return count + here.more, best.evidence
}
