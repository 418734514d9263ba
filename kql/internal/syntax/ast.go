package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

// A Span is a place in the query's text: byte offsets, end excluded.
type Span struct{ Start, End int }

// A Name is an identifier as it counts (quotes and brackets taken off).
type Name struct {
	Text string
	Span Span
}

// A Query is a whole text: statements, the last tabular expression of which
// gives the result. Result is nil where the text has none.
type Query struct {
	Statements []Statement
	Result     *Pipeline
	// Declared comes from "declare query_parameters (…)".
	Declared []Param
	// Sets come from "set name = value": kept, not obeyed.
	Sets []Set
}

// A Statement is one let.
type Statement struct {
	Name Name
	// Exactly one is set. A scalar is an Expr; whether a bare name is a table or
	// a scalar is the binder's to say (then Value is a *NameRef).
	Value    Expr
	Tabular  *Pipeline
	Function *Lambda
}

// A Set is a "set" statement.
type Set struct {
	Name  Name
	Value Expr // nil: no value
}

// A Lambda is a user-defined function: (params) { body } or view () { body }.
type Lambda struct {
	View       bool
	Params     []Param
	Statements []Statement
	Tabular    *Pipeline // exactly one of Tabular and Value, as in Statement
	Value      Expr
	Span       Span
}

// A Param is name:type, name:type = default, or name:(column:type, …) / name:(*).
type Param struct {
	Name    Name
	Type    data.Type // zero for a tabular parameter
	Tabular []ColumnDecl
	Star    bool // name:(*)
	Default Expr
}

// A ColumnDecl is name:type.
type ColumnDecl struct {
	Name Name
	Type data.Type
}

// A Pipeline is a source and operators: S | op | op.
type Pipeline struct {
	Source    Source
	Operators []Operator
	Span      Span
}

// A Source is what a pipeline begins with.
type Source interface{ source() }

// Sources.
type (
	// TableRef is a table's or variable's name. Wildcard: the name holds *, in union and find only.
	// On is what stands before a dot: cluster("x").database("y"); nil.
	TableRef struct {
		Name     Name
		Wildcard bool
		On       Expr
	}
	// SourceCall is a function called as a table: f(args), also table("T"),
	// materialize(…).
	SourceCall struct {
		Call *Call
	}
	// Nested is ( pipeline ).
	Nested struct{ Pipeline *Pipeline }
	// Datatable is datatable (schema) [ values ].
	Datatable struct {
		Columns []ColumnDecl
		Values  []Expr
		Span    Span
	}
	// Externaldata is parsed so that it can be refused by name.
	Externaldata struct {
		Columns []ColumnDecl
		Span    Span
	}
	// Print is print a = 1, 2.
	Print struct {
		Items []Named
		Span  Span
	}
	// Range is range x from a to b step c.
	Range struct {
		Name           Name
		From, To, Step Expr
		Span           Span
	}
	// UnionSource, FindSource and SearchSource are the operators at the beginning of a pipeline.
	UnionSource  struct{ Union *Union }
	FindSource   struct{ Find *Find }
	SearchSource struct{ Search *Search }
	// Empty is a missing source ("| where …"): the caller's default table.
	Empty struct{ Span Span }
)

func (*TableRef) source()     {}
func (*SourceCall) source()   {}
func (*Nested) source()       {}
func (*Datatable) source()    {}
func (*Externaldata) source() {}
func (*Print) source()        {}
func (*Range) source()        {}
func (*UnionSource) source()  {}
func (*FindSource) source()   {}
func (*SearchSource) source() {}
func (*Empty) source()        {}

