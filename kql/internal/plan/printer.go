package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func pathText(steps []data.Step) string {
	var b strings.Builder
	for _, s := range steps {
		if s.IsIndex {
			fmt.Fprintf(&b, "[%d]", s.Index)
			continue
		}
		b.WriteString("." + s.Key)
	}
	return b.String()
}

// constText is a constant as a query spells it, shortened.
func constText(v data.Value) string {
	text := v.String()
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	switch {
	case v.IsNull():
		return v.Type().String() + "(null)"
	case v.Type() == data.String:
		return strconv.Quote(text)
	case v.Type() == data.Bool || isNumber(v.Type()):
		return text
	}
	return v.Type().String() + "(" + text + ")"
}

// A printer spells expressions over columns.
type printer struct{ cols []data.Column }

func (p *printer) list(list []Expr) string {
	var parts []string
	for _, e := range list {
		parts = append(parts, p.expr(e))
	}
	return strings.Join(parts, ", ")
}

// assignments shows computed columns in full and the others by name.
func (p *printer) assignments(cols []data.Column, exprs []Expr) string {
	var parts []string
	for i, e := range exprs {
		if text := p.expr(e); text == cols[i].Name {
			parts = append(parts, text)
		} else {
			parts = append(parts, cols[i].Name+" = "+text)
		}
	}
	return strings.Join(parts, ", ")
}

func (p *printer) keys(keys []Key) string {
	var parts []string
	for _, k := range keys {
		order := " asc"
		if k.Descending {
			order = " desc"
		}
		parts = append(parts, p.expr(k.Value)+order)
	}
	return strings.Join(parts, ", ")
}

func (p *printer) items(items []ExpandItem) string {
	var parts []string
	for _, it := range items {
		parts = append(parts, p.expr(it.Value))
	}
	return strings.Join(parts, ", ")
}

func (p *printer) expr(e Expr) string {
	switch e := e.(type) {
	case nil, failed, failedOf:
		return "…"
	case *Const:
		return constText(e.Value)
	case *Column:
		if e.Index < len(p.cols) {
			return p.cols[e.Index].Name
		}
		return "#" + strconv.Itoa(e.Index)
	case *Path:
		return p.expr(e.Base) + pathText(e.Steps)
	case *Element:
		return p.expr(e.Base) + "[" + p.expr(e.Index) + "]"
	case *Call:
		return e.Function.Name + "(" + p.list(e.Args) + ")"
	case *Window:
		return e.Name + "(" + p.list(e.Args) + ")"
	case *Operator:
		return p.operator(e)
	case *Negate:
		return "-" + p.expr(e.Operand)
	case *In:
		if e.Table != nil {
			return p.expr(e.Left) + " " + e.Op + " (table)"
		}
		return p.expr(e.Left) + " " + e.Op + " (" + p.list(e.List) + ")"
	}
	return p.rare(e)
}

func (p *printer) operator(e *Operator) string {
	side := func(e Expr, op string) string {
		inner, ok := e.(*Operator)
		if ok && (inner.Op != op || op != "and" && op != "or") {
			return "(" + p.expr(e) + ")"
		}
		return p.expr(e)
	}
	return side(e.Left, e.Op) + " " + e.Op + " " + side(e.Right, e.Op)
}

func (p *printer) rare(e Expr) string {
	switch e := e.(type) {
	case *Between:
		word := " between ("
		if e.Negated {
			word = " !between ("
		}
		return p.expr(e.Operand) + word + p.expr(e.Low) + " .. " + p.expr(e.High) + ")"
	case *Convert:
		return "to" + e.To.String() + "(" + p.expr(e.Operand) + ")"
	case *Scalar:
		return "toscalar(…)"
	case *Field:
		return p.expr(e.Call) + "[" + strconv.Itoa(e.Index) + "]"
	case *Outer:
		return fmt.Sprintf("outer[%d].#%d", e.Depth, e.Index)
	case *Quantified:
		return e.Mode + "(…)"
	case *GraphFact:
		return e.Name + "(…)"
	}
	return fmt.Sprintf("%T", e)
}
