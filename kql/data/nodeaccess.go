package data

import "math"

// IsNull tells null, also of nil.
func (n *Node) IsNull() bool { return n == nil || n.kind == KindNull }

// Kind tells what the node holds.
func (n *Node) Kind() Kind { return n.look().kind }

// Slim tells a KindLong that was read from JSON text, not written in a query, and
// fits 32 bits: gettype() calls it an int.
func (n *Node) Slim() bool { return n != nil && n.slim }

// Bool is the value of a KindBool.
func (n *Node) Bool() bool { return n != nil && n.kind == KindBool && n.bits != 0 }

// Long is the value of a KindLong or KindInt, the ticks of a KindDateTime or
// KindTimeSpan, else 0.
func (n *Node) Long() int64 {
	if n == nil {
		return 0
	}
	switch n.kind {
	case KindLong, KindInt, KindDateTime, KindTimeSpan:
		return int64(n.bits)
	}
	return 0
}

// Real is the number of a KindReal, KindLong, KindInt or KindDecimal, else 0.
func (n *Node) Real() float64 {
	if n == nil {
		return 0
	}
	switch n.kind {
	case KindReal:
		return math.Float64frombits(n.bits)
	case KindLong, KindInt:
		return float64(int64(n.bits))
	case KindDecimal:
		return decimalReal(n.text)
	}
	return 0
}

// Text is the value of a KindString, the canonical text of a KindGUID or KindDecimal, else "".
func (n *Node) Text() string {
	n = n.look()
	switch n.kind {
	case KindString, KindGUID, KindDecimal:
		return n.text
	}
	return ""
}

func (n *Node) children() *tree {
	if t := n.look().tree; t != nil {
		return t
	}
	return noItems
}

// Len is the number of an array's items or a bag's keys, else 0.
func (n *Node) Len() int { return len(n.children().items) }

// Items are an array's items or a bag's values, not to be changed.
func (n *Node) Items() []*Node { return n.children().items }

// Keys are a bag's keys, not to be changed.
func (n *Node) Keys() []string { return n.children().keys }

// Index is item i of an array, from its end where i is negative; nil where there is none.
func (n *Node) Index(i int) *Node {
	n = n.look()
	if n.kind != KindArray {
		return nil
	}
	if i < 0 {
		i += len(n.tree.items)
	}
	if i < 0 || i >= len(n.tree.items) {
		return nil
	}
	return n.tree.items[i]
}

// Key is the value of a bag's key and whether it is there.
func (n *Node) Key(name string) (*Node, bool) {
	n = n.look()
	if n.kind != KindBag {
		return nil, false
	}
	i := n.tree.find(name)
	if i < 0 {
		return nil, false
	}
	return n.tree.items[i], true
}

// Value is the scalar that the node holds, or the Dynamic of an array, a bag or null.
func (n *Node) Value() Value {
	n = n.look()
	switch n.kind {
	case KindNull:
		return Null(Dynamic)
	case KindBool:
		return Value{typ: Bool, bits: n.bits}
	case KindInt:
		return Value{typ: Int, bits: n.bits}
	case KindLong:
		return Value{typ: Long, bits: n.bits}
	case KindReal:
		return Value{typ: Real, bits: n.bits}
	case KindDateTime:
		return Value{typ: DateTime, bits: n.bits}
	case KindTimeSpan:
		return Value{typ: TimeSpan, bits: n.bits}
	case KindString:
		return Value{typ: String, text: n.text}
	case KindGUID:
		return Value{typ: GUID, text: n.text}
	case KindDecimal:
		return Value{typ: Decimal, text: n.text}
	default:
		return Value{typ: Dynamic, node: n}
	}
}
