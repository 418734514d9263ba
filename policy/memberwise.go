package policy

import "github.com/bartizan-dev/bartizan/internal/outline"

// Most conditions on an array ask something of each member apart from the
// others: how many are such, or whether all are. A new array of members that
// were met before is then judged without looking at it.

// memberwise reports whether all conditions on a slot are of this kind.
func (s *slot) memberwise() bool {
	if s.below == nil || s.comparesWhole() {
		return false
	}
	for _, c := range s.leaves {
		if c.local && !c.ofMembers() {
			return false
		}
	}
	return true
}

// ofMembers reports whether a local leaf is decided by its members one by one.
func (c *cond) ofMembers() bool {
	l := c.leaf
	return l.test != nil && (c.member > 0 || l.kind == FieldLeaf && l.field != nil && l.field.path != nil && l.field.path.stars > 0)
}

// byMembers gives the class of an array whose members were all met before, or
// are judged now. Not ok where this cannot be told.
func (m *memory) byMembers(s *slot, sm *slotMemory, codes []outline.Code) (class uint16, ok bool) {
	if len(codes) == 0 {
		return 0, false
	}
	for _, code := range codes {
		if code < 0 {
			return 0, false
		}
	}
	var room [64]byte
	vector := room[:0]
	for at, c := range s.leaves {
		vector = append(vector, byte(m.overMembers(s, sm, c, at, codes)))
	}
	return sm.class(vector), true
}

// overMembers is the outcome of the leaf at an index.
func (m *memory) overMembers(s *slot, sm *slotMemory, c *cond, at int, codes []outline.Code) Outcome {
	if !c.local {
		return outcomeOf(c.leaf.test(ArrayValue(NullValue()))) // whether the array exists
	}
	all, count := Outcome(isTrue), tally{}
	for i, code := range codes {
		o := sm.memberOutcome(code, at, len(s.leaves))
		if *o == 0 {
			*o = m.judgeOneMember(c, i)
		}
		if c.member > 0 {
			count.add(*o)
		} else {
			all = all.and(*o)
		}
	}
	if c.member > 0 {
		return count.outcomeFor(c.leaf)
	}
	return all
}

// memberOutcome is where the outcome of a leaf on a member is kept; 0 if it is
// not known.
func (sm *slotMemory) memberOutcome(code outline.Code, leaf, leaves int) *Outcome {
	at := int(code)*leaves + leaf
	for at >= len(sm.byMember) {
		sm.byMember = append(sm.byMember, make([]Outcome, leaves+len(sm.byMember))...)
	}
	return &sm.byMember[at]
}

// judgeOneMember evaluates a leaf on the member at an index alone.
func (m *memory) judgeOneMember(c *cond, index int) Outcome {
	f, s := m.frame, selection{indexes: []int{index}}
	if c.member > 0 {
		return f.where(c.leaf.count, s)
	}
	before := len(f.pins)
	f.pinMember(c.leaf.field.path, s)
	o := f.evaluateLeaf(c.leaf)
	f.pins = f.pins[:before]
	return o
}
