package policy

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// Kinds knows of what kinds the values are that providers return. One
// of another kind cannot be believed, whatever a rule would make of it. It is made
// by [NewKinds], never changes, and may be used by several goroutines.
type Kinds struct {
	byType map[string]*kindNode // by folded type
	every  *kindNode            // of bodies of every type outside Azure; nil for nothing
}

// PlaceKinds says of what kinds the value at a place may be.
type PlaceKinds struct {
	// Path is that of a field without the type and slash before it, in Azure that in
	// the body, or in a document one from its top, which is ".". As a step * is any
	// member that is not named.
	Path string
	// Kinds are array, object, string, number and boolean, word for a string that is
	// not itself the JSON of an array or object, term for one that has no white space and
	// is not empty either, record for an object without members
	// or with one that has a place of its own, names of documents, the name of one
	// behind "json " for a string that is its JSON, or empty, and a text behind "=" for
	// this string, in whatever case. Where a record, a text, or a word or an array may
	// be, null is of another kind outside Azure. A string that the language
	// takes for a number or boolean is one, as templates and 64-bit numbers have them.
	Kinds []string
	// Members are what an object there may have besides what has a place of its own:
	// one that has others alone is another object, in Azure only if one of them is an
	// object that has these. Nil for any.
	Members []string
}

// kindSet is a set of kinds, as bits.
type kindSet uint16

const (
	mayArray kindSet = 1 << iota
	mayObject
	mayString
	mayNumber
	mayBoolean
	mayWord
	mayTerm
	mayText
	mayRecord
)

type kindWord struct {
	word string
	kind kindSet
}

// kindWords are in the order in which a message names them.
var kindWords = []kindWord{
	{"array", mayArray},
	{"object", mayObject},
	{"record", mayRecord},
	{"string", mayString},
	{"word", mayWord},
	{"term", mayTerm},
	{"number", mayNumber},
	{"boolean", mayBoolean},
}

// kindPlain writes the words of a message.
var kindPlain = strings.NewReplacer("word", "string", "term", "string", "record", "object")

// kindNode is what is known of a place and of those below it.
type kindNode struct {
	kinds   kindSet  // 0: any
	texts   []string // that a string may be, where kinds have mayText
	members []kindMember
	names   []string  // of members beside these, as [PlaceKinds] has them
	around  bool      // an object of other members is told only around one that is known
	others  *kindNode // of members that are not named
	items   *kindNode
	json    *kindNode // of what a text holds
}

type kindMember struct {
	name string
	node *kindNode
}

// NewKinds takes places by resource type, "*" for every one, and the documents that
// their kinds name. A place without kinds is an array before [*], else an object.
// Unknown kinds, and documents within themselves, are errors.
func NewKinds(types, documents map[string][]PlaceKinds) (*Kinds, error) {
	k := &Kinds{byType: map[string]*kindNode{}}
	b := kindBuilder{documents: documents}
	for resourceType, places := range types {
		root := &kindNode{}
		for _, p := range places {
			n := root.at(kindSteps(resourceType, p.Path))
			n.names = append(n.names, p.Members...)
			n.around = resourceType != "*" && !IsNativeType(resourceType)
			if err := b.add(n, p.Kinds); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", resourceType, p.Path, err)
			}
		}
		root.imply()
		if resourceType == "*" {
			k.every = root
		} else {
			k.byType[FoldType(resourceType)] = root
		}
	}
	return k, nil
}

// kindSteps are those of the path of a [PlaceKinds].
func kindSteps(resourceType, path string) []step {
	if resourceType == "*" || IsNativeType(resourceType) {
		return nativePath(path).steps
	}
	return parsePath(path).steps
}

type kindBuilder struct {
	documents map[string][]PlaceKinds
	above     []string // documents that are being added
}

func (b *kindBuilder) add(n *kindNode, kinds []string) error {
	for _, kind := range kinds {
		if at := slices.IndexFunc(kindWords, func(w kindWord) bool { return w.word == kind }); at >= 0 {
			n.kinds |= kindWords[at].kind
			continue
		}
		if text, is := strings.CutPrefix(kind, "="); is && text != "" {
			n.kinds |= mayText
			n.texts = append(n.texts, text)
			continue
		}
		name, isJSON := strings.CutPrefix(kind, "json ")
		places, known := b.documents[name]
		switch {
		case !known:
			return fmt.Errorf("kind %q: no such kind or document", kind)
		case slices.Contains(b.above, name):
			return fmt.Errorf("kind %q: the document holds itself", kind)
		}
		to := n
		if isJSON {
			n.kinds |= mayString
			if n.json == nil {
				n.json = &kindNode{}
			}
			to = n.json
		}
		b.above = append(b.above, name)
		for _, p := range places {
			if err := b.add(to.at(parsePath(p.Path).steps), p.Kinds); err != nil {
				return fmt.Errorf("document %s: %s: %w", name, p.Path, err)
			}
		}
		b.above = b.above[:len(b.above)-1]
	}
	return nil
}

