package policy

import (
	"math"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"
)

// classify gives the class of the value in a slot.
func (m *memory) classify(at int, r *Resource) uint16 {
	s, sm := &m.p.slots[at], &m.slots[at]
	if s.special != nil {
		v, reason := s.special.special(r)
		if v.Kind() == String && reason == 0 {
			return m.text(s, sm, v.Text())
		}
		return m.newClass(s, sm, v, reason)
	}
	if r.Outline != nil && !s.shapeOnly {
		if text, ok := m.textAt(at); ok {
			return m.text(s, sm, text)
		}
	}
	if r.Outline != nil && s.below != nil {
		if codes, ok := r.Outline.Members(at); ok {
			if class, ok := m.byMembers(s, sm, codes); ok {
				return class
			}
		}
	}
	v := m.valueAt(at, r)
	if !wholly(r) {
		here, found := r.unreadTo(s.path.steps[:s.path.keys]), FromDocument(v)
		if reason := here.reason(found.Kind()); reason != 0 {
			return m.newClass(s, sm, found, reason)
		}
		if here.node != nil || !s.shapeOnly && !isPlain(found) {
			return m.newClass(s, sm, here.of(found, ""), 0)
		}
	}
	if v == nil {
		return m.shape(s, sm, shapeAbsent, Value{})
	}
	switch v.Type() {
	case fastjson.TypeNull:
		return m.shape(s, sm, shapeNull, Value{})
	case fastjson.TypeTrue:
		return m.shape(s, sm, shapeTrue, BoolValue(true))
	case fastjson.TypeFalse:
		return m.shape(s, sm, shapeFalse, BoolValue(false))
	case fastjson.TypeString:
		if s.shapeOnly {
			return m.shape(s, sm, shapeText, StringValue("x"))
		}
		b, _ := v.StringBytes()
		return m.text(s, sm, unsafe.String(unsafe.SliceData(b), len(b)))
	case fastjson.TypeNumber:
		return m.number(s, sm, v)
	}
	switch {
	case s.shapeOnly:
		return m.shape(s, sm, shapeSomething, ArrayValue())
	case s.below != nil && wholly(r):
		return m.alike(s, sm, v)
	}
	return m.newClass(s, sm, FromDocument(v), 0)
}

// isPlain reports whether nothing of a value can be unread: it has no members,
// and it is not null, which some write for members that are not there.
func isPlain(v Value) bool { return v.kind != Null && isScalar(v) }

// valueAt gives the value in a slot.
func (m *memory) valueAt(at int, r *Resource) *fastjson.Value {
	if r.Outline == nil {
		return m.found[at]
	}
	if m.reader.Record.Codes[at] == 0 {
		return nil
	}
	return valueAtPath(r.tree(), m.p.slots[at].path)
}

// valueAtPath gives what the steps of a path before its first star lead to.
func valueAtPath(v *fastjson.Value, p *bodyPath) *fastjson.Value {
	for _, s := range p.steps[:p.keys] {
		v = lookup(v, s.key)
	}
	return v
}

// wholly reports whether nothing of a resource's body is unread, so that what
// was found for a like value of another such resource holds.
func wholly(r *Resource) bool { return !r.Partial && len(r.Gaps) == 0 }

func (m *memory) shape(s *slot, sm *slotMemory, shape int, v Value) uint16 {
	if sm.byShape[shape] < 0 {
		sm.byShape[shape] = int32(m.newClass(s, sm, v, 0))
	}
	return uint16(sm.byShape[shape])
}

// text gives the class of a text, which belongs to the resource.
func (m *memory) text(s *slot, sm *slotMemory, b string) uint16 {
	full := len(sm.byText) >= maxTexts
	if !full || sm.hits >= sm.misses/4 {
		if c, ok := sm.byText[b]; ok {
			sm.hits++
			return c
		}
		sm.misses++
	}
	v := StringValue(b)
	if s.special != nil && s.special.kind == fieldLocation {
		v = withoutSpaces(v)
	}
	c := m.newClass(s, sm, v, 0)
	if !full {
		if sm.byText == nil {
			sm.byText = map[string]uint16{}
		}
		sm.byText[strings.Clone(b)] = c
		sm.hits, sm.misses = 0, 0
	}
	return c
}

