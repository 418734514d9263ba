package policy

import (
	"slices"
	"unsafe"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// A resource that looks like others of its type is judged by its outline: the
// numbers of the values that rules read. Only where a value is new, or a
// condition needs more than single values, its body is parsed after all.
// docs/decisions/0007-outlines.md compares this with parsing everything.

// slotLocation stands for the location among the slots that a leaf reads. It
// has no number of its own, because a resource may be given one beside its
// body.
const slotLocation int32 = -1

// Outline reads an ARM resource from its JSON text if it looks like one that
// the judge judged before; nil if it does not, which says nothing about it. The
// record is valid until the next call, and as long as the bytes do not change.
// A [Resource] that has it needs no Body. It is for this module's packages, as
// its type is; importers have [Judge.Read].
func (j *Judge) Outline(text []byte) *outline.Record {
	j.text.Read(text)
	m := j.guesses[string(j.text.Type(j.typeName[:0]))]
	for range 2 {
		if m == nil || m.p.sealed || !j.readerOf(m).Read(&j.text) {
			return nil
		}
		record := &m.reader.Record
		kind, ok := record.HeadText(outline.Type)
		if ok && string(kind) == m.written {
			j.outlined = m
			return record
		}
		m = j.memories[string(kind)] // the guess was wrong
	}
	return nil
}

// readerOf gives the reader of resources that m remembers: of none in which
// [Judge.Misshapes] would find anything.
func (j *Judge) readerOf(m *memory) *outline.Reader {
	if m.reader == nil {
		want, slots := m.p.outline()
		m.reader = outline.NewReader(want, slots, j.set.kinds.form(m.p.typeName))
	}
	return m.reader
}

// Read is [Judge.Outline] for those who keep nothing else of a resource: it
// gives a resource that can be judged. Its texts live as long as the bytes.
func (j *Judge) Read(text []byte) (r Resource, ok bool) {
	o := j.Outline(text)
	if o == nil || headText(o, outline.ID) == "" || o.Head(outline.Name) != nil && headText(o, outline.Name) == "" {
		return r, false
	}
	r = Resource{Outline: o, ID: headText(o, outline.ID), Type: j.outlined.p.typeName, Location: headText(o, outline.Location)}
	name := headText(o, outline.Name)
	if name == "" {
		name = r.ID
	}
	r.Name = lastSegment(name)
	return r, true
}

func headText(o *outline.Record, head int) string {
	b, _ := o.HeadText(head)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// guess remembers that records which look like text are of m's type.
func (j *Judge) guess(typeName string, m *memory) {
	if typeName != "" && len(j.guesses) < maxEntries {
		j.guesses[typeName] = m
	}
}

// outline says what the program wants of a record. Its own slots come first,
// then those for all of an array or object of which less counts otherwise, and
// that of the location.
func (p *program) outline() (want *outline.Want, slots int) {
	at := len(p.slots) + p.entires
	want = p.wanted(p.root)
	location := want.Kids["location"]
	if location == nil {
		location = &outline.Want{Slot: -1}
		want.Kids["location"] = location
	}
	if location.Slot < 0 {
		location.Slot = at
		at++
	}
	location.As = outline.Whole // somebody may only ask whether it is there
	return want, at
}

// numberEntire gives second slots to those of which less than all counts for
// classes, and all for other conditions.
func (p *program) numberEntire() {
	p.entire = make([]int32, len(p.slots))
	for i := range p.slots {
		if s := &p.slots[i]; s.complexRead && s.below != nil && !s.comparesWhole() {
			p.entires++
			p.entire[i] = int32(len(p.slots) + p.entires)
		}
	}
}

func (p *program) wanted(at *branch) *outline.Want {
	w := &outline.Want{Slot: at.slot, Kids: map[string]*outline.Want{}}
	if at.slot >= 0 {
		s := &p.slots[at.slot]
		w.As, w.Below = s.outline()
		w.Members, w.Entire = s.memberwise(), int(p.entire[at.slot])
	}
	for key, kid := range at.kids {
		w.Kids[key] = p.wanted(kid)
	}
	return w
}

// outline says what counts of a slot's value.
func (s *slot) outline() (outline.As, *outline.Part) {
	switch {
	case s.shapeOnly && !s.complexRead:
		return outline.Kind, nil
	case s.below == nil && !s.complexRead && s.comparesKeys():
		return outline.Keys, nil
	case s.below == nil || s.comparesWhole():
		return outline.Whole, nil
	}
	return outline.Text, s.below.part()
}

// comparesWhole reports whether a simple condition looks at the value itself
// and not only at what is below it.
func (s *slot) comparesWhole() bool {
	for _, c := range s.leaves {
		if !c.local && c.leaf.op != Exists {
			return true
		}
	}
	return false
}

// comparesKeys reports whether the simple conditions look at no more of an
// object than its keys.
func (s *slot) comparesKeys() bool {
	for _, c := range s.leaves {
		if op := c.leaf.op; c.local || op != Exists && op != ContainsKey && op != NotContainsKey {
			return false
		}
	}
	return len(s.leaves) > 0
}

func (b *branch) part() *outline.Part {
	p := &outline.Part{Everything: b.slot == everything, Presence: b.slot == presence}
	if len(b.kids) > 0 {
		p.Kids = map[string]*outline.Part{}
	}
	for key, kid := range b.kids {
		p.Kids[key] = kid.part()
	}
	return p
}

// classByCode gives the class of a slot's value, which its code tells if it was
// met before.
func (m *memory) classByCode(at int, r *Resource) uint16 {
	code := m.codeOf(int32(at))
	if m.p.slots[at].special != nil {
		code = outline.Unique
		if m.p.slots[at].special.kind == fieldLocation {
			code = m.codeOf(slotLocation)
		}
	}
	sm := &m.slots[at]
	if code >= 0 && int(code) < len(sm.byCode) && sm.byCode[code] != 0 {
		return uint16(sm.byCode[code] - 1)
	}
	class := m.classify(at, r)
	if code >= 0 && class != maxClasses {
		for int(code) >= len(sm.byCode) {
			sm.byCode = append(sm.byCode, 0)
		}
		sm.byCode[code] = uint32(class) + 1
	}
	return class
}

// codeOf gives the code of a slot of the resource at hand.
func (m *memory) codeOf(at int32) outline.Code {
	if at == slotLocation {
		return m.reader.Record.HeadCode(outline.Location)
	}
	return m.reader.Record.Codes[at]
}

// readCode gives the code of a slot by all that a condition may read there.
func (m *memory) readCode(at int32) outline.Code {
	if at != slotLocation && m.p.entire[at] > 0 {
		return m.reader.Record.Codes[m.p.entire[at]-1]
	}
	return m.codeOf(at)
}

// textAt gives the text in a slot, if the outline has it.
func (m *memory) textAt(at int) (text string, ok bool) {
	b := m.reader.Record.Text(at)
	if len(b) == 0 || b[0] != '"' {
		return "", false
	}
	b = b[1 : len(b)-1]
	return unsafe.String(unsafe.SliceData(b), len(b)), true
}

// outlinedEntry is what all complex conditions of an entry read together of
// outlined resources. As long as that stays, so does their vector.
type outlinedEntry struct {
	open    bool // one of them reads more than can be told
	slots   []int32
	arounds []sharedTemplate
	codes   []outline.Code // of the last resource: of slots, then of arounds
	known   bool           // the entry's vector is that for codes
	// decided has what was found for codes, if they are few.
	decided map[outlinedKey]decided
}

// outlinedKey are the codes of an entry that has few.
type outlinedKey [6]outline.Code

// recall gives what was found for the codes at hand.
func (o *outlinedEntry) recall() (d decided, ok bool) {
	if len(o.codes) > len(outlinedKey{}) {
		return d, false
	}
	var key outlinedKey
	copy(key[:], o.codes)
	d, ok = o.decided[key]
	return d, ok
}

func (o *outlinedEntry) remember(d decided) {
	if len(o.codes) > len(outlinedKey{}) {
		return
	}
	var key outlinedKey
	copy(key[:], o.codes)
	if o.decided == nil || len(o.decided) >= maxTexts {
		o.decided = map[outlinedKey]decided{}
	}
	o.decided[key] = d
}

// sharedTemplate is a template with its number from shareAround.
type sharedTemplate struct {
	template Template
	number   int
}

func outlineEntry(complex []*cond) outlinedEntry {
	var e outlinedEntry
	var all reads
	for _, c := range complex {
		e.open = e.open || c.reads.open
		all.join(c.reads)
		for _, t := range [...]sharedTemplate{{c.leaf.left, c.leaf.leftAround}, {c.leaf.right, c.leaf.rightAround}} {
			if t.number > 0 && !slices.ContainsFunc(e.arounds, func(o sharedTemplate) bool { return o.number == t.number }) {
				e.arounds = append(e.arounds, t)
			}
		}
	}
	e.slots = all.slots
	e.codes = make([]outline.Code, len(e.slots)+len(e.arounds))
	return e
}

// outlinedKey renews the codes of an entry for the resource at hand. False: they
// do not tell everything. The entry is no longer known where one has changed.
func (m *memory) outlinedKey(f *frame, e *entry) bool {
	o := &e.outlined
	if o.open {
		return false
	}
	told := true
	for i, at := range o.slots {
		c := m.readCode(at)
		told = told && c >= 0
		o.known = o.known && c == o.codes[i]
		o.codes[i] = c
	}
	for i := range o.arounds {
		t := &o.arounds[i]
		c := outline.Code(f.sharedCode(&t.template, t.number))
		told = told && c >= 0
		o.known = o.known && c == o.codes[len(o.slots)+i]
		o.codes[len(o.slots)+i] = c
	}
	return told
}

// isKnown reports whether nothing in the vector at hand is unknown, so that it
// will not change with what becomes known.
func (m *memory) isKnown() bool {
	for _, o := range m.vector {
		if !Outcome(o).Known() {
			return false
		}
	}
	return true
}

// complexKey is all that a complex condition reads of an outlined resource:
// codes of slots, and of what surrounds it.
type complexKey struct {
	codes       [maxReads]outline.Code
	left, right int32
}

// complexMemory is what is remembered of one complex condition.
type complexMemory struct {
	last    complexKey
	outcome Outcome // of last; 0 for none
	known   map[complexKey]Outcome
}

// complexOutcome evaluates a condition that classes do not decide.
func (m *memory) complexOutcome(f *frame, c *cond, r *Resource) Outcome {
	if r.Outline == nil || c.reads.open {
		return f.evaluateComplex(c.leaf)
	}
	var key complexKey
	for i, at := range c.reads.slots {
		if key.codes[i] = m.readCode(at); key.codes[i] < 0 {
			return f.evaluateComplex(c.leaf)
		}
	}
	if c.reads.place {
		key.left, key.right = f.sharedCode(&c.leaf.left, c.leaf.leftAround), f.sharedCode(&c.leaf.right, c.leaf.rightAround)
		if key.left < 0 || key.right < 0 {
			return f.evaluateComplex(c.leaf)
		}
	}
	cm := &m.complex[c.id]
	if cm.outcome != 0 && cm.last == key {
		return cm.outcome
	}
	o, ok := cm.known[key]
	if !ok {
		if o = f.evaluateComplex(c.leaf); !o.Known() {
			return o
		}
		if cm.known == nil || len(cm.known) >= maxTexts {
			cm.known = map[complexKey]Outcome{}
		}
		cm.known[key] = o
	}
	cm.last, cm.outcome = key, o
	return o
}

func (f *frame) evaluateComplex(l *leaf) Outcome {
	if l.outcomeAround > 0 {
		return f.evaluateShared(l)
	}
	return f.evaluateLeaf(l)
}
