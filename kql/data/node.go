package data

import (
	"math"
	"sync/atomic"
)

// A Kind is what a dynamic node holds.
type Kind uint8

// The kinds. A dynamic may also hold the scalar types that JSON lacks, where
// a literal or a function put them there; as JSON they are strings, decimals numbers.
const (
	KindNull Kind = iota
	KindBool
	KindLong
	KindReal
	KindString
	KindArray
	KindBag
	KindDateTime
	KindTimeSpan
	KindGUID
	KindDecimal
	KindInt

	kindRaw Kind = 255 // a container whose JSON nobody looked into yet
)

// A Node is a dynamic value: an immutable tree. A nil *Node is null. Nodes
// made by RawJSON are parsed when they are first looked into; a path into one
// (Node.Path) is found by scanning, without building the tree. Methods are safe
// for concurrent use.
type Node struct {
	kind Kind
	slim bool                 // see Slim
	bits uint64               // KindBool, KindLong, KindInt, KindReal, ticks
	text string               // KindString, KindGUID, KindDecimal; the JSON of a raw node
	tree *tree                // KindArray, KindBag
	lazy atomic.Pointer[Node] // what a raw node turned out to be
}

// A tree is what a container holds.
type tree struct {
	items []*Node
	keys  []string       // KindBag: in the order of the source; of keys that occur twice the last counts
	index map[string]int // of large bags
}

// indexFrom is the number of keys from which a bag gets an index.
const indexFrom = 24

var (
	nodeNull  = &Node{}
	nodeTrue  = &Node{kind: KindBool, bits: 1}
	nodeFalse = &Node{kind: KindBool}
	nodeEmpty = &Node{kind: KindString}
	noItems   = &tree{}
	smallest  = smallLongs(false)
	slimmest  = smallLongs(true)
)

func smallLongs(slim bool) (nodes [256]*Node) {
	all := make([]Node, len(nodes))
	for i := range nodes {
		all[i].kind, all[i].slim, all[i].bits = KindLong, slim, uint64(i)
		nodes[i] = &all[i]
	}
	return nodes
}

// NodeOfBool is a bool in dynamic.
func NodeOfBool(b bool) *Node {
	if b {
		return nodeTrue
	}
	return nodeFalse
}

// NodeOfLong is a long in dynamic.
func NodeOfLong(n int64) *Node {
	if n >= 0 && n < int64(len(smallest)) {
		return smallest[n]
	}
	return &Node{kind: KindLong, bits: uint64(n)}
}

// NodeOfReal is a real in dynamic.
func NodeOfReal(f float64) *Node { return &Node{kind: KindReal, bits: math.Float64bits(f)} }

// NodeOfString is a string in dynamic; it is never looked into as JSON.
func NodeOfString(s string) *Node {
	if s == "" {
		return nodeEmpty
	}
	return &Node{kind: KindString, text: s}
}

// NodeOfArray is an array. It keeps items, which must not change any more; nil items are nulls.
func NodeOfArray(items []*Node) *Node { return &Node{kind: KindArray, tree: &tree{items: items}} }

// NodeOfBag is a property bag. It keeps both slices, which must not change any
// more. Of equal keys the last value counts, at the first one's place.
func NodeOfBag(keys []string, values []*Node) *Node {
	t := &tree{items: values, keys: keys}
	t.unique()
	return &Node{kind: KindBag, tree: t}
}

func (t *tree) unique() {
	if len(t.keys) < indexFrom {
		for i := 1; i < len(t.keys); i++ {
			for j := range i {
				if t.keys[i] == t.keys[j] {
					t.merge()
					return
				}
			}
		}
		return
	}
	t.index = make(map[string]int, len(t.keys))
	for i, k := range t.keys {
		t.index[k] = i
	}
	if len(t.index) < len(t.keys) {
		t.merge()
	}
}

func (t *tree) merge() {
	at := make(map[string]int, len(t.keys))
	keys, items := make([]string, 0, len(t.keys)), make([]*Node, 0, len(t.keys))
	for i, k := range t.keys {
		if p, twice := at[k]; twice {
			items[p] = t.items[i]
			continue
		}
		at[k] = len(keys)
		keys, items = append(keys, k), append(items, t.items[i])
	}
	t.keys, t.items, t.index = keys, items, nil
	if len(keys) >= indexFrom {
		t.index = at
	}
}

func (t *tree) find(key string) int {
	if t.index != nil {
		if i, ok := t.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range t.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// NodeOf puts a value of any type into dynamic. A string stays a string,
// what JSON lacks keeps its kind, and a dynamic is its own node.
func NodeOf(v Value) *Node {
	if v.null {
		return nil
	}
	switch v.typ {
	case Bool:
		return NodeOfBool(v.Bool())
	case Int:
		return &Node{kind: KindInt, bits: v.bits}
	case Long:
		return NodeOfLong(v.Long())
	case Real:
		return &Node{kind: KindReal, bits: v.bits}
	case Decimal:
		return &Node{kind: KindDecimal, text: v.text}
	case DateTime:
		return &Node{kind: KindDateTime, bits: v.bits}
	case TimeSpan:
		return &Node{kind: KindTimeSpan, bits: v.bits}
	case GUID:
		return &Node{kind: KindGUID, text: v.text}
	case Dynamic:
		return v.node
	default:
		return NodeOfString(v.text)
	}
}

// RawJSON is the dynamic that a JSON text describes. The caller promises that
// the text is valid; it is looked into when needed. A text that turns out to
// be invalid is a string.
func RawJSON(text string) *Node {
	i := skipSpace(text, 0)
	if i < len(text) && (text[i] == '{' || text[i] == '[') {
		return &Node{kind: kindRaw, text: text[i:]}
	}
	n, err := ParseJSON(text)
	if err != nil {
		return NodeOfString(text)
	}
	return n
}

// NodeOfJSON is parse_json(): the dynamic that a text describes, the text as
// a string where it is not JSON, null where it is blank.
func NodeOfJSON(text string) *Node {
	i := skipSpace(text, 0)
	if i == len(text) {
		return nil
	}
	if text[i] != '{' && text[i] != '[' {
		return RawJSON(text)
	}
	if ValidJSON(text) {
		return &Node{kind: kindRaw, text: text[i:]}
	}
	return NodeOfString(text)
}

// look is the node behind a raw one, parsed one level deep, once.
func (n *Node) look() *Node {
	if n == nil {
		return nodeNull
	}
	if n.kind != kindRaw {
		return n
	}
	if p := n.lazy.Load(); p != nil {
		return p
	}
	p, err := parseLevel(n.text)
	if err != nil {
		p = NodeOfString(n.text)
	}
	if !n.lazy.CompareAndSwap(nil, p) {
		p = n.lazy.Load()
	}
	return p
}
