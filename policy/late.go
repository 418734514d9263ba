package policy

import "github.com/valyala/fastjson"

// lateKey is a late check at a place.
type lateKey struct {
	extra *extra
	at    uint64
}

// lateOutcome evaluates a condition that depends on both resources. Resources
// that give it the same values at the same place share the outcome.
func (st *Settler) lateOutcome(p *pending, e *extra, places *Places) Outcome {
	program := st.set.programs[p.target]
	if program == nil {
		return isFalse
	}
	at := st.at(&search{program: program, relation: e.query.Relation, group: e.query.Group, siblings: p.siblings}, places)
	kept := &st.found.in(program).kept
	if kept.places[at] == 0 {
		return isFalse
	}
	key := lateKey{e, at}
	if o, ok := st.late[key]; ok {
		return o
	}
	result := Outcome(isFalse)
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
