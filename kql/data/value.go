package data

import "math"

// A Value is one cell: a value of one of the types, or that type's null.
// Strings have no null: an absent string is "".
type Value struct {
	node *Node
	text string // String, Decimal, GUID
	bits uint64 // Bool, Int, Long, Real, DateTime, TimeSpan
	typ  Type
	null bool
}

// Null is the null of a type; for String it is "", for Dynamic the null node.
func Null(t Type) Value { return Value{typ: t, null: t != String} }

// OfBool is a Bool.
func OfBool(b bool) Value {
	v := Value{typ: Bool}
	if b {
		v.bits = 1
	}
	return v
}

// OfInt is an Int.
func OfInt(n int32) Value { return Value{typ: Int, bits: uint64(int64(n))} }

// OfLong is a Long.
func OfLong(n int64) Value { return Value{typ: Long, bits: uint64(n)} }

// OfReal is a Real; NaN and infinities are values, not nulls.
func OfReal(f float64) Value { return Value{typ: Real, bits: math.Float64bits(f)} }

// OfString is a String.
func OfString(s string) Value { return Value{typ: String, text: s} }

// OfDateTime is a DateTime: ticks of 100 ns since 0001-01-01T00:00:00Z.
func OfDateTime(ticks int64) Value { return Value{typ: DateTime, bits: uint64(ticks)} }

// OfTimeSpan is a TimeSpan in ticks of 100 ns.
func OfTimeSpan(ticks int64) Value { return Value{typ: TimeSpan, bits: uint64(ticks)} }

// OfNode is a Dynamic; a nil or null node is Dynamic's null.
func OfNode(n *Node) Value {
	if n.IsNull() {
		return Value{typ: Dynamic, null: true}
	}
	return Value{typ: Dynamic, node: n}
}

// OfGUID is a GUID from its canonical text: 8-4-4-4-12 in lower case. See ParseGUID.
func OfGUID(canonical string) Value { return Value{typ: GUID, text: canonical} }

// OfDecimal is a Decimal from its canonical text. See ParseDecimal.
func OfDecimal(canonical string) Value { return Value{typ: Decimal, text: canonical} }

// Type is the value's type, also of a null.
func (v Value) Type() Type { return v.typ }

// IsNull tells a null. A string is never null.
func (v Value) IsNull() bool { return v.null }

// Bool is a Bool's value.
func (v Value) Bool() bool { return v.bits != 0 }

// Long is the number of an Int or Long, the ticks of a DateTime or TimeSpan.
func (v Value) Long() int64 { return int64(v.bits) }

// Real is a Real's value.
func (v Value) Real() float64 { return math.Float64frombits(v.bits) }

// Text is a String's value, a GUID's or Decimal's canonical text.
func (v Value) Text() string { return v.text }

// Node is a Dynamic's value; nil where it is null.
func (v Value) Node() *Node { return v.node }
