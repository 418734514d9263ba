package plan

import (
	"regexp"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// isLike tells the operators that Kusto knows and does not tell of: like and its
// kin, in whose patterns % stands for any text.
func isLike(op string) bool {
	switch op {
	case "like", "notlike", "likecs", "notlikecs":
		return true
	}
	return false
}

// like is a regular expression over the whole text.
func (s *scalars) like(e *syntax.Binary, op string, left, right Expr) Expr {
	if isFailed(left) || isFailed(right) {
		return failedOf{data.Bool}
	}
	pattern, known := constant(right)
	if !known || pattern.Type() != data.String {
		s.problem(e.Right.At(), codeValue, `%s takes a constant text, in which %% stands for any text; contains and startswith take others`, op)
		return failedOf{data.Bool}
	}
	if _, isText := operator.Result("has", left.Type(), data.String); !isText {
		s.problem(e.Span, codeType, "%q is not defined for %s and string", op, describe(left))
		return failedOf{data.Bool}
	}
	flags := "(?is)"
	if strings.HasSuffix(op, "cs") {
		flags = "(?s)"
	}
	text := flags + "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern.Text()), "%", ".*") + "$"
	matches := s.operate(e, "matches regex", left, &Const{data.OfString(text)})
	not, ok := function.FindScalar("not")
	if isFailed(matches) || !ok || !strings.HasPrefix(op, "not") {
		return matches
	}
	return s.fold(&Call{Function: not, Args: []Expr{matches}, Known: []function.Arg{{Type: data.Bool}}, Of: data.Bool})
}
