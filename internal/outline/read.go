package outline

import (
	"bytes"
	"math/bits"
	"strings"
)

// maxDepth bounds nesting: deeper records are left to a parser.
const maxDepth = 64

// Reader reads records of one kind, for one goroutine.
type Reader struct {
	Record Record

	root   *object
	seed   uint64
	nodes  int
	places int
	room   int // see names.room

	b      []byte
	quotes *quoteMap // of b
	hash   uint64    // of what counts of the wanted array or object at hand
	met    []uint32  // by key.once: the object in which it last occurred
	serial uint32    // of the last object
}

// NewReader makes a reader of records of which something is wanted, in slots
// numbered from 0, and which have a form; nil for any.
func NewReader(want *Want, slots int, form *Form) *Reader {
	r := &Reader{seed: hashText([]byte{1}), room: allNames}
	r.root = newObject(want, nil, form)
	r.root.root = true
	r.Record.Codes, r.Record.spans, r.Record.ofEach = make([]Code, slots), make([]span, slots), make([]span, slots)
	for i, name := range headNames {
		k := r.learn(r.root, []byte(name))
		k.head, r.Record.headSlots[i] = int32(i), -1
		if k.node != nil {
			r.Record.headSlots[i] = int(k.node.slot)
		}
	}
	return r
}

// Read reads a record, an object with white space around it at most. False
// says nothing of what it is, only that somebody else has to look. The bytes
// must not change as long as the record is used, nor what is mapped.
func (r *Reader) Read(m *Map) bool {
	b := m.text
	rec := &r.Record
	clear(rec.Codes)
	clear(rec.spans)
	for i := range rec.ofEach {
		rec.ofEach[i].from = -1
	}
	rec.each = rec.each[:0]
	rec.heads = [headCount]span{}
	rec.text, rec.parsed, rec.blank = b, nil, rec.blank[:0]
	r.b, r.hash, r.quotes = b, 0, &m.quotes
	if r.serial > 1<<31 {
		r.serial = 0
		clear(r.met)
	}
	i := space(b, 0)
	if i >= len(b) || b[i] != '{' || !m.ok {
		return false
	}
	end := r.object(r.root, i+1, 0)
	return end > 0 && space(b, end) == len(b)
}

// object reads the members of the object whose brace is before i, and gives
// the place behind it; 0 where it gives up.
func (r *Reader) object(o *object, i, depth int) int {
	b := r.b
	r.serial++
	serial, k, known := r.serial, o.start, false
	for {
		// This is [Reader.key] where the key is the expected one.
		if n := &k.next; len(b)-i > len(n.text) && string(b[i:i+len(n.text)]) == n.text && n.key != nil {
			i += len(n.text)
			k = n.key
		} else if k, i = r.key(o, k, i); k == nil {
			return i // 0, or the end of an empty object
		}
		if k.once > 0 && !r.first(k.once, serial) {
			return 0
		}
		known = known || k.known
		from := i
		if k.node != nil {
			i = r.value(k.node, i, depth)
		} else if end := r.quotes.near(b, i); end > 0 {
			i = end
		} else {
			i = r.skip(i, depth)
		}
		if i == 0 {
			return 0
		}
		if o.root {
			r.atRoot(k, from, i)
		} else if o.keyed {
			r.hash = mix(r.hash, k.salt)
		}
		if i >= len(b) {
			return 0
		}
		c := b[i]
		if c <= ' ' {
			if i = space(b, i); i >= len(b) {
				return 0
			}
			c = b[i]
		}
		if c == '}' {
			if !known {
				return 0
			}
			return i + 1
		}
	}
}

// atRoot notes a member of the record itself.
func (r *Reader) atRoot(k *key, from, end int) {
	if k.head >= 0 {
		r.Record.heads[k.head] = span{int32(from), int32(end)}
	}
}

// first reports whether a key was not met in this object yet.
func (r *Reader) first(once int32, serial uint32) bool {
	if int(once) >= len(r.met) {
		r.met = append(r.met, make([]uint32, r.places+64-len(r.met))...)
	}
	if r.met[once] == serial {
		return false
	}
	r.met[once] = serial
	return true
}

// key reads the key that comes after another, from the comma between them on,
// and gives the place of its value. Without a key: 0, or the end of the object
// if it has none.
func (r *Reader) key(o *object, before *key, i int) (*key, int) {
	b := r.b
	for at := range before.others {
		n := &before.others[at]
		if len(b)-i > len(n.text) && string(b[i:i+len(n.text)]) == n.text {
			before.next, *n = *n, before.next
			return before.next.key, i + len(before.next.text)
		}
	}
	return r.newKey(o, before, i)
}

// surplus stands for keys of objects that have too many to be learned, and of
// which nothing is wanted.
var surplus = &key{head: -1, known: true}

