package policy

import (
	"strings"

	"github.com/valyala/fastjson"
)

// testClasses numbers the outcome vectors of existence tests, and of what
// several candidates come to together.
type testClasses struct {
	vectors  [][]byte
	byVector map[string]int32
	joined   map[[2]int32]int32
}

func newTestClasses() *testClasses {
	c := &testClasses{byVector: map[string]int32{}, joined: map[[2]int32]int32{}}
	c.vectors = append(c.vectors, nil) // 0 is no class
	return c
}

func (c *testClasses) number(vector []byte) int32 {
	if n, ok := c.byVector[string(vector)]; ok {
		return n
	}
	n := int32(len(c.vectors))
	c.vectors = append(c.vectors, vector)
	c.byVector[string(vector)] = n
	return n
}

// or gives the class of two candidates together: a test passes if it does on
// either.
func (c *testClasses) or(a, b int32) int32 {
	if a == b || b == 0 {
		return a
	}
	if a == 0 {
		return b
	}
	if a > b {
		a, b = b, a
	}
	if n, ok := c.joined[[2]int32{a, b}]; ok {
		return n
	}
	vector := make([]byte, max(len(c.vectors[a]), len(c.vectors[b])))
	for i := range vector {
		vector[i] = byte(c.outcome(a, i).or(c.outcome(b, i)))
	}
	n := c.number(vector)
	c.joined[[2]int32{a, b}] = n
	return n
}

// outcome is what a class's candidates come to in a test; without candidates
// it is false.
func (c *testClasses) outcome(class int32, test int) Outcome {
	if v := c.vectors[class]; test < len(v) {
		return Outcome(v[test])
	}
	return isFalse
}

// candidates finds candidates for existence checks by where they stand: it keeps
// the class of all candidates of a type at a place, not the candidates.
type candidates struct {
	classes   map[uint64]placed
	docs      []keptDoc
	byPlace   map[uint64][]int32 // numbers of kept candidates
	extension map[string]bool    // types seen hanging below other resources
	places    [4][]uint64
	at        standing // of the resource at hand
	kept      int32 // number of the candidate at hand in docs, -1 if it is not there
}

// placed are the candidates at one place.
type placed struct{ class, count int32 }

// keptDoc is what late tests read of one candidate.
type keptDoc struct {
	fullName string
	partial  bool
	json     []byte
}

func newCandidates() *candidates {
	return &candidates{classes: map[uint64]placed{}, byPlace: map[uint64][]int32{}, extension: map[string]bool{}, kept: -1}
}

// place is where candidates of a type are looked for: below a resource, in a
// group or in a unit.
func place(id uint64, p *program, relation Relation) uint64 {
	if relation == Extension {
		relation = Below
	}
	return (id ^ uint64(p.typeID+1)*0x9e3779b97f4a7c15) + uint64(relation+1)*0xbf58476d1ce4e5b9
}

// named narrows a place down to candidates with one name.
func named(place uint64, name string) uint64 {
	return place ^ HashID(name)*0x94d049bb133111eb
}

// add registers a resource as a candidate.
func (x *candidates) add(s *Set, r *Resource, m *memory, class int32) {
	p := m.p
	t := p.target
	for relation, ids := range x.placesOf(r, p) {
		for _, id := range ids {
			at := place(id, p, Relation(relation))
			nested := Relation(relation) == Below && x.extension[p.typeName]
			if t.wants[relation] || nested || t.keep != nil {
				x.join(s, at, class, 1)
			}
			if t.wantsNamed[relation] || nested && t.named {
				x.joinNamed(s, at, r.fullName(), class)
			}
			if t.keep != nil {
				x.keepAt(r, m, at)
			}
		}
	}
	x.kept = -1
}

func (x *candidates) join(s *Set, at uint64, class, count int32) {
	old := x.classes[at]
	if old.count > 0 && old.class != class {
		s.mu.Lock()
		class = s.classes.or(old.class, class)
		s.mu.Unlock()
	}
	x.classes[at] = placed{class, old.count + count}
}

