package plan

import (
	"context"
	"iter"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// A Node is one step of a plan. Its columns are known, except that an open
// node (bag_unpack, pivot without a schema) has more when it has run: what
// stands above an open node is bound when the node's columns are known (Late).
type Node interface {
	// Columns are the step's result columns.
	Columns() []data.Column
	// Inputs are the steps that it reads.
	Inputs() []Node
}

// A Source is a table of the caller; kql.Table has the same methods.
type Source interface {
	Columns() []data.Column
	Scan(ctx context.Context, want Request) iter.Seq2[*data.Batch, error]
}

// What is asked of a [Source].
type (
	Request   = data.Request
	Predicate = data.Predicate
)

// Base holds what all nodes have.
type Base struct {
	Cols []data.Column
	From []Node
}

// Columns are the result's columns.
func (b *Base) Columns() []data.Column { return b.Cols }

// Inputs are the steps read.
func (b *Base) Inputs() []Node { return b.From }

// A Key orders rows.
type Key struct {
	Value                  Expr
	Descending, NullsFirst bool
}

// An Aggregation is one aggregate of a summarize.
type Aggregation struct {
	Function *function.Aggregate
	Known    []function.Arg
	Args     []Expr
}

// Steps. Comments give the columns.
type (
	// Scan reads a table: exactly Request.Columns.
	Scan struct {
		Base
		Name    string
		Source  Source
		Request Request
	}
	// Rows is a constant table: datatable, print without functions of rows.
	Rows struct {
		Base
		Batch *data.Batch
	}
	// Range is range x from a to b step c.
	Range struct {
		Base
		Low, High, Step Expr // constants or Scalars
	}
	// Filter keeps rows. Columns as input.
	Filter struct {
		Base
		Where Expr
	}
	// Project computes all columns anew.
	Project struct {
		Base
		Exprs []Expr
		// Serial: an expression is a Window; the input is materialised in order.
		Serial bool
	}
	// Summarize groups rows. Columns: keys, then the aggregates' columns. Without aggregates: distinct.
	Summarize struct {
		Base
		Keys       []Expr
		Aggregates []Aggregation
	}
	// Take keeps the first rows; Sample random ones.
	Take struct {
		Base
		Rows Expr
	}
	Sample struct {
		Base
		Rows Expr
	}
	// Sort orders; Top keeps the first of the order.
	Sort struct {
		Base
		Keys []Key
	}
	Top struct {
		Base
		Rows Expr
		Keys []Key
	}
	// Join joins two inputs. Columns: left columns, then right ones (for semi and anti one side's only);
	// From is left, right. Kind is written out: innerunique, inner, leftouter,
	// rightouter, fullouter, leftsemi, rightsemi, leftanti, rightanti. Keys are
	// converted to one type already. Lookup is a leftouter or inner join with a Project above.
	Join struct {
		Base
		Kind      string
		LeftKeys  []Expr
		RightKeys []Expr
		// DropRight are positions of right columns left out of the result (lookup's keys).
		DropRight []int
	}
	// Union puts tables one behind the other. Into has for each input the places
	// in Cols of its columns, -1 for one left out; an input's other columns are null.
	Union struct {
		Base
		Into [][]int
	}
	// Expand is mv-expand: Items[i] replaces column Into[i] (a position in Cols).
	Expand struct {
		Base
		Items []ExpandItem
		Bags  string // "" and "bag": one-key bags; "array": [key, value]
		Index int    // position in Cols of the item index, -1
		Limit Expr   // rows an input row may give; nil: no limit
	}
	// Apply is mv-apply: Sub runs for each input row over its expanded items.
	// Sub's leaf is a Subject whose columns are the items (and the index) and
	// the input's columns. Columns: the input's that are kept (Keep), then Sub's.
	Apply struct {
		Base
		Items   []ExpandItem
		Index   int
		Limit   Expr
		Sub     Node
		Subject *Subject
		Keep    []int
	}
	// Subject is the leaf of a subquery that runs many times (mv-apply, partition),
	// and of a plan that was bound late. Whoever runs it looks it up by Key.
	Subject struct {
		Base
		// Of is set in the Subject of a plan that Late.Bind made: it stands for
		// Late.Subject, with the columns of this one run. Plans are shared between
		// runs, so Late.Subject itself does not change.
		Of *Subject
	}
	// Parse is parse and parse-where; the columns of Parts are replaced in or appended to the input's.
	Parse struct {
		Base
		Where bool
		Mode  string // simple, relaxed, regex
		Flags string
		Value Expr
		Parts []ParsePart
		// Into has for each column part its position in Cols.
		Into []int
	}
	// ParseKV is parse-kv.
	ParseKV struct {
		Base
		Value   Expr
		Keys    []string
		Into    []int
		Options map[string]string // pair_delimiter, kv_delimiter, quote, escape, greedy, regex
	}
	// MakeSeries is make-series. Columns: by columns, series, axis, as Kusto orders them.
	MakeSeries struct {
		Base
		Keys       []Expr
		Aggregates []Aggregation
		Defaults   []Expr
		On         Expr
		Low, High  Expr // nil: from the data
		Step       Expr
		// Inclusive: High belongs to the axis ("in range(…)", the old form).
		Inclusive bool
		// NonEmpty: without rows and keys the result is one row of defaults.
		NonEmpty bool
		// Values compute each series' value in a bin from a row of all aggregates'
		// outputs; nil: series i is aggregate i.
		Values []Expr
	}
	// TopNested is top-nested. Columns: for each level its column and its aggregate.
	TopNested struct {
		Base
		Levels []TopLevel
	}
	// Plugin is evaluate f(…).
	Plugin struct {
		Base
		Function *function.Plugin
		Args     []PluginArg
		Open     bool
	}
	// Late is what stands above an open node: bound when the columns of From[0] are known.
	Late struct {
		Base
		Bind    func(columns []data.Column, spend Spend) (Node, error) // the new plan's leaf is a Subject whose Key is Subject
		Subject *Subject
		// Ahead is what stands above as far as it can be told beforehand, then the
		// open nodes that it waits for after From[0]. It does not run.
		Ahead []Node
	}
	// Materialize is shared by all that refer to it and runs once.
	Materialize struct{ Base }
	// ScanSteps is the scan operator.
	ScanSteps struct {
		Base
		Partition []Expr
		Order     []Key
		Declared  []Expr // default values of declared columns
		MatchID   int    // position in Cols, -1
		Steps     []ScanStep
	}
	// Partition runs Sub for each value of By.
	Partition struct {
		Base
		By      Expr
		Sub     Node
		Subject *Subject
	}
	// Reduce is reduce by.
	Reduce struct {
		Base
		By         Expr
		Threshold  float64
		Characters string
	}
	// Graph makes a graph: From[0] edges, From[1:] node tables. It is read by Match, Paths, ToTable, Components.
	Graph struct {
		Base           // columns: none
		EdgeColumns    []data.Column
		NodeColumns    []data.Column
		Source, Target int   // columns of the edges
		NodeKeys       []int // for each node table its id column
		// NodeInto has for each node table the positions in NodeColumns of its columns.
		NodeInto [][]int
		ID       int // position of the id in NodeColumns
	}
	// Match is graph-match and graph-shortest-paths. From[0] is a Graph. The
	// expressions are over a row of all named elements' columns: see Elements.
	Match struct {
		Base
		Shortest string // "", any, all
		Cycles   string // unique_edges, all, none
		Patterns [][]PatternPart
		Elements []GraphElement
		Where    Expr
		Exprs    []Expr
	}
	// ToTable is graph-to-table for one output. Hashes of the node (ID), of an
	// edge's ends (Source, Target) stand before the other columns, where wanted.
	ToTable struct {
		Base
		Edges              bool
		ID, Source, Target bool
	}
	// Components is graph-mark-components: the Graph of From[0] with one more node column, the last of NodeColumns.
	Components struct {
		Base
		Strong      bool
		NodeColumns []data.Column
	}
	// GraphFilter is graph-where-nodes and graph-where-edges: Where sees a node's or an edge's columns. An edge stays only with both its ends.
	GraphFilter struct {
		Base
		Edges bool
		Where Expr
	}
)

// Parts of steps.
type (
	// ExpandItem is an array to expand.
	ExpandItem struct {
		Value Expr
		Into  int
		To    data.Type // Dynamic: as it is
	}
	// ParsePart is a text to find, a column to fill, or what * skips.
	ParsePart struct {
		Text   *string
		Star   bool
		Column bool
		Of     data.Type
	}
	// TopLevel is a level of top-nested.
	TopLevel struct {
		Rows       Expr // nil: all
		Of         Expr
		Others     Expr // nil
		By         Aggregation
		Descending bool
	}
	// ScanStep is a step of scan. Condition and Assignments see the input's
	// columns, then for every step its state: the input's columns and the declared ones.
	ScanStep struct {
		Name        string
		Optional    bool
		Output      string // all, last, none
		Condition   Expr
		Assignments []ScanAssignment
	}
	ScanAssignment struct {
		Declared int
		Value    Expr
	}
	// PluginArg is an argument of a plug-in.
	PluginArg struct {
		Known     function.Arg
		Value     Expr // nil for tables and aggregates
		Column    int  // -1
		Table     Node
		Aggregate *Aggregation
	}
	// PatternPart is a node or an edge of a graph pattern.
	PatternPart struct {
		// Element is its place in Match.Elements; anonymous parts have one too.
		Element   int
		Edge      bool
		Direction int // 1, -1, 0 either
		Variable  bool
		Min, Max  int
	}
	// GraphElement is a node or edge of the patterns. Its columns stand from
	// First on in the rows that Where and Exprs see; those of a variable edge
	// are dynamic arrays there, one element for each hop.
	GraphElement struct {
		Name     string
		Edge     bool
		Variable bool
		First    int
		Columns  []data.Column
	}
)

// Key tells subjects apart: see Subject.Of.
func (s *Subject) Key() *Subject {
	if s.Of != nil {
		return s.Of
	}
	return s
}

// GraphColumns are the columns of a graph's nodes and edges; n is a Graph, Components or GraphFilter.
func GraphColumns(n Node) (nodes, edges []data.Column) {
	switch g := n.(type) {
	case *Graph:
		return g.NodeColumns, g.EdgeColumns
	case *Components:
		_, edges = GraphColumns(g.From[0])
		return g.NodeColumns, edges
	case *GraphFilter:
		return GraphColumns(g.From[0])
	}
	return nil, nil
}

// Quantified is all(e, c), any(e, c), map(e, x) over the edges of a variable
// edge, or over its inner nodes; a bare e.column in where is "all". Body sees
// the row of the match, then from Scope on the columns of the one edge or node.
type Quantified struct {
	Mode    string // all, any, map
	Element int
	Inner   bool // inner_nodes(e)
	Scope   int
	Body    Expr
}

// Type is Bool, or Dynamic for map.
func (e *Quantified) Type() data.Type {
	if e.Mode == "map" {
		return data.Dynamic
	}
	return data.Bool
}

// GraphFact is node_degree_in(n), node_degree_out(n), labels(n), node_id(n).
type GraphFact struct {
	Name    string
	Element int
	Of      data.Type
}

// Type is the fact's type.
func (e *GraphFact) Type() data.Type { return e.Of }