// newKey reads a key that is not expected.
func (r *Reader) newKey(o *object, before *key, i int) (*key, int) {
	b, from := r.b, i
	if before != o.start {
		if i >= len(b) || b[i] != ',' {
			return nil, 0
		}
		i++
	}
	if i = space(b, i); i >= len(b) {
		return nil, 0
	}
	if b[i] == '}' && before == o.start {
		return nil, i + 1
	}
	if b[i] != '"' {
		return nil, 0
	}
	name := i + 1
	end := r.pastText(name) - 1
	if end < name || bytes.IndexByte(b[name:end], '\\') >= 0 {
		return nil, 0
	}
	if i = space(b, end+1); i >= len(b) || b[i] != ':' {
		return nil, 0
	}
	if i = space(b, i+1); i >= len(b) {
		return nil, 0
	}
	k := r.learn(o, b[name:end])
	if k == nil {
		lower := strings.ToLower(string(b[name:end]))
		form, odd := o.form.of(lower)
		if want, part := o.wanted(string(b[name:end]), lower); !o.form.knows(lower) || o.root || o.keyed || want != nil || part != nil || form != nil || odd {
			return nil, 0
		}
		return surplus, i
	}
	if k.odd {
		return nil, 0
	}
	if before != surplus {
		before.follow(b[from:i], k)
	}
	return k, i
}

// value reads the value at i, of which something is wanted.
func (r *Reader) value(n *node, i, depth int) int {
	if n.kinds != 0 && (n.kinds&kindsByFirst[r.b[i]] == 0 || r.b[i] == '"' && mayBeCut(r.b[i+1:])) {
		return 0
	}
	switch c := r.b[i]; {
	case c == '"':
		return r.text(n, i)
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return 0
		}
		return r.compound(n, i, depth+1)
	}
	return r.scalar(n, i)
}

// kindsByFirst tells the kind of a value by its first byte.
var kindsByFirst = func() (kinds [256]Kinds) {
	kinds['['], kinds['{'], kinds['"'] = Array, Object, String
	kinds['t'], kinds['f'], kinds['n'] = Boolean, Boolean, null
	for _, c := range "-0123456789" {
		kinds[c] = Number
	}
	return kinds
}()

// text reads the string at i.
func (r *Reader) text(n *node, i int) int {
	b, from := r.b, i
	i++
	if !n.numbered {
		end := r.pastText(i)
		if end == 0 {
			return 0
		}
		return r.unnumbered(n, codeSomething, from, end)
	}
	for at := range n.names.recent {
		t := &n.names.recent[at]
		if t.text == "" || len(b)-i < len(t.text) || string(b[i:i+len(t.text)]) != t.text {
			continue
		}
		n.names.hits++
		if at > 0 {
			*t, n.names.recent[at-1] = n.names.recent[at-1], *t
			t = &n.names.recent[at-1]
		}
		return r.numbered(n, t.code, from, i+len(t.text))
	}
	end := r.pastText(i)
	if end == 0 || r.quotes.met.slash && bytes.IndexByte(b[i:end], '\\') >= 0 {
		return 0
	}
	return r.numbered(n, n.names.code(b[i:end]), from, end)
}

// scalar reads what is neither text nor array nor object.
func (r *Reader) scalar(n *node, i int) int {
	c, end := codeSomething, literal(r.b, i)
	if end == 0 {
		if end = number(r.b, i); end > 0 && n.numbered {
			return r.numbered(n, n.names.code(r.b[i:end]), i, end)
		}
		if end == 0 {
			return 0
		}
	} else {
		c = literalCode(r.b[i])
	}
	return r.unnumbered(n, c, i, end)
}

// The first codes of every place stand for what is no text and no number.
const (
	codeNull Code = iota + 1
	codeTrue
	codeFalse
	codeSomething
	firstCode
)

// literalCode is the code of null, true or false, by its first letter.
func literalCode(letter byte) Code {
	switch letter {
	case 'n':
		return codeNull
	case 't':
		return codeTrue
	}
	return codeFalse
}

// numbered notes a scalar that is told apart from others.
func (r *Reader) numbered(n *node, c Code, from, end int) int {
	if n.part != nil {
		x := uint64(c)
		if c == Unique {
			x = hashText(r.b[from:end])
		}
		r.add(n, x)
	}
	r.note(n, c, from, end)
	return end
}

// note keeps a scalar's code.
func (r *Reader) note(n *node, c Code, from, end int) {
	if n.slot >= 0 {
		r.Record.Codes[n.slot], r.Record.spans[n.slot] = c, span{int32(from), int32(end)}
	}
	if n.entire != nil {
		r.Record.Codes[n.want.Entire-1] = apart(c, 0)
	}
}

// apart keeps the codes of arrays and objects, which are odd, apart from those of
// scalars where they are numbered by others.
func apart(c, odd Code) Code {
	if c == Unique {
		return Unique
	}
	return c<<1 | odd
}

