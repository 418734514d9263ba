package policy

import (
	"fmt"
	"maps"
	"slices"

	"github.com/valyala/fastjson"
)

// Settler settles existence checks when all resources have been judged. It is
// for one goroutine.
type Settler struct {
	set   *Set
	index *candidates
	// complete says whether all resources of a type in a unit have been read;
	// otherwise why not: denied, throttled, error, partial, notCollected.
	complete func(unit, resourceType string) (bool, string)
	known    map[unitType]Outcome
	memo     map[string]*Signature
	late     map[string]Outcome
	key      []byte
}

type unitType struct{ unit, resourceType string }

// Settle joins what the judges have seen. The judges must not be used again.
func (s *Set) Settle(judges []*Judge, complete func(unit, resourceType string) (bool, string)) *Settler {
	x := newCandidates()
	for i, j := range judges {
		if i == 0 {
			x = j.index
			continue
		}
		x.merge(s, j.index)
	}
	return &Settler{
		set: s, index: x, complete: complete,
		known: map[unitType]Outcome{}, memo: map[string]*Signature{}, late: map[string]Outcome{},
	}
}

// Settle gives the final outcome of a judged resource of a unit.
func (st *Settler) Settle(j *Judged, unit string) *Signature {
	n := j.Signature
	if len(n.pending) == 0 {
		return n
	}
	outcomes := make([]Outcome, len(n.pending))
	st.key = fmt.Appendf(st.key[:0], "%d:", n.ID)
	for i, at := range n.pending {
		outcomes[i] = st.exists(n.program.rules[at].pending, at, j, unit)
		st.key = append(st.key, byte(outcomes[i]))
	}
	if known, ok := st.memo[string(st.key)]; ok {
		return known
	}
	statuses := slices.Clone(n.Statuses)
	for i, at := range n.pending {
		statuses[at] = existenceStatus(statuses[at].Rule, statuses[at].Reasons, outcomes[i])
	}
	final := st.set.intern(n.program, statuses, nil)
	st.memo[string(st.key)] = final
	return final
}

// exists is whether a related resource passes.
func (st *Settler) exists(p *pending, at int, j *Judged, unit string) Outcome {
	var result Outcome
	if !p.computed && !p.late {
		result = st.lookup(p, j.Places, Query{AnyName: true, Relation: p.relation, Group: p.group}, unit)
	} else {
		result = st.extra(p, at, j, unit)
	}
	if result.True() {
		return result
	}
	return result.or(st.gap(p, unit))
}

// gap is what is left open because not all candidates may have been read.
func (st *Settler) gap(p *pending, unit string) Outcome {
	key := unitType{unit, p.target}
	o, ok := st.known[key]
	if !ok {
		o = isFalse
		if complete, reason := st.complete(unit, p.target); !complete {
			o = unsure(false, gapReason(reason))
		}
		st.known[key] = o
	}
	return o
}

// at gives the place that a check looks at.
func (st *Settler) at(p *pending, program *program, places Places, q *Query, unit string) uint64 {
	relation := q.Relation
	if relation >= InGroup && relation <= InSubscription && st.index.extension[program.typeName] {
		relation = Extension
	}
	switch relation {
	case Below, Extension:
		return place(places.Self, program, Below)
	case InSubscription:
		return place(places.Unit, program, InSubscription)
	}
	group := places.Group
	if q.Group != "" {
		group = st.index.hashID(unit + "/resourceGroups/" + q.Group)
	}
	return place(group, program, InGroup)
}

func (st *Settler) lookup(p *pending, places Places, q Query, unit string) Outcome {
	program := st.set.programs[p.target]
	if program == nil {
		return isFalse
	}
	at := st.at(p, program, places, &q, unit)
	if !q.AnyName {
		at = st.index.named(at, q.Name)
	}
	class, ok := st.index.classes[at]
	if !ok {
		return isFalse
	}
	return st.set.classes.outcome(class, p.test)
}

func (st *Settler) extra(p *pending, at int, j *Judged, unit string) Outcome {
	for i := range j.extras {
		e := &j.extras[i]
		switch {
		case e.rule != at:
		case e.failed != 0:
			return e.failed
		case p.late:
			return st.lateOutcome(p, e, j.Places, unit)
		default:
			if d := p.bound.details; d.Name == nil || isLiteral(*d.Name) {
				e.query.AnyName = true // the test itself looks at a fixed name
			}
			return st.lookup(p, j.Places, e.query, unit)
		}
	}
	return isFalse
}

// lateOutcome evaluates a condition that depends on both resources. Resources
// that give it the same values at the same place share the outcome.
func (st *Settler) lateOutcome(p *pending, e *extra, places Places, unit string) Outcome {
	program := st.set.programs[p.target]
	if program == nil {
		return isFalse
	}
	at := st.at(p, program, places, &e.query, unit)
	key := fmt.Appendf(nil, "%s %d %x %x %s %s", p.target, p.test, at, places.Group, e.query.Name, e.query.Kind)
	for _, name := range slices.Sorted(maps.Keys(e.fields)) {
		key = append(append(key, name...), 0)
		key = e.fields[name].AppendJSON(key)
	}
	if o, ok := st.late[string(key)]; ok {
		return o
	}
	result := Outcome(isFalse)
	for _, number := range st.index.byPlace[at] {
		c := st.candidate(number, program)
		if c == nil || !e.query.Matches(c) {
			continue
		}
		if result = result.or(st.passes(p, e, c)); result.True() {
			break
		}
	}
	st.late[string(key)] = result
	return result
}

func (st *Settler) candidate(number int32, p *program) *Resource {
	d := &st.index.docs[number]
	if d.parsed == nil {
		body, err := fastjson.ParseBytes(d.json)
		if err != nil {
			return nil
		}
		d.parsed = NewResource(body)
		d.parsed.Type, d.parsed.FullName, d.parsed.Partial = p.typeName, d.fullName, d.partial
		d.parsed.Native = p.native
	}
	return d.parsed
}

func (st *Settler) passes(p *pending, e *extra, candidate *Resource) Outcome {
	f := &frame{
		self: candidate, outer: e.outer, fields: st.set.fields, policy: noPolicy(),
		clock: clock(st.set.now), preset: e.fields,
	}
	c := &compiler{fields: st.set.fields, shape: candidate}
	return f.evaluate(c.compileExistence(p.bound.details))
}
