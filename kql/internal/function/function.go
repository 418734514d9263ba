package function

import "github.com/bartizan-dev/bartizan/kql/data"

// A Scalar is a scalar function.
type Scalar struct {
	Name string
	// Obsolete names the function to use instead, "" where there is none.
	Obsolete string
	// Hidden functions are not offered by completion.
	Hidden bool
	// Signatures in the notation of Kusto's analyser; see ParseSignature:
	// "(value:Number, roundTo:Number) → Widest".
	Signatures []string
	// Column is how an unnamed result column is named: "" (Column1),
	// "FirstArgument", "NameAndFirstArgument", "PrefixAndFirstArgument:sum",
	// "PrefixOnly:x", "OnlyArgument", "FirstArgumentValueIfColumn".
	Column string
	// Doc is one line for people, in our own words.
	Doc string
	// Volatile functions are not folded to constants (rand, new_guid; not now()).
	Volatile bool

	// Type gives the result's type where a signature says Custom; nil otherwise.
	Type func(args []Arg) data.Type
	// Columns gives the result's columns for functions that have several
	// (series_stats); nil otherwise. Then Eval returns an array of them.
	Columns func(args []Arg) []data.Column

	// Exactly one of Eval and Prepare is set. Arguments have the signature's
	// types where it names one (the executor converts dynamic, int, long, real
	// as Kusto does); for classes of types (Scalar, Number, …) they come as they are.
	Eval Eval
	// Prepare does once what constant arguments allow: compile a pattern, parse
	// a unit. An error is told to the user with the argument's place.
	Prepare func(args []Arg) (Eval, error)
	// Kernel computes a batch at once, without allocation per row where the
	// result allows it; nil: Eval row by row. It returns nil where it does not
	// know the types at hand.
	Kernel func(args []Arg) Kernel
	// Refused says why the function is not there ("" for those that are): such
	// a row exists so that the error can name the reason.
	Refused string
}

// An Eval computes one value. It does not keep args.
type Eval func(c *Context, args []data.Value) data.Value

// A Kernel computes n values.
type Kernel func(c *Context, n int, args []*data.Vector) *data.Vector

// An Arg is what is known of an argument before the first row.
type Arg struct {
	Type data.Type
	// Const is the value of a constant argument, nil for others. Constants are
	// folded: now() and let variables are constants too.
	Const *data.Value
	// Name is the column's name where the argument is one, else "".
	Name string
	// Star: the argument is *.
	Star bool
	// Lent: the values stand in memory anyway, whoever refers to them.
	Lent bool
	// Schema is what typeof() says: one unnamed column, or several.
	Schema []data.Column
}

// Context is what an evaluation may know of the world.
type Context struct {
	// Now is the time of the query in ticks; the same for the whole query.
	Now int64
	// Random gives a number in [0, 1) and is seeded by the caller.
	Random func() float64
	// Hold counts bytes that a plug-in is about to hold; an error ends the run,
	// also one that was cancelled. nil: no limit. See [Context.Spend].
	Hold func(bytes int64) error
	// Room is how many bytes a function may make at once; nil: no limit. See [Context.afford].
	Room func() int
	// Ask is called by what may take long, and ends a run that was cancelled by
	// a panic with a [Halt]. nil: nobody ends it. See [Context.work].
	Ask func()
}

// An Aggregate is an aggregate function of summarize.
type Aggregate struct {
	Name       string
	Obsolete   string
	Hidden     bool
	Signatures []string
	Column     string
	Doc        string
	// Type gives the result's type where a signature says Custom.
	Type func(args []Arg) data.Type
	// Ordered: the result depends on the order of the rows (make_list,
	// take_any, arg_max for equal values): rows are then added in input order.
	Ordered bool
	// New makes the state. For arg_max, arg_min, take_any and percentiles the
	// binder has spread * and counts outputs: Outputs says how many.
	New func(args []Arg) (Accumulator, error)
	// Outputs gives the result's columns for aggregates that have several,
	// with the names that Kusto gives; nil: one column, named by Column.
	// arg_max(t, a, b): t, a, b. percentiles(r, 5, 50): percentile_r_5, percentile_r_50.
	Outputs func(args []Arg) []data.Column
	Refused string
}

// An Accumulator holds the state of one aggregate for all groups of one
// summarize. Groups are numbered from 0; a group that was never added to has
// the result for no rows.
type Accumulator interface {
	// Add takes a batch: row i belongs to group groups[i] < size.
	Add(size int, groups []uint32, args []*data.Vector)
	// Merge takes over the state of another accumulator made by the same New:
	// its group g is group into[g] here.
	Merge(size int, other Accumulator, into []uint32)
	// Results are the columns of the result, one value for each of size groups.
	Results(size int) []*data.Vector
	// Bytes estimates the memory held.
	Bytes() int
}

// A Plugin is what evaluate calls. Its input is materialised.
type Plugin struct {
	Name       string
	Signatures []string
	Doc        string
	Refused    string
	// Keeps tells that the result has all the input's columns but those that arguments
	// name, whatever else it has, and that none changes what is beside it.
	Keeps bool
	// Columns gives the result's columns; open tells that more columns follow
	// from the data (bag_unpack, pivot), known only when it runs.
	Columns func(input []data.Column, args []PluginArg) (columns []data.Column, open bool, err error)
	// Run computes the result.
	Run func(c *Context, input Table, args []PluginArg) (Table, error)
}

// A PluginArg is an argument of a plug-in: a constant, a column of the input,
// an expression evaluated for every row, a table, or an aggregate call.
type PluginArg struct {
	Arg
	// Column is the position in the input of a column argument, else -1.
	Column int
	// Values is an expression's value for every row of the input (set for Run
	// only); also for a column.
	Values *data.Vector
	// Table is a tabular argument (columns for Columns, rows too for Run).
	Table *Table
	// Aggregate is an argument such as sum(n) of pivot, with its own arguments.
	Aggregate     *Aggregate
	AggregateArgs []PluginArg
}

// A Table is a materialised table: one vector a column, none constant.
type Table struct {
	Columns []data.Column
	Rows    int
	Vectors []*data.Vector
}
