package policy

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// memory is what one goroutine remembers about one type's program: the classes
// of values it has seen in each slot, and for each panel the outcome for each
// tuple of classes.
type memory struct {
	p       *program
	written string          // the type as resources write it
	reader  *outline.Reader // nil until a record is outlined
	found   []*fastjson.Value
	slots   []slotMemory
	class   []uint16              // by slot: of the resource at hand, and until then of the one before
	learned []map[string]*keyStep // by branch: exact key → where it leads
	first   []*keyStep            // by branch: stands before the first key
	visited []visit               // by branch
	epoch   uint32
	panels  []panelMemory
	complex []complexMemory // of conditions that classes do not decide, by id
	key     []byte
	values  []Outcome // of shared conditions, valid where stamps has the turn
	stamps  []uint32
	turn    uint32    // of conclusions
	own     []Outcome // of conditions evaluated for the resource at hand, by ownAt
	ownAt   []uint32
	vector  []byte
	result  []*Signature
	frame   *frame // of the resource at hand
}

// panelMemory is what is remembered for one panel.
type panelMemory struct {
	packed map[uint64]*entry // panels of at most four slots
	long   map[string]*entry
	last   *entry // for the classes at hand; nil if one has changed
}

type visit struct {
	epoch uint32
	exact bool
}

// slotMemory maps the values of one slot to classes: two values are of one
// class if all simple conditions on the slot come out alike.
type slotMemory struct {
	classes  [][]Outcome
	last     uint16 // class that was found last by its outcomes
	byVector map[string]uint16
	byText   map[string]uint16
	byNumber map[float64]uint16
	// byLikeness is for arrays; whole says that all of them counts, because a
	// simple condition looks at the array itself.
	byLikeness map[uint64]uint16
	members    map[uint64][]Outcome // by likeness: outcomes for the slot's member counts
	whole      bool
	byMember   []Outcome // by code of an array's member, and leaf; see memberwise
	byCode     []uint32  // by code of an outline: one more than the class, 0 if not seen
	byShape    [8]int32  // absent, null, true, false, any text; -1 if not seen
	misses     int       // texts that were not remembered, since the map is full
	hits       int
}

const (
	shapeAbsent = iota
	shapeNull
	shapeTrue
	shapeFalse
	shapeText
	shapeSomething
)

const (
	maxTexts   = 1 << 12 // remembered in one slot
	maxEntries = 1 << 15 // tuples remembered for one panel
	maxClasses = math.MaxUint16
)

// entry is the remembered outcome of one tuple of classes. Conditions that
// classes do not decide, and that matter, are evaluated for each resource;
// their outcomes, as a vector, pick the signature.
type entry struct {
	signature *Signature // with complex conditions that of the last vector
	vector    string
	complex   []*cond
	next      map[string]decided
	outlined  outlinedEntry
}

// decided is the signature for a vector.
type decided struct {
	vector    string
	signature *Signature
}

func newMemory(p *program) *memory {
	m := &memory{
		p: p, found: make([]*fastjson.Value, len(p.slots)), slots: make([]slotMemory, len(p.slots)),
		class: make([]uint16, len(p.slots)), complex: make([]complexMemory, len(p.nodes)),
		learned: make([]map[string]*keyStep, p.branches), first: make([]*keyStep, p.branches), visited: make([]visit, p.branches),
		panels: make([]panelMemory, len(p.panels)), result: make([]*Signature, len(p.panels)),
		values: make([]Outcome, len(p.nodes)), stamps: make([]uint32, len(p.nodes)),
		own: make([]Outcome, len(p.nodes)), ownAt: make([]uint32, len(p.nodes)),
	}
	for i := range m.learned {
		m.learned[i], m.first[i] = map[string]*keyStep{}, &keyStep{}
	}
	m.forget()
	return m
}

// forget drops all classes and what is remembered under them.
func (m *memory) forget() {
	for i := range m.slots {
		m.slots[i] = slotMemory{}
		for shape := range m.slots[i].byShape {
			m.slots[i].byShape[shape] = -1
		}
		m.slots[i].whole = m.p.slots[i].comparesWhole()
	}
	for i := range m.panels {
		m.panels[i] = panelMemory{packed: map[uint64]*entry{}, long: map[string]*entry{}}
	}
	for i := range m.class {
		m.class[i] = maxClasses
	}
}

