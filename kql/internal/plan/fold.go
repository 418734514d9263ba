package plan

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

// fold computes an expression of constants. What cannot be computed now stays.
func (b *binder) fold(e Expr) Expr {
	switch e := e.(type) {
	case *Negate:
		if v, ok := constant(e.Operand); ok {
			return &Const{data.Convert(operator.Eval("-", zeroOf(v.Type()), v), v.Type())}
		}
	case *Convert:
		if v, ok := constant(e.Operand); ok {
			return &Const{data.Convert(v, e.To)}
		}
	case *Operator:
		return foldOperator(e)
	case *Between:
		return foldBetween(e)
	case *Path:
		if v, ok := constant(e.Base); ok {
			return &Const{data.OfNode(v.Node().Path(e.Steps))}
		}
	case *Call:
		return b.foldCall(e)
	}
	return e
}

func constant(e Expr) (data.Value, bool) {
	c, ok := e.(*Const)
	if !ok {
		return data.Value{}, false
	}
	return c.Value, true
}

// zeroOf is what - is subtracted from, of a type that keeps the result's.
func zeroOf(t data.Type) data.Value {
	switch t {
	case data.Int:
		return data.OfInt(0)
	case data.Real:
		return data.OfReal(0)
	case data.Decimal:
		return data.OfDecimal("0")
	case data.TimeSpan:
		return data.OfTimeSpan(0)
	}
	return data.OfLong(0)
}

// isZero reports whether a number or timespan is 0: a decimal may be less than any real.
func isZero(v data.Value) bool {
	return !v.IsNull() && data.EqualValues(v, zeroOf(v.Type()))
}

func foldOperator(e *Operator) Expr {
	left, leftKnown := constant(e.Left)
	right, rightKnown := constant(e.Right)
	if !leftKnown || !rightKnown {
		return e
	}
	v, ok := folded(func(ask func()) data.Value { return operator.EvalAsking(e.Op, left, right, ask) })
	if !ok {
		return e
	}
	return &Const{v}
}

func foldBetween(e *Between) Expr {
	v, ok := constant(e.Operand)
	low, ok1 := constant(e.Low)
	high, ok2 := constant(e.High)
	if !ok || !ok1 || !ok2 {
		return e
	}
	inside := operator.Eval("and", operator.Eval(">=", v, low), operator.Eval("<=", v, high))
	if e.Negated && !inside.IsNull() {
		inside = data.OfBool(!inside.Bool())
	}
	return &Const{inside}
}

func (b *binder) foldCall(e *Call) Expr {
	if e.Function.Volatile || e.Function.Columns != nil {
		return e
	}
	values := make([]data.Value, len(e.Args))
	for i, arg := range e.Args {
		v, ok := constant(arg)
		if !ok {
			return e
		}
		values[i] = v
	}
	eval := e.Function.Eval
	if e.Function.Prepare != nil {
		var err error
		if eval, err = e.Function.Prepare(e.Known); err != nil {
			return e
		}
	}
	if eval == nil {
		return e
	}
	v, ok := folded(func(ask func()) data.Value {
		return eval(&function.Context{Now: b.scope.Now, Ask: ask, Room: func() int { return mostFolded }}, values)
	})
	if !ok {
		return e
	}
	if v.Type() != e.Of {
		v = data.Convert(v, e.Of)
	}
	b.scope.Spend.on(v.Size(math.MaxInt))
	return &Const{v}
}

// mostFolded is how large a constant may be that is computed beforehand; what
// is larger is left to the run, which has a limit of memory.
const mostFolded = 1 << 20

// mostAsked is how often a constant that is computed beforehand may ask whether
// to go on; what takes longer is left to the run, which can be cancelled.
const mostAsked = 16

// folded computes a constant, unless it is large or takes long.
func folded(compute func(ask func()) data.Value) (v data.Value, ok bool) {
	defer func() {
		switch p := recover().(type) {
		case nil, *function.TooLarge, *function.Halt:
		default:
			panic(p)
		}
	}()
	asked := 0
	v = compute(func() {
		if asked++; asked > mostAsked {
			panic(&function.Halt{})
		}
	})
	return v, v.Size(mostFolded) < mostFolded
}

// stable tells an expression whose value is the same for all rows: constants and toscalar().
func stable(e Expr) bool {
	steady := true
	walk(e, func(e Expr) {
		switch e := e.(type) {
		case *Column, *Window, *Outer, *Quantified, *GraphFact:
			steady = false
		case *Call:
			steady = steady && !e.Function.Volatile
		}
	})
	return steady
}

// readsRow tells an expression that reads columns of its row.
func readsRow(e Expr) bool {
	reads := false
	walk(e, func(e Expr) {
		switch e.(type) {
		case *Column, *Window, *Outer, *Quantified, *GraphFact:
			reads = true
		}
	})
	return reads
}
