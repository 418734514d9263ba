package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/valyala/fastjson"
)

// Closest finds, for existence checks that failed, the related resource that
// came closest to passing, to tell what it lacks. Let settlers note the failed
// checks, see [Settler.Note], then give all resources with [Closest.Offer]; it
// keeps what stands where a check failed. It is for one goroutine, until all was offered.
type Closest struct {
	mu       sync.Mutex // of those who are told
	settler  *Settler
	fields   *fieldResolver
	index    *candidates // for hashing
	wanted   map[closestKey]*pending
	rules    map[string][]int32 // by lower-cased type looked for
	found    map[closestKey]*nearMisses
	compiled map[conditionKey]*cond
	weights  map[*cond]int // of leaves
}

// inTurn lets one goroutine at a time look at what was found, until what it gives is
// called.
func (c *Closest) inTurn() (done func()) {
	if c == nil {
		return func() {}
	}
	c.mu.Lock()
	return c.mu.Unlock
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

// Closest starts looking for what settlers noted.
func (s *Settlement) Closest(settlers ...*Settler) *Closest {
	x := newCandidates()
	for _, c := range s.found.types {
		if c != nil {
			c = &candidatesOf{nested: c.nested}
		}
		x.types = append(x.types, c)
	}
	all := &Closest{
		settler: s.Settler(), fields: newFieldResolver(s.set.aliases), index: x, wanted: map[closestKey]*pending{},
		rules: map[string][]int32{}, found: map[closestKey]*nearMisses{}, compiled: map[conditionKey]*cond{}, weights: map[*cond]int{},
	}
	for _, st := range settlers {
		for key, p := range st.noted {
			all.want(key, p)
		}
	}
	return all
}

// Wants reports whether some failed check has related resources that fail it.
func (c *Closest) Wants() bool { return len(c.wanted) > 0 }

func (c *Closest) want(key closestKey, p *pending) {
	if c.wanted[key] != nil {
		return
	}
	c.wanted[key] = p
	if !slices.Contains(c.rules[p.target], key.rule) {
		c.rules[p.target] = append(c.rules[p.target], key.rule)
	}
}

// Note makes the settler note where checks fail although there is something that
// they might have found, for [Settlement.Closest].
func (st *Settler) Note() *Settler {
	st.noted = map[closestKey]*pending{}
	return st
}

// note notes the failed checks of a settled signature of a resource. first is
// the resource's own check that the signature's come from.
func (st *Settler) note(n, final *Signature, w *waiter, first int) {
	p := st.settlingOf(n).plan
	for i, at := range n.pending {
		pend := n.rule(at).pending
		l, ok := st.searchOf(pend, p, p.uses[i], w, &first)
		if !ok || !isToldBy(&final.Statuses[at]) {
			continue
		}
		c := st.found.in(l.program)
		if pend.bound.details.Existence == nil && final.Statuses[at].Status == StatusNonCompliant {
			continue // there is none
		}
		in, on := st.at(&l, &w.places)
		for _, place := range []uint64{in, on} {
			if place != 0 && c.stands(place, &l) {
				st.noted[closestKey{final.Statuses[at].Rule, place}] = pend
			}
		}
	}
}

// isToldBy reports whether related resources tell more of a status: why the
// check failed, or which expression of its condition did.
func isToldBy(s *RuleStatus) bool {
	// They may lack what was not read.
	return s.Status == StatusNonCompliant || s.Status == StatusUnknown
}

// searchOf gives what a pending check looks for; not ok if that could not be
// computed, or there is nothing of the kind.
func (st *Settler) searchOf(pend *pending, p *plan, use int, w *waiter, check *int) (l search, ok bool) {
	switch {
	case use >= 0:
		l = p.lookups[use]
	case pend.alike != nil:
		l = pend.searchFor(st.set, &pend.alike.query)
	default:
		c := w.awaited.checks.at(*check)
		*check++
		if c.failed != 0 {
			return l, false
		}
		l = search{program: st.set.programs[pend.target], relation: c.relation, group: w.awaited.groups[c.group], siblings: pend.siblings, named: c.named, name: c.name}
		if pend.late {
			l = pend.searchFor(st.set, &w.awaited.late[c.late].query)
		}
	}
	return l, l.program != nil
}

// stands reports whether something stands at a place, or does with the name
// that is looked for.
func (c *candidatesOf) stands(at uint64, l *search) bool {
	switch {
	case c.places.find(at).count > 0, c.kept.places[at] != 0:
		return true
	case l.named && c.places.find(named(at, l.name)).count > 0, l.named && c.places.find(named(at, HashID(anyName))).count > 0:
		return true
	}
	return slices.ContainsFunc(c.others, func(k *keptDocs) bool { return k.places[at] != 0 })
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
	c.index.at.read(r.ID)
	for relation, ids := range c.index.placesOf(c.index.of(p), r, p) {
		for _, id := range ids {
			at := place(id, Relation(relation))
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
	fits := q.fits(r)
	if fits.False() {
		return
	}
	here := c.found[key]
	if here == nil {
		here = &nearMisses{}
		c.found[key] = here
	}
	miss := &nearMiss{id: strings.Clone(r.ID), fullName: strings.Clone(r.FullName)}
	if r.Unseen != "" {
		here.keepUnseen(miss, r, &q, c, p)
		return
	}
	if p.late {
		if !here.wants(miss, true) {
			return
		}
		miss.body = r.copied()
	} else {
		f, condition := c.frame(r, r), c.condition(p, r)
		miss.distance = c.distance(f, condition)
		o := fits.and(f.evaluate(condition))
		miss.open = !o.Known()
		switch {
		case o.Known() || o&becauseFailed == 0:
		case computed:
			miss.failures = f.trace(condition).failures()
		case len(here.failures) < maxFailures:
			for _, text := range f.trace(condition).failures() {
				addOnce(&here.failures, text)
			}
		}
		open := func() []Evidence { return q.openEvidence(miss.id, r, f.trace(condition), &q) }
		if miss.open && !computed {
			here.keepOpen(miss, open)
		}
		if !here.wants(miss, computed) {
			return
		}
		if miss.evidence = lacking(miss.id, f.trace(condition)); miss.open {
			miss.evidence = open()
		}
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
		key.typeName = strings.Clone(r.Type) // the resource may be changed afterwards
		condition = (&compiler{fields: c.fields, shape: &Resource{Type: key.typeName, Native: r.Native}}).compileExistence(p.bound.details)
		c.compiled[key] = condition
	}
	return condition
}

func (c *Closest) frame(r, outer *Resource) *frame {
	return &frame{self: r, outer: outer, fields: c.fields, policy: c.settler.set.policy, clock: clock(c.settler.set.now)}
}

// failures tells what expressions of a check's condition said of the related
// resources of the inspected one.
func (c *Closest) failures(rule *programRule, x *Inspection, q *Query, unit string) (all []string) {
	here := c.at(rule, x, q, unit)
	if here == nil {
		return nil
	}
	all = slices.Clone(here.failures)
	for _, miss := range here.list {
		if len(all) >= maxFailures || !miss.fits(q) {
			continue
		}
		found := miss.failures
		if miss.body != nil {
			f := c.frame(miss.body, x.r)
			found = f.trace(c.condition(rule.pending, miss.body)).failures()
		}
		for _, text := range found {
			addOnce(&all, text)
		}
	}
	return all
}

// open tells what was not read, or failed, of a related resource of the inspected
// one that may pass a check. The shown query is for people.
func (c *Closest) open(here *nearMisses, rule *programRule, x *Inspection, q, shown *Query) []Evidence {
	var first *nearMiss
	for _, miss := range slices.Concat(here.list, here.open, here.unseen) {
		if !miss.unnamed && !miss.fits(q) || first != nil && first.id <= miss.id {
			continue
		}
		if miss.body != nil {
			f, condition := c.frame(miss.body, x.r), c.condition(rule.pending, miss.body)
			if miss.body.found(q.fits(miss.body).and(f.evaluate(condition))).Known() {
				continue
			}
			first = &nearMiss{id: miss.id, evidence: q.openEvidence(miss.id, miss.body, f.trace(condition), shown)}
		} else if miss.open {
			first = miss
		}
	}
	if first == nil {
		return nil
	}
	return first.evidence
}

// at gives what stands where a check of the inspected resource looks; nil if
// nothing does.
func (c *Closest) at(rule *programRule, x *Inspection, q *Query, unit string) *nearMisses {
	if c == nil {
		return nil
	}
	c.settler.enter(unit)
	l := rule.pending.searchFor(c.settler.set, q)
	if l.program == nil {
		return nil
	}
	at, on := c.settler.at(&l, &x.places)
	here := c.standing(closestKey{rule.rule, at})
	if on == 0 {
		return here
	}
	return here.with(c.standing(closestKey{rule.rule, on}))
}

// standing gives what was offered at a place for a check; nil if nothing was
// wanted there.
func (c *Closest) standing(key closestKey) *nearMisses {
	if c.wanted[key] != nil && c.found[key] == nil {
		return &nearMisses{}
	}
	return c.found[key]
}

// failure tells what the related resource lacks of the inspected one that comes
// closest to passing a check that failed.
func (c *Closest) failure(here *nearMisses, rule *programRule, x *Inspection, q *Query) []Evidence {
	var best *nearMiss
	var f *frame
	for _, miss := range here.list {
		if !miss.fits(q) {
			continue
		}
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
		return nil
	case best.body != nil:
		f.self = best.body
		return lacking(best.id, f.trace(c.condition(rule.pending, best.body)))
	}
	return best.evidence
}
