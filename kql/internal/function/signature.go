package function

import "github.com/bartizan-dev/bartizan/kql/data"

// A Signature is one form in which a function may be called.
type Signature struct {
	Params []Param
	// Returns is a type, or zero with Rule set.
	Returns data.Type
	// Rule is "Parameter0" (type of the first argument), "Parameter1", …,
	// "Widest", "Common", "CommonNonDynamic", "Custom".
	Rule string
}

// A Param is one parameter.
type Param struct {
	Name string
	// Class is a type's name or a class of types: "Scalar", "Number", "Integer",
	// "Summable", "Orderable", "NotDynamic", "NotRealOrBool", "DynamicArray",
	// "DynamicBag", "CommonScalar", "CommonScalarOrDynamic", "CommonOrderable", "Tabular", "type".
	Class string
	// Kind is what stands in braces: "Constant", "Literal", "Column", "StarAllowed", "StarOnly", ….
	Kind string
	// Words are the values that "one of" allows; the list may be incomplete.
	Words    []string
	Optional bool
	// Min and Max are how often the parameter may repeat: 1, 1 unless "×1..n" is
	// written; Max -1 is "n". Neighbours that repeat, repeat together.
	Min, Max int
}
