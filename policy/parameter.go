package policy

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// parameterTypes are the types that a parameter may have.
var parameterTypes = []string{"String", "Array", "Object", "Boolean", "Integer", "Float", "DateTime"}

// parameters reads the declared parameters of a definition or initiative.
func (r *docReader) parameters(n *Node) []Parameter {
	if n.absent() {
		return nil
	}
	if n.Kind != Object {
		r.refuse(n.Pos, "parameters is %s; want an object with one declaration a name", n.describe())
		return nil
	}
	r.uniqueKeys(n)
	parameters := make([]Parameter, 0, len(n.Members))
	for i := range n.Members {
		p := &n.Members[i]
		if p.Value.Kind != Object {
			r.refuse(p.Value.Pos, "parameter %q is %s; want an object with \"type\"", p.Key, p.Value.describe())
			continue
		}
		parameters = append(parameters, r.parameter(p))
	}
	return parameters
}

func (r *docReader) parameter(p *Property) Parameter {
	n := p.Value
	metadata := n.Get("metadata")
	parameter := Parameter{
		Name: p.Key, Pos: p.Pos,
		Type:        n.text("type"),
		DisplayName: metadata.text("displayName"),
		StrongType:  metadata.text("strongType"),
		Deprecated:  metadata.truth("deprecated"),
	}
	r.parameterType(p, n.Get("type"))
	if allowed := n.Get("allowedValues"); !allowed.absent() {
		if allowed.Kind == Array {
			parameter.Allowed = make([]Value, len(allowed.Items))
			for i, item := range allowed.Items {
				parameter.Allowed[i] = item.Value()
			}
		} else {
			r.warn(allowed.Pos, "allowedValues of parameter %q is %s, so every value is allowed; want an array", p.Key, allowed.describe())
		}
	}
	if value := n.Get("defaultValue"); !value.absent() {
		v := value.Value()
		parameter.Default = &v
		if why := parameter.unfit(v); why != "" {
			r.warn(value.Pos, "default of parameter %q %s", p.Key, why)
		}
	}
	return parameter
}

func (r *docReader) parameterType(p *Property, n *Node) {
	switch {
	case n.absent():
		r.warn(p.Pos, "parameter %q without type takes any value; want one of %s", p.Key, strings.Join(parameterTypes, ", "))
	case n.Kind != String:
		r.warn(n.Pos, "type of parameter %q is %s, so it takes any value; want one of %s", p.Key, n.describe(), strings.Join(parameterTypes, ", "))
	case !slices.ContainsFunc(parameterTypes, func(known string) bool { return strings.EqualFold(known, n.Text) }):
		before := r.lenient
		r.lenient = true
		r.refuseName(n.Pos, n.Text, parameterTypes, "unknown type %q of parameter %q", n.Text, p.Key)
		r.lenient = before
	}
}

// unfit says why a value cannot be one of the parameter's, "" if it can.
func (p *Parameter) unfit(v Value) string {
	if !fitsType(v, p.Type) {
		return "is " + shortened(v) + "; want type " + p.Type
	}
	if len(p.Allowed) > 0 && !p.allows(v) {
		return "is " + shortened(v) + "; want one of its allowedValues " + shortened(ArrayValue(p.Allowed...))
	}
	return ""
}

// shortened is a value for a message.
func shortened(v Value) string {
	const most = 60
	if runes := []rune(v.String()); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return v.String()
}

// allows reports whether allowedValues has the value, or, for an array, each
// of its elements. Case matters.
func (p *Parameter) allows(v Value) bool {
	if slices.ContainsFunc(p.Allowed, v.Equal) {
		return true
	}
	if v.Kind() != Array {
		return false
	}
	for i := range v.Len() {
		if !slices.ContainsFunc(p.Allowed, v.Index(i).Equal) {
			return false
		}
	}
	return true
}

// fitsType reports whether a value is of a declared type; of an unknown type
// is everything.
func fitsType(v Value, declared string) bool {
	switch strings.ToLower(declared) {
	case "string", "datetime":
		return v.Kind() == String
	case "array":
		return v.Kind() == Array
	case "object":
		return v.Kind() == Object
	case "boolean":
		return v.Kind() == Bool
	case "integer":
		return v.Kind() == Int || v.Kind() == Float && v.Float() == math.Trunc(v.Float())
	case "float":
		return v.Kind() == Int || v.Kind() == Float
	}
	return true
}

// CheckParameters settles the values of declared parameters: the given one,
// else the default. Names are compared ignoring case, and resolved has them in
// lower case; parameters without a value are not in it. A given null counts
// as absent.
//
// Problems are values that do not fit their type or allowedValues, names that
// are not declared, and one for all parameters that have no value. A default
// that breaks its own declaration is used, with a warning.
func CheckParameters(declared []Parameter, given map[string]Value) (resolved map[string]Value, problems Problems) {
	resolved = make(map[string]Value, len(declared))
	names := make(map[string]bool, len(declared))
	values := make(map[string]Value, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		values[strings.ToLower(name)] = given[name]
	}
	var missing []string
	for i := range declared {
		p := &declared[i]
		key := strings.ToLower(p.Name)
		names[key] = true
		v, isGiven := values[key]
		isGiven = isGiven && v.Kind() != Null && v.Kind() != Missing
		switch {
		case isGiven:
			if why := p.unfit(v); why != "" {
				problems = append(problems, Problem{Text: fmt.Sprintf("value of parameter %q %s", p.Name, why)})
			}
		case p.Default != nil:
			v = *p.Default
			if why := p.unfit(v); why != "" {
				problems = append(problems, Problem{Warning: true, Text: fmt.Sprintf("default of parameter %q %s", p.Name, why)})
			}
		default:
			missing = append(missing, fmt.Sprintf("%q", p.Name))
			continue
		}
		resolved[key] = v
	}
	if len(missing) > 0 {
		problems = append(problems, Problem{Text: "missing value of parameter " + strings.Join(missing, ", ")})
	}
	return resolved, append(problems, unknownParameters(declared, names, given)...)
}

// unknownParameters refuses values of parameters that are not declared.
func unknownParameters(declared []Parameter, names map[string]bool, given map[string]Value) Problems {
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if names[strings.ToLower(name)] {
			continue
		}
		suggestion := nearest(name, func(yield func(string) bool) {
			for i := range declared {
				if !yield(declared[i].Name) {
					return
				}
			}
		})
		problems = append(problems, Problem{Text: fmt.Sprintf("unknown parameter %q", name), Suggestion: suggestion})
	}
	return problems
}
