package policy

import (
	"slices"

	"github.com/valyala/fastjson"
)

// Settlement is what all judges have seen together. It does not change.
type Settlement struct {
	set     *Set
	found   *candidates
	awaited map[int32]*awaited // by number of the judge
	// complete says whether all resources of a type in a unit have been read;
	// otherwise why not: denied, throttled, error, partial, notCollected.
	complete func(unit, resourceType string) (bool, string)
	unnamed  bool // settling makes classes: see candidatesOf
}

// Settle joins what the judges have seen. The judges must not be used again.
func (s *Set) Settle(judges []*Judge, complete func(unit, resourceType string) (bool, string)) *Settlement {
	x := newCandidates()
	awaited := map[int32]*awaited{}
	for i, j := range judges {
		if awaited[j.number] = &j.awaited; i == 0 {
			x = j.index
			continue
		}
		x.merge(s, j.index)
	}
	unnamed := slices.ContainsFunc(x.types, func(c *candidatesOf) bool { return c != nil && c.unnamed })
	return &Settlement{set: s, found: x, complete: complete, awaited: awaited, unnamed: unnamed}
}

// Settler settles existence checks for one goroutine.
type Settler struct {
	*Settlement
	unit     string // of the gaps
	gaps     map[string]Outcome
	gapsOf   map[string]map[string]Outcome // by unit
	turn     int                           // counts units
	memo     outcomes
	settling []*settling // by signature
	classes  []int32
	own      []Outcome
	noted    map[closestKey]*pending // nil: nothing is noted; see Note

	late     map[lateKey]Outcome
	bodies   map[lateBody]*fastjson.Value
	compiled map[*Bound]*cond
	indexes  map[lateIndexKey]*lateIndex
	fields   *fieldResolver
}

// Settler gives a new settler.
func (s *Settlement) Settler() *Settler {
	return &Settler{
		Settlement: s, gapsOf: map[string]map[string]Outcome{}, memo: outcomes{next: map[uint64]int32{}},
		late: map[lateKey]Outcome{}, bodies: map[lateBody]*fastjson.Value{}, compiled: map[*Bound]*cond{}, indexes: map[lateIndexKey]*lateIndex{},
		fields: newFieldResolver(s.set.aliases),
	}
}

// outcomes finds a signature by what the checks of another come to, one after
// the other: each step from where the last one led. Few combinations occur.
type outcomes struct {
	next   map[uint64]int32
	finals []*Signature // by state; nil where none was found yet
}

func (o *outcomes) start() int32 {
	o.finals = append(o.finals, nil)
	return int32(len(o.finals) - 1)
}

func (o *outcomes) step(state, value int32) int32 {
	key := uint64(state)<<32 | uint64(uint32(value))
	to, ok := o.next[key]
	if !ok {
		to = o.start()
		o.next[key] = to
	}
	return to
}

// settling is what a settler remembers of one signature.
type settling struct {
	plan      *plan
	first     int32 // state
	turn      int   // of the unit whose gaps lead to afterGaps
	afterGaps int32
	last      settled
}

// settled is what the checks of the resource before came to.
type settled struct {
	afterGaps int32
	classes   []int32
	own       []Outcome
	final     *Signature
}

func (l *settled) is(afterGaps int32, classes []int32, own []Outcome) bool {
	return l.final != nil && l.afterGaps == afterGaps && slices.Equal(l.classes, classes) && slices.Equal(l.own, own)
}

// Settle gives the final outcomes of a judged resource of a unit: it replaces
// the signatures with settled ones.
func (st *Settler) Settle(j *Judged, unit string) {
	if j.Pending.number == 0 {
		return
	}
	st.enter(unit)
	a := st.awaited[j.Pending.judge]
	spot := a.spots.at(int(j.Pending.number))
	w := waiter{a, a.places(spot), int(spot.checks)}
	for i, n := range j.Signatures {
		if !n.open {
			continue
		}
		first := w.check
		j.Signatures[i] = st.settle(n, &w)
		if st.noted != nil {
			st.note(n, j.Signatures[i], &w, first)
		}
	}
}

