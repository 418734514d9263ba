package data

// A Request says what of a table is wanted.
type Request struct {
	// Columns are the positions of the wanted columns; batches hold exactly
	// these, in this order.
	Columns []int
	// Paths has, for each of Columns, the paths that are read inside a dynamic
	// column; nil: the whole value. What lies outside may be left out.
	Paths [][][]Step
	// Where are conditions, all of which a wanted row meets. A table may use
	// any of them, or none: the engine filters again. So rows that do not meet
	// one may be given, and rows that meet all must be.
	Where []Predicate
	// Limit is how many rows that meet all of Where suffice; 0: all. A table that
	// does not test every condition itself cannot count these, and gives all.
	Limit int
}

// A Predicate is a condition on one column of a table, or on what stands at a
// path inside a dynamic column. No null meets one.
type Predicate struct {
	// Column is a position in the table's columns (wanted or not).
	Column int
	// Path goes into a dynamic column; nil for the column itself. What stands
	// there may be of another type than Values: then the engine decides, and the
	// row must be given.
	Path []Step
	// Op compares as Kusto does.
	Op PredicateOp
	// Values are what Op compares with: two for OpBetween, one or more for OpIn
	// and OpInFold, else one. None is null, and without a Path they are of the
	// column's type.
	Values []Value
}

// A PredicateOp is how a [Predicate] compares, in the words of Kusto. A table
// gives the rows of those that it does not know.
type PredicateOp = string

// What a predicate may say: the column's value …
const (
	OpEqual         PredicateOp = "=="            // is the value
	OpEqualFold     PredicateOp = "=~"            // is the text, in any case
	OpIn            PredicateOp = "in"            // is one of the values
	OpInFold        PredicateOp = "in~"           // is one of the texts, in any case
	OpHasPrefix     PredicateOp = "startswith_cs" // begins with the text
	OpHasPrefixFold PredicateOp = "startswith"    // begins with the text, in any case
	OpContainsFold  PredicateOp = "contains"      // has the text in it, in any case
	OpLess          PredicateOp = "<"             // is less
	OpLessEqual     PredicateOp = "<="            // is less, or the value
	OpGreater       PredicateOp = ">"             // is greater
	OpGreaterEqual  PredicateOp = ">="            // is greater, or the value
	OpBetween       PredicateOp = "between"       // is from the first value to the second, both included
)
