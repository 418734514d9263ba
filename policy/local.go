package policy

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"strings"

	"github.com/valyala/fastjson"
)

// Some conditions are no plain comparison of a slot's value, and yet all that
// they read is this value or stands below it: expressions over one property,
// counts over an array with conditions on its members, a condition on every
// member. They are decided by what they read there, so that values which are
// alike in this are of one class. They are called local here.

// localTo gives the number of the slot below which everything stands that a
// leaf reads, or -1. Its paths have been given slots before.
func (b *builder) localTo(l *leaf) int32 {
	if isCostly(l) {
		return -1
	}
	at := int32(-1)
	ok := true
	note := func(p *bodyPath) {
		switch {
		case p == nil || p.slot == 0:
			ok = false
		case at < 0:
			at = int32(p.slot - 1)
		case at != int32(p.slot-1):
			ok = false
		}
	}
	b.visitReads(l, note, func() { ok = false })
	if !ok {
		return -1
	}
	return at
}

// isCostly reports whether a leaf counts inside a count over values: it is
// better evaluated only where it matters.
func isCostly(l *leaf) bool {
	if l.count == nil || l.count.value == nil {
		return false
	}
	costly := false
	visitLeaves(l.count.where, func(inner *leaf) { costly = costly || inner.count != nil })
	return costly
}

// visitReads calls note with every path that a leaf reads, and other where it
// reads something that has no path.
func (b *builder) visitReads(l *leaf, note func(*bodyPath), other func()) {
	templates := []Template{l.left, l.right}
	if l.kind == FieldLeaf {
		templates = []Template{l.right}
		b.noteField(l.field, note, other)
	}
	if l.count != nil {
		if l.count.value != nil {
			templates = append(templates, *l.count.value)
		} else {
			b.noteField(l.count.field, note, other)
		}
		b.visitWhere(l.count.where, note, other)
	}
	for _, t := range templates {
		u := t.uses()
		if u.computed || len(u.contexts)+len(u.names) > 0 {
			other()
		}
		for _, name := range u.fields {
			b.noteField(b.fields.eased(name, b.shape, l.shapes), note, other)
		}
		for _, name := range u.currents {
			if f := b.fields.eased(name, b.shape, l.shapes); name != "" && f.kind == fieldPath {
				b.slotFor(f.path)
				note(f.path)
			} else if name == "" {
				other() // the whole member
			}
		}
	}
}

func (b *builder) noteField(f *field, note func(*bodyPath), other func()) {
	switch {
	case f == nil:
		other()
	case f.kind == fieldPath:
		b.slotFor(f.path)
		note(f.path)
	case f.kind >= fieldType && f.kind != fieldType:
		other()
	}
}

func (b *builder) visitWhere(c *cond, note func(*bodyPath), other func()) {
	if c == nil {
		return
	}
	for _, k := range c.kids {
		b.visitWhere(k, note, other)
	}
	if c.leaf != nil {
		b.visitReads(c.leaf, note, other)
	}
}

// placeLocal makes a leaf that is local to a slot one of the slot's
// conditions, and notes what it reads there.
func (b *builder) placeLocal(c *cond, at int32) {
	c.slot, c.local = at, true
	s := &b.program.slots[at]
	s.leaves = append(s.leaves, c)
	s.shapeOnly = false
	if b.isMemberCount(c) {
		c.member = int32(len(s.members) + 1)
		s.members = append(s.members, c)
	}
	if s.below == nil {
		s.below = b.newBranch("")
	}
	counted := countedOnly(c)
	b.visitReads(c.leaf, func(p *bodyPath) {
		switch end := b.placeBelow(s.below, p); {
		case counted[p]:
		case c.leaf.kind == FieldLeaf && c.leaf.op == Exists && end.slot != everything:
			end.slot = presence
		default:
			end.slot = everything
		}
	}, func() {})
}

// countedOnly lists the arrays of which a leaf, and counts inside it, only count
// the members.
func countedOnly(c *cond) map[*bodyPath]bool {
	counted := map[*bodyPath]bool{}
	visitLeaves(c, func(l *leaf) {
		if l.count != nil && l.count.field != nil {
			counted[l.count.field.path] = !readsMember(l)
		}
	})
	visitLeaves(c, func(l *leaf) {
		if l.field != nil && l.field.path != nil {
			delete(counted, l.field.path)
		}
	})
	return counted
}

// readsMember reports whether a count's condition may look at the counted
// members as such, and not only at what is below them.
func readsMember(l *leaf) bool {
	whole := false
	visitTemplates(l.source.Count.Where, func(t Template) {
		u := t.uses()
		for _, name := range append(u.currents, u.fields...) {
			whole = whole || strings.EqualFold(name, l.count.field.name)
		}
	})
	visitLeaves(l.count.where, func(inner *leaf) {
		whole = whole || inner.field != nil && inner.field.path == l.count.field.path
		whole = whole || inner.count != nil && inner.count.field != nil && inner.count.field.path == l.count.field.path
	})
	return whole
}

func visitLeaves(c *cond, visit func(*leaf)) {
	if c == nil {
		return
	}
	for _, k := range c.kids {
		visitLeaves(k, visit)
	}
	if c.leaf != nil {
		visit(c.leaf)
		if c.leaf.count != nil {
			visitLeaves(c.leaf.count.where, visit)
		}
	}
}

