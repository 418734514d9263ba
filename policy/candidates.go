package policy

import "strings"

// candidates finds candidates for existence checks by where they stand: it keeps
// the class of all candidates of a type at a place, not the candidates.
type candidates struct {
	types  []*candidatesOf // by number of the type; nil for what nothing looks for
	joined map[[2]int32]int32
	places [4][]uint64
	at     standing // of the resource at hand
	name   []byte
}

// candidatesOf are the candidates of one type.
type candidatesOf struct {
	nested  bool // some hang below other resources; these are looked for there
	unseen  bool // some could not be read
	unnamed bool // of some of these not even the name is known
	places  placeTable
	kept    keptDocs
	others  []*keptDocs // of other indexes
}

func newCandidates() *candidates {
	return &candidates{joined: map[[2]int32]int32{}}
}

// of gives the candidates of a type.
func (x *candidates) of(p *program) *candidatesOf {
	for int(p.typeID) >= len(x.types) {
		x.types = append(x.types, nil)
	}
	if x.types[p.typeID] == nil {
		x.types[p.typeID] = &candidatesOf{}
	}
	return x.types[p.typeID]
}

// in gives the candidates of a type, none if there are none.
func (x *candidates) in(p *program) *candidatesOf {
	if int(p.typeID) >= len(x.types) || x.types[p.typeID] == nil {
		return &noCandidates
	}
	return x.types[p.typeID]
}

var noCandidates candidatesOf

// place is where candidates of a type are looked for: below a resource, in a
// group or in a unit.
func place(id uint64, relation Relation) uint64 {
	if relation == Extension {
		relation = Below
	}
	return id + uint64(relation+1)*0xbf58476d1ce4e5b9
}

// named narrows a place down to candidates with one name, given its hash.
func named(place, name uint64) uint64 {
	return place ^ name*0x94d049bb133111eb
}

// add registers a resource as a candidate.
func (x *candidates) add(s *Set, r *Resource, m *memory, class int32) {
	t, c := m.p.target, x.of(m.p)
	count := int32(1)
	if r.Unseen != "" {
		count = unseenCount
	}
	c.unseen, c.unnamed = c.unseen || r.Unseen != "", c.unnamed || r.isUnnamed()
	kept := int32(-1)
	for relation, ids := range x.placesOf(c, r, m.p) {
		extends := Relation(relation) == Below && (x.at.nested() || t.at(Extension))
		endings := t.endings[relation]
		if extends {
			endings = t.all
		}
		for _, id := range ids {
			at := place(id, Relation(relation))
			if t.wants[relation] || extends || t.keep != nil {
				x.join(s, c, at, class, count)
			}
			switch {
			case len(endings) == 0:
			case r.isUnnamed():
				x.join(s, c, named(at, HashID(anyName)), class, count)
			default:
				x.joinNamed(s, c, at, x.fullName(r), endings, placed{class, count})
			}
			if t.keep == nil {
				continue
			}
			if kept < 0 {
				kept = c.kept.add(r, m, x.fullName(r))
			}
			c.kept.at(at, kept)
		}
	}
}

func (x *candidates) join(s *Set, c *candidatesOf, at uint64, class, count int32) {
	p := c.places.entry(at)
	if p.count > 0 && p.class != class {
		class = x.or(s, p.class, class)
	}
	p.class, p.count = class, p.more(count)
}

// or asks the set for the class of two candidates together once.
func (x *candidates) or(s *Set, a, b int32) int32 {
	n, ok := x.joined[[2]int32{a, b}]
	if !ok {
		s.mu.Lock()
		n = s.classes.or(a, b)
		s.mu.Unlock()
		x.joined[[2]int32{a, b}] = n
	}
	return n
}

// joinNamed registers a candidate under every way in which a query may name it.
func (x *candidates) joinNamed(s *Set, c *candidatesOf, at uint64, fullName string, endings []string, p placed) {
	join := func(name string) {
		if endsWithAny(name, endings) {
			x.join(s, c, named(at, HashID(name)), p.class, p.count)
		}
	}
	cut := strings.LastIndexByte(fullName, '/')
	join(fullName[cut+1:])
	if cut >= 0 {
		join(fullName)
		join(fullName[:cut] + "/?")
	}
}

func endsWithAny(name string, endings []string) bool {
	for _, e := range endings {
		if len(name) >= len(e) && strings.EqualFold(name[len(name)-len(e):], e) {
			return true
		}
	}
	return false
}

// fullName gives the full name of the resource at hand. It may be in the
// index's buffer.
func (x *candidates) fullName(r *Resource) string {
	if r.FullName != "" || r.Outline == nil || x.at.providers < 0 {
		return r.fullName()
	}
	x.name = x.at.appendFullName(x.name[:0])
	return textOfBytes(x.name)
}

// placesOf hashes the ids of the places at which a candidate stands and some
// check looks, by relation. The result is valid until the next call.
func (x *candidates) placesOf(c *candidatesOf, r *Resource, p *program) *[4][]uint64 {
	places := &x.places
	for i := range places {
		places[i] = places[i][:0]
	}
	t, at := p.target, &x.at
	if r.Native {
		places[InSubscription] = append(places[InSubscription], HashID(r.Unit))
		return places
	}
	below, nested := t.at(Below), at.nested()
	c.nested = c.nested || nested
	if at.providers >= 0 {
		if at.providers > 0 && (nested || t.at(Extension)) {
			places[Below] = append(places[Below], at.hash(at.providers))
		}
		if below {
			places[Below] = at.ancestors(places[Below])
		}
	} else if at.group > 0 && below {
		places[Below] = append(places[Below], at.hash(at.unit))
	}
	if nested {
		return places // only for what it hangs below, whatever else stands in its group
	}
	if at.group > 0 && t.at(InGroup) {
		places[InGroup] = append(places[InGroup], at.hash(at.group))
	}
	if at.unit > 0 && t.at(InSubscription) {
		places[InSubscription] = append(places[InSubscription], at.hash(at.unit))
	}
	return places
}

// merge takes over what another index knows.
func (x *candidates) merge(s *Set, other *candidates) {
	for len(x.types) < len(other.types) {
		x.types = append(x.types, nil)
	}
	for i, o := range other.types {
		c := x.types[i]
		if c == nil {
			x.types[i] = o
		}
		if c == nil || o == nil {
			continue
		}
		c.nested, c.unseen, c.unnamed = c.nested || o.nested, c.unseen || o.unseen, c.unnamed || o.unnamed
		if len(o.places.slots) > len(c.places.slots) {
			c.places, o.places = o.places, c.places
		}
		o.places.each(func(at uint64, p placed) { x.join(s, c, at, p.class, p.count) })
		c.others = append(c.others, &o.kept)
	}
}
