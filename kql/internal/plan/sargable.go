package plan

import (
	"reflect"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// flipped is the operator with its sides exchanged.
var flipped = map[string]string{"==": "==", "=~": "=~", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// predicate puts a condition into a form that a table can use. full tells that
// it says all that the condition says, not only what follows from it.
func predicate(e Expr) (p Predicate, full, ok bool) {
	switch e := e.(type) {
	case *Column:
		if e.Of == data.Bool {
			return Predicate{Column: e.Index, Op: data.OpEqual, Values: []data.Value{data.OfBool(true)}}, true, true
		}
	case *Operator:
		return comparisonPredicate(e)
	case *In:
		return inPredicate(e)
	case *Between:
		low, ok1 := constant(e.Low)
		high, ok2 := constant(e.High)
		if p, ok := target(e.Operand); ok && ok1 && ok2 && !e.Negated {
			return withValues(p, e.Operand, data.OpBetween, low, high)
		}
	}
	return p, false, false
}

func comparisonPredicate(e *Operator) (p Predicate, full, ok bool) {
	if e.Op == "or" {
		if in := asSet(e); in != nil {
			return inPredicate(in)
		}
		return p, false, false
	}
	side, op := e.Left, e.Op
	v, known := constant(e.Right)
	if !known {
		if v, known = constant(e.Left); !known || flipped[op] == "" {
			return p, false, false
		}
		side, op = e.Right, flipped[op]
	}
	switch op {
	case "==", "=~", "<", "<=", ">", ">=", "startswith", "startswith_cs":
		if p, ok := target(side); ok {
			return withValues(p, side, op, v)
		}
	}
	if within[op] {
		return withinPredicate(side, op, v)
	}
	return casePredicate(side, op, v)
}

// within are the operators that only a text meets with the other text in it, in any
// case.
var within = map[string]bool{
	"contains": true, "contains_cs": true, "has": true, "has_cs": true, "endswith": true, "endswith_cs": true,
	"hasprefix": true, "hasprefix_cs": true, "hassuffix": true, "hassuffix_cs": true,
}

// withinPredicate reads column has "x": then column contains "x" follows.
func withinPredicate(side Expr, op string, v data.Value) (p Predicate, full, ok bool) {
	c, isColumn := side.(*Column)
	if !isColumn || c.Of != data.String || v.Type() != data.String || v.Text() == "" {
		return p, false, false
	}
	p = Predicate{Column: c.Index, Op: data.OpContainsFold, Values: []data.Value{v}}
	return p, op == p.Op, true
}

// casePredicate reads tolower(column) == "x": then column =~ "x" follows.
func casePredicate(side Expr, op string, v data.Value) (p Predicate, full, ok bool) {
	call, isCall := side.(*Call)
	if !isCall || op != "==" && op != "=~" || v.Type() != data.String || len(call.Args) != 1 || !isASCII(v.Text()) {
		return p, false, false
	}
	if call.Function.Name != "tolower" && call.Function.Name != "toupper" {
		return p, false, false
	}
	if p, ok = target(call.Args[0]); !ok || call.Args[0].Type() != data.String {
		return p, false, false
	}
	p.Op, p.Values = data.OpEqualFold, []data.Value{v}
	return p, false, true
}

// isASCII: beyond ASCII, lower case and equality without case part ways.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

func inPredicate(e *In) (p Predicate, full, ok bool) {
	if e.Table != nil || e.Op != "in" && e.Op != "in~" {
		return p, false, false
	}
	p, ok = target(e.Left)
	if !ok {
		return p, false, false
	}
	var values []data.Value
	for _, item := range e.List {
		v, known := constant(item)
		if !known {
			return p, false, false
		}
		values = append(values, v)
	}
	return withValues(p, e.Left, e.Op, values...)
}

// target reads a column, or a path into one.
func target(e Expr) (Predicate, bool) {
	switch e := e.(type) {
	case *Column:
		return Predicate{Column: e.Index}, e.Of != data.Dynamic
	case *Path:
		if c, ok := e.Base.(*Column); ok {
			return Predicate{Column: c.Index, Path: e.Steps}, true
		}
	}
	return Predicate{}, false
}

// withValues completes a predicate; values must be of the column's type, or be
// converted to it without loss.
func withValues(p Predicate, side Expr, op string, values ...data.Value) (Predicate, bool, bool) {
	p.Op = op
	for _, v := range values {
		if v.IsNull() {
			return p, false, false
		}
		if of := side.Type(); of != data.Dynamic && v.Type() != of {
			same := data.Convert(v, of)
			if !isNumber(v.Type()) || same.IsNull() || data.Compare(same, v) != 0 {
				return p, false, false
			}
			v = same
		}
		p.Values = append(p.Values, v)
	}
	return p, true, true
}

// sets turns x == 1 or x == 2 … into x in (1, 2, …), which is one look-up.
func sets(where []Expr) []Expr {
	where = slices.Clone(where)
	for i, e := range where {
		if op, ok := e.(*Operator); ok && op.Op == "or" {
			if in := asSet(op); in != nil {
				where[i] = in
			}
		}
	}
	return where
}

// asSet reads a chain of "or" over equalities of one expression with constants of its type.
func asSet(e *Operator) *In {
	var in *In
	for _, part := range disjuncts(e) {
		next := equality(part)
		switch {
		case next == nil:
			return nil
		case in == nil:
			in = next
		case in.Op != next.Op || !reflect.DeepEqual(in.Left, next.Left):
			return nil
		default:
			in.List = append(in.List, next.List...)
		}
	}
	return in
}

func disjuncts(e Expr) []Expr {
	if op, ok := e.(*Operator); ok && op.Op == "or" {
		return append(disjuncts(op.Left), disjuncts(op.Right)...)
	}
	return []Expr{e}
}

// equality reads x == c, x =~ c, x in (c, …) as a set.
func equality(e Expr) *In {
	switch e := e.(type) {
	case *In:
		if e.Table == nil && (e.Op == "in" || e.Op == "in~") {
			return &In{Op: e.Op, Left: e.Left, List: slices.Clone(e.List)}
		}
	case *Operator:
		op := map[string]string{"==": "in", "=~": "in~"}[e.Op]
		v, ok := constant(e.Right)
		if op != "" && ok && !v.IsNull() && v.Type() == e.Left.Type() {
			if _, both := constant(e.Left); !both {
				return &In{Op: op, Left: e.Left, List: []Expr{e.Right}}
			}
		}
	}
	return nil
}
