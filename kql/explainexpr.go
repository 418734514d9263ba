package kql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

func expressions(list []plan.Expr, columns []data.Column) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = expression(e, columns)
	}
	return strings.Join(out, ", ")
}

// expression writes an expression over columns as a query would.
func expression(e plan.Expr, columns []data.Column) string {
	of := func(e plan.Expr) string { return expression(e, columns) }
	switch e := e.(type) {
	case *plan.Const:
		return literal(e.Value)
	case *plan.Column:
		if e.Index < len(columns) && columns[e.Index].Name != "" {
			return columns[e.Index].Name
		}
		return "#" + strconv.Itoa(e.Index)
	case *plan.Path:
		return of(e.Base) + steps(e.Steps)
	case *plan.Element:
		return of(e.Base) + "[" + of(e.Index) + "]"
	case *plan.Call:
		return e.Function.Name + "(" + expressions(e.Args, columns) + ")"
	case *plan.Window:
		return e.Name + "(" + expressions(e.Args, columns) + ")"
	case *plan.Operator:
		return "(" + of(e.Left) + " " + e.Op + " " + of(e.Right) + ")"
	case *plan.Negate:
		return "-" + of(e.Operand)
	case *plan.In:
		if e.Table != nil {
			return "(" + of(e.Left) + " " + e.Op + " (a table))"
		}
		return "(" + of(e.Left) + " " + e.Op + " (" + expressions(e.List, columns) + "))"
	case *plan.Between:
		op := "between"
		if e.Negated {
			op = "!between"
		}
		return "(" + of(e.Operand) + " " + op + " (" + of(e.Low) + " .. " + of(e.High) + "))"
	case *plan.Convert:
		return "to" + e.To.String() + "(" + of(e.Operand) + ")"
	case *plan.Scalar:
		return "toscalar(a table)"
	case *plan.Field:
		return of(e.Call) + "[" + strconv.Itoa(e.Index) + "]"
	case nil:
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "*plan."))
}

// literal writes a value as a query would.
func literal(v Value) string {
	switch {
	case v.IsNull():
		return v.Type().String() + "(null)"
	case v.Type() == data.String:
		return string(data.AppendQuoted(nil, v.Text()))
	case v.Type() == data.Bool || v.Type() == data.Int || v.Type() == data.Long || v.Type() == data.Real:
		return v.String()
	}
	return v.Type().String() + "(" + v.String() + ")"
}
