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
	// Earlier are the tabular expressions before the last: they may name tables with as.
	Earlier []*Pipeline
	// Declared comes from "declare query_parameters (…)".
	Declared []Param
	// Sets come from "set name = value": kept, not obeyed.
	Sets []Set
	// Broken are the steps with errors in them, each up to where reading went on.
	Broken []Span
	// Lost is the first statement that could not be read, up to the error: what it
	// should have defined is unknown behind it. Nil: none.
	Lost *Span
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
	// UnionSource is union at the beginning of a pipeline; so are find and search.
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
