package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

// A Named is [name =] expr or (a, b) = expr in project, extend, summarize, print ….
type Named struct {
	Name  *Name
	Names []Name // (a, b) = f()
	Value Expr
}

// Written is the name of the item in the query: before =, or the column that is its value; or nil.
func (n *Named) Written() *Name {
	if n.Name != nil {
		return n.Name
	}
	if ref, ok := n.Value.(*NameRef); ok {
		return &ref.Name
	}
	return nil
}

// A Pattern is a column's name in project-away and its like, perhaps with *.
type Pattern struct {
	Name     Name
	Wildcard bool
}

// An Order is one key of sort or top.
type Order struct {
	Value Expr
	// Descending and NullsFirst hold what counts: written, or the default
	// (desc; nulls first when ascending, last when descending).
	Descending, NullsFirst bool
}

// An Option is name = value between an operator's name and its operands:
// kind=inner, hint.strategy=broadcast, withsource=X.
type Option struct {
	Name  Name
	Value Expr // a literal, a NameRef for a bare word
}

// Parts of operators.
type (
	Rename   struct{ New, Old Name }
	TopLevel struct {
		Rows       Expr // nil: all
		Of         Named
		Others     Expr // with others = E; nil
		By         Named
		Descending bool
	}
	MvItem struct {
		Named
		Type data.Type // to typeof(T); zero: dynamic
	}
	// A ParsePart is a text to find, a column to fill, or *.
	ParsePart struct {
		Text   *string
		Star   bool
		Column *ColumnDecl // Type zero: string
		Span   Span
	}
	SeriesItem struct {
		Named
		Default Expr
	}
	ScanStep struct {
		Name        Name
		Optional    bool
		Output      string // "", all, last, none
		Condition   Expr
		Assignments []Named
	}
	ForkBranch struct {
		Name *Name
		Sub  *Pipeline // source nil
	}
	FindColumn struct {
		Name Name
		Type data.Type
	}
	GraphNodes struct {
		Table Source
		On    Name
	}
	// A PatternPart is a node (Edge false) or an edge between two nodes.
	PatternPart struct {
		Edge bool
		Name *Name // nil: anonymous
		// Direction of an edge: 1 = -->, -1 = <--, 0 = either.
		Direction int
		// Variable-length edges: *Min..Max.
		Variable bool
		Min, Max int
		Span     Span
	}
	GraphTable struct {
		Edges bool
		As    *Name
		// NodeID is with_node_id=, SourceID and TargetID with_source_id=, with_target_id=.
		NodeID, SourceID, TargetID *Name
	}
)
