package policy

// Status is what one rule came to on one resource.
type Status uint8

// The statuses. Pending is for the set itself: an existence check whose
// related resources have not all been seen.
const (
	StatusNotApplicable Status = iota + 1
	StatusCompliant
	StatusNonCompliant
	StatusProtected
	StatusManual
	StatusUnknown
	statusPending
)

// RuleStatus is one rule's status in a signature. Reasons says why an unknown
// one is unknown, and for a pending one what its condition came to.
type RuleStatus struct {
	Rule    int32
	Status  Status
	Reasons Outcome
}

// Signature is the outcome of some of the rules on resources of one type: of
// those of one panel, which are decided together. Resources with equal
// outcomes share it, so that it can be counted instead of them.
type Signature struct {
	// ID numbers a set's signatures from 0 in the order in which they were met.
	ID    int
	class int32 // of the outcomes as a candidate; 0 for none
	open  bool  // there are checks to be looked up
	extra bool  // some of them need something of the single resource
	// Statuses has one entry for each of the panel's rules that names the type.
	Statuses []RuleStatus

	program *program
	panel   *panel
	pending []int // indexes into Statuses of checks to be looked up
	plan    *plan // made by settlers, under the set's lock
}

// Type is the resource type that the signature is of, as first written.
func (n *Signature) Type() string { return n.program.typeName }

// rule gives the rule of the status at an index.
func (n *Signature) rule(at int) *programRule { return &n.program.rules[n.panel.rules[at]] }

// conclude gives the signature of a panel for the loaded outcomes.
func (m *memory) conclude(s *Set, n *panel) *Signature {
	statuses := make([]RuleStatus, len(n.rules))
	for i, at := range n.rules {
		statuses[i] = m.status(&m.p.rules[at])
	}
	var tests []byte
	if n.tests {
		tests = make([]byte, len(m.p.tests))
		for i, t := range m.p.tests {
			tests[i] = byte(m.value(t))
		}
	}
	return s.intern(m.p, n, statuses, tests)
}

func (m *memory) status(r *programRule) RuleStatus {
	st := RuleStatus{Rule: r.rule, Status: StatusNotApplicable}
	if m.value(r.applies)&mayTrue == 0 {
		return st
	}
	where := m.value(r.where)
	if where.False() {
		return st
	}
	if !where.Known() {
		st.Status, st.Reasons = StatusUnknown, where&reasonBits
		return st
	}
	condition := m.value(r.condition)
	if r.pending != nil && condition&mayTrue != 0 {
		if r.pending.own == nil {
			st.Status, st.Reasons = statusPending, condition
			return st
		}
		return r.existenceStatus(condition, m.value(r.pending.own))
	}
	if !condition.Known() {
		st.Status, st.Reasons = StatusUnknown, condition&reasonBits
		return st
	}
	st.Status = r.statusOf(condition.True())
	return st
}

// statusOf is the status of a rule whose condition is certain.
func (r *programRule) statusOf(matched bool) Status {
	f := r.family
	switch {
	case f == familyManual && matched:
		return StatusManual
	case f == familyDeny && matched:
		return StatusProtected
	case f == familyManual, f == familyDeny, f == familyExists && !matched && !r.spares:
		return StatusNotApplicable
	case matched:
		return StatusNonCompliant
	}
	return StatusCompliant
}

// existenceStatus is the status of an existence check whose condition may be
// true and whose look-up came to exists.
func (r *programRule) existenceStatus(condition, exists Outcome) RuleStatus {
	rule, matched := r.rule, condition.and(exists.not())
	switch {
	case !condition.Known() && !r.spares || !matched.Known():
		reasons := (condition | exists) & reasonBits
		if !matched.Known() {
			reasons = matched & reasonBits
		}
		return RuleStatus{rule, StatusUnknown, reasons}
	case matched.True():
		return RuleStatus{rule, StatusNonCompliant, 0}
	}
	return RuleStatus{rule, StatusCompliant, 0}
}

// intern gives the one signature with these outcomes. tests is nil but for
// candidates.
func (s *Set) intern(p *program, n *panel, statuses []RuleStatus, tests []byte) *Signature {
	key := make([]byte, 0, 5+2*len(statuses)+len(tests))
	key = append(key, byte(p.typeID), byte(p.typeID>>8), byte(p.typeID>>16), byte(n.number), byte(n.number>>8))
	for _, st := range statuses {
		key = append(key, byte(st.Status), byte(st.Reasons))
	}
	key = append(key, tests...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.signatures[string(key)]; ok {
		return known
	}
	sig := &Signature{ID: len(s.signatures), Statuses: statuses, program: p, panel: n}
	for i, st := range statuses {
		if st.Status == statusPending {
			sig.pending, sig.open = append(sig.pending, i), true
			sig.extra = sig.extra || sig.rule(i).pending.isOwn()
		}
	}
	if tests != nil {
		sig.class = s.classes.number(tests)
	}
	s.signatures[string(key)] = sig
	s.met = append(s.met, sig)
	return sig
}
