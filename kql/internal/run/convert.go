package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

func (c *exprCompiler) convert(e *plan.Convert) (evaluator, error) {
	if path, ok := e.Operand.(*plan.Path); ok && e.To != data.Dynamic && c.count[c.id(path)] < 2 {
		held, err := c.path(path, e.To)
		if err != nil {
			return nil, err
		}
		return func(f *frame) *data.Vector { return withoutTextNulls(held(f)) }, nil
	}
	operand, err := c.expr(e.Operand)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector { return data.ConvertVector(operand(f), e.To) }, nil
}

// withoutTextNulls makes a vector with null texts, which only operators may
// see, an ordinary one.
func withoutTextNulls(v *data.Vector) *data.Vector {
	if v.Type != data.String || v.Nulls == nil {
		return v
	}
	out := *v
	out.Nulls = nil
	return &out
}
