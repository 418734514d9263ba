package policy

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// Settlement is what all judges have seen together. It does not change.
type Settlement struct {
	set   *Set
	found *candidates
	// complete says whether all resources of a type in a unit have been read;
	// otherwise why not: denied, throttled, error, partial, notCollected.
	complete func(unit, resourceType string) (bool, string)
}

// Settle joins what the judges have seen. The judges must not be used again.
func (s *Set) Settle(judges []*Judge, complete func(unit, resourceType string) (bool, string)) *Settlement {
	x := newCandidates()
	for i, j := range judges {
		if i == 0 {
			x = j.index
			continue
		}
		x.merge(s, j.index)
	}
	return &Settlement{set: s, found: x, complete: complete}
}

// Settler settles existence checks for one goroutine.
type Settler struct {
	*Settlement
	gaps     map[unitType]Outcome
	memo     map[string]*Signature
	late     map[lateKey]Outcome
	bodies   map[lateBody]*fastjson.Value
	compiled map[*Bound]*cond
	fields   *fieldResolver
	key      []byte
	class    []int32
}

// lateKey is a late check at a place.
type lateKey struct {
	extra *extra
	at    uint64
}

type unitType struct{ unit, resourceType string }

// Settler gives a new settler.
func (s *Settlement) Settler() *Settler {
	return &Settler{
		Settlement: s, gaps: map[unitType]Outcome{}, memo: map[string]*Signature{},
		late: map[lateKey]Outcome{}, bodies: map[lateBody]*fastjson.Value{}, compiled: map[*Bound]*cond{}, fields: newFieldResolver(s.set.aliases),
	}
}

// plan is what settling a signature takes: places to look at, each once.
type plan struct {
	lookups []search
	uses    []int // by pending check: number of its lookup, -1 for one of its own
	targets []string
}

type search struct {
	program  *program // nil: no resource of the type was seen
	relation Relation
	group    string
	siblings bool // the place is the resource's parent
}

