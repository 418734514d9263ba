package data

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
)

// A Node is a dynamic value: an immutable tree. A nil *Node is null. Nodes
// made by RawJSON are parsed when they are first looked into; a path into one
// (Node.Path) is found by scanning, without building the tree. Methods are safe
// for concurrent use.
type Node struct {
	kind  Kind
	bits  uint64   // KindBool, KindLong, KindInt, KindReal, ticks
	text  string   // KindString, KindGUID, KindDecimal; raw JSON of a node not parsed yet
	items []*Node  // KindArray, KindBag
	keys  []string // KindBag: in the order of the source; of keys that occur twice the last counts
}

// IsNull tells null, also of nil.
func (n *Node) IsNull() bool { return n == nil || n.kind == KindNull }