// at gives the node that steps lead to, making it if need be.
func (n *kindNode) at(steps []step) *kindNode {
	for _, s := range steps {
		to := &n.others
		switch {
		case s.star:
			to = &n.items
		case s.key != "*":
			i := slices.IndexFunc(n.members, func(m kindMember) bool { return strings.EqualFold(m.name, s.key) })
			if i < 0 {
				i = len(n.members)
				n.members = append(n.members, kindMember{name: s.key})
			}
			to = &n.members[i].node
		}
		if *to == nil {
			*to = &kindNode{}
		}
		n = *to
	}
	return n
}

// imply gives the places of which only those below are told their kinds.
func (n *kindNode) imply() {
	if n == nil {
		return
	}
	if n.kinds == 0 && n.items != nil {
		n.kinds = mayArray
	}
	if n.kinds == 0 && (n.others != nil || len(n.members) > 0 || n.names != nil) {
		n.kinds = mayObject
	}
	for _, m := range n.members {
		m.node.imply()
	}
	n.others.imply()
	n.items.imply()
	n.json.imply()
}

// Misshapes gives the places of a resource whose values are of other kinds than the
// provider has: what stands there was not read. Nulls are of another
// kind in an array, and where [PlaceKinds] says so; elsewhere they are as what is absent
// and not among them, nor is what stands below such a place.
func (k *Kinds) Misshapes(r *Resource) []Misshape {
	if k == nil {
		return nil
	}
	c := kindCheck{native: r.Native, at: make([]kindStep, 0, 8)} // enough for a policy in a list
	if r.Native {
		c.check(k.every, r.tree())
	}
	if n := k.byType[FoldType(r.Type)]; n != nil {
		c.check(n, r.tree())
	}
	return c.found
}

// Tells reports whether kinds are told of a place of a type, with a path as
// [PlaceKinds] has it, or of places below it.
func (k *Kinds) Tells(resourceType, path string) bool {
	nodes := []*kindNode{k.byType[FoldType(resourceType)]}
	if IsNativeType(resourceType) {
		nodes = append(nodes, k.every)
	}
	for _, n := range nodes {
		for _, s := range kindSteps(resourceType, path) {
			if n == nil {
				break
			}
			n = n.next(s.key, s.star)
		}
		if n != nil && n.kinds != 0 {
			return true
		}
	}
	return false
}

// next gives the node that a step leads to, nil for one of which nothing is known.
func (n *kindNode) next(key string, star bool) *kindNode {
	if star {
		return n.items
	}
	for _, m := range n.members {
		if strings.EqualFold(m.name, key) {
			return m.node
		}
	}
	return n.others
}

// form says of which bodies outlines are read: of none that is not as it should be. Of
// some that are a parser has to find that out.
func (k *Kinds) form(resourceType string) *outline.Form {
	if k == nil {
		return nil
	}
	return k.byType[FoldType(resourceType)].form()
}

func (n *kindNode) form() *outline.Form {
	if n == nil {
		return nil
	}
	f := &outline.Form{Items: n.items.form(), Kids: map[string]*outline.Form{}}
	for _, m := range n.members {
		f.Kids[strings.ToLower(m.name)] = m.node.form()
	}
	if n.kinds != 0 || n.others != nil || n.json != nil {
		f.Kinds = n.plain()
	}
	if n.names != nil || n.kinds&(mayObject|mayRecord) == mayRecord {
		f.Others = map[string]bool{}
		for _, name := range n.names {
			f.Others[strings.ToLower(name)] = true
		}
	}
	return f
}

// plain are the kinds of which every value is as it should be, up to what has a place
// of its own.
func (n *kindNode) plain() outline.Kinds {
	kinds := outline.None
	for _, k := range []struct {
		kind  kindSet
		plain outline.Kinds
		tells bool // not only the kind counts
	}{
		{mayArray, outline.Array, false},
		{mayObject | mayRecord, outline.Object, n.others != nil},
		{mayString, outline.String, n.json != nil},
		{mayNumber, outline.Number, false},
		{mayBoolean, outline.Boolean, false},
	} {
		if (n.kinds == 0 || n.kinds&k.kind != 0) && !k.tells {
			kinds |= k.plain
		}
	}
	return kinds
}

