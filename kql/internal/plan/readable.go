package plan

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// Readable writes a signature as people read it: "(text: string, start: integer?): string".
func Readable(signature string) string {
	s, err := function.ParseSignature(signature)
	if err != nil {
		return signature
	}
	var parts []string
	for _, p := range s.Params {
		part := p.Name + ": " + className(p.Class)
		switch {
		case p.Optional:
			part += "?"
		case p.Repeats():
			part += ", …"
		}
		parts = append(parts, part)
	}
	text := "(" + strings.Join(parts, ", ") + ")"
	if of := resultName(s); of != "" {
		text += ": " + of
	}
	return text
}

// className is a short word for a class of types.
func className(class string) string {
	switch class {
	case "Scalar", "Any", "NotDynamic", "NotRealOrBool", "CommonScalar", "CommonScalarOrDynamic":
		return "any"
	case "Number":
		return "number"
	case "Integer":
		return "integer"
	case "Summable":
		return "number, datetime or timespan"
	case "Orderable", "CommonOrderable":
		return "ordered"
	case "DynamicArray", "DynamicBag":
		return "dynamic"
	case "StringOrDynamic":
		return "string or dynamic"
	case "StringOrArray":
		return "string or array"
	case "IntegerOrArray":
		return "integer or array"
	case "NumberOrBool":
		return "number or bool"
	case "Tabular":
		return "table"
	}
	return class
}

// resultName is the result's type; of a rule, what the rule says where that is short.
func resultName(s *function.Signature) string {
	switch {
	case s.Returns != 0:
		return s.Returns.String()
	case strings.HasSuffix(s.Rule, "Array"):
		return "dynamic"
	case strings.HasPrefix(s.Rule, "Parameter0") && len(s.Params) > 0 && !strings.HasSuffix(s.Rule, "Literal"):
		return className(s.Params[0].Class)
	case s.Rule == "Widest":
		return "number"
	case strings.HasPrefix(s.Rule, "Common"):
		return "any"
	}
	return ""
}