func (st *Settler) plan(n *Signature) *plan {
	st.set.mu.Lock()
	defer st.set.mu.Unlock()
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
		if pend.computed || pend.late {
			p.uses = append(p.uses, -1)
			continue
		}
		l := search{st.set.programs[pend.target], pend.relation, strings.ToLower(pend.group), pend.siblings}
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

// Settle gives the final outcomes of a judged resource of a unit: it replaces
// the signatures with settled ones.
func (st *Settler) Settle(j *Judged, unit string) {
	for i, n := range j.Signatures {
		if len(n.pending) > 0 {
			j.Signatures[i] = st.settle(n, j, unit)
		}
	}
}

func (st *Settler) settle(n *Signature, j *Judged, unit string) *Signature {
	p := st.plan(n)
	st.key = binary.LittleEndian.AppendUint32(st.key[:0], uint32(n.ID))
	st.class = st.class[:0]
	for _, l := range p.lookups {
		class := st.classAt(l, j.Places, unit)
		st.class = append(st.class, class)
		st.key = binary.LittleEndian.AppendUint32(st.key, uint32(class))
	}
	for _, t := range p.targets {
		st.key = append(st.key, byte(st.gap(t, unit)))
	}
	var own []Outcome
	if n.extra {
		own = st.own(n, p, j, unit)
	}
	if known, ok := st.memo[string(st.key)]; ok {
		return known
	}
	statuses := slices.Clone(n.Statuses)
	for i, at := range n.pending {
		pend := n.rule(at).pending
		var exists Outcome
		if use := p.uses[i]; use >= 0 {
			exists = st.set.classes.outcome(st.class[use], pend.test)
		} else {
			exists, own = own[0], own[1:]
		}
		if !exists.True() {
			exists = exists.or(st.gap(pend.target, unit))
		}
		statuses[at] = existenceStatus(statuses[at].Rule, statuses[at].Reasons, exists)
	}
	final := st.set.intern(n.program, n.panel, statuses, nil)
	st.memo[string(st.key)] = final
	return final
}

// own settles the checks that need something of the single resource.
func (st *Settler) own(n *Signature, p *plan, j *Judged, unit string) []Outcome {
	var outcomes []Outcome
	for i, at := range n.pending {
		if p.uses[i] < 0 {
			o := st.extra(n.rule(at), j, unit)
			outcomes = append(outcomes, o)
			st.key = append(st.key, byte(o))
		}
	}
	return outcomes
}

// gap is what is left open because not all candidates may have been read.
func (st *Settler) gap(target, unit string) Outcome {
	key := unitType{unit, target}
	o, ok := st.gaps[key]
	if !ok {
		o = isFalse
		if complete, reason := st.complete(unit, target); !complete {
			o = unsure(false, gapReason(reason))
		}
		st.gaps[key] = o
	}
	return o
}

func (st *Settler) classAt(l search, places Places, unit string) int32 {
	if l.program == nil {
		return 0
	}
	return st.found.in(l.program).places.find(st.at(l, places, unit)).class
}

// at gives the place that a lookup looks at.
func (st *Settler) at(l search, places Places, unit string) uint64 {
	if l.siblings {
		return place(places.Parent, Below)
	}
	relation := l.relation
	if relation <= InSubscription && st.found.in(l.program).nested {
		relation = Extension
	}
	switch relation {
	case Below, Extension:
		return place(places.Self, Below)
	case InSubscription:
		return place(places.Unit, InSubscription)
	}
	group := places.Group
	if l.group != "" {
		group = HashID(unit + "/resourceGroups/" + l.group)
	}
	return place(group, InGroup)
}

func (st *Settler) extra(rule *programRule, j *Judged, unit string) Outcome {
	p := rule.pending
	for _, e := range j.extras {
		switch {
		case e.rule != rule:
		case e.failed != 0:
			return e.failed
		case p.late:
			return st.lateOutcome(p, e, j.Places, unit)
		default:
			return st.lookup(p, e, j.Places, unit)
		}
	}
	return isFalse
}

// lookup looks for a computed name or in a computed group.
func (st *Settler) lookup(p *pending, e *extra, places Places, unit string) Outcome {
	return st.set.classes.outcome(st.placed(p, &e.query, places, unit).class, p.test)
}

// placed gives the candidates at the place that a query looks at.
func (st *Settler) placed(p *pending, q *Query, places Places, unit string) placed {
	l := search{st.set.programs[p.target], q.Relation, q.Group, p.siblings}
	if l.program == nil {
		return placed{}
	}
	at := st.at(l, places, unit)
	// A fixed name is looked at by the test itself.
	if d := p.bound.details; d.Name != nil && !isLiteral(*d.Name) && !p.late {
		at = named(at, q.Name)
	}
	return st.found.in(l.program).places.find(at)
}

// lateOutcome evaluates a condition that depends on both resources. Resources
// that give it the same values at the same place share the outcome.
func (st *Settler) lateOutcome(p *pending, e *extra, places Places, unit string) Outcome {
	program := st.set.programs[p.target]
	if program == nil {
		return isFalse
	}
	at := st.at(search{program, e.query.Relation, e.query.Group, p.siblings}, places, unit)
	key := lateKey{e, at}
	if o, ok := st.late[key]; ok {
		return o
	}
	result := Outcome(isFalse)
	kept := &st.found.in(program).kept
	kept.each(at, func(d *keptDoc) bool {
		c := st.candidate(kept, d, program)
		if c != nil && e.query.Matches(c) {
			result = result.or(st.passes(p, e, c))
		}
		return !result.True()
	})
	st.late[key] = result
	return result
}

// lateBody is a body that late tests read of candidates of a type.
type lateBody struct {
	program *program
	number  int32
}

func (st *Settler) candidate(kept *keptDocs, d *keptDoc, p *program) *Resource {
	key := lateBody{p, d.body}
	body, ok := st.bodies[key]
	if !ok {
		body, _ = fastjson.Parse(kept.bodies[d.body])
		st.bodies[key] = body
	}
	if body == nil {
		return nil
	}
	name, id := d.start+d.fullName, d.start+d.fullName+d.name
	return &Resource{
		Body: body, Type: p.typeName, Native: p.native, Partial: d.partial, Location: textOf(lookup(body, "location")),
		FullName: kept.text(d.start, d.fullName), Name: kept.text(name, d.name), ID: kept.text(id, d.id),
	}
}

func (st *Settler) passes(p *pending, e *extra, candidate *Resource) Outcome {
	f := &frame{
		self: candidate, outer: e.outer, fields: st.fields, policy: noPolicy(),
		clock: clock(st.set.now), preset: e.fields,
	}
	c, ok := st.compiled[p.bound]
	if !ok {
		c = (&compiler{fields: st.fields, shape: candidate}).compileExistence(p.bound.details)
		st.compiled[p.bound] = c
	}
	return f.evaluate(c)
}
