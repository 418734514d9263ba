package syntax

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// show writes a tree the way the tables of these tests read it: expressions
// with all their parentheses, everything else as Type(Field=value …) without
// spans and what is empty.
func show(v any) string { return showValue(reflect.ValueOf(v)) }

func showValue(v reflect.Value) string {
	if e, ok := v.Interface().(Expr); ok && !isNil(v) {
		if text := showExpr(e); text != "" {
			return text
		}
	}
	switch v := v.Interface().(type) {
	case Name:
		return v.Text
	case data.Type:
		return v.String()
	case Named:
		return showNamed(v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return showValue(v.Elem())
	case reflect.Slice:
		return showSlice(v)
	case reflect.Struct:
		return showStruct(v)
	}
	return fmt.Sprint(v.Interface())
}

func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}

func showSlice(v reflect.Value) string {
	var parts []string
	for i := range v.Len() {
		parts = append(parts, showValue(v.Index(i)))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func showStruct(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Type == reflect.TypeFor[Span](), v.Field(i).IsZero():
		case field.Type == reflect.TypeFor[Head]():
			if options := v.Field(i).FieldByName("Options"); options.Len() > 0 {
				parts = append(parts, "Options="+showSlice(options))
			}
		default:
			parts = append(parts, field.Name+"="+showValue(v.Field(i)))
		}
	}
	return v.Type().Name() + "(" + strings.Join(parts, " ") + ")"
}

func showNamed(n Named) string {
	switch {
	case n.Name != nil:
		return n.Name.Text + " = " + show(n.Value)
	case n.Names != nil:
		return show(n.Names) + " = " + show(n.Value)
	}
	return show(n.Value)
}

func showExpr(e Expr) string {
	switch e := e.(type) {
	case *Literal:
		return showLiteral(e.Value)
	case *NameRef:
		return e.Text
	case *Star:
		return "*"
	case *Member:
		return show(e.Base) + "." + e.Name.Text
	case *Index:
		return show(e.Base) + "[" + show(e.Index) + "]"
	case *Unary:
		return "(" + e.Op + show(e.Operand) + ")"
	case *Binary:
		return "(" + show(e.Left) + " " + e.Op + " " + show(e.Right) + ")"
	case *Between:
		not := map[bool]string{true: "!"}[e.Negated]
		return fmt.Sprintf("(%s %sbetween %s..%s)", show(e.Left), not, show(e.Low), show(e.High))
	case *In:
		return "(" + show(e.Left) + " " + e.Op + " " + show(e.List) + ")"
	case *Call:
		on := ""
		if e.On != nil {
			on = show(e.On) + "."
		}
		args := show(e.Args)
		return on + e.Function.Text + "(" + args[1:len(args)-1] + ")"
	case *Bad:
		return "BAD"
	}
	return ""
}

func showLiteral(v data.Value) string {
	if v.IsNull() {
		return v.Type().String() + "(null)"
	}
	switch v.Type() {
	case data.Bool:
		return fmt.Sprint(v.Bool())
	case data.Long:
		return fmt.Sprint(v.Long())
	case data.Int:
		return fmt.Sprintf("int(%d)", v.Long())
	case data.Real:
		return fmt.Sprintf("real(%v)", v.Real())
	case data.String:
		return fmt.Sprintf("%q", v.Text())
	case data.DateTime:
		return "datetime(" + string(data.AppendDateTime(nil, v.Long())) + ")"
	case data.TimeSpan:
		return "timespan(" + string(data.AppendTimeSpan(nil, v.Long())) + ")"
	case data.Dynamic:
		return "dynamic(" + v.Node().JSON() + ")"
	}
	return v.Type().String() + "(" + v.Text() + ")"
}