// unnumbered notes a scalar of which only the kind counts.
func (r *Reader) unnumbered(n *node, c Code, from, end int) int {
	if n.part != nil {
		x := c
		if x != codeNull && !n.part.Everything {
			x = codeSomething
		}
		r.add(n, uint64(x))
	}
	r.note(n, c, from, end)
	return end
}

// add adds to what counts of the wanted value above.
func (r *Reader) add(n *node, x uint64) { r.hash = mix(r.hash, x^n.salt) }

// compound reads the array or object at i.
func (r *Reader) compound(n *node, i, depth int) int {
	outer := r.hash
	r.hash = r.seed
	end := r.below(n, i, depth)
	if end == 0 {
		return 0
	}
	inner := r.hash
	r.hash = outer
	if p := n.counting(); n.wholly(r.b[i]) || p != nil && p.Everything {
		inner = hashText(r.b[i:end])
	}
	if n.part != nil {
		r.add(n, inner)
	}
	if n.entire != nil {
		r.Record.Codes[n.want.Entire-1] = apart(n.entire.hashed(hashText(r.b[i:end])), 1)
	}
	switch {
	case n.slot < 0:
	case n.as == Kind:
		r.Record.Codes[n.slot] = codeSomething
	case n.as == Raw:
		r.Record.Codes[n.slot], r.Record.spans[n.slot] = codeSomething, span{int32(i), int32(end)}
	default:
		r.Record.Codes[n.slot] = n.names.hashed(inner)
	}
	return end
}

// wholly reports whether all of an array or object counts for n's own slot,
// given its bracket.
func (n *node) wholly(bracket byte) bool {
	return n.slot >= 0 && (n.as == Whole || n.as == Keys && bracket == '[')
}

// below reads what is inside an array or object.
func (r *Reader) below(n *node, i, depth int) int {
	p := n.counting()
	if r.b[i] == '{' {
		r.hash = mix(r.hash, 3)
		if (n.want == nil || len(n.want.Kids) == 0) && (p == nil || len(p.Kids) == 0) && (n.slot < 0 || n.as != Keys) && (n.form == nil || len(n.form.Kids) == 0) {
			return r.skip(i, depth)
		}
		return r.object(r.inside(n), i+1, depth)
	}
	if (p == nil || p.Everything) && n.form.items() == nil {
		return r.skip(i, depth)
	}
	return r.array(n, i, depth)
}

// array reads the array at i.
func (r *Reader) array(n *node, i, depth int) int {
	b, m, first := r.b, r.among(n), len(r.Record.each)
	if i = space(b, i+1); i < len(b) && b[i] == ']' {
		r.hash = mix(r.hash, 0)
		r.noteMembers(n, first)
		return i + 1
	}
	for count := uint64(1); i < len(b); count++ {
		if n.members == nil {
			i = r.value(m, i, depth)
		} else {
			i = r.memberOf(n, m, i, depth)
		}
		if i == 0 {
			return 0
		}
		if i = space(b, i); i >= len(b) {
			return 0
		}
		if b[i] == ']' {
			r.hash = mix(r.hash, bits.Reverse64(count))
			r.noteMembers(n, first)
			return i + 1
		}
		if b[i] != ',' {
			return 0
		}
		i = space(b, i+1)
	}
	return 0
}

// memberOf reads a member whose code is asked for.
func (r *Reader) memberOf(n, m *node, i, depth int) int {
	outer := r.hash
	r.hash = r.seed
	end := r.value(m, i, depth)
	if m.part == nil && end > 0 {
		r.hash = hashText(r.b[i:end]) // everything of it counts
	}
	r.Record.each = append(r.Record.each, n.members.hashed(r.hash))
	r.hash = mix(outer, r.hash)
	return end
}

// noteMembers keeps where the codes of an array's members stand.
func (r *Reader) noteMembers(n *node, first int) {
	if n.members != nil {
		r.Record.ofEach[n.slot] = span{int32(first), int32(len(r.Record.each))}
	}
}

// dotNet begins the names of types of .NET.
var dotNet = []byte("System.")

// mayBeCut tells what IsCut may say of a text by how it begins.
func mayBeCut(text []byte) bool {
	return bytes.HasPrefix(text, []byte("@{")) || bytes.HasPrefix(text, dotNet)
}

// IsCut reports whether a text is what PowerShell writes instead of an object or a list
// where it cuts a body short: "@{name=a; …}", or the name of a type.
func IsCut(text []byte) bool {
	if bytes.HasPrefix(text, []byte("@{")) {
		return bytes.HasSuffix(text, []byte("}"))
	}
	name, ok := bytes.CutPrefix(bytes.TrimSuffix(text, []byte("[]")), dotNet)
	return ok && !bytes.ContainsFunc(name, func(c rune) bool { return c != '.' && c != '`' && (c < '0' || c > '9') && (c|' ' < 'a' || c|' ' > 'z') })
}