// fill finds the values of all slots in one pass over the body.
func (m *memory) fill(at *branch, v *fastjson.Value) {
	object, err := v.Object()
	if err != nil {
		return
	}
	s := m.first[at.id]
	object.Visit(func(k []byte, v *fastjson.Value) {
		if s = m.step(at, s, k); s.next != nil {
			m.enter(s.next, s.key == s.next.key, v)
		}
	})
}

// keyStep is a key of an object and where it leads.
type keyStep struct {
	key   string
	next  *branch  // nil: nowhere
	after *keyStep // the key that last came after it
}

// step finds where a key leads that comes after another. Objects of one type
// mostly have the same keys in the same order, so that the key expected is
// mostly the one that comes.
func (m *memory) step(at *branch, before *keyStep, k []byte) *keyStep {
	if s := before.after; s != nil && s.key == string(k) {
		return s
	}
	known := m.learned[at.id]
	s, ok := known[string(k)]
	if !ok {
		s = &keyStep{key: string(k), next: at.kids[strings.ToLower(string(k))]}
		if len(known) < maxTexts {
			known[s.key] = s
		}
	}
	before.after = s
	return s
}

// enter goes to a branch, unless one with the same name ignoring case was
// there before and this one is not spelt exactly.
func (m *memory) enter(next *branch, exact bool, v *fastjson.Value) {
	seen := &m.visited[next.id]
	if seen.epoch == m.epoch && (seen.exact || !exact) {
		return
	}
	*seen = visit{m.epoch, exact}
	if next.slot >= 0 {
		m.found[next.slot] = v
	}
	if next.kids != nil {
		m.fill(next, v)
	}
}

// judge judges one resource by all rules of its type: a signature for each
// panel. The result is valid until the next call.
func (m *memory) judge(s *Set, f *frame, r *Resource) []*Signature {
	if m.epoch++; m.epoch == math.MaxUint32 {
		m.epoch = 1
		clear(m.visited)
		clear(m.ownAt)
	}
	f.self, f.outer, f.slots, f.slotsOf, f.around = r, r, nil, nil, nil
	if r.Outline == nil {
		clear(m.found)
		m.fill(m.p.root, r.Body)
		f.slots, f.slotsOf = m.found, r
	}
	m.frame = f
	for !m.classifyAll(r) { // more classes than there are numbers for
		m.forget()
	}
	for i, n := range m.p.panels {
		pm := &m.panels[i]
		if pm.last == nil {
			pm.last = m.entry(pm, n)
		}
		e := pm.last
		switch {
		case e.complex != nil:
			m.result[i] = m.beyondClasses(s, f, n, e, r)
		case e.signature == nil:
			m.load(n)
			e.signature = m.conclude(s, n)
			m.result[i] = e.signature
		default:
			m.result[i] = e.signature
		}
	}
	return m.result
}

// classifyAll finds the classes of all slots that panels look at, and forgets
// the entries of those panels for which one has changed: most resources differ
// little from the one before. False: the classes have run out.
func (m *memory) classifyAll(r *Resource) bool {
	for at, panels := range m.p.panelsOf {
		if panels == nil {
			continue
		}
		var c uint16
		if r.Outline != nil {
			c = m.classByCode(at, r)
		} else {
			c = m.classify(at, r)
		}
		if c == m.class[at] {
			if c == maxClasses {
				return false
			}
			continue
		}
		if c == maxClasses {
			return false
		}
		m.class[at] = c
		for _, n := range panels {
			m.panels[n].last = nil
		}
	}
	return true
}

// entry finds what is remembered for the tuple of a panel's classes.
func (m *memory) entry(pm *panelMemory, n *panel) *entry {
	if len(n.slots) > maxPanelSlots {
		return m.longEntry(pm, n)
	}
	key := uint64(0)
	for _, at := range n.slots {
		key = key<<16 | uint64(m.class[at])
	}
	e, ok := pm.packed[key]
	if !ok {
		e = m.newEntry(n)
		if len(pm.packed) >= maxEntries {
			clear(pm.packed)
		}
		pm.packed[key] = e
	}
	return e
}

func (m *memory) longEntry(pm *panelMemory, n *panel) *entry {
	m.key = m.key[:0]
	for _, at := range n.slots {
		m.key = binary.LittleEndian.AppendUint16(m.key, m.class[at])
	}
	e, ok := pm.long[string(m.key)]
	if !ok {
		e = m.newEntry(n)
		if len(pm.long) >= maxEntries {
			clear(pm.long)
		}
		pm.long[string(m.key)] = e
	}
	return e
}

