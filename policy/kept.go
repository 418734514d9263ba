package policy

import (
	"encoding/binary"
	"unsafe"

	"github.com/valyala/fastjson"
)

// keptDocs is what late tests read of the candidates of one type: names, and
// the rest of the body, which many have in common.
type keptDocs struct {
	docs    []keptDoc
	texts   []byte
	bodies  []string         // as JSON, pruned
	numbers map[string]int32 // of bodies
	byCodes map[string]int32 // of bodies, by the codes of outlines
	places  map[uint64]int32 // the last link of a place, plus one
	links   []keptLink
	key     []byte
	json    []byte
}

type keptDoc struct {
	start              uint32 // in texts
	fullName, name, id uint32 // lengths there
	body               int32
	partial            bool
}

// keptLink is one candidate at a place.
type keptLink struct{ doc, before int32 }

// at puts a candidate at a place.
func (k *keptDocs) at(place uint64, doc int32) {
	if k.places == nil {
		k.places = map[uint64]int32{}
	}
	k.links = append(k.links, keptLink{doc, k.places[place] - 1})
	k.places[place] = int32(len(k.links))
}

// each yields the candidates at a place until it is told to stop.
func (k *keptDocs) each(place uint64, yield func(doc *keptDoc) bool) {
	for at := k.places[place] - 1; at >= 0; at = k.links[at].before {
		if !yield(&k.docs[k.links[at].doc]) {
			return
		}
	}
}

// add keeps what late tests read of a resource.
func (k *keptDocs) add(r *Resource, m *memory, fullName string) int32 {
	d := keptDoc{
		start: uint32(len(k.texts)), fullName: uint32(len(fullName)), name: uint32(len(r.Name)),
		body: k.body(r, m), partial: r.Partial,
	}
	k.texts = append(append(k.texts, fullName...), r.Name...)
	if m.p.target.keepID {
		d.id = uint32(len(r.ID))
		k.texts = append(k.texts, r.ID...)
	}
	k.docs = append(k.docs, d)
	return int32(len(k.docs) - 1)
}

// body numbers what is left of a body. Outlines tell without parsing.
func (k *keptDocs) body(r *Resource, m *memory) int32 {
	told := r.Outline != nil && m.keptKey(k)
	if told {
		if n, ok := k.byCodes[string(k.key)]; ok {
			return n
		}
	}
	k.json = m.prune(k.json[:0], r.tree(), m.p.target.keep)
	n := k.number(k.json)
	if told && len(k.byCodes) < maxTexts {
		if k.byCodes == nil {
			k.byCodes = map[string]int32{}
		}
		k.byCodes[string(k.key)] = n
	}
	return n
}

func (k *keptDocs) number(json []byte) int32 {
	n, ok := k.numbers[string(json)]
	if !ok {
		n = int32(len(k.bodies))
		k.bodies = append(k.bodies, string(json))
		if k.numbers == nil {
			k.numbers = map[string]int32{}
		}
		k.numbers[k.bodies[n]] = n
	}
	return n
}

// keptKey writes the codes of all that is kept of an outlined resource. False:
// they do not tell everything.
func (m *memory) keptKey(k *keptDocs) bool {
	t := m.p.target
	k.key = k.key[:0]
	for _, at := range t.keepSlots {
		c := m.codeOf(at)
		if c < 0 {
			return false
		}
		k.key = binary.LittleEndian.AppendUint32(k.key, uint32(c))
	}
	return len(t.keepSlots) > 0
}

// merge takes over what others kept.
func (k *keptDocs) merge(other *keptDocs) {
	offset, start := int32(len(k.docs)), uint32(len(k.texts))
	k.texts = append(k.texts, other.texts...)
	for _, d := range other.docs {
		d.start += start
		d.body = k.number([]byte(other.bodies[d.body]))
		k.docs = append(k.docs, d)
	}
	for place, last := range other.places {
		for at := last - 1; at >= 0; at = other.links[at].before {
			k.at(place, other.links[at].doc+offset)
		}
	}
}

// text gives a text of a kept candidate: its full name, name or id.
func (k *keptDocs) text(from, size uint32) string { return textOfBytes(k.texts[from : from+size]) }

// textOfBytes is b as a string, as long as nobody writes to it.
func textOfBytes(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// prune writes a body with only what a branch leads to.
func (m *memory) prune(dst []byte, v *fastjson.Value, at *branch) []byte {
	object, err := v.Object()
	if err != nil || at.slot >= 0 {
		return v.MarshalTo(dst)
	}
	dst = append(dst, '{')
	first := true
	s := m.first[at.id]
	object.Visit(func(k []byte, v *fastjson.Value) {
		if s = m.step(at, s, k); s.next == nil {
			return
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendQuoted(dst, s.key), ':')
		dst = m.prune(dst, v, s.next)
	})
	return append(dst, '}')
}
