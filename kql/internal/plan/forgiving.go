package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

// forgiving tells whether a dynamic is taken as what stands beside it where
// Kusto wants a cast. Workbooks that people run over Resource Graph, which has
// a default table, compare properties with times and put texts in the place of
// missing tags; only Kusto's analyser objects.
func (b *binder) forgiving() bool { return b.scope.Default != "" }

// alike converts the dynamic one of two to the type of the other.
func (s *scalars) alike(left, right Expr) (Expr, Expr) {
	switch {
	case left.Type() == data.Dynamic:
		return s.convert(left, right.Type()), right
	case right.Type() == data.Dynamic:
		return left, s.convert(right, left.Type())
	}
	return left, right
}

func isDefined(op string, left, right Expr) bool {
	_, ok := operator.Result(op, left.Type(), right.Type())
	return ok
}

// mixed is the type that dynamics and others share, as in iff(); 0 for none.
func (o *overload) mixed(exprs []Expr) data.Type {
	dynamic, other := false, data.Type(0)
	for _, e := range exprs {
		if e.Type() == data.Dynamic {
			dynamic = true
			continue
		}
		next, ok := meet(other, e.Type())
		if !ok {
			return 0
		}
		other = next
	}
	if !dynamic || o.signature.Rule != "Common" {
		return 0
	}
	return other
}
