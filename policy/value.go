package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"
)

// Kind says what a [Value] holds.
type Kind uint8

// The kinds of values. Missing is what a look-up found nothing for: it counts
// as null nearly everywhere, see section 11.3 of the language.
const (
	Missing Kind = iota
	Null
	Bool
	Int
	Float
	String
	Array
	Object
	// Unread stands for what was not read, in what a judgement tells of a body and
	// in what [Surroundings] say: it may be anything, or not be there.
	Unread
)

// String names the kind as JSON does: null, boolean, integer, number, string,
// array, object; "nothing" for Missing, and
// "unread".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "nothing"
	}
	return kindNames[k]
}

var kindNames = [...]string{"nothing", "null", "boolean", "integer", "number", "string", "array", "object", "unread"}

// Value is a JSON value of the language. Values built from a resource's body
// wrap it without copying and are valid as long as the body is.
type Value struct {
	kind Kind
	num  uint64          // Bool: 0 or 1; Int: int64; Float: the float64's bits; Null: 1 for blank; see openShift
	str  string          // String; where what was not read stands
	list []Value         // Array: items; Object: values
	keys []string        // Object: keys, parallel to list
	doc  *fastjson.Value // Array or Object not yet unfolded; list and keys are nil then
}

// blank is the null of a field that is not there: functions on text take it
// for the empty string, which they do not do with a null that was written.
var blank = Value{kind: Null, num: 1}

// isBlank reports whether v is the null of an absent field.
func (v Value) isBlank() bool { return v.kind == Null && v.num&1 == 1 }

// filled turns the null of an absent field into the empty text.
func (v Value) filled() Value {
	if v.isBlank() {
		return StringValue("")
	}
	return v
}

// NullValue is the JSON null.
func NullValue() Value { return Value{kind: Null} }

// BoolValue is true or false.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// IntValue is an integer.
func IntValue(n int64) Value { return Value{kind: Int, num: uint64(n)} }

// FloatValue is a number with a fraction or beyond the range of integers. What
// JSON cannot write (NaN, infinities) is null.
func FloatValue(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return NullValue()
	}
	return Value{kind: Float, num: math.Float64bits(f)}
}

// StringValue is a text.
func StringValue(s string) Value { return Value{kind: String, str: s} }

// ArrayValue is an array of items, which it keeps.
func ArrayValue(items ...Value) Value {
	if items == nil {
		items = []Value{}
	}
	return Value{kind: Array, list: items}
}

// ObjectValue is an object of keys and values in parallel, both of which it
// keeps; of unequal lengths the shorter one counts.
func ObjectValue(keys []string, values []Value) Value {
	n := min(len(keys), len(values))
	if n == 0 {
		return Value{kind: Object, keys: []string{}, list: []Value{}}
	}
	return Value{kind: Object, keys: keys[:n], list: values[:n]}
}

// FromJSON reads one JSON value. An integer stays exact if an int64 can hold
// it, any other number becomes a float. The value shares nothing with data.
func FromJSON(data []byte) (Value, error) {
	if !json.Valid(data) {
		var any json.RawMessage
		return Value{}, fmt.Errorf("parse JSON: %w", json.Unmarshal(data, &any))
	}
	doc, err := fastjson.ParseBytes(data)
	if err != nil {
		return Value{}, fmt.Errorf("parse JSON: %w", err)
	}
	return FromDocument(doc).Clone(), nil
}

// FromDocument wraps a parsed JSON value; nil gives Missing. Arrays and
// objects are not copied and strings may alias the parser's memory, so the
// value is valid as long as the document is, and not for concurrent use.
func FromDocument(v *fastjson.Value) Value {
	if v == nil {
		return Value{}
	}
	switch v.Type() {
	case fastjson.TypeTrue:
		return BoolValue(true)
	case fastjson.TypeFalse:
		return BoolValue(false)
	case fastjson.TypeNumber:
		if n, err := v.Int64(); err == nil {
			return IntValue(n)
		}
		f, _ := v.Float64()
		return FloatValue(f)
	case fastjson.TypeString:
		b, _ := v.StringBytes()
		return StringValue(unsafe.String(unsafe.SliceData(b), len(b)))
	case fastjson.TypeArray:
		return Value{kind: Array, doc: v}
	case fastjson.TypeObject:
		return Value{kind: Object, doc: v}
	}
	return NullValue()
}

// Kind says what v holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null or missing.
func (v Value) IsNull() bool { return v.kind <= Null }

// Bool is true for the boolean true only.
func (v Value) Bool() bool { return v.kind == Bool && v.num == 1 }

