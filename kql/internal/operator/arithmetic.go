package operator

import (
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// arithmetic is the kernel of + - * / % with the result that Result says.
func arithmetic(op string, left, right, result data.Type) Kernel {
	switch {
	case left == data.Dynamic && right == data.Dynamic:
		return perRow(data.Dynamic, func(a, b data.Value) data.Value { return dynamicArithmetic(op, a, b) })
	case left == data.Dynamic:
		inner := arithmetic(op, heldFor(op, right, result), right, result)
		return withFractions(op, right, result, func(n int, l, r *data.Vector) *data.Vector {
			return inner(n, held(l, heldFor(op, right, result), n), r)
		})
	case right == data.Dynamic:
		inner := arithmetic(op, left, heldFor(op, left, result), result)
		return withFractions(op, left, result, func(n int, l, r *data.Vector) *data.Vector {
			return inner(n, l, held(r, heldFor(op, left, result), n))
		})
	case left == data.Decimal || right == data.Decimal:
		if !timeLike(left) && !timeLike(right) {
			return perRow(data.Decimal, func(a, b data.Value) data.Value { return decimalArithmetic(op, a, b) })
		}
	}
	if timeLike(left) || timeLike(right) {
		return timeArithmetic(op, left, right, result)
	}
	if result == data.Real {
		return realArithmetic(op, data.Real)
	}
	return longArithmetic(op, result)
}

// heldFor is as what a dynamic counts beside a value of the other type.
func heldFor(op string, other, result data.Type) data.Type {
	switch {
	case other == data.DateTime && result == data.TimeSpan:
		return data.DateTime
	case timeLike(other) && op != "*" && op != "/":
		return data.TimeSpan
	case other == data.Int || timeLike(other):
		return data.Long
	}
	return other
}

// withFractions counts with the fraction of a real in a dynamic beside a whole number.
// The result is whole by its type, so that it is cut, but last: a share of 0.3664
// times 100 is 36, not 0.
func withFractions(op string, other, result data.Type, kernel Kernel) Kernel {
	if result != data.Long || other != data.Long && other != data.Int {
		return kernel
	}
	reals := realArithmetic(op, data.Real)
	return func(n int, l, r *data.Vector) *data.Vector {
		out := kernel(n, l, r)
		nodes := l
		if l.Type != data.Dynamic {
			nodes = r
		}
		isReal := func(v *data.Node) bool { return v.Kind() == data.KindReal }
		if !slices.ContainsFunc(nodes.Nodes[:size(nodes, n)], isReal) {
			return out
		}
		cut := ticksOf(reals(n, realsOf(l, n), realsOf(r, n)), result)
		for i := range n {
			if node := nodes.Value(i).Node(); node != nil && isReal(node) {
				if out.Nulls != nil {
					out.Nulls.Clear(i)
				}
				out.Put(i, cut.Value(i))
			}
		}
		return out
	}
}

func realsOf(v *data.Vector, n int) *data.Vector {
	if v.Type == data.Dynamic {
		return held(v, data.Real, n)
	}
	return v
}

// timeArithmetic counts in ticks; what a real scales is cut to whole ticks.
func timeArithmetic(op string, left, right, result data.Type) Kernel {
	exact := func(t data.Type) bool { return t != data.Real && t != data.Decimal }
	if exact(left) && exact(right) && result != data.Real {
		return inRange(result, withoutOverflow(op, longArithmetic(op, result)))
	}
	inner := realArithmetic(op, data.Real)
	if result == data.Real {
		return inner
	}
	return inRange(result, func(n int, left, right *data.Vector) *data.Vector {
		return ticksOf(inner(n, left, right), result)
	})
}

// withoutOverflow makes what is no number of ticks any more null.
func withoutOverflow(op string, kernel Kernel) Kernel {
	overflows := overflowOf[op]
	if overflows == nil {
		return kernel
	}
	return func(n int, left, right *data.Vector) *data.Vector {
		out := kernel(n, left, right)
		left, right = asLongs(left, n), asLongs(right, n)
		for i, result := range out.Longs {
			if overflows(longAt(left, i), longAt(right, i), result) {
				setNull(out, i)
			}
		}
		return out
	}
}

func longAt(v *data.Vector, i int) int64 {
	if v.Const {
		return v.Longs[0]
	}
	return v.Longs[i]
}

// overflowOf tells, given what wrapping arithmetic makes of two numbers, whether it wrapped.
var overflowOf = map[string]func(a, b, result int64) bool{
	"+": func(a, b, sum int64) bool { return (a^sum)&(b^sum) < 0 },
	"-": func(a, b, difference int64) bool { return (a^b)&(a^difference) < 0 },
	"*": func(a, b, product int64) bool {
		return a != 0 && (product/a != b || a == -1 && b == math.MinInt64)
	},
}

// ticksOf cuts reals to ticks; what is no number of ticks is null.
func ticksOf(reals *data.Vector, t data.Type) *data.Vector {
	out := data.NewVector(t, reals.Len)
	out.Nulls = reals.Nulls
	for i, f := range reals.Reals {
		if math.IsNaN(f) || math.Abs(f) >= 1<<63 {
			setNull(out, i)
			continue
		}
		out.Longs[i] = int64(f)
	}
	return out
}

// lastTick is the last of the year 9999.
const lastTick = 3155378975999999999

// inRange makes datetimes outside the years 1 to 9999 null.
func inRange(result data.Type, kernel Kernel) Kernel {
	if result != data.DateTime {
		return kernel
	}
	return func(n int, left, right *data.Vector) *data.Vector {
		out := kernel(n, left, right)
		for i, ticks := range out.Longs {
			if uint64(ticks) > lastTick {
				setNull(out, i)
			}
		}
		return out
	}
}

// longArithmetic wraps on overflow; division by zero is null.
func longArithmetic(op string, result data.Type) Kernel {
	f := longOps[op]
	divides := op == "/" || op == "%"
	return func(n int, left, right *data.Vector) *data.Vector {
		left, right = asLongs(left, n), asLongs(right, n)
		out := data.NewVector(result, n)
		out.Nulls = stick(n, left, right)
		zip(out.Longs, left.Longs, left.Const, right.Longs, right.Const, f)
		if divides {
			nullWhereZero(out, right)
		}
		return out
	}
}

var longOps = map[string]func(a, b int64) int64{
	"+": func(a, b int64) int64 { return a + b },
	"-": func(a, b int64) int64 { return a - b },
	"*": func(a, b int64) int64 { return a * b },
	"/": func(a, b int64) int64 {
		if b == 0 {
			return 0
		}
		return a / b
	},
	"%": func(a, b int64) int64 {
		if b == 0 {
			return 0
		}
		m := a % b
		if m < 0 && b > 0 {
			m += b
		} else if m < 0 {
			m -= b
		}
		return m
	},
}

func nullWhereZero(out, divisor *data.Vector) {
	if divisor.Const && divisor.Longs[0] != 0 {
		return
	}
	for i := range out.Longs {
		at := i
		if divisor.Const {
			at = 0
		}
		if divisor.Longs[at] == 0 {
			setNull(out, i)
		}
	}
}

func realArithmetic(op string, result data.Type) Kernel {
	f := realOps[op]
	return func(n int, left, right *data.Vector) *data.Vector {
		left, right = asReals(left, n), asReals(right, n)
		out := data.NewVector(result, n)
		out.Nulls = stick(n, left, right)
		zip(out.Reals, left.Reals, left.Const, right.Reals, right.Const, f)
		return out
	}
}

var realOps = map[string]func(a, b float64) float64{
	"+": func(a, b float64) float64 { return a + b },
	"-": func(a, b float64) float64 { return a - b },
	"*": func(a, b float64) float64 { return a * b },
	"/": func(a, b float64) float64 { return a / b },
	"%": func(a, b float64) float64 {
		m := math.Mod(a, b)
		if m < 0 {
			m += math.Abs(b)
		}
		return m
	},
}
