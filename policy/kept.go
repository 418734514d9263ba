package policy

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"
)

// keptDocs is what late tests read of the candidates of one type: names, and
// the rest of the body, which many have in common.
type keptDocs struct {
	docs    blocks[keptDoc]
	texts   [][]byte
	bodies  []string         // as JSON, pruned
	gaps    [][]Gap          // sets of unread places, the empty one left out
	numbers map[string]int32 // of bodies
	byCodes map[string]int32 // of bodies, by the codes of outlines
	places  map[uint64]int32 // the last link of a place, plus one
	links   blocks[keptLink]
	key     []byte
	json    []byte
}

type keptDoc struct {
	text, start        uint32 // of its texts: which, and where they begin there
	fullName, name, id uint32 // lengths
	body               int32
	gaps               int32 // one more than the number of its set, 0 for none
	partial, unseen    bool
}

// keptLink is one candidate at a place.
type keptLink struct{ doc, before int32 }

// at puts a candidate at a place.
func (k *keptDocs) at(place uint64, doc int32) {
	if k.places == nil {
		k.places = map[uint64]int32{}
	}
	k.places[place] = int32(k.links.add(keptLink{doc, k.places[place] - 1})) + 1
}

// each yields the candidates at a place until it is told to stop.
func (k *keptDocs) each(place uint64, yield func(doc *keptDoc) bool) {
	for at := k.places[place] - 1; at >= 0; {
		link := k.links.at(int(at))
		if !yield(k.docs.at(int(link.doc))) {
			return
		}
		at = link.before
	}
}

// add keeps what late tests read of a resource.
func (k *keptDocs) add(r *Resource, m *memory, fullName string) int32 {
	id := ""
	if m.p.target.keepID {
		id = r.ID
	}
	texts := k.room(len(fullName) + len(r.Name) + len(id))
	d := keptDoc{
		text: uint32(len(k.texts) - 1), start: uint32(len(*texts)),
		fullName: uint32(len(fullName)), name: uint32(len(r.Name)), id: uint32(len(id)),
		body: k.body(r, m), gaps: k.gapSet(r.Gaps), partial: r.Partial, unseen: r.Unseen != "",
	}
	*texts = append(append(append(*texts, fullName...), r.Name...), id...)
	return int32(k.docs.add(d))
}

// textSize is how much text is kept in one piece.
const textSize = 1 << 16

// room gives the piece that has room for more text.
func (k *keptDocs) room(size int) *[]byte {
	if n := len(k.texts); n == 0 || cap(k.texts[n-1])-len(k.texts[n-1]) < size {
		k.texts = append(k.texts, make([]byte, 0, max(textSize, size)))
	}
	return &k.texts[len(k.texts)-1]
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
		c := m.readCode(at)
		if c < 0 {
			return false
		}
		k.key = binary.LittleEndian.AppendUint32(k.key, uint32(c))
	}
	return len(t.keepSlots) > 0
}

// gapSet numbers a set of unread places from 1; 0 for none. Few sets are met:
// what was denied for one resource was mostly denied for all.
func (k *keptDocs) gapSet(gaps []Gap) int32 {
	if len(gaps) == 0 {
		return 0
	}
	for i := len(k.gaps) - 1; i >= max(0, len(k.gaps)-16); i-- {
		if slices.Equal(k.gaps[i], gaps) {
			return int32(i) + 1
		}
	}
	own := slices.Clone(gaps)
	for i := range own {
		own[i] = Gap{strings.Clone(own[i].Path), strings.Clone(own[i].Reason), own[i].Is}
	}
	k.gaps = append(k.gaps, own)
	return int32(len(k.gaps))
}

// names gives the texts of a kept candidate.
func (k *keptDocs) names(d *keptDoc) (fullName, name, id string) {
	all := textOfBytes(k.texts[d.text][d.start : d.start+d.fullName+d.name+d.id])
	return all[:d.fullName], all[d.fullName : d.fullName+d.name], all[d.fullName+d.name:]
}

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
