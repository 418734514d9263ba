package policy

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// recall remembers what there was to tell of verdicts, for resources of which a rule
// reads the same: they have the same evidence, which takes much longer to find than
// to see that it is known. What rests on related resources is told anew each time.
type recall struct {
	looks map[*program]*looks
	codes map[string]uint32 // of values and of what else evidence depends on, by their text; from 1
	size  int               // bytes of texts in codes
	told  map[*writtenRule]map[string]*told
	count int // of told
	stem  uint32
	key   []byte
	text  []byte
}

const (
	maxRecalled = 1 << 15 // of a judge
	maxCoded    = 8 << 20 // bytes of values
	// A rule that had so many misses, and hits for less than an eighth of them, is
	// told anew each time from then on.
	maxMisses = 256
)

// told is what there is to tell of a rule's status on resources that are alike.
type told struct {
	evidence []Evidence
	failed   []string
	// related says that the rule matches, so that what its existence check finds
	// decides, and nothing else is known.
	related bool
}

// looks are the places of a type's bodies that rules read, and the codes of what the
// resource at hand has there.
type looks struct {
	numbers map[string]int
	places  []look
	codes   []uint32
	known   []bool
}

// look is a place of a body: at its own steps, in a slot if it has one.
type look struct {
	steps []step
	slot  int // one more than its number, 0 for none
}

// rests is what a rule reads of a resource of one type.
type rests struct {
	looks        []int
	around       bool // its resource group or subscription
	open         bool // more than can be told
	hits, misses int
}

func newRecall() *recall {
	return &recall{looks: map[*program]*looks{}, codes: map[string]uint32{}, told: map[*writtenRule]map[string]*told{}}
}

// on turns to another resource.
func (c *recall) on(m *memory) {
	if c.count > maxRecalled || c.size > maxCoded {
		clear(c.codes)
		clear(c.told)
		c.count, c.size = 0, 0
	}
	if l := c.looks[m.p]; l != nil {
		clear(l.known)
	}
	c.stem = 0
}

// of gives what there is to tell of a rule's status on a resource, as find does.
func (c *recall) of(w *writtenRule, m *memory, r *Resource, status Status, find func() told) *told {
	key, ok := c.keyOf(w, m, r, status)
	if !ok {
		found := find()
		return &found
	}
	if known := c.told[w][string(key)]; known != nil {
		w.rests.hits++
		return known
	}
	if w.rests.misses++; w.rests.misses > maxMisses && w.rests.hits < w.rests.misses/8 {
		w.rests.open = true
		delete(c.told, w)
	}
	name := string(key) // find may read others
	found := find()
	for i := range found.evidence {
		e := &found.evidence[i]
		if e.Resource != "" {
			return &found
		}
		e.Path, e.Found = strings.Clone(e.Path), e.Found.Clone()
	}
	found.evidence = slices.Clip(found.evidence)
	if c.told[w] == nil {
		c.told[w] = map[string]*told{}
	}
	c.told[w][name] = &found
	c.count++
	return &found
}

// keyOf is what decides the evidence of a rule's status on a resource; not ok where
// that cannot be told.
func (c *recall) keyOf(w *writtenRule, m *memory, r *Resource, status Status) ([]byte, bool) {
	if w.rests.open || r.Unseen != "" || r.APIVersion != "" {
		return nil, false
	}
	if c.stem == 0 {
		c.stem = c.stemOf(r)
	}
	l := c.looks[m.p]
	c.key = binary.LittleEndian.AppendUint32(append(c.key[:0], byte(status)), c.stem)
	for _, at := range w.rests.looks {
		if !l.known[at] {
			l.known[at], l.codes[at] = true, c.valueCode(l.places[at].in(m, r))
		}
		c.key = binary.LittleEndian.AppendUint32(c.key, l.codes[at])
	}
	if w.rests.around {
		c.text = append(append(c.text[:0], GroupOf(r.ID)...), 0)
		c.text = append(append(append(c.text, UnitOf(r.ID)...), 0), r.Unit...)
		c.key = binary.LittleEndian.AppendUint32(c.key, c.code())
	}
	return c.key, true
}

