package policy

import "github.com/valyala/fastjson"

// lateKey is a late check at a place.
type lateKey struct {
	extra *extra
	at    uint64
}

// lateOrGap is the outcome of a condition that depends on both resources, with
// what is left open because not all candidates may have been read. Nothing is
// where no candidate whatever could satisfy it.
func (st *Settler) lateOrGap(p *pending, e *extra, places *Places) Outcome {
	result := st.lateOutcome(p, e, places)
	gap := st.gap(p.target)
	if result.True() || gap.False() || st.passes(p, e, anyCandidate(e.outer, p.bound.details.Type.Const.Text(), "partial")).False() {
		return result
	}
	return result.or(gap)
}

// lateOutcome evaluates a condition that depends on both resources. Resources
// that give it the same values at the same place share the outcome.
func (st *Settler) lateOutcome(p *pending, e *extra, places *Places) Outcome {
	program := st.set.programs[p.target]
	if program == nil {
		return isFalse
	}
	at, on := st.at(&search{program: program, relation: e.query.Relation, group: e.query.Group, siblings: p.siblings}, places)
	result := st.lateAt(p, e, at, program)
	if on != 0 && !result.True() {
		result = result.or(st.lateAt(p, e, on, program))
	}
	return result
}

// lateAt is the outcome of the candidates at one place.
func (st *Settler) lateAt(p *pending, e *extra, at uint64, program *program) Outcome {
	key := lateKey{e, at}
	if o, ok := st.late[key]; ok {
		return o
	}
	c := st.found.in(program)
	result, some := st.among(&c.kept, at, p, e, program)
	for _, kept := range c.others {
		o, more := st.among(kept, at, p, e, program)
		result, some = result.or(o), some || more
	}
	if some {
		st.late[key] = result
	}
	return result
}

// among evaluates a late condition on the candidates at a place that one index
// kept, and tells whether there are some.
func (st *Settler) among(kept *keptDocs, at uint64, p *pending, e *extra, program *program) (result Outcome, some bool) {
	result = isFalse
	visit := func(d *keptDoc) bool {
		c := st.candidate(kept, d, program)
		if c == nil {
			return true
		}
		if fits := e.query.fits(c); !fits.False() {
			result = result.or(c.found(fits.and(st.passes(p, e, c))))
		}
		return !result.True()
	}
	if key, value, ok := st.lateKeyOf(p, e, program); ok {
		st.index(kept, at, key, program).each(value, visit)
	} else {
		kept.each(at, visit)
	}
	return result, kept.places[at] != 0
}

// lateBody is a body that late tests read of candidates of a type.
type lateBody struct {
	kept   *keptDocs
	number int32
}

func (st *Settler) candidate(kept *keptDocs, d *keptDoc, p *program) *Resource {
	key := lateBody{kept, d.body}
	body, ok := st.bodies[key]
	if !ok {
		body, _ = fastjson.Parse(kept.bodies[d.body])
		st.bodies[key] = body
	}
	if body == nil {
		return nil
	}
	r := &Resource{
		Body: body, Type: p.typeName, Native: p.native, Partial: d.partial, Location: textOf(lookup(body, "location")),
	}
	r.FullName, r.Name, r.ID = kept.names(d)
	if d.gaps > 0 {
		r.Gaps = kept.gaps[d.gaps-1]
	}
	if d.unseen {
		r.Unseen = r.Gaps[0].Reason
	}
	return r
}

func (st *Settler) passes(p *pending, e *extra, candidate *Resource) Outcome {
	return st.lateFrame(e, candidate).evaluate(st.lateCondition(p, candidate))
}

func (st *Settler) lateFrame(e *extra, candidate *Resource) *frame {
	return &frame{
		self: candidate, outer: e.outer, fields: st.fields, policy: st.set.policy,
		clock: clock(st.set.now), preset: e.fields,
	}
}

// lateCondition compiles a late condition for the type of candidates.
func (st *Settler) lateCondition(p *pending, shape *Resource) *cond {
	c, ok := st.compiled[p.bound]
	if !ok {
		c = (&compiler{fields: st.fields, shape: shape}).compileExistence(p.bound.details)
		st.compiled[p.bound] = c
	}
	return c
}
