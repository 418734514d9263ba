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
	return func(f *frame) *data.Vector { return convertVector(operand(f), e.To) }, nil
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

// convertVector is data.Convert for a column.
func convertVector(v *data.Vector, to data.Type) *data.Vector {
	if v.Type == to {
		return v
	}
	n := sizeOf(v)
	var out *data.Vector
	switch {
	case v.Type == data.Int && to == data.Long:
		same := *v
		same.Type = data.Long
		return &same
	case (v.Type == data.Int || v.Type == data.Long) && to == data.Real:
		out = data.NewVector(data.Real, n)
		out.Nulls = v.Nulls
		for i, x := range v.Longs[:n] {
			out.Reals[i] = float64(x)
		}
	default:
		out = data.NewVector(to, n)
		for i := range n {
			out.Put(i, data.Convert(v.Value(i), to))
		}
	}
	out.Len, out.Const = v.Len, v.Const
	return out
}