// kindCheck goes through a body.
type kindCheck struct {
	native bool // the body is one outside Azure
	found  []Misshape
	at     []kindStep // where it stands
}

// kindStep leads to a member by its name in the table or the body, else to an item.
type kindStep struct {
	name  string
	key   []byte
	index int
}

// to checks what a step leads to.
func (c *kindCheck) to(s kindStep, n *kindNode, v *fastjson.Value) {
	c.at = append(c.at, s)
	c.check(n, v)
	c.at = c.at[:len(c.at)-1]
}

// path is that of where c stands; nobody asks for it where all is as it should be.
func (c *kindCheck) path() string { return pathOf(c.at) }

func pathOf(steps []kindStep) string {
	var at *whereabouts
	for _, s := range steps {
		at = &whereabouts{at, s.name + string(s.key), s.index}
	}
	return at.path()
}

// tell adds a misshape where c stands. Below members of any name it is the object that
// has them: a name there may be of another kind of thing too.
func (c *kindCheck) tell(path, words string) {
	if i := slices.IndexFunc(c.at, func(s kindStep) bool { return s.key != nil }); i >= 0 {
		path = pathOf(c.at[:i])
	}
	c.found = append(c.found, Misshape{Path: path, Words: words})
}

// check finds the places at and below v that are of other kinds than n has.
func (c *kindCheck) check(n *kindNode, v *fastjson.Value) {
	if n == nil || v == nil {
		return
	}
	if v.Type() == fastjson.TypeNull {
		if c.native && (n.kinds&(mayText|mayRecord) != 0 || n.kinds&(mayWord|mayTerm) != 0 && n.kinds&mayArray != 0) {
			c.add("null", n, v)
		}
		return
	}
	if n.kinds != 0 && n.kinds&n.kindsOf(v) == 0 {
		c.add(v.Type().String(), n, v)
		return
	}
	if v.Type() == fastjson.TypeObject && n.names != nil && !n.knows(v) && (!n.around || n.isAround(v)) {
		c.add(otherMembers, n, v)
		return
	}
	switch v.Type() {
	case fastjson.TypeArray:
		if n.items == nil {
			break
		}
		items, _ := v.Array()
		for i, item := range items {
			if item.Type() == fastjson.TypeNull && n.items.kinds != 0 {
				c.at = append(c.at, kindStep{index: i})
				c.add("null", n.items, item)
				c.at = c.at[:len(c.at)-1]
				continue
			}
			c.to(kindStep{index: i}, n.items, item)
		}
	case fastjson.TypeObject:
		for _, m := range n.members {
			if held := lookup(v, m.name); held != nil {
				c.to(kindStep{name: m.name}, m.node, held)
			} else if other := speltOtherwise(v, m.name); other != "" {
				c.addOtherwise(m.name, other)
			}
		}
		if n.others == nil {
			break
		}
		object, _ := v.Object()
		object.Visit(func(key []byte, v *fastjson.Value) {
			switch {
			case len(key) == 0: // no path leads there
				c.check(n.others, v)
			case n.next(string(key), false) == n.others:
				c.to(kindStep{key: key}, n.others, v)
			}
		})
	case fastjson.TypeString:
		if n.json != nil {
			c.checkJSON(n, v)
		}
	}
}

// checkJSON finds out whether the JSON in a text is as it should be.
func (c *kindCheck) checkJSON(n *kindNode, v *fastjson.Value) {
	text, _ := v.StringBytes()
	if len(text) == 0 {
		return
	}
	held, err := fastjson.ParseBytes(text)
	if err != nil {
		c.add("a string without JSON", n, v)
		return
	}
	const top = "what it holds"
	below := kindCheck{native: c.native, at: []kindStep{{name: top}}}
	if below.check(n.json, held); len(below.found) > 0 {
		path := c.path()
		c.tell(path, path+": "+strings.TrimPrefix(below.found[0].Words, top+"."))
	}
}

// otherMembers says what an object is that has none of those that it should have.
const otherMembers = "an object of other members"