// beyondClasses decides a panel in which classes leave something open.
func (m *memory) beyondClasses(s *Set, f *frame, n *panel, e *entry, r *Resource) *Signature {
	outlined := r.Outline != nil && m.outlinedKey(f, e)
	if outlined && e.outlined.known {
		return e.signature
	}
	e.outlined.known = false
	if d, ok := e.outlined.recall(); outlined && ok {
		e.outlined.known, e.signature, e.vector = true, d.signature, d.vector
		return d.signature
	}
	m.vector = m.vector[:0]
	for _, c := range e.complex {
		if m.ownAt[c.id] != m.epoch {
			m.ownAt[c.id] = m.epoch
			m.own[c.id] = m.complexOutcome(f, c, r)
		}
		m.vector = append(m.vector, byte(m.own[c.id]))
	}
	m.pick(s, n, e)
	if e.outlined.known = outlined && m.isKnown(); e.outlined.known {
		e.outlined.remember(decided{e.vector, e.signature})
	}
	return e.signature
}

// pick makes the signature for the vector at hand that of an entry.
func (m *memory) pick(s *Set, n *panel, e *entry) {
	if e.signature != nil && string(m.vector) == e.vector {
		return
	}
	if known, ok := e.next[string(m.vector)]; ok {
		e.signature, e.vector = known.signature, known.vector
		return
	}
	m.load(n)
	for _, c := range e.complex {
		m.set(c.id, m.own[c.id])
	}
	e.signature, e.vector = m.conclude(s, n), string(m.vector)
	if e.next == nil || len(e.next) >= maxEntries/16 {
		e.next = map[string]decided{}
	}
	e.next[e.vector] = decided{e.vector, e.signature}
}

// outcomeOpen is the outcome of a condition that is not evaluated yet.
const outcomeOpen = mayTrue | mayFalse

// load takes the outcomes of simple conditions from the classes of a panel's
// slots; value finds all others open.
func (m *memory) load(n *panel) {
	if m.turn++; m.turn == math.MaxUint32 {
		m.turn = 1
		clear(m.stamps)
	}
	for _, at := range n.slots {
		class := m.slots[at].classes[m.class[at]]
		for i, c := range m.p.slots[at].leaves {
			m.set(c.id, class[i])
		}
	}
}

func (m *memory) set(id int32, o Outcome) { m.values[id], m.stamps[id] = o, m.turn }

// value evaluates a shared condition over the loaded leaves.
func (m *memory) value(c *cond) Outcome {
	if c.kind == isConst {
		return c.fixed
	}
	if m.stamps[c.id] == m.turn {
		return m.values[c.id]
	}
	if c.leaf != nil {
		return outcomeOpen
	}
	var r Outcome
	switch c.kind {
	case Not:
		r = m.value(c.kids[0]).not()
	case AllOf:
		r = isTrue
		for _, k := range c.kids {
			if r = r.and(m.value(k)); r.False() {
				break
			}
		}
	default:
		r = isFalse
		for _, k := range c.kids {
			if r = r.or(m.value(k)); r.True() {
				break
			}
		}
	}
	m.set(c.id, r)
	return r
}

// newEntry finds out which conditions the classes leave open and some rule or
// test of the panel still needs.
func (m *memory) newEntry(n *panel) *entry {
	m.load(n)
	e := &entry{}
	seen := map[int32]bool{}
	var collect func(c *cond)
	collect = func(c *cond) {
		if c.kind == isConst || seen[c.id] || m.value(c).Known() {
			return
		}
		seen[c.id] = true
		if c.leaf != nil && c.slot < 0 {
			e.complex = append(e.complex, c)
		}
		for _, k := range c.kids {
			collect(k)
		}
	}
	if n.tests {
		for _, t := range m.p.tests {
			collect(t)
		}
	}
	for _, i := range n.rules {
		r := &m.p.rules[i]
		if collect(r.applies); m.value(r.applies)&mayTrue == 0 {
			continue
		}
		if collect(r.where); m.value(r.where).False() {
			continue
		}
		collect(r.condition)
		if r.pending != nil && r.pending.own != nil && m.value(r.condition)&mayTrue != 0 {
			collect(r.pending.own)
		}
	}
	e.outlined = outlineEntry(e.complex)
	return e
}