// stemOf numbers what counts of a resource whatever is read of it.
func (c *recall) stemOf(r *Resource) uint32 {
	c.text = append(append(append(c.text[:0], r.Type...), 0), r.Location...)
	if strings.HasSuffix(strings.ToLower(r.Type), "/config") {
		c.text = append(append(c.text, 0), r.Name...) // see placeOfSettings
	}
	if r.Partial {
		c.text = append(c.text, 1)
	}
	for _, g := range r.Gaps {
		c.text = append(append(append(append(append(c.text, 2), g.Path...), 3), g.Reason...), byte(g.Is))
	}
	return c.code()
}

// valueCode numbers a value of a body: equal numbers mean equal texts of JSON.
func (c *recall) valueCode(v *fastjson.Value) uint32 {
	if v == nil {
		return 0
	}
	c.text = v.MarshalTo(c.text[:0])
	return c.code()
}

// code numbers the text at hand.
func (c *recall) code() uint32 {
	n, ok := c.codes[string(c.text)]
	if !ok {
		n = uint32(len(c.codes) + 1)
		c.codes[string(c.text)] = n
		c.size += len(c.text)
	}
	return n
}

// in gives what stands at the place.
func (l *look) in(m *memory, r *Resource) *fastjson.Value {
	if l.slot > 0 {
		return m.found[l.slot-1]
	}
	v := r.Body
	for i := range l.steps {
		v = lookup(v, l.steps[i].key)
	}
	return v
}

// read finds out what a rule's conditions read.
func (c *recall) read(m *memory, shape *Resource, fields *fieldResolver, conditions ...*cond) rests {
	l := c.looks[m.p]
	if l == nil {
		l = &looks{numbers: map[string]int{}}
		c.looks[m.p] = l
	}
	var all rests
	field := func(f *field) {
		switch {
		case f == nil || f.kind > fieldType && f.kind != fieldLocation:
			all.open = true
		case f.kind == fieldLocation:
			all.look(l, locationPath)
		case f.kind == fieldPath:
			all.look(l, f.path)
		}
	}
	for _, condition := range conditions {
		visitLeaves(condition, func(leaf *leaf) {
			templates := leaf.templates()
			switch {
			case leaf.kind == FieldLeaf:
				field(leaf.field)
				templates = templates[1:]
			case leaf.count != nil && leaf.count.value == nil:
				field(leaf.count.field)
			}
			for _, t := range templates {
				u := t.uses()
				all.open, all.around = all.open || u.computed, all.around || len(u.contexts) > 0
				for _, name := range slices.Concat(u.fields, u.currents) {
					if name != "" {
						field(fields.eased(name, shape, leaf.shapes))
					}
				}
			}
		})
	}
	return all
}

// look adds the value that a path's steps before its first star lead to: what the
// path leads to is in it. What stands beside the value of a pair tells whether it is
// secret, so there it is the whole pair.
func (r *rests) look(l *looks, p *bodyPath) {
	at := look{p.steps[:p.keys], p.slot}
	if i := slices.IndexFunc(at.steps, isToldBeside); i >= 0 {
		at = look{steps: at.steps[:i]}
	}
	if len(at.steps) == 0 {
		r.open = true
		return
	}
	var name []byte
	for _, s := range at.steps {
		name = append(append(name, s.key...), 0)
	}
	name = binary.LittleEndian.AppendUint32(name, uint32(at.slot))
	n, ok := l.numbers[string(name)]
	if !ok {
		n = len(l.places)
		l.numbers[string(name)] = n
		l.places, l.codes, l.known = append(l.places, at), append(l.codes, 0), append(l.known, false)
	}
	if !slices.Contains(r.looks, n) {
		r.looks = append(r.looks, n)
	}
}

// isToldBeside reports whether what stands beside a step may say that what it leads
// to is secret; see pairAt.
func isToldBeside(s step) bool {
	_, isIndex := indexOf(s.key)
	return isIndex || isValueOfPair(s.key)
}
