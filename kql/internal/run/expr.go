package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// An exprCompiler compiles the expressions of one program.
type exprCompiler struct {
	*compiler
	*sharing
}

// expr compiles an expression; one that occurs again is kept for the frame.
func (c *exprCompiler) expr(e plan.Expr) (evaluator, error) {
	evaluate, err := c.bare(e)
	if err != nil {
		return nil, err
	}
	switch e.(type) {
	case *plan.Column, *plan.Const:
		return evaluate, nil
	}
	id := c.id(e)
	if c.count[id] < 2 {
		return evaluate, nil
	}
	slot, ok := c.slot[id]
	if !ok {
		slot = len(c.slot)
		c.slot[id] = slot
	}
	return func(f *frame) *data.Vector {
		if f.slots[slot] == nil {
			f.slots[slot] = evaluate(f)
		}
		return f.slots[slot]
	}, nil
}

func (c *exprCompiler) exprs(list ...plan.Expr) ([]evaluator, error) {
	out := make([]evaluator, len(list))
	for i, e := range list {
		evaluate, err := c.expr(e)
		if err != nil {
			return nil, err
		}
		out[i] = evaluate
	}
	return out, nil
}

func (c *exprCompiler) bare(e plan.Expr) (evaluator, error) {
	switch e := e.(type) {
	case *plan.Const:
		return constant(e.Value), nil
	case *plan.Column:
		return func(f *frame) *data.Vector { return f.chunk.column(e.Index) }, nil
	case *plan.Path:
		return c.path(e, data.Dynamic)
	case *plan.Element:
		return c.element(e)
	case *plan.Call:
		return c.call(e)
	case *plan.Window:
		return c.window(e)
	case *plan.Operator:
		return c.operator(e)
	case *plan.Negate:
		return c.negate(e)
	case *plan.In:
		return c.in(e)
	case *plan.Between:
		return c.between(e)
	case *plan.Convert:
		return c.convert(e)
	case *plan.Scalar:
		value, err := c.scalar(e)
		return constant(value), err
	case *plan.Field:
		return c.field(e)
	case *plan.Outer:
		return outer(e), nil
	}
	if evaluate, ok, err := c.graphExpr(e); ok {
		return evaluate, err
	}
	return nil, fmt.Errorf("internal error: no evaluator for %T", e)
}

func constant(value data.Value) evaluator {
	one := data.Constant(value, 1)
	return func(f *frame) *data.Vector {
		v := *one
		v.Len = f.n
		return &v
	}
}

func outer(e *plan.Outer) evaluator {
	return func(f *frame) *data.Vector {
		row := f.env.outer
		for range e.Depth {
			row = row.next
		}
		return data.Constant(row.batch.Columns[e.Index].Value(row.row), f.n)
	}
}

// operator compiles a binary operator. A path beside a text or a truth value
// is read as one.
func (c *exprCompiler) operator(e *plan.Operator) (evaluator, error) {
	left, leftType, err := c.operand(e.Op, e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	right, rightType, err := c.operand(e.Op, e.Right, e.Left)
	if err != nil {
		return nil, err
	}
	leftConst, err := c.constantOf(e.Left)
	if err != nil {
		return nil, err
	}
	rightConst, err := c.constantOf(e.Right)
	if err != nil {
		return nil, err
	}
	kernel, err := operator.Compile(e.Op, leftType, rightType, leftConst, rightConst, c.env.call.Ask)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector { return kernel(f.n, left(f), right(f)) }, nil
}

func (c *exprCompiler) operand(op string, e, other plan.Expr) (evaluator, data.Type, error) {
	path, ok := e.(*plan.Path)
	as := other.Type()
	if ok && (as == data.String || as == data.Bool && (op == "==" || op == "!=")) && c.count[c.id(e)] < 2 {
		evaluate, err := c.path(path, as)
		return evaluate, as, err
	}
	evaluate, err := c.expr(e)
	return evaluate, e.Type(), err
}

// constantOf is the value of an expression that is the same for all rows, or nil.
func (c *exprCompiler) constantOf(e plan.Expr) (*data.Value, error) {
	if constant, ok := e.(*plan.Const); ok {
		return &constant.Value, nil
	}
	if !fixed(e) {
		return nil, nil
	}
	value, err := c.compiler.value(e)
	return &value, err
}

func (c *exprCompiler) negate(e *plan.Negate) (evaluator, error) {
	operand, err := c.expr(e.Operand)
	if err != nil {
		return nil, err
	}
	t := e.Type()
	if t == data.TimeSpan { // of which the least has no negative
		zero := data.OfTimeSpan(0)
		kernel, err := operator.Compile("-", t, t, &zero, nil, c.env.call.Ask)
		if err != nil {
			return nil, err
		}
		return func(f *frame) *data.Vector { return kernel(f.n, data.Constant(zero, f.n), operand(f)) }, nil
	}
	return func(f *frame) *data.Vector {
		v := operand(f)
		n := sizeOf(v)
		out := data.NewVector(t, n)
		out.Nulls = v.Nulls
		for i := range n {
			switch t {
			case data.Real:
				out.Reals[i] = -v.Reals[i]
			case data.Decimal:
				out.Texts[i], _ = data.SubDecimals("0", v.Texts[i])
			case data.Dynamic:
				out.Nodes[i] = operator.Eval("-", data.OfNode(data.NodeOfLong(0)), v.Value(i)).Node()
			default:
				out.Longs[i] = -v.Longs[i]
			}
		}
		out.Len, out.Const = f.n, v.Const
		return out
	}, nil
}

// between is low <= operand and operand <= high; a timespan as the high end of
// datetimes counts from the low one.
func (c *exprCompiler) between(e *plan.Between) (evaluator, error) {
	high := e.High
	if e.Operand.Type() == data.DateTime && high.Type() == data.TimeSpan {
		high = &plan.Operator{Op: "+", Left: e.Low, Right: e.High, Of: data.DateTime}
	}
	both := &plan.Operator{
		Op: "and", Of: data.Bool,
		Left:  &plan.Operator{Op: ">=", Left: e.Operand, Right: e.Low, Of: data.Bool},
		Right: &plan.Operator{Op: "<=", Left: e.Operand, Right: high, Of: data.Bool},
	}
	inside, err := c.bare(both)
	if err != nil || !e.Negated {
		return inside, err
	}
	return func(f *frame) *data.Vector { return not(inside(f)) }, nil
}

func not(v *data.Vector) *data.Vector {
	out := *v
	out.Bools = make([]bool, len(v.Bools))
	for i, yes := range v.Bools {
		out.Bools[i] = !yes
	}
	return &out
}