// enter makes a unit the one at hand.
func (st *Settler) enter(unit string) {
	if unit != st.unit || st.turn == 0 {
		if st.gapsOf[unit] == nil {
			st.gapsOf[unit] = map[string]Outcome{}
		}
		st.unit, st.gaps = unit, st.gapsOf[unit]
		st.turn++
	}
}

// waiter is a resource whose checks are being settled.
type waiter struct {
	awaited *awaited
	places  Places
	check   int // the next of its own
}

func (st *Settler) settle(n *Signature, w *waiter) *Signature {
	s := st.settlingOf(n)
	if s.turn != st.turn {
		s.turn, s.afterGaps = st.turn, s.first
		for _, target := range s.plan.targets {
			s.afterGaps = st.memo.step(s.afterGaps, int32(st.gap(target)))
		}
	}
	st.look(n, s.plan, w)
	if s.last.is(s.afterGaps, st.classes, st.own) {
		return s.last.final
	}
	state := s.afterGaps
	for _, class := range st.classes {
		state = st.memo.step(state, class)
	}
	for _, o := range st.own {
		state = st.memo.step(state, int32(o))
	}
	if st.memo.finals[state] == nil {
		st.memo.finals[state] = st.conclude(n, s.plan)
	}
	final := st.memo.finals[state]
	s.last = settled{s.afterGaps, append(s.last.classes[:0], st.classes...), append(s.last.own[:0], st.own...), final}
	return final
}

// look finds what the checks of a signature come to, apart from gaps.
func (st *Settler) look(n *Signature, p *plan, w *waiter) {
	st.classes, st.own = st.classes[:0], st.own[:0]
	for i := range p.lookups {
		st.classes = append(st.classes, st.placed(&p.lookups[i], &w.places).class)
	}
	for i, use := range p.uses {
		if use < 0 {
			st.own = append(st.own, st.apart(n.rule(n.pending[i]).pending, w))
		}
	}
}

func (st *Settler) settlingOf(n *Signature) *settling {
	for n.ID >= len(st.settling) {
		st.settling = append(st.settling, nil)
	}
	if st.settling[n.ID] == nil {
		st.settling[n.ID] = &settling{plan: st.plan(n), first: st.memo.start()}
	}
	return st.settling[n.ID]
}

// conclude gives the signature for the outcomes at hand.
func (st *Settler) conclude(n *Signature, p *plan) *Signature {
	statuses, own := slices.Clone(n.Statuses), st.own
	for i, at := range n.pending {
		rule := n.rule(at)
		pend := rule.pending
		var exists Outcome
		if use := p.uses[i]; use >= 0 {
			exists = st.outcome(st.classes[use], pend.test)
		} else {
			exists, own = own[0], own[1:]
		}
		if !exists.True() && !pend.late { // late ones know their own
			exists = exists.or(st.gap(pend.target))
		}
		statuses[at] = rule.existenceStatus(statuses[at].Reasons, exists)
	}
	return st.set.intern(n.program, n.panel, statuses, nil)
}

// outcome is what the candidates of a class come to in a test.
func (st *Settler) outcome(class int32, test int) Outcome {
	if st.unnamed {
		st.set.mu.Lock()
		defer st.set.mu.Unlock()
	}
	return st.set.classes.outcome(class, test)
}

// gap is what is left open because not all candidates may have been read.
func (st *Settler) gap(target string) Outcome {
	o, ok := st.gaps[target]
	if !ok {
		o = isFalse
		if complete, reason := st.complete(st.unit, target); !complete {
			o = unsure(false, gapReason(reason))
		}
		st.gaps[target] = o
	}
	return o
}

// apart settles a check that is no look-up of the plan.
func (st *Settler) apart(p *pending, w *waiter) Outcome {
	if p.alike != nil {
		return st.lateOrGap(p, p.alike, &w.places)
	}
	c := w.awaited.checks.at(w.check)
	w.check++
	switch {
	case c.failed != 0:
		return c.failed
	case p.late:
		return st.lateOrGap(p, w.awaited.late[c.late], &w.places)
	}
	l := search{
		program: st.set.programs[p.target], relation: c.relation, group: w.awaited.groups[c.group],
		siblings: p.siblings, named: c.named, name: c.name,
	}
	return st.outcome(st.placed(&l, &w.places).class, p.test)
}
