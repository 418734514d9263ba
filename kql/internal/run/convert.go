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
	if e.To == data.String && e.Operand.Type() == data.Dynamic {
		return func(f *frame) *data.Vector { return printed(f, operand(f)) }, nil
	}
	return func(f *frame) *data.Vector { return data.ConvertVector(operand(f), e.To) }, nil
}

// printed is a column of dynamics as texts, made in pieces where they are large.
func printed(f *frame, v *data.Vector) *data.Vector {
	load := f.load(data.String)
	if bytes := nodesBytes(v.Nodes); v.Const || f.n < 2 || bytes <= pieceBytes {
		out := data.ConvertVector(v, data.String)
		load.vector(out)
		return out
	}
	var made []*data.Vector
	for from := 0; from < f.n; {
		to, bytes := from, 0
		for ; to < f.n && bytes <= pieceBytes; to++ {
			bytes += v.Nodes[to].Size(pieceBytes)
		}
		piece := data.ConvertVector(v.Slice(from, to), data.String)
		load.vector(piece)
		made, from = append(made, piece), to
	}
	return data.Concat(data.String, made...)
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
