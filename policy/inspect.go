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
	if m.p.sealed {
		r = r.withSealed()
	}
	x := &Inspection{judge: j, memory: m, r: r}
	x.Judged.Signatures = m.judge(j.set, &j.frame, r)
	j.index.at.read(r.ID)
	x.places = j.places(r)
	j.recall.on(m)
	if j.frame.secret == nil {
		j.frame.secret, j.frame.hidings = map[secretKey]bool{}, map[string]hiding{}
	}
	clear(j.frame.secret)
	clear(j.frame.hidings)
	return x
}

// Evidence lists what decided the status at an index of a settled signature's
// Statuses, given the settler that settled it. Near, nil if it wanted none, has
// been offered the related resources; several judges may share it then.
func (x *Inspection) Evidence(n *Signature, at int, st *Settler, near *Closest, unit string) []Evidence {
	r, status := n.rule(at), n.Statuses[at].Status
	f := &x.judge.frame
	f.self, f.outer, f.slots, f.slotsOf = x.r, x.r, x.memory.found, x.r
	written := x.judge.asWritten(r, x.memory, n.Type())
	own := x.judge.recall.of(written, x.memory, x.r, status, func() told { return x.ofItself(r, written, status) })
	if x.failed = own.failed; !own.related {
		return own.evidence
	}
	defer near.inTurn()()
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
	if complete, _ := st.complete(unit, r.pending.target); !complete && status == StatusNonCompliant {
		if e := f.hopelessEvidence(r.pending.bound.details, own.evidence); len(e) > 0 {
			return e
		}
	}
	return slices.Concat(own.evidence, []Evidence{relatedEvidence(r.pending.bound.details, shown, x.r, found)}, lacks)
}

// ofItself is what there is to tell of a status as far as it rests on the resource
// itself.
func (x *Inspection) ofItself(r *programRule, written *writtenRule, status Status) told {
	f := &x.judge.frame
	if where := f.evaluate(written.where); !where.True() {
		return f.resting(written.where, where)
	}
	if status == StatusNotApplicable && !f.evaluate(written.applies).True() {
		if e := f.evidence(written.applies, false); len(e) > 0 {
			return told{evidence: e}
		}
	}
	condition := f.evaluate(written.condition)
	decides := condition.False() || !condition.Known() && status != StatusCompliant
	switch {
	case r.pending == nil || status == StatusNotApplicable || decides:
		t := f.resting(written.condition, condition)
		if len(t.evidence) == 0 && r.family != familyManual && status != StatusNotApplicable {
			t.evidence = f.ruleGrounds(x.judge.set.Rule(int(r.rule)))
		}
		return t
	case r.pending.own != nil:
		own := f.evaluate(written.own)
		return told{evidence: f.ownEvidence(written.own, x.judge.set.Rule(int(r.rule))), failed: f.failures(written.own, own)}
	}
	t := told{related: true}
	if r.spares {
		t.evidence = f.evidence(written.condition, false)
	}
	return t
}

// resting is what a status rests on that a condition decides.
func (f *frame) resting(c *cond, o Outcome) told {
	return told{evidence: f.evidence(c, false), failed: f.failures(c, o)}
}

// failures lists what the expressions of a condition said that failed where it
// mattered, given what it comes to.
func (f *frame) failures(c *cond, o Outcome) []string {
	if o.Known() {
		return nil
	}
	return f.trace(c).failures()
}

// writtenRule is a rule compiled for a type by itself: what a program has of it shares
// its parts with other rules, whose order and words those of evidence would be.
type writtenRule struct {
	*compiled
	own   *cond // what an existence check that looks for the resource itself wants of it
	rests rests
}

func (j *Judge) asWritten(r *programRule, m *memory, typeName string) *writtenRule {
	if known := j.written[r]; known != nil {
		return known
	}
	rule, shape := j.set.Rule(int(r.rule)), &Resource{Type: typeName, Native: IsNativeType(typeName)}
	w := &writtenRule{compiled: rule.compileFor(shape, j.frame.fields)}
	conditions := []*cond{w.where, w.applies, w.condition}
	if i := rule.Definition.Rule; i != nil && i.If != nil { // as its grounds are told
		conditions = append(conditions, j.frame.plainly(i.If, shape))
	}
	if r.pending != nil && r.pending.own != nil {
		w.own = (&compiler{fields: j.frame.fields, shape: shape}).compileOwn(rule.details)
		if conditions = append(conditions, w.own); rule.Definition.Rule.Details.Existence != nil {
			conditions = append(conditions, j.frame.plainly(rule.Definition.Rule.Details.Existence, shape))
		}
	}
	w.rests = j.recall.read(m, shape, j.frame.fields, conditions...)
	w.rests.open = w.rests.open || w.own != nil && rule.details.Existence == nil // its query may read more
	j.written[r] = w
	return w
}

// ownEvidence is the evidence of an existence check that looks for the resource
// itself, given what it wants of it.
func (f *frame) ownEvidence(own *cond, b *Bound) []Evidence {
	if e := f.evidence(own, true); len(e) > 0 {
		return e
	}
	if d := b.details; d.Existence == nil { // it is there, and that is enough
		q, _ := f.query(d)
		return []Evidence{relatedEvidence(d, f.shownQuery(d, q), f.outer, IntValue(1))}
	}
	return f.grounds(&Condition{Kind: Not, Children: []*Condition{b.Definition.Rule.Details.Existence}}, b.Parameters)
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
