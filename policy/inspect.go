package policy

// Inspection looks at one resource again, to tell what its verdicts rest on.
// It is valid until the judge judges the next resource.
type Inspection struct {
	Judged Judged
	places Places
	judge  *Judge
	memory *memory
	r      *Resource
}

// Inspect judges a resource as [Judge.Resource] does, without registering it
// as a candidate for others.
func (j *Judge) Inspect(r *Resource) *Inspection {
	m := j.memoryFor(r)
	x := &Inspection{judge: j, memory: m, r: r}
	x.Judged.Signatures = m.judge(j.set, &j.frame, r)
	j.index.at.read(r.ID)
	x.places = j.places(r)
	return x
}

// Evidence lists what decided the status at an index of a settled signature's
// Statuses, given the settler that settled it. Near, nil if it wanted none, has
// been offered the related resources.
func (x *Inspection) Evidence(n *Signature, at int, st *Settler, near *Closest, unit string) []Evidence {
	r, status := n.rule(at), n.Statuses[at].Status
	f := &x.judge.frame
	f.self, f.outer, f.slots, f.slotsOf = x.r, x.r, x.memory.found, x.r
	if where := f.evaluate(r.where); !where.True() {
		return f.trace(r.where).Evidence()
	}
	if status == StatusNotApplicable && !f.evaluate(r.applies).True() {
		if e := f.trace(r.applies).Evidence(); len(e) > 0 {
			return e
		}
	}
	condition := f.trace(r.condition)
	if r.pending == nil || status == StatusNotApplicable || !condition.Outcome.Known() {
		return condition.Evidence()
	}
	if r.pending.own != nil {
		return negated(f.trace(r.pending.own)).Evidence()
	}
	q, err := f.query(r.pending.bound.details)
	if err != nil {
		return condition.Evidence()
	}
	if status == StatusNonCompliant {
		count, lacks := near.failure(r, x, &q, unit)
		return append([]Evidence{relatedEvidence(r.pending.bound.details, q, count)}, lacks...)
	}
	return []Evidence{relatedEvidence(r.pending.bound.details, q, st.count(r.pending, &q, &x.places, unit))}
}

// negated puts a trace under a not.
func negated(t *Trace) *Trace {
	return &Trace{Kind: "not", Outcome: t.Outcome.not(), Children: []*Trace{t}}
}

// count gives how many candidates stand where a query looks.
func (st *Settler) count(p *pending, q *Query, places *Places, unit string) int {
	st.enter(unit)
	l := p.searchFor(st.set, q)
	return int(st.placed(&l, places).count)
}