// joinNamed registers a candidate under every way in which a query may name it.
func (x *candidates) joinNamed(s *Set, at uint64, fullName string, class int32) {
	cut := strings.LastIndexByte(fullName, '/')
	x.join(s, named(at, fullName[cut+1:]), class, 1)
	if cut >= 0 {
		x.join(s, named(at, fullName), class, 1)
		x.join(s, named(at, fullName[:cut]+"/?"), class, 1)
	}
}

// placesOf hashes the ids of the places at which a candidate stands and some
// check looks, by relation. The result is valid until the next call.
func (x *candidates) placesOf(r *Resource, p *program) *[4][]uint64 {
	places := &x.places
	for i := range places {
		places[i] = places[i][:0]
	}
	t := p.target
	if r.Native {
		places[InSubscription] = append(places[InSubscription], HashID(r.Unit))
		return places
	}
	at := &x.at
	below := t.at(Below)
	if at.providers >= 0 {
		nested := at.providers > at.group && at.providers > at.unit
		if nested && !x.extension[p.typeName] {
			x.extension[p.typeName] = true
		}
		if at.providers > 0 && (nested || t.at(Extension)) {
			places[Below] = append(places[Below], at.hash(at.providers))
		}
		if below {
			places[Below] = at.ancestors(places[Below])
		}
	} else if at.group > 0 && below {
		places[Below] = append(places[Below], at.hash(at.unit))
	}
	if at.group > 0 && t.at(InGroup) {
		places[InGroup] = append(places[InGroup], at.hash(at.group))
	}
	if at.unit > 0 && t.at(InSubscription) {
		places[InSubscription] = append(places[InSubscription], at.hash(at.unit))
	}
	return places
}

// ancestors adds the resources that an id names on its way: after the
// namespace come pairs of type and name.
func (s *standing) ancestors(places []uint64) []uint64 {
	slashes := 0
	for i := s.providers + len("/providers/"); i < len(s.id); i++ {
		if s.id[i] != '/' {
			continue
		}
		if slashes++; slashes > 1 && slashes%2 == 1 {
			places = append(places, s.hash(i))
		}
	}
	return places
}

// UnitOf gives the subscription of an ARM id, "" for none.
func UnitOf(id string) string {
	const word = "/subscriptions/"
	if len(id) <= len(word) || !strings.EqualFold(id[:len(word)], word) {
		return ""
	}
	if end := strings.IndexByte(id[len(word):], '/'); end >= 0 {
		return id[:len(word)+end]
	}
	return id
}

// GroupOf gives the resource group of an ARM id, "" for none.
func GroupOf(id string) string {
	unit := UnitOf(id)
	const word = "/resourcegroups/"
	rest := id[len(unit):]
	if unit == "" || len(rest) <= len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return ""
	}
	if end := strings.IndexByte(rest[len(word):], '/'); end >= 0 {
		return id[:len(unit)+len(word)+end]
	}
	return id
}

// keepAt registers what late tests read of a candidate at a place, copying it
// once.
func (x *candidates) keepAt(r *Resource, m *memory, at uint64) {
	if x.kept < 0 {
		x.kept = int32(len(x.docs))
		x.docs = append(x.docs, keptDoc{
			fullName: strings.Clone(r.fullName()), partial: r.Partial, json: m.prune(nil, r.tree(), m.p.target.keep),
		})
	}
	x.byPlace[at] = append(x.byPlace[at], x.kept)
}

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

// merge takes over what another index knows.
func (x *candidates) merge(s *Set, other *candidates) {
	for at, p := range other.classes {
		x.join(s, at, p.class, p.count)
	}
	offset := int32(len(x.docs))
	x.docs = append(x.docs, other.docs...)
	for at, numbers := range other.byPlace {
		for _, n := range numbers {
			x.byPlace[at] = append(x.byPlace[at], n+offset)
		}
	}
	for t := range other.extension {
		x.extension[t] = true
	}
}
