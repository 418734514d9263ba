package policy

import "github.com/valyala/fastjson"

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
)

// Value is a JSON value of the language. Values built from a resource's body
// wrap it without copying and are valid as long as the body is.
type Value struct {
	kind Kind
	num  uint64          // Bool: 0 or 1; Int: int64; Float: the float64's bits
	str  string          // String
	list []Value         // Array: items; Object: values
	keys []string        // Object: keys, parallel to list
	doc  *fastjson.Value // Array or Object not yet unfolded; list and keys are nil then
}
