package policy

import (
	"strconv"
	"strings"
)

// Node is a JSON value that knows where it stands in its file. Nodes of one
// document share memory and the document's text: keep them read-only.
type Node struct {
	Kind Kind // Null to Object, never Missing
	Pos  Position
	// Text is the exact text of a number, true, false or null, and the decoded
	// text of a string.
	Text    string
	Items   []*Node    // of an array, in order
	Members []Property // of an object, in order, repeated keys kept
	escaped bool       // the string was written with a backslash
	// from and to are where the text of the node is in that of its document.
	from, to int
}

// Property is one member of an object.
type Property struct {
	Key   string // decoded
	Pos   Position
	Value *Node
}

// Get returns the value of a member, nil if n is nil, no object, or has no
// such key. Case is ignored; a key that fits exactly is preferred, then the
// first.
func (n *Node) Get(key string) *Node {
	if p := n.property(key); p != nil {
		return p.Value
	}
	return nil
}

// property is Get for callers that need the key's place too.
func (n *Node) property(key string) *Property {
	if n == nil {
		return nil
	}
	var found *Property
	for i := range n.Members {
		p := &n.Members[i]
		if len(p.Key) == len(key) && p.Key == key {
			return p
		}
		if found == nil && strings.EqualFold(p.Key, key) {
			found = p
		}
	}
	return found
}

// object returns the member if it is an object, else nil.
func (n *Node) object(key string) *Node {
	if v := n.Get(key); v != nil && v.Kind == Object {
		return v
	}
	return nil
}

// array returns the items of a member that is an array, else nil.
func (n *Node) array(key string) []*Node {
	if v := n.Get(key); v != nil && v.Kind == Array {
		return v.Items
	}
	return nil
}

// text returns the text of a member that is a string, else "".
func (n *Node) text(key string) string {
	if v := n.Get(key); v != nil && v.Kind == String {
		return v.Text
	}
	return ""
}

// truth reports whether a member is true, or a string that says so.
func (n *Node) truth(key string) bool {
	v := n.Get(key)
	return v != nil && (v.Kind == Bool || v.Kind == String) && strings.EqualFold(v.Text, "true")
}

// absent reports whether there is no value, or null.
func (n *Node) absent() bool { return n == nil || n.Kind == Null }

// Value returns the node as a value of the language, with every string as
// written: expressions are text here. Numbers without fraction and exponent
// that fit 64 bits are integers, all others floats.
func (n *Node) Value() Value {
	switch n.Kind {
	case Bool:
		return BoolValue(n.Text == "true")
	case Int:
		i, _ := strconv.ParseInt(n.Text, 10, 64) // the parser made sure that it fits
		return IntValue(i)
	case Float:
		f, _ := strconv.ParseFloat(n.Text, 64) // out of range: infinite
		return FloatValue(f)
	case String:
		return StringValue(n.Text)
	case Array:
		items := make([]Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = item.Value()
		}
		return ArrayValue(items...)
	case Object:
		keys := make([]string, len(n.Members))
		values := make([]Value, len(n.Members))
		for i := range n.Members {
			keys[i] = n.Members[i].Key
			values[i] = n.Members[i].Value.Value()
		}
		return ObjectValue(keys, values)
	default:
		return NullValue()
	}
}

// AppendJSON appends the node as compact JSON to dst and returns the longer
// slice. Numbers keep their text.
func (n *Node) AppendJSON(dst []byte) []byte {
	switch n.Kind {
	case String:
		return appendQuoted(dst, n.Text)
	case Array:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.AppendJSON(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i := range n.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, n.Members[i].Key), ':')
			dst = n.Members[i].Value.AppendJSON(dst)
		}
		return append(dst, '}')
	default:
		return append(dst, n.Text...)
	}
}
