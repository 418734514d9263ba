package operator

import (
	"cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// comparison is the kernel of == != < <= > >=.
func comparison(op string, left, right data.Type) Kernel {
	equality := op == "==" || op == "!="
	switch {
	case left == data.Dynamic && right == data.Dynamic:
		return dynamicComparison(op)
	case left == data.Dynamic:
		inner := comparison(op, heldType(right), right)
		return func(n int, l, r *data.Vector) *data.Vector { return inner(n, heldBeside(l, right, n), r) }
	case right == data.Dynamic:
		inner := comparison(op, left, heldType(left))
		return func(n int, l, r *data.Vector) *data.Vector { return inner(n, l, heldBeside(r, left, n)) }
	case left == data.Decimal && numberLike(right), right == data.Decimal && numberLike(left):
		return decimalComparison(op)
	case numberLike(left) && numberLike(right), timeLike(left) && timeLike(right):
		return numbersKernel(op)
	case left == right:
		return settled(op, func(n int, l, r *data.Vector) *data.Vector {
			return compareVectors(op, n, l, l.Texts, r, r.Texts)
		})
	case equality && left == data.String:
		return viaText(op, left, right)
	case equality && right == data.String:
		return viaText(op, left, right)
	}
	return settled(op, func(n int, _, _ *data.Vector) *data.Vector { // types that never are equal
		out := data.NewVector(data.Bool, n)
		for i := range out.Bools {
			out.Bools[i] = op == "!="
		}
		return out
	})
}

func numberLike(t data.Type) bool { return t == data.Bool || numeric(t) }

// heldType is as what a dynamic counts beside a type.
func heldType(other data.Type) data.Type {
	if other == data.Int || other == data.Long || other == data.Real {
		return data.Real
	}
	return other
}

func heldBeside(v *data.Vector, other data.Type, n int) *data.Vector {
	if heldType(other) == data.Real {
		return heldNumbers(v, n)
	}
	return held(v, other, n)
}

// settled adds the null rules to a kernel that knows nothing of nulls.
func settled(op string, kernel Kernel) Kernel {
	return func(n int, left, right *data.Vector) *data.Vector {
		out := kernel(n, left, right)
		if left.Nulls == nil && right.Nulls == nil {
			return out
		}
		if op == "==" || op == "!=" {
			settleEquality(out, left, right, op == "!=")
		} else {
			out.Nulls = stick(n, left, right)
		}
		return out
	}
}

// numbersKernel compares numbers, truth values and times, exactly where both are whole.
func numbersKernel(op string) Kernel {
	return settled(op, func(n int, l, r *data.Vector) *data.Vector {
		if l.Type == data.Real || r.Type == data.Real {
			l, r = asReals(l, n), asReals(r, n)
			return compareVectors(op, n, l, l.Reals, r, r.Reals)
		}
		l, r = asLongs(l, n), asLongs(r, n)
		return compareVectors(op, n, l, l.Longs, r, r.Longs)
	})
}

// compareVectors compares without regard to nulls; the loops with a constant
// right side are written out because nearly every filter is one.
func compareVectors[T cmp.Ordered](op string, n int, l *data.Vector, left []T, r *data.Vector, right []T) *data.Vector {
	out := data.NewVector(data.Bool, n)
	if r.Const && !l.Const {
		compareConstant(op, out.Bools, left[:n], right[0])
		return out
	}
	var f func(a, b T) bool
	switch op {
	case "==":
		f = func(a, b T) bool { return a == b }
	case "!=":
		f = func(a, b T) bool { return a != b }
	case "<":
		f = func(a, b T) bool { return a < b }
	case "<=":
		f = func(a, b T) bool { return a <= b }
	case ">":
		f = func(a, b T) bool { return a > b }
	case ">=":
		f = func(a, b T) bool { return a >= b }
	}
	zip(out.Bools, left, l.Const, right, r.Const, f)
	return out
}

func compareConstant[T cmp.Ordered](op string, out []bool, left []T, b T) {
	out = out[:len(left)]
	switch op {
	case "==":
		for i, a := range left {
			out[i] = a == b
		}
	case "!=":
		for i, a := range left {
			out[i] = a != b
		}
	case "<":
		for i, a := range left {
			out[i] = a < b
		}
	case "<=":
		for i, a := range left {
			out[i] = a <= b
		}
	case ">":
		for i, a := range left {
			out[i] = a > b
		}
	case ">=":
		for i, a := range left {
			out[i] = a >= b
		}
	}
}

func holds(op string, order int) bool {
	switch op {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func decimalComparison(op string) Kernel {
	return settled(op, perRow(data.Bool, func(a, b data.Value) data.Value {
		order, ok := compareDecimals(a, b)
		return data.OfBool(ok && holds(op, order) || !ok && op == "!=")
	}))
}

func dynamicComparison(op string) Kernel {
	return perRow(data.Bool, func(a, b data.Value) data.Value {
		if op == "==" || op == "!=" {
			if a.IsNull() || b.IsNull() {
				value, null := equalNull(a.IsNull(), b.IsNull(), op == "!=")
				if null {
					return data.Null(data.Bool)
				}
				return data.OfBool(value)
			}
			return data.OfBool(equalDynamic(a, b) == (op == "=="))
		}
		order, ok := compareDynamics(a, b)
		if !ok {
			return data.Null(data.Bool)
		}
		return data.OfBool(holds(op, order))
	})
}

// compareNumbers orders two numbers of any types; not NaN.
func compareNumbers(a, b data.Value) (order int, ok bool) {
	if a.Type() == data.Decimal || b.Type() == data.Decimal {
		return compareDecimals(a, b)
	}
	if whole(a.Type()) && whole(b.Type()) {
		return cmp.Compare(a.Long(), b.Long()), true
	}
	x, y := realOf(a), realOf(b)
	return cmp.Compare(x, y), x == x && y == y
}

func realOf(v data.Value) float64 {
	if v.Type() == data.Real {
		return v.Real()
	}
	return float64(v.Long())
}

// viaText compares a text with a value of another type: what cannot be read as
// one is not equal.
func viaText(op string, left, right data.Type) Kernel {
	other := right
	if right == data.String {
		other = left
	}
	inner := comparison(op, other, other)
	read := func(v *data.Vector, n int) *data.Vector {
		if v.Type != data.String {
			return v
		}
		out := data.NewVector(other, size(v, n))
		out.Len, out.Const = n, v.Const
		for i, text := range v.Texts[:size(v, n)] {
			if value := data.Convert(data.OfString(text), other); value.IsNull() {
				setNull(out, i)
			} else {
				out.Put(i, value)
			}
		}
		return out
	}
	return func(n int, l, r *data.Vector) *data.Vector { return inner(n, read(l, n), read(r, n)) }
}
