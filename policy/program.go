package policy

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// program is all that a set's rules ask of one resource type: their conditions
// with equal ones shared, and the slots that simple conditions read. It does
// not change once built; what is remembered between resources is in [memory].
type program struct {
	typeName string // as first seen
	typeID   int32
	native   bool
	rules    []programRule
	tests    []*cond // existence tests on resources of this type, by number in target
	nodes    []*cond // every shared condition, by id; kids before parents
	slots    []slot
	branches int
	root     *branch // which properties of a body lead to which slots
	fields   map[fieldKey]*field
	panels   []*panel
	panelsOf [][]int32 // by slot: the panels that look at it
	entire   []int32   // by slot: one more than its second one in outlines, 0 for none
	entires  int       // second slots
	target   *target   // what existence checks of the set want of this type, nil for nothing
	wants    *wants    // outside Azure: what rules want of bodies, nil for nothing
	sealed   bool      // a rule is judged on bodies whose secrets are sealed; see SealedPrefix
}

// programRule is one rule of the set on this type.
type programRule struct {
	rule      int32
	applies   *cond
	where     *cond
	condition *cond
	family    family
	spares    bool     // see SparingUnmatched
	pending   *pending // what its existence check looks up, nil for other effects
}

// slot is one value of a body that conditions read.
type slot struct {
	special *field    // not in the body: name, id, …
	path    *bodyPath // without its stars
	leaves  []*cond   // simple conditions on it
	// shapeOnly says that its conditions do not look at text, so that all
	// non-empty strings are alike.
	shapeOnly bool
	members   []*cond // counts of the slot's own members; see memberCounts
	below     *branch // what local conditions read below it, nil if there are none
	// complexRead says that a condition reads it which more than its value decides.
	complexRead bool
}

// branch is one step of the way from a body's root to slots.
type branch struct {
	kids map[string]*branch // by lower-cased key
	key  string             // exact spelling, preferred among duplicates
	slot int                // number of the slot that ends here, -1 for none
	id   int
}

// builder shares equal conditions and numbers slots.
type builder struct {
	program   *program
	nodes     map[string]*cond
	slotOf    map[string]int
	branches  int
	fields    *fieldResolver
	shape     *Resource
	shareText func(Template) int // see shareAround
	shareLeaf func(*leaf) int    // see shareOutcome
}

func newBuilder(p *program, fields *fieldResolver, shape *Resource) *builder {
	b := &builder{program: p, nodes: map[string]*cond{}, slotOf: map[string]int{}, fields: fields, shape: shape}
	p.root = b.newBranch("")
	return b
}

func (b *builder) newBranch(key string) *branch {
	b.branches++
	return &branch{key: key, slot: -1, id: b.branches - 1}
}