// Int is a number without its fraction, held within the range of int64; 0 for
// anything else.
func (v Value) Int() int64 {
	switch v.kind {
	case Int:
		return int64(v.num)
	case Float:
		f := math.Float64frombits(v.num)
		switch {
		case f >= math.MaxInt64:
			return math.MaxInt64
		case f <= math.MinInt64:
			return math.MinInt64
		}
		return int64(f)
	}
	return 0
}

// isInRange reports whether Int is the number without its fraction, and not the
// nearest that int64 has.
func (v Value) isInRange() bool {
	f := v.Float()
	return v.kind == Int || f >= math.MinInt64 && f < -math.MinInt64
}

// Float is a number as a float, 0 for anything else.
func (v Value) Float() float64 {
	switch v.kind {
	case Int:
		return float64(int64(v.num))
	case Float:
		return math.Float64frombits(v.num)
	}
	return 0
}

// Text is the text of a string, of what was not read the words unknown and why,
// and "" for anything else.
func (v Value) Text() string {
	switch v.kind {
	case String:
		return v.str
	case Unread:
		return v.words()
	}
	return ""
}

// Len is the number of items of an array or of keys of an object, else 0.
func (v Value) Len() int {
	if v.doc == nil {
		return len(v.list)
	}
	if v.kind == Array {
		return len(v.items())
	}
	object, _ := v.doc.Object()
	return object.Len()
}

// Index is the item of an array at i, from 0; Missing where there is none.
func (v Value) Index(i int) Value {
	if v.kind != Array || i < 0 {
		return Value{}
	}
	if v.doc != nil {
		if items := v.items(); i < len(items) {
			return FromDocument(items[i])
		}
		return Value{}
	}
	if i < len(v.list) {
		return v.list[i]
	}
	return Value{}
}

func (v Value) items() []*fastjson.Value {
	items, _ := v.doc.Array()
	return items
}

// Lookup is the property of an object whose name is key, ignoring case; the
// exact spelling wins. Missing where there is none.
func (v Value) Lookup(key string) Value {
	if v.kind != Object {
		return Value{}
	}
	if v.doc != nil {
		return FromDocument(lookup(v.doc, key))
	}
	found := -1
	for i, k := range v.keys {
		if k == key {
			return v.list[i]
		}
		if found < 0 && len(k) == len(key) && strings.EqualFold(k, key) {
			found = i
		}
	}
	if found >= 0 {
		return v.list[found]
	}
	return Value{}
}

// exact is Lookup that does not ignore case.
func (v Value) exact(key string) (Value, bool) {
	if v.doc != nil {
		found := v.doc.Get(key)
		return FromDocument(found), found != nil
	}
	for i, k := range v.keys {
		if k == key {
			return v.list[i], true
		}
	}
	return Value{}, false
}

// Keys are the names of an object's properties, in order.
func (v Value) Keys() []string {
	if v.kind != Object {
		return nil
	}
	keys := make([]string, 0, v.Len())
	v.each(func(key string, _ Value) bool {
		keys = append(keys, key)
		return true
	})
	return keys
}

// each visits the properties of an object or the items of an array (with the
// key "") until visit returns false.
func (v Value) each(visit func(key string, item Value) bool) {
	switch {
	case v.doc == nil:
		for i, item := range v.list {
			key := ""
			if v.kind == Object {
				key = v.keys[i]
			}
			if !visit(key, item) {
				return
			}
		}
	case v.kind == Array:
		for _, item := range v.items() {
			if !visit("", FromDocument(item)) {
				return
			}
		}
	default:
		object, _ := v.doc.Object()
		on := true
		object.Visit(func(key []byte, item *fastjson.Value) {
			on = on && visit(unsafe.String(unsafe.SliceData(key), len(key)), FromDocument(item))
		})
	}
}

// Clone copies v wholly, so that it shares nothing with a document.
func (v Value) Clone() Value {
	switch v.kind {
	case String:
		return StringValue(strings.Clone(v.str))
	case Array, Object:
		c := Value{kind: v.kind, num: v.num, str: strings.Clone(v.str), list: make([]Value, 0, v.Len())}
		if v.kind == Object {
			c.keys = make([]string, 0, v.Len())
		}
		v.each(func(key string, item Value) bool {
			c.list = append(c.list, item.Clone())
			if v.kind == Object {
				c.keys = append(c.keys, strings.Clone(key))
			}
			return true
		})
		return c
	}
	v.str = strings.Clone(v.str) // of a place that was not read
	return v
}

// Equal reports whether two values are the same JSON: numbers by value,
// strings and keys by their characters, objects in any order.
func (v Value) Equal(w Value) bool { return strictEqual(v, w) }