// alike finds the class of an array by what conditions read of it.
func (m *memory) alike(s *slot, sm *slotMemory, v *fastjson.Value) uint16 {
	full := len(sm.byLikeness) >= maxTexts
	if full && sm.hits < sm.misses/4 {
		return m.newClass(s, sm, FromDocument(v), 0)
	}
	whole := s.below
	if sm.whole {
		whole = nil
	}
	h := m.likeness(v, whole)
	if c, ok := sm.byLikeness[h]; ok {
		sm.hits++
		return c
	}
	sm.misses++
	c := m.newClass(s, sm, FromDocument(v), 0)
	if !full {
		if sm.byLikeness == nil {
			sm.byLikeness = map[uint64]uint16{}
		}
		sm.byLikeness[h] = c
		sm.hits, sm.misses = 0, 0
	}
	return c
}

func (m *memory) number(s *slot, sm *slotMemory, v *fastjson.Value) uint16 {
	n, err := v.Float64()
	if err != nil || math.Abs(n) > 1<<53 {
		return m.newClass(s, sm, FromDocument(v), 0)
	}
	if c, ok := sm.byNumber[n]; ok {
		return c
	}
	c := m.newClass(s, sm, FromDocument(v), 0)
	if sm.byNumber == nil {
		sm.byNumber = map[float64]uint16{}
	}
	if len(sm.byNumber) < maxTexts {
		sm.byNumber[n] = c
	}
	return c
}

// newClass evaluates the slot's conditions on a value and gives the class of
// all values with these outcomes.
func (m *memory) newClass(s *slot, sm *slotMemory, v Value, reason Outcome) uint16 {
	var room [64]byte
	vector := room[:0]
	var tallies []tally
	if len(s.members) > 0 && v.Kind() == Array && reason == 0 && wholly(m.frame.self) {
		tallies = m.memberCounts(s, sm, v.doc)
	}
	for _, c := range s.leaves {
		if c.leaf.field != nil && c.leaf.field.isEased() && !wholly(m.frame.self) {
			vector = append(vector, byte(m.frame.evaluateLeaf(c.leaf))) // the value is what a strict path leads to
			continue
		}
		if c.member > 0 && tallies != nil && c.leaf.test != nil {
			vector = append(vector, byte(tallies[c.member-1].outcomeFor(c.leaf)))
			continue
		}
		if c.local {
			vector = append(vector, byte(m.frame.evaluateLeaf(c.leaf)))
			continue
		}
		vector = append(vector, byte(c.leaf.op.judge(v, reason, c.leaf.test, &c.leaf.right.Const)))
	}
	return sm.class(vector)
}

// class gives the class of all values with some outcomes.
func (sm *slotMemory) class(vector []byte) uint16 {
	if int(sm.last) < len(sm.classes) && sameOutcomes(sm.classes[sm.last], vector) {
		return sm.last
	}
	if c, ok := sm.byVector[string(vector)]; ok {
		sm.last = c
		return c
	}
	if sm.byVector == nil {
		sm.byVector = map[string]uint16{}
	}
	if len(sm.classes) >= maxClasses {
		// More patterns than a class number can tell apart: start anew. What is
		// remembered under the old numbers goes with them; see memory.forget.
		return maxClasses
	}
	outcomes := make([]Outcome, len(vector))
	for i, o := range vector {
		outcomes[i] = Outcome(o)
	}
	sm.classes = append(sm.classes, outcomes)
	sm.byVector[string(vector)] = uint16(len(sm.classes) - 1)
	return uint16(len(sm.classes) - 1)
}

func sameOutcomes(class []Outcome, vector []byte) bool {
	for i, o := range class {
		if Outcome(vector[i]) != o {
			return false
		}
	}
	return true
}
