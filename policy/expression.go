package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The limits of section 23 of the language.
const (
	maxExpressionLength = 81_920
	maxArguments        = 128
	maxNesting          = 64
	maxAccesses         = 128 // .a[b].c … after one function call
	maxResultText       = 131_072
	maxResultDepth      = 128
	maxResultNodes      = 32_768
)

// Expression is one parsed template expression, such as
// [concat('a', parameters('b'))]. It is immutable and safe for concurrent use.
type Expression struct{ root *term }

// ExpressionError says why a text is no expression of the language.
type ExpressionError struct {
	Offset     int    // in bytes from the start of the string, the bracket included
	Text       string // what is wrong
	Suggestion string // a name that may have been meant, or ""
}

// Error is the text, with the suggestion.
func (e *ExpressionError) Error() string {
	if e.Suggestion == "" {
		return e.Text
	}
	return e.Text + "; did you mean " + strconv.Quote(e.Suggestion) + "?"
}

type termKind uint8

const (
	literalTerm  termKind = iota
	callTerm              // function(args…)
	propertyTerm          // args[0].name
	indexTerm             // args[0][args[1]]
)

// term is one node of an expression.
type term struct {
	kind     termKind
	value    Value     // literalTerm
	name     string    // propertyTerm
	function *function // callTerm
	args     []*term
}

// ParseExpression reads a string that starts with [ and ends with ]. Names of
// functions and the number of their arguments are checked; the error is an
// [*ExpressionError].
func ParseExpression(text string) (*Expression, error) {
	if !isExpression(text) {
		return nil, &ExpressionError{Text: "not an expression: want [ at the start and ] at the end"}
	}
	if len(text) > maxExpressionLength && utf16Length(text) > maxExpressionLength {
		return nil, &ExpressionError{Text: fmt.Sprintf("expression is longer than %d characters", maxExpressionLength)}
	}
	p := parser{text: text[:len(text)-1], at: 1}
	root, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.wanted("end of the expression")
	}
	return &Expression{root: root}, nil
}

// isExpression reports whether a string of a rule is an expression.
func isExpression(s string) bool {
	return len(s) >= 2 && s[0] == '[' && s[1] != '[' && s[len(s)-1] == ']'
}

// parseText reads a string of a rule: an expression, or a literal, in which
// [[ at the start stands for [.
func parseText(s string) (literal string, expr *Expression, err error) {
	if strings.HasPrefix(s, "[[") {
		return s[1:], nil, nil
	}
	if !isExpression(s) {
		return s, nil, nil
	}
	expr, err = ParseExpression(s)
	return "", expr, err
}

// String writes the expression in one canonical way, from which the same
// expression can be read again.
func (e *Expression) String() string {
	return string(append(e.root.appendText([]byte{'['}), ']'))
}

// functions counts the function calls in the expression.
func (e *Expression) functions() int {
	n := 0
	e.root.walk(func(t *term) {
		if t.kind == callTerm {
			n++
		}
	})
	return n
}

// walk visits t and all that is below it.
func (t *term) walk(visit func(*term)) {
	visit(t)
	for _, arg := range t.args {
		arg.walk(visit)
	}
}

// any reports whether is holds for t or anything below it.
func (t *term) any(is func(*term) bool) bool {
	return is(t) || slices.ContainsFunc(t.args, func(arg *term) bool { return arg.any(is) })
}

func (t *term) appendText(dst []byte) []byte {
	switch t.kind {
	case propertyTerm:
		dst = t.args[0].appendText(dst)
		if isIdentifier(t.name) {
			return append(append(dst, '.'), t.name...)
		}
		dst = appendLiteral(append(dst, '['), t.name)
		return append(dst, ']')
	case indexTerm:
		dst = append(t.args[0].appendText(dst), '[')
		return append(t.args[1].appendText(dst), ']')
	case callTerm:
		dst = append(append(dst, t.function.name...), '(')
		for i, arg := range t.args {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = arg.appendText(dst)
		}
		return append(dst, ')')
	}
	return appendValueText(dst, t.value)
}

// appendValueText writes a constant as an expression.
func appendValueText(dst []byte, v Value) []byte {
	switch v.kind {
	case String:
		return appendLiteral(dst, v.str)
	case Array, Object:
		dst = appendLiteral(append(dst, "json("...), v.String())
		return append(dst, ')')
	case Float:
		return strconv.AppendFloat(dst, v.Float(), 'f', -1, 64)
	}
	return v.AppendJSON(dst)
}

func appendLiteral(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	dst = append(dst, strings.ReplaceAll(s, "'", "''")...)
	return append(dst, '\'')
}
