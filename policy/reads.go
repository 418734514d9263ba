package policy

import (
	"bytes"
	"unsafe"
)

// reads is what a leaf reads of a resource that its class does not tell: the
// leaf gives the same for resources that have the same there.
type reads struct {
	slots []int32
	place bool // the value of a template that depends on the place alone; see shareAround
	// open says that it reads more than can be told.
	open bool
}

// maxReads is how many slots of a leaf are told.
const maxReads = 3

// readsOf finds out what a leaf reads. Its paths have been given slots before.
func (b *builder) readsOf(l *leaf) reads {
	var r reads
	templates := []Template{l.left, l.right}
	if l.kind == FieldLeaf && l.field != nil {
		templates = templates[1:]
	}
	b.readField(&r, l.field, l.kind == FieldLeaf)
	if l.count != nil {
		if l.count.value != nil {
			templates = append(templates, *l.count.value)
		}
		b.readField(&r, l.count.field, l.count.value == nil)
		visitLeaves(l.count.where, func(inner *leaf) { r.join(b.readsOf(inner)) })
		r.open = r.open || r.place // its values are not l's own sides
	}
	for _, t := range templates {
		u := t.uses()
		r.open = r.open || u.computed || u.unique
		r.open = r.open || len(u.contexts) > 0 && !dependsOnPlace(t)
		r.place = r.place || len(u.contexts) > 0
		for _, name := range append(u.fields, u.currents...) {
			if name != "" {
				b.readField(&r, b.fields.eased(name, b.shape, l.shapes), false)
			}
		}
	}
	r.open = r.open || len(r.slots) > maxReads
	return r
}

// readField adds a field; needed says that the leaf has none without it.
func (b *builder) readField(r *reads, f *field, needed bool) {
	switch {
	case f == nil:
		r.open = r.open || needed
	case f.kind == fieldPath:
		r.addSlot(int32(b.slotFor(f.path)))
	case f.kind == fieldLocation:
		r.addSlot(slotLocation)
	case f.kind > fieldType:
		r.open = true
	}
}

func (r *reads) join(other reads) {
	for _, at := range other.slots {
		r.addSlot(at)
	}
	r.place, r.open = r.place || other.place, r.open || other.open
}

func (r *reads) addSlot(at int32) {
	for _, known := range r.slots {
		if known == at {
			return
		}
	}
	r.slots = append(r.slots, at)
}

// placeQuery makes slots for what a rule's existence check reads of the resource
// under if, so that an outline has it.
func (b *builder) placeQuery(rule *Bound) {
	d := rule.details
	names, _ := needsOther(rule)
	for _, t := range []*Template{d.Name, d.Kind, d.ResourceGroupName, d.ExistenceScope} {
		if t != nil {
			names = append(names, t.uses().fields...)
		}
	}
	for _, name := range names {
		if f := b.fields.resolve(name, b.shape); f.kind == fieldPath && f.path.stars == 0 {
			b.slotFor(f.path)
		}
	}
}

// outlined gives the value of a path, if the resource's outline has it.
func (r *Resource) outlined(p *bodyPath) (v Value, ok bool) {
	if r.Outline == nil || r.Body != nil || p.slot == 0 || p.stars > 0 {
		return Value{}, false
	}
	if r.Outline.Codes[p.slot-1] == 0 {
		return NullValue(), true
	}
	text := r.Outline.Text(p.slot - 1)
	if len(text) < 2 || text[0] != '"' || bytes.IndexByte(text, '\\') >= 0 {
		return Value{}, false
	}
	text = text[1 : len(text)-1]
	return StringValue(unsafe.String(unsafe.SliceData(text), len(text))), true
}