// share gives the one condition that stands for all equal to c.
func (b *builder) share(c *cond) *cond {
	var key []byte
	if c.kind == isConst {
		key = []byte{byte(isConst), byte(c.fixed)}
	} else if c.leaf != nil {
		key = appendLeafKey([]byte{byte(c.kind)}, c.leaf)
	} else {
		ids := make([]int32, len(c.kids))
		kids := make([]*cond, len(c.kids))
		for i, k := range c.kids {
			kids[i] = b.share(k)
			ids[i] = kids[i].id
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if len(ids) == 1 && c.kind != Not {
			return kids[0]
		}
		key = append(key, byte(c.kind))
		shared := make([]*cond, len(ids))
		for i, id := range ids {
			key = binary.LittleEndian.AppendUint32(key, uint32(id))
			shared[i] = b.program.nodes[id]
		}
		c = &cond{kind: c.kind, kids: shared, source: c.source}
	}
	if known, ok := b.nodes[string(key)]; ok {
		return known
	}
	if c.kind == isConst {
		c = constant(c.fixed, c.source)
	}
	c.id, c.slot = int32(len(b.program.nodes)), -1
	b.program.nodes = append(b.program.nodes, c)
	b.nodes[string(key)] = c
	if c.leaf != nil {
		b.placeLeaf(c)
	}
	return c
}

// appendLeafKey writes what makes two leaves equal: what they read and what
// they compare it with.
func appendLeafKey(dst []byte, l *leaf) []byte {
	dst = append(dst, byte(l.kind), byte(l.op))
	dst = l.right.appendKey(dst)
	dst = append(dst, 0)
	switch {
	case l.count != nil:
		dst = appendCountKey(dst, l.count)
	case l.field != nil:
		dst = appendFieldKey(dst, l.field)
	default:
		dst = l.left.appendKey(dst)
	}
	return l.appendEases(dst)
}

// appendEases writes by what the steps of fields may lead that expressions read.
func (l *leaf) appendEases(dst []byte) []byte {
	if l.shapes == nil {
		return dst
	}
	for _, t := range l.templates() {
		u := t.uses()
		for _, name := range slices.Concat(u.fields, u.currents) {
			if eases := l.shapes.eases(name); eases != "" {
				dst = append(append(append(dst, 0), strings.ToLower(name)...), eases...)
			}
		}
	}
	return dst
}

func appendFieldKey(dst []byte, f *field) []byte {
	dst = append(dst, byte(f.kind))
	if f.path != nil {
		for _, s := range f.path.steps {
			dst = append(dst, strings.ToLower(s.key)...)
			dst = append(dst, 1+byte(s.ease))
		}
		return dst
	}
	if f.kind >= fieldType {
		return dst
	}
	return append(dst, strings.ToLower(f.name)...)
}

func appendCountKey(dst []byte, n *counter) []byte {
	if n.value != nil {
		dst = append(dst, countKind(n.long))
		dst = n.value.appendKey(dst)
		dst = append(dst, 0)
		dst = append(dst, strings.ToLower(n.name)...)
	} else {
		dst = append(dst, 'f')
		dst = appendFieldKey(dst, n.field)
	}
	dst = append(dst, 0)
	return appendConditionKey(dst, n.where)
}

// countKind tells value counts in keys apart by what they may go through.
func countKind(long bool) byte {
	if long {
		return 'w'
	}
	return 'v'
}

func appendConditionKey(dst []byte, c *cond) []byte {
	switch {
	case c == nil:
		return append(dst, 'n')
	case c.kind == isConst:
		return append(dst, 'c', byte(c.fixed))
	case c.leaf != nil:
		return appendLeafKey(append(dst, 'l'), c.leaf)
	}
	dst = append(dst, '(', byte(c.kind))
	for _, k := range c.kids {
		dst = append(appendConditionKey(dst, k), ',')
	}
	return append(dst, ')')
}

// isSimple reports whether a leaf is decided by the value of one slot.
func (c *cond) isSimple() bool {
	l := c.leaf
	if l == nil || l.kind != FieldLeaf || l.test == nil || l.field == nil {
		return false
	}
	if l.field.kind == fieldPath {
		return l.field.path.stars == 0
	}
	return l.field.kind > fieldType
}

// placeLeaf makes the slots that a leaf reads.
func (b *builder) placeLeaf(c *cond) {
	if c.isSimple() {
		var at int
		if c.leaf.field.kind == fieldPath {
			at = b.slotFor(c.leaf.field.path)
		} else {
			at = b.specialSlot(c.leaf.field)
		}
		c.slot = int32(at)
		s := &b.program.slots[at]
		s.leaves = append(s.leaves, c)
		s.shapeOnly = (len(s.leaves) == 1 || s.shapeOnly) && c.leaf.op == Exists
		return
	}
	b.placeReads(c.leaf)
	if at := b.localTo(c.leaf); at >= 0 {
		b.placeLocal(c, at)
		return
	}
	c.leaf.leftAround, c.leaf.rightAround = b.shareText(c.leaf.left), b.shareText(c.leaf.right)
	c.leaf.outcomeAround = b.shareLeaf(c.leaf)
	c.reads = b.readsOf(c.leaf)
	for _, at := range c.reads.slots {
		if at >= 0 {
			b.program.slots[at].complexRead = true
		}
	}
}

// placeReads makes slots for what the leaf's expressions and arrays read, so
// that they need not be looked for again.
func (b *builder) placeReads(l *leaf) {
	if l.field != nil && l.field.kind == fieldPath {
		b.slotFor(l.field.path)
	}
	if l.count != nil {
		if l.count.value == nil && l.count.field.kind == fieldPath {
			b.slotFor(l.count.field.path)
		}
		b.placeWhere(l.count.where)
	}
	for _, t := range l.templates() {
		for _, name := range t.uses().fields {
			if f := b.fields.eased(name, b.shape, l.shapes); f.kind == fieldPath {
				b.slotFor(f.path)
			}
		}
	}
}

func (b *builder) placeWhere(c *cond) {
	if c == nil {
		return
	}
	for _, k := range c.kids {
		b.placeWhere(k)
	}
	if c.leaf != nil {
		b.placeReads(c.leaf)
	}
}

// slotFor numbers the slot that holds what p's steps before its first star
// lead to, and tells the path.
func (b *builder) slotFor(p *bodyPath) int {
	at := b.program.root
	for _, s := range p.steps[:p.keys] {
		lower := strings.ToLower(s.key)
		next, ok := at.kids[lower]
		if !ok {
			next = b.newBranch(s.key)
			if at.kids == nil {
				at.kids = map[string]*branch{}
			}
			at.kids[lower] = next
		}
		at = next
	}
	if at.slot < 0 {
		at.slot = len(b.program.slots)
		b.program.slots = append(b.program.slots, slot{path: cmp.Or(p.strictly, p)})
	}
	p.slot = at.slot + 1
	return at.slot
}

func (b *builder) specialSlot(f *field) int {
	key := "special" + string(rune(f.kind))
	if at, ok := b.slotOf[key]; ok {
		return at
	}
	at := len(b.program.slots)
	b.slotOf[key] = at
	b.program.slots = append(b.program.slots, slot{special: f})
	return at
}
