package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// An Expr is a bound scalar expression over the columns of a step's input.
type Expr interface{ Type() data.Type }

// Expressions.
type (
	// Const is a constant, folded.
	Const struct{ Value data.Value }
	// Column is a column of the input by position.
	Column struct {
		Index int
		Of    data.Type
	}
	// Path goes into a dynamic: keys and indexes known beforehand.
	Path struct {
		Base  Expr
		Steps []data.Step
	}
	// Element is base[index] with an index that differs from row to row.
	Element struct{ Base, Index Expr }
	// Call is a scalar function. Args are converted already (see Convert). Known
	// has an entry for each of Args. An argument that must be a constant is a
	// Const, or an expression over Scalars only: then Known's Const is nil and
	// the executor fills it in once it has run the Scalars, before Prepare.
	Call struct {
		Function *function.Scalar
		Known    []function.Arg
		Args     []Expr
		Of       data.Type
	}
	// Window is a function over the serialised input: row_number, prev, next,
	// row_cumsum, row_rank_dense, row_rank_min, row_window_session.
	Window struct {
		Name string
		Args []Expr
		Of   data.Type
	}
	// Operator is a binary operator; "and" and "or" do not evaluate the right
	// side where the left one decides.
	Operator struct {
		Op          string
		Left, Right Expr
		Of          data.Type
	}
	// Negate is unary minus.
	Negate struct{ Operand Expr }
	// In is left in (list) of the types =, ~, and has_any, has_all.
	In struct {
		Op   string // in, !in, in~, !in~, has_any, has_all
		Left Expr
		List []Expr
		// Table holds the values instead of List where a subquery or a dynamic array gave them.
		Table Node
	}
	// Between is low <= operand and operand <= high.
	Between struct {
		Negated            bool
		Operand, Low, High Expr
	}
	// Convert is a conversion that Kusto does unasked or by to*(): see data.Convert.
	Convert struct {
		Operand Expr
		To      data.Type
	}
	// Scalar is toscalar(T): run once, before the step that holds it. The same
	// pointer in several places is one run.
	Scalar struct {
		Table Node
		Of    data.Type
	}
	// Field is one column of a function with several (series_stats): Call's result is an array.
	Field struct {
		Call  Expr
		Index int
		Of    data.Type
	}
	// Outer is a column of the input row of an enclosing mv-apply, used where
	// that column is no longer one of the subquery's own (after a summarize or
	// project in it). Depth 0 is the innermost mv-apply around the expression.
	Outer struct {
		Depth, Index int
		Of           data.Type
	}
)

// Type is that of the value.
func (e *Const) Type() data.Type { return e.Value.Type() }

// Type is the type of the expression's values.
func (e *Column) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Path) Type() data.Type { return data.Dynamic }

// Type is the type of the expression's values.
func (e *Element) Type() data.Type { return data.Dynamic }

// Type is the type of the expression's values.
func (e *Call) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Window) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Operator) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Negate) Type() data.Type { return e.Operand.Type() }

// Type is the type of the expression's values.
func (e *In) Type() data.Type { return data.Bool }

// Type is the type of the expression's values.
func (e *Between) Type() data.Type { return data.Bool }

// Type is the type of the expression's values.
func (e *Convert) Type() data.Type { return e.To }

// Type is the type of the expression's values.
func (e *Scalar) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Field) Type() data.Type { return e.Of }

// Type is the type of the expression's values.
func (e *Outer) Type() data.Type { return e.Of }