// add adds where c stands, which is something else than n has.
func (c *kindCheck) add(is string, n *kindNode, v *fastjson.Value) {
	switch {
	case v.Type() == fastjson.TypeString && outline.IsCut(v.GetStringBytes()):
		is = "what a tool wrote that cut it short"
	case v.Type() == fastjson.TypeString && n.kinds&mayText != 0:
		is = "another string"
	case v.Type() == fastjson.TypeString && holdsJSON(v.GetStringBytes()) && n.kinds&(mayWord|mayTerm) != 0:
		is = "a string with JSON"
	case v.Type() == fastjson.TypeString && n.kinds&mayTerm != 0:
		is = "another string"
	case v.Type() == fastjson.TypeObject && n.kinds&mayRecord != 0:
		is = otherMembers
	}
	var want []string
	for _, w := range kindWords {
		if n.kinds&w.kind != 0 {
			want = append(want, kindPlain.Replace(w.word))
		}
	}
	for _, text := range n.texts {
		want = append(want, strconv.Quote(text))
	}
	if last := len(want) - 1; last > 0 {
		want = []string{strings.Join(want[:last], ", ") + " or " + want[last]}
	}
	path := c.path()
	c.tell(path, path+" is "+is+", want "+want[0])
}

// addOtherwise adds the place of a member that is there under another name.
func (c *kindCheck) addOtherwise(name, other string) {
	c.at = append(c.at, kindStep{name: name})
	path := c.path()
	c.tell(path, path+" is spelt "+other)
	c.at = c.at[:len(c.at)-1]
}

// speltOtherwise gives the member that has a name but for underscores and hyphens, as
// tools in other languages write it, "" for none: what it holds is at no place that
// rules read.
func speltOtherwise(v *fastjson.Value, name string) (other string) {
	object, _ := v.Object()
	object.Visit(func(key []byte, held *fastjson.Value) {
		if other == "" && held.Type() != fastjson.TypeNull && sameLetters(key, name) {
			other = string(key)
		}
	})
	return other
}

// sameLetters reports whether two ASCII names differ in case, underscores and hyphens
// alone.
func sameLetters(key []byte, name string) bool {
	i := 0
	for _, c := range key {
		if c == '_' || c == '-' {
			continue
		}
		for i < len(name) && (name[i] == '_' || name[i] == '-') {
			i++
		}
		if i == len(name) || lowerByte(c) != lowerByte(name[i]) {
			return false
		}
		i++
	}
	return strings.Trim(name[i:], "_-") == ""
}

// knows reports whether an object has no members or one that has a name here.
func (n *kindNode) knows(v *fastjson.Value) bool {
	object, _ := v.Object()
	known := object.Len() == 0
	object.Visit(func(key []byte, _ *fastjson.Value) {
		known = known || slices.ContainsFunc(n.members, func(m kindMember) bool { return sameLetters(key, m.name) }) ||
			slices.ContainsFunc(n.names, func(name string) bool { return sameLetters(key, name) })
	})
	return known
}

// isAround reports whether a member of an object is one that has known members.
func (n *kindNode) isAround(v *fastjson.Value) bool {
	object, _ := v.Object()
	around := false
	object.Visit(func(_ []byte, held *fastjson.Value) {
		inner, err := held.Object()
		around = around || err == nil && inner.Len() > 0 && n.knows(held)
	})
	return around
}

// kindsOf are the kinds that a value may be taken for.
func (n *kindNode) kindsOf(v *fastjson.Value) kindSet {
	switch v.Type() {
	case fastjson.TypeArray:
		return mayArray
	case fastjson.TypeObject:
		if n.kinds&mayRecord != 0 && !n.knows(v) {
			return mayObject
		}
		return mayObject | mayRecord
	case fastjson.TypeNumber:
		return mayNumber
	case fastjson.TypeString:
		text, _ := v.StringBytes()
		switch {
		case outline.IsCut(text):
			return 0
		case holdsJSON(text):
			return mayString
		}
		kinds := mayString | mayWord | readsAs(string(text))
		if len(text) > 0 && bytes.IndexFunc(text, unicode.IsSpace) < 0 {
			kinds |= mayTerm
		}
		if slices.ContainsFunc(n.texts, func(one string) bool { return strings.EqualFold(one, string(text)) }) {
			kinds |= mayText
		}
		return kinds
	}
	return mayBoolean
}

// readsAs gives what a text equals in the language besides texts.
func readsAs(text string) kindSet {
	if _, is := boolOf(text); is {
		return mayBoolean
	}
	if _, is := parseNumber(text); is {
		return mayNumber
	}
	return 0
}

// holdsJSON reports whether a text is the JSON of an array or object.
func holdsJSON(text []byte) bool {
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '[', '{':
			return fastjson.ValidateBytes(text) == nil
		}
		return false
	}
	return false
}
