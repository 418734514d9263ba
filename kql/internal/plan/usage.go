package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func describeArgument(a argument) string {
	switch {
	case a.known.Star:
		return `"*"`
	case a.known.Schema != nil:
		return "a type"
	}
	return describe(a.expr)
}

// usage shows the ways to call a function.
func usage(name string, signatures []string) string {
	shown := make([]string, 0, len(signatures))
	for _, text := range signatures {
		params, _, _ := strings.Cut(text, " →")
		shown = append(shown, name+withoutKinds(params))
	}
	return strings.Join(shown, " or ")
}

// withoutKinds drops what stands in braces.
func withoutKinds(params string) string {
	for {
		before, rest, ok := strings.Cut(params, "{")
		if !ok {
			return params
		}
		_, after, _ := strings.Cut(rest, "}")
		params = before + after
	}
}

// classForPeople puts a class of types into words.
func classForPeople(p *function.Param) string {
	switch p.Class {
	case "Number":
		return "a number"
	case "Integer":
		return "a whole number"
	case "Summable":
		return "a number, datetime or timespan"
	case "Orderable", "CommonOrderable":
		return "a type with an order"
	case "NotDynamic":
		return "a type other than dynamic (cast it first, e.g. tostring(…))"
	case "DynamicArray", "DynamicBag":
		return "dynamic"
	case "StringOrDynamic", "StringOrArray":
		return "string or dynamic"
	case "IntegerOrArray":
		return "a whole number or a dynamic array"
	case "Scalar":
		return "a value"
	case "type":
		return "typeof(…)"
	}
	return p.Class
}

// checkKinds reports arguments that must be constants and are not.
func (s *scalars) checkKinds(name string, params []*function.Param, args []argument) bool {
	ok := true
	for i, p := range params {
		switch p.Kind {
		case "Constant", "Literal", "LiteralNotEmpty":
			if args[i].known.Schema == nil && !stable(args[i].expr) {
				s.problem(args[i].at, codeValue, "%s(): %s must be a constant", name, p.Name)
				ok = false
			}
		}
		ok = s.checkWords(name, p, args[i]) && ok
	}
	return ok
}

// checkWords checks "one of" where a literal is wanted; elsewhere what does not belong is the function's to judge.
func (s *scalars) checkWords(name string, p *function.Param, a argument) bool {
	if p.Kind != "Literal" || len(p.Words) == 0 || a.known.Const == nil {
		return true
	}
	word := a.known.Const.Text()
	if slices.ContainsFunc(p.Words, func(w string) bool { return strings.EqualFold(w, word) }) {
		return true
	}
	s.problem(a.at, codeValue, "%s(): unknown %s %q; want one of %s%s", name, p.Name, word, strings.Join(p.Words, ", "), meant(word, p.Words))
	return false
}