// placeBelow adds the steps of a path after its first star and gives the last.
func (b *builder) placeBelow(at *branch, p *bodyPath) *branch {
	for _, st := range p.steps[p.keys:] {
		if st.star {
			continue
		}
		lower := strings.ToLower(st.key)
		if at.kids == nil {
			at.kids = map[string]*branch{}
		}
		if at.kids[lower] == nil {
			at.kids[lower] = b.newBranch(st.key)
		}
		at = at.kids[lower]
	}
	return at
}

// isMemberCount reports whether a local leaf counts the members of the slot's
// own array, and all that it reads is in the member: each is then judged apart
// from the others.
func (b *builder) isMemberCount(c *cond) bool {
	n := c.leaf.count
	if n == nil || n.field == nil || n.where == nil || n.field.path == nil {
		return false
	}
	p := n.field.path
	if p.stars != 1 || !p.steps[len(p.steps)-1].star {
		return false
	}
	inMember := true
	note := func(read *bodyPath) { inMember = inMember && read.stars > 0 } // the slot's star comes first
	b.visitWhere(n.where, note, func() { inMember = false })
	return inMember
}

// memberCounts judges the members of a slot's array for all its member counts,
// likely known from members like them, and gives the tallies.
func (m *memory) memberCounts(s *slot, sm *slotMemory, v *fastjson.Value) []tally {
	tallies := make([]tally, len(s.members))
	items, _ := v.Array()
	below := s.below
	for i, item := range items {
		h := m.likeness(item, below)
		outcomes, ok := sm.members[h]
		if !ok {
			outcomes = m.judgeMember(s, i)
			if len(sm.members) >= maxTexts {
				clear(sm.members)
			}
			if sm.members == nil {
				sm.members = map[uint64][]Outcome{}
			}
			sm.members[h] = outcomes
		}
		for n, o := range outcomes {
			tallies[n].add(o)
		}
	}
	return tallies
}

// outcomeFor holds a finished tally against the constant right side of a leaf.
func (t *tally) outcomeFor(l *leaf) Outcome {
	t.enough = enoughFor(l.op, l.right.Const)
	value := l.test(IntValue(int64(t.value)))
	if t.low == t.high || t.settled() || t.sameFor(l.test, l.op) {
		return outcomeOf(value)
	}
	return unsure(value, t.reason)
}

func (m *memory) judgeMember(s *slot, index int) []Outcome {
	outcomes := make([]Outcome, len(s.members))
	for n, c := range s.members {
		outcomes[n] = m.frame.where(c.leaf.count, selection{indexes: []int{index}})
	}
	return outcomes
}

// What counts of the value that a branch below a slot ends at.
const (
	everything = 0
	presence   = 1
)

var likenessSeed = maphash.MakeSeed()

// likeness hashes what a branch leads to in a value: values with equal hashes
// are alike in all that local conditions read. at nil means everything.
func (m *memory) likeness(v *fastjson.Value, at *branch) uint64 {
	if at != nil && at.slot == presence && at.kids == nil && v.Type() != fastjson.TypeNull && v.Type() != fastjson.TypeArray {
		return 3
	}
	if at != nil && at.slot == everything {
		at = nil
	}
	switch v.Type() {
	case fastjson.TypeArray:
		items, _ := v.Array()
		h := uint64(len(items))*0x9e3779b97f4a7c15 + 1
		for _, item := range items {
			h = h*0xbf58476d1ce4e5b9 + m.likeness(item, at)
			h ^= h >> 31
		}
		return h
	case fastjson.TypeObject:
		return m.likenessOfObject(v, at)
	case fastjson.TypeString:
		b, _ := v.StringBytes()
		return maphash.Bytes(likenessSeed, b)
	case fastjson.TypeNumber:
		n, err := v.Float64()
		if err != nil || math.Abs(n) > 1<<53 {
			return maphash.Bytes(likenessSeed, v.MarshalTo(nil))
		}
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(n))
		return maphash.Bytes(likenessSeed, b[:])
	}
	return uint64(v.Type()+1) * 0x94d049bb133111eb
}

// likenessOfObject adds up members, so that their order does not matter.
func (m *memory) likenessOfObject(v *fastjson.Value, at *branch) uint64 {
	object, _ := v.Object()
	h := uint64(7)
	if at == nil {
		object.Visit(func(k []byte, v *fastjson.Value) {
			h += (maphash.Bytes(likenessSeed, k) ^ 0x632be59bd9b4e019) * (m.likeness(v, nil) | 1)
		})
		return h
	}
	s := m.first[at.id]
	object.Visit(func(k []byte, v *fastjson.Value) {
		s = m.step(at, s, k)
		next := s.next
		if next == nil {
			return
		}
		salt := uint64(next.id+1) * 0x632be59bd9b4e019
		if s.key != next.key {
			salt = maphash.Bytes(likenessSeed, k) // a spelling of its own: which one counts may differ
		}
		h += (m.likeness(v, next) ^ salt) * 0xd6e8feb86659fd93
	})
	return h
}