// A Named is [name =] expr or (a, b) = expr in project, extend, summarize, print ….
type Named struct {
	Name  *Name
	Names []Name // (a, b) = f()
	Value Expr
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

// An Operator is one step of a pipeline.
type Operator interface {
	// Keyword is the operator's name in the text and where it stands.
	Keyword() Name
}

// Head is embedded by every operator.
type Head struct {
	Word Name
	Span Span // the whole operator
	// Options as written; those with a meaning are also in the operator's fields.
	Options []Option
}

// Keyword is the operator's name.
func (h *Head) Keyword() Name { return h.Word }

// Operators.
type (
	Where struct {
		Head
		Predicate Expr
	} // also "filter"
	Extend struct {
		Head
		Items []Named
	}
	Project struct {
		Head
		Items []Named
	}
	// ProjectColumns is project-away, -keep, -reorder (Orders: "asc", "desc", "granny-asc", "granny-desc" or "" for each pattern), -by-names (Values instead of Patterns).
	ProjectColumns struct {
		Head
		Patterns []Pattern
		Orders   []string
		Values   []Expr
	}
	ProjectRename struct {
		Head
		Items []Rename
	}
	Summarize struct {
		Head
		Aggregates []Named
		By         []Named
		HasBy      bool
		Bin        Expr // "by … bin=": old form, nil
	}
	Distinct struct {
		Head
		Star  bool
		Items []Named
	}
	Count struct {
		Head
		As *Name
	} // count [as Name]
	Take struct {
		Head
		Rows Expr
	} // also "limit"
	Sample struct {
		Head
		Rows Expr
	}
	// SampleDistinct is sample-distinct N of X.
	SampleDistinct struct {
		Head
		Rows Expr
		Of   Expr
	}
	Top struct {
		Head
		Rows Expr
		By   Order
	}
	// TopHitters is top-hitters N of X by Y.
	TopHitters struct {
		Head
		Rows, Of, By Expr // By may be nil
	}
	// TopNested holds the levels: top-nested [N] of X [with others = E] by [name =] A [asc|desc], …
	TopNested struct {
		Head
		Levels []TopLevel
	}
	Sort struct {
		Head
		By []Order
	} // also "order"
	Join struct {
		Head
		Kind  string // "" = innerunique
		Right Source
		On    []Expr // a name, or $left.a == $right.b
	}
	Lookup struct {
		Head
		Kind  string // "" = leftouter
		Right Source
		On    []Expr
	}
	Union struct {
		Head
		Kind       string // "" or outer, inner
		WithSource string
		Fuzzy      bool
		Tables     []Source
	}
	MvExpand struct {
		Head
		Bags      string // kind= or bagexpansion=: "", "bag", "array"
		ItemIndex *Name  // with_itemindex=
		Items     []MvItem
		Limit     Expr
	}
	MvApply struct {
		Head
		ItemIndex *Name
		Items     []MvItem
		Limit     Expr
		ID        Expr      // id guid literal, ignored
		On        *Pipeline // its source is nil: rows of the item
	}
	// ParseText is parse and parse-where.
	ParseText struct {
		Head
		Where bool   // parse-where
		Kind  string // "", simple, relaxed, regex
		Flags string // flags=
		Value Expr
		Parts []ParsePart
	}
	ParseKV struct {
		Head
		Value   Expr
		Columns []ColumnDecl
		// With holds pair_delimiter, kv_delimiter, quote, escape, greedy, regex.
		With []Option
	}
	Serialize struct {
		Head
		Items []Named
	}
	As struct {
		Head
		Name Name
	}
	GetSchema struct{ Head }
	Consume   struct{ Head }
	Evaluate  struct {
		Head
		Call   *Call
		Schema []ColumnDecl // evaluate f(): (a:string, *)
		Star   bool
	}
	Render struct {
		Head
		Chart string
		With  []Option
	}
	MakeSeries struct {
		Head
		Items          []SeriesItem
		On             Named
		From, To, Step Expr // From and To may be nil
		In             Expr // "in range(a, b, s)", old form
		By             []Named
	}
	Reduce struct {
		Head
		By   Expr
		With []Option // threshold, characters
	}
	Scan struct {
		Head
		MatchID   *Name // with_match_id=
		Declare   []Param
		OrderBy   []Order
		Partition []Expr
		Steps     []ScanStep
	}
	Partition struct {
		Head
		By     Name
		Legacy *Pipeline // { T | … }: a whole pipeline
		Sub    *Pipeline // ( op | op ): source nil
	}
	Fork struct {
		Head
		Branches []ForkBranch
	}
	Facet struct {
		Head
		By   []Name
		With *Pipeline
	}
	Invoke struct {
		Head
		Call *Call
	}
	// AssertSchema is assert-schema (a:string, …).
	AssertSchema struct {
		Head
		Columns []ColumnDecl
	}
	Search struct {
		Head
		In            []Source
		CaseSensitive bool // kind=case_sensitive
		Predicate     Expr // terms: string literals stand for "any column has"
	}
	Find struct {
		Head
		In         []Source
		WithSource string
		Predicate  Expr
		Project    []FindColumn // nil: project-smart
		PackAll    bool
		Away       []Pattern
	}
	MakeGraph struct {
		Head
		From, To Name
		// Nodes are "with T1 on c1, T2 on c2"; NodeID is with_node_id=.
		Nodes         []GraphNodes
		NodeID        *Name
		PartitionedBy *Name
	}
	GraphMatch struct {
		Head
		Cycles   string // "" = unique_edges, all, none
		Patterns [][]PatternPart
		Where    Expr
		Project  []Named // nil: none written
	}
	// GraphShortestPaths has one pattern; Output is "" = any, all.
	GraphShortestPaths struct {
		Head
		Output  string
		Pattern []PatternPart
		Where   Expr
		Project []Named
	}
	GraphToTable struct {
		Head
		Outputs []GraphTable
	}
	// GraphMarkComponents is graph-mark-components [kind=] [with_component_id=].
	GraphMarkComponents struct {
		Head
		Kind        string // "" = weak, strong
		ComponentID *Name
	}
	// GraphWhere is graph-where-nodes or graph-where-edges.
	GraphWhere struct {
		Head
		Edges     bool
		Predicate Expr
	}
	// Unknown stands for an operator that could not be read; an error was reported.
	Unknown struct{ Head }
)

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

// An Expr is a scalar expression.
type Expr interface{ At() Span }

// Expressions.
type (
	// Literal is a constant, of any type, also typed null: long(null).
	Literal struct {
		Value data.Value
		Span  Span
	}
	// TypeOf is typeof(T) or typeof(a:string, …), an argument of extract and plug-ins.
	TypeOf struct {
		Type    data.Type
		Columns []ColumnDecl
		Star    bool
		Span    Span
	}
	// NameRef is a column, variable or table by name; $left and $right too.
	NameRef struct{ Name }
	// Star is *: count(*), arg_max(t, *), where * has "x".
	Star struct{ Span Span }
	// Member is base.name.
	Member struct {
		Base Expr
		Name Name
		Span Span
	}
	// Index is base[expr], also base.["x"].
	Index struct {
		Base, Index Expr
		Span        Span
	}
	// Call is f(args); an argument may be named (Named.Name) and may be a Subquery.
	Call struct {
		Function Name
		// On is what stands before a dot: cluster("x").database("y"); nil.
		On   Expr
		Args []Named
		Span Span
	}
	// Unary is "-" or "+"; not() is a Call.
	Unary struct {
		Op      string
		Operand Expr
		Span    Span
	}
	// Binary has Op in lower case as in the text: "==", "has_cs", "!in~" has In instead, "matches regex", "and", "or".
	Binary struct {
		Op          string
		OpSpan      Span
		Left, Right Expr
		Span        Span
	}
	// In is left in (…), !in, in~, !in~, has_any, has_all: a list of expressions, one of which may be a Subquery.
	In struct {
		Op     string
		OpSpan Span
		Left   Expr
		List   []Expr
		Span   Span
	}
	// Between is left between (low .. high).
	Between struct {
		Negated         bool
		Left, Low, High Expr
		Span            Span
	}
	// Subquery is a tabular expression where a scalar or a table is wanted: toscalar(T | …), in (T | …), a let's or plug-in's tabular argument.
	Subquery struct {
		Pipeline *Pipeline
		Span     Span
	}
	// Bad stands where no expression could be read; an error was reported.
	Bad struct{ Span Span }
)

// At is where the expression stands.
func (e *Literal) At() Span  { return e.Span }
func (e *TypeOf) At() Span   { return e.Span }
func (e *NameRef) At() Span  { return e.Name.Span }
func (e *Star) At() Span     { return e.Span }
func (e *Member) At() Span   { return e.Span }
func (e *Index) At() Span    { return e.Span }
func (e *Call) At() Span     { return e.Span }
func (e *Unary) At() Span    { return e.Span }
func (e *Binary) At() Span   { return e.Span }
func (e *In) At() Span       { return e.Span }
func (e *Between) At() Span  { return e.Span }
func (e *Subquery) At() Span { return e.Span }
func (e *Bad) At() Span      { return e.Span }
