package outline

import (
	"slices"
	"strings"
)

const (
	maxKeys  = 256     // learned of the objects at one place
	maxNodes = 1 << 14 // places learned by one reader
	maxNexts = 8       // keys remembered to come after another
)

// node is a place where values stand of which something is wanted.
type node struct {
	slot int32 // where its code goes, -1 for none
	as   As
	// numbered says that texts and numbers here are told apart.
	numbered bool
	want     *Want // what is wanted below it
	part     *Part // the value is part of a wanted one: what counts of it
	below    *Part // the value is wanted: what counts of it as an array or object
	form     *Form // of what kinds the values below it are; nil for nothing
	kinds    Kinds // that a value may have here; 0: any
	salt     uint64
	names    names
	members  *names // numbers the members of an array; nil if nobody asks for them
	entire   *names // numbers arrays and objects by all of them; nil if nobody asks

	object *object // its members, once an object stood here
	member *node   // the members of arrays
}

// object is what was learned of the objects at one place.
type object struct {
	start  *key // stands before the first
	keys   map[string]*key
	places map[string]int32 // by folded key; see key.once
	nodes  map[string]*node // by folded key: all spellings share their codes
	root   bool             // it is the record itself: no key may occur twice, wanted or not
	keyed  bool             // which keys there are counts
	want   *Want
	part   *Part
	form   *Form
}

// key is a key of the objects at one place.
type key struct {
	node *node // nil: nobody wants anything of it
	// once numbers, from 1, the keys of which an object may have one only,
	// ignoring case; 0 if that does not matter.
	once   int32
	odd    bool   // it is another spelling of a name that a form has
	known  bool   // it is a member that a form has
	head   int32  // number of the head, -1 for none
	salt   uint64 // if which keys there are counts, else 0
	next   next   // the key that last came after it
	others []next // others that did
}

// next is a key that came after another.
type next struct {
	text string // all from the end of the value before to the value behind the key
	key  *key
}

func (r *Reader) newNode(want *Want, part *Part, form *Form) *node {
	r.nodes++
	n := &node{slot: -1, want: want, part: part, form: form, salt: mix(r.seed, uint64(r.nodes)), names: names{room: &r.room}}
	if form != nil && form.Kinds != 0 {
		n.kinds = form.Kinds | null
	}
	if want != nil && want.Slot >= 0 {
		n.slot, n.as, n.below = int32(want.Slot), want.As, want.Below
		if n.as == Text && (n.below == nil || part != nil) {
			n.as, n.below = Whole, nil
		}
		if part != nil {
			n.part = &Part{Everything: true}
		}
		if want.Entire > 0 {
			n.entire = &names{room: &r.room}
		}
		if want.Members && n.as == Text {
			n.members = &names{room: &r.room}
		}
	}
	n.numbered = n.slot >= 0 && n.as != Kind && n.as != Raw || n.part != nil && n.part.Everything
	return n
}

// counting is what counts of a place for a wanted value, there or above.
func (n *node) counting() *Part {
	if n.part != nil {
		return n.part
	}
	return n.below
}

// inside gives what is learned of the objects at n.
func (r *Reader) inside(n *node) *object {
	if n.object == nil {
		part := n.counting()
		if part != nil && part.Everything {
			part = nil // the text of the object counts
		}
		n.object = newObject(n.want, part, n.form)
		if n.want != nil && n.want.Exact {
			for name := range n.want.Kids { // before too many others are learned
				r.learn(n.object, []byte(name))
			}
		}
		n.object.keyed = n.slot >= 0 && n.as == Keys
	}
	return n.object
}

func newObject(want *Want, part *Part, form *Form) *object {
	return &object{start: &key{head: -1}, keys: map[string]*key{}, places: map[string]int32{}, nodes: map[string]*node{}, want: want, part: part, form: form}
}

// among gives the place of the members of arrays at n.
func (r *Reader) among(n *node) *node {
	if n.member == nil {
		part := n.counting()
		if part != nil && part.Everything {
			part = nil // the text of the array counts
		}
		n.member = r.newNode(nil, part, n.form.items())
		n.member.kinds &^= null
	}
	return n.member
}

// learn gives the key of an object with a name, nil if there are too many.
func (r *Reader) learn(o *object, name []byte) *key {
	if k := o.keys[string(name)]; k != nil {
		return k
	}
	if len(o.keys) >= maxKeys || r.nodes >= maxNodes || o.root && isOddHead(name) {
		return nil
	}
	lower := strings.ToLower(string(name))
	k := &key{head: -1}
	if o.root {
		k.head = headInAnyCase(lower)
	}
	form, odd := o.form.of(lower)
	k.odd, k.known = odd, o.form.knows(lower)
	if want, part := o.wanted(string(name), lower); want != nil || part != nil || form != nil {
		if k.node = o.nodes[o.folded(string(name), lower)]; k.node == nil {
			k.node = r.newNode(want, part, form)
			o.nodes[o.folded(string(name), lower)] = k.node
		}
	}
	if k.node != nil || o.root {
		place := o.folded(string(name), lower)
		if k.once = o.places[place]; k.once == 0 {
			r.places++
			k.once = int32(r.places)
			o.places[place] = k.once
		}
	}
	if o.keyed {
		k.salt = hashText(name) | 1
	}
	o.keys[string(name)] = k
	return k
}

// isOddHead reports whether a name is that of a head, but for the case of its
// letters: what it means is for others to say.
func isOddHead(name []byte) bool {
	return slices.ContainsFunc(headNames[:firstInAnyCase], func(head string) bool {
		return head != string(name) && strings.EqualFold(head, string(name))
	})
}

// headInAnyCase gives the number of a head that counts in any case, -1 for
// other names.
func headInAnyCase(lower string) int32 {
	for i, head := range headNames[firstInAnyCase:] {
		if strings.ToLower(head) == lower {
			return int32(firstInAnyCase + i)
		}
	}
	return -1
}

// folded is the form of a key in which equal ones are the same member.
func (o *object) folded(name, lower string) string {
	if o.want != nil && o.want.Exact && !o.root {
		return name
	}
	return lower
}

// wanted gives what is wanted of a member.
func (o *object) wanted(name, lower string) (want *Want, part *Part) {
	if o.want != nil {
		want = o.want.Kids[o.folded(name, lower)]
	}
	if o.part != nil {
		part = o.part.Kids[lower]
	}
	return want, part
}

// of gives the form of a member by its folded name. It is odd where the name is spelt
// as that of another one but for underscores and hyphens.
func (f *Form) of(lower string) (form *Form, odd bool) {
	if f == nil {
		return nil, false
	}
	if form = f.Kids[lower]; form != nil {
		return form, false
	}
	for name := range f.Kids {
		odd = odd || lettersOf(name) == lettersOf(lower)
	}
	return nil, odd
}

// knows reports whether an object may have a member by its folded name alone.
func (f *Form) knows(lower string) bool {
	return f == nil || f.Others == nil || f.Kids[lower] != nil || f.Others[lower]
}

// lettersOf gives a name without what only joins its words.
func lettersOf(name string) string { return joints.Replace(name) }

var joints = strings.NewReplacer("_", "", "-", "")

// items gives the form of the members of arrays.
func (f *Form) items() *Form {
	if f == nil {
		return nil
	}
	return f.Items
}

// follow notes that a key came after another.
func (k *key) follow(text []byte, n *key) {
	if k.next.key != nil {
		if len(k.others) < maxNexts {
			k.others = append(k.others, next{})
		}
		copy(k.others[1:], k.others)
		k.others[0] = k.next
	}
	k.next = next{string(text), n}
}
