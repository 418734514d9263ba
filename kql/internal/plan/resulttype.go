package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// result is the type of a call's value; ok is false where the arguments have none in common.
func (o *overload) result(known []function.Arg, exprs []Expr, custom func([]function.Arg) data.Type) (data.Type, error) {
	if o.signature.Returns != 0 {
		return o.signature.Returns, nil
	}
	rule := o.signature.Rule
	switch rule {
	case "Custom":
		if custom == nil {
			return data.Dynamic, nil
		}
		return custom(known), nil
	case "Widest":
		return widest(types(exprs)), nil
	case "Common", "CommonNonDynamic":
		return o.common(rule, exprs)
	case "ParameterNLiteral":
		return literalType(known[len(known)-1]), nil
	}
	return byParameter(rule, known, exprs), nil
}

// byParameter reads Parameter0, Parameter1Literal, Parameter0Array, Parameter0Promoted.
func byParameter(rule string, known []function.Arg, exprs []Expr) data.Type {
	rest, ok := strings.CutPrefix(rule, "Parameter")
	if !ok || rest == "" {
		return data.Dynamic
	}
	i, err := strconv.Atoi(rest[:1])
	if err != nil || i >= len(exprs) {
		return data.Dynamic
	}
	of := exprs[i].Type()
	switch rest[1:] {
	case "":
		return of
	case "Literal":
		return literalType(known[i])
	case "Promoted":
		if of == data.Int {
			return data.Long
		}
		return of
	}
	return data.Dynamic
}

func literalType(a function.Arg) data.Type {
	if len(a.Schema) == 1 {
		return a.Schema[0].Type
	}
	return data.Dynamic
}

func types(exprs []Expr) []data.Type {
	list := make([]data.Type, len(exprs))
	for i, e := range exprs {
		list[i] = e.Type()
	}
	return list
}

// widest is the widest number, a long at least; dynamics and unknowns count for nothing.
func widest(list []data.Type) data.Type {
	best := data.Type(0)
	for _, t := range list {
		if isNumber(t) {
			best = max(best, t, data.Long)
		}
	}
	if best == 0 && len(list) > 0 {
		return list[0]
	}
	return best
}

// common is the type that the parameters of the Common classes share. In
// CommonNonDynamic a dynamic gives way to the others, and types that have
// nothing in common become dynamic.
func (o *overload) common(rule string, exprs []Expr) (data.Type, error) {
	lenient := rule == "CommonNonDynamic"
	of := data.Type(0)
	for i, p := range o.params {
		t := exprs[i].Type()
		if !strings.HasPrefix(p.Class, "Common") || lenient && t == data.Dynamic {
			continue
		}
		next, ok := meet(of, t)
		if !ok && lenient {
			return data.Dynamic, nil
		}
		if !ok {
			return 0, fmt.Errorf("%s and %s have no type in common", of, t)
		}
		of = next
	}
	if of == 0 && lenient {
		return data.Dynamic, nil
	}
	return of, nil
}

// meet is the type that holds values of both.
func meet(a, b data.Type) (data.Type, bool) {
	switch {
	case a == 0:
		return b, true
	case b == 0 || a == b:
		return a, true
	case isNumber(a) && isNumber(b):
		return max(a, b), true
	}
	return 0, false
}
