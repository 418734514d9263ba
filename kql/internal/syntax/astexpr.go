package syntax

import "github.com/bartizan-dev/bartizan/kql/data"

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

// At is where it stands.
func (e *Literal) At() Span { return e.Span }

// At is where it stands.
func (e *TypeOf) At() Span { return e.Span }

// At is where it stands.
func (e *NameRef) At() Span { return e.Name.Span }

// At is where it stands.
func (e *Star) At() Span { return e.Span }

// At is where it stands.
func (e *Member) At() Span { return e.Span }

// At is where it stands.
func (e *Index) At() Span { return e.Span }

// At is where it stands.
func (e *Call) At() Span { return e.Span }

// At is where it stands.
func (e *Unary) At() Span { return e.Span }

// At is where it stands.
func (e *Binary) At() Span { return e.Span }

// At is where it stands.
func (e *In) At() Span { return e.Span }

// At is where it stands.
func (e *Between) At() Span { return e.Span }

// At is where it stands.
func (e *Subquery) At() Span { return e.Span }

// At is where it stands.
func (e *Bad) At() Span { return e.Span }
