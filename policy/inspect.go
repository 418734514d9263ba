package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Inspection looks at one resource again, to tell what its verdicts rest on.
// It is valid until the judge judges the next resource.
type Inspection struct {
	Judged Judged
	places Places
	judge  *Judge
	memory *memory
	r      *Resource
	failed []string
}

// Failed tells which expressions could not be evaluated, and why, where that
// left the status open that Evidence was asked for last.
func (x *Inspection) Failed() []string { return x.failed }

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
	x.failed = nil
	written := x.judge.asWritten(r, n.Type())
	if where := f.evaluate(written.where); !where.True() {
		return x.restsOn(f.trace(written.where))
	}
	if status == StatusNotApplicable && !f.evaluate(written.applies).True() {
		if e := f.trace(written.applies).Evidence(); len(e) > 0 {
			return e
		}
	}
	condition := f.trace(written.condition)
	decides := condition.Outcome.False() || !condition.Outcome.Known() && status != StatusCompliant
	if r.pending == nil || status == StatusNotApplicable || decides {
		e := x.restsOn(condition)
		if len(e) == 0 && r.family != familyManual && status != StatusNotApplicable {
			e = f.ruleGrounds(x.judge.set.Rule(int(r.rule)))
		}
		return e
	}
	if r.pending.own != nil {
		own := f.trace(written.own)
		x.failed = own.failures()
		return f.ownEvidence(own, x.judge.set.Rule(int(r.rule)))
	}
	f.fault = func(error) {} // somebody wants to know the expression
	q, err := f.query(r.pending.bound.details)
	f.fault = nil
	switch {
	case err != nil:
		if unreadReason(err) == 0 {
			x.failed = []string{err.Error()}
		}
		return queryEvidence(err, r.pending.bound.details)
	case status == StatusUnknown && n.Statuses[at].Reasons&becauseFailed != 0:
		x.failed = near.failures(r, x, &q, unit)
	}
	shown := f.shownQuery(r.pending.bound.details, q)
	var found Value
	var lacks []Evidence
	if here := near.at(r, x, &q, unit); status != StatusCompliant && here != nil {
		found = IntValue(int64(here.count(&q)))
		if lacks = near.open(here, r, x, &q, &shown); status == StatusNonCompliant {
			lacks = near.failure(here, r, x, &q)
		}
	} else if status == StatusNonCompliant {
		found = IntValue(0)
	} else {
		found = r.pending.numberOf(&q, x.r, st.count(r.pending, &q, &x.places, unit), status == StatusCompliant)
	}
	var own []Evidence
	if r.spares {
		own = condition.Evidence()
	}
	if complete, _ := st.complete(unit, r.pending.target); !complete && status == StatusNonCompliant {
		if e := f.hopelessEvidence(r.pending.bound.details, own); len(e) > 0 {
			return e
		}
	}
	return slices.Concat(own, []Evidence{relatedEvidence(r.pending.bound.details, shown, x.r, found)}, lacks)
}

// writtenRule is a rule compiled for a type by itself: what a program has of it shares
// its parts with other rules, whose order and words those of evidence would be.
type writtenRule struct {
	*compiled
	own *cond // what an existence check that looks for the resource itself wants of it
}

func (j *Judge) asWritten(r *programRule, typeName string) *writtenRule {
	if known := j.written[r]; known != nil {
		return known
	}
	rule, shape := j.set.Rule(int(r.rule)), &Resource{Type: typeName, Native: IsNativeType(typeName)}
	w := &writtenRule{compiled: rule.compileFor(shape, j.frame.fields)}
	if r.pending != nil && r.pending.own != nil {
		w.own = (&compiler{fields: j.frame.fields, shape: shape}).compileOwn(rule.details)
	}
	j.written[r] = w
	return w
}

// ownEvidence is the evidence of an existence check that looks for the resource
// itself, given the trace of what it wants of it.
func (f *frame) ownEvidence(own *Trace, b *Bound) []Evidence {
	if e := negated(own).Evidence(); len(e) > 0 {
		return e
	}
	if d := b.details; d.Existence == nil { // it is there, and that is enough
		q, _ := f.query(d)
		return []Evidence{relatedEvidence(d, f.shownQuery(d, q), f.outer, IntValue(1))}
	}
	return f.grounds(&Condition{Kind: Not, Children: []*Condition{b.Definition.Rule.Details.Existence}}, b.Parameters)
}

func (x *Inspection) restsOn(t *Trace) []Evidence {
	x.failed = t.failures()
	return t.Evidence()
}

// negated puts a trace under a not.
func negated(t *Trace) *Trace {
	return &Trace{Kind: "not", Outcome: t.Outcome.not(), Children: []*Trace{t}}
}

// count gives how many candidates stand where a query looks.
func (st *Settler) count(p *pending, q *Query, places *Places, unit string) int {
	st.enter(unit)
	l := p.searchFor(st.set, q)
	return int(st.placed(&l, places).seen())
}

// numberOf is how many related resources evidence tells of a check that did not
// fail, where some stand where its query looks. Fixed names and computed kinds are
// looked at by what does not count, so that there the number is a bound.
func (p *pending) numberOf(q *Query, r *Resource, standing int, passes bool) Value {
	named := !q.AnyName && q.Name != "?"
	narrowed := q.Kind != "" || named && !p.isNamed()
	switch {
	case !narrowed || standing == 0 || passes && standing == 1:
		return IntValue(int64(standing))
	case named && !strings.HasSuffix(q.Name, "?") && q.isOneByName(r):
		if passes {
			return IntValue(1)
		}
		standing = 1
	case passes:
		return StringValue(fmt.Sprintf("at least 1 of %d", standing))
	}
	return StringValue(fmt.Sprintf("at most %d", standing))
}

// isOneByName reports whether related resources of r with one name are one at
// most: what stands directly in a group or below a resource has a name of its own
// there.
func (q *Query) isOneByName(r *Resource) bool {
	deeper := strings.Count(q.Type, "/")
	switch q.Relation {
	case InGroup, Extension:
		return deeper == 1 && !r.Native
	case Below:
		return deeper == strings.Count(r.Type, "/")+1
	}
	return false
}
