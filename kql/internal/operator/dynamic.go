package operator

import (
	"github.com/bartizan-dev/bartizan/kql/data"
)

// held reads dynamics as values of a type, by what they hold: "5" is 5 beside
// a number, true is "true" beside a text. A string vector made here may have
// nulls, so that an absent value is not an empty text.
func held(v *data.Vector, t data.Type, n int) *data.Vector {
	out := data.NewVector(t, size(v, n))
	out.Len, out.Const = n, v.Const
	for i, node := range v.Nodes[:size(v, n)] {
		switch {
		case node.IsNull():
			setNull(out, i)
		case t == data.String:
			out.Texts[i] = nodeText(node)
		default:
			putHeld(out, i, node)
		}
	}
	return out
}

func putHeld(out *data.Vector, i int, node *data.Node) {
	switch kind := node.Kind(); {
	case out.Type == data.Bool && kind == data.KindBool:
		out.Bools[i] = node.Bool()
	case out.Type == data.Long && kind == data.KindLong:
		out.Longs[i] = node.Long()
	case out.Type == data.Real && (kind == data.KindLong || kind == data.KindReal):
		out.Reals[i] = node.Real()
	default:
		v := data.Convert(data.OfNode(node), out.Type)
		if v.IsNull() {
			setNull(out, i)
			return
		}
		out.Put(i, v)
	}
}

// heldNumbers reads dynamics as longs where all hold whole numbers, so that
// large ones stay exact, else as reals.
func heldNumbers(v *data.Vector, n int) *data.Vector {
	for _, node := range v.Nodes[:size(v, n)] {
		if kind := node.Kind(); !node.IsNull() && kind != data.KindLong && kind != data.KindBool {
			return held(v, data.Real, n)
		}
	}
	return held(v, data.Long, n)
}

// scalarOf is a dynamic's content where it is a number or a time.
func scalarOf(v data.Value) data.Value {
	if v.Type() == data.Dynamic && !v.IsNull() {
		return v.Node().Value()
	}
	return v
}

// dynamicArithmetic computes with what two dynamics hold; what does not fit is null.
func dynamicArithmetic(op string, left, right data.Value) data.Value {
	a, b := scalarOf(left), scalarOf(right)
	if a.Type() == data.Dynamic || b.Type() == data.Dynamic {
		return data.Null(data.Dynamic)
	}
	if _, ok := Result(op, a.Type(), b.Type()); !ok {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(data.NodeOf(Eval(op, a, b)))
}

// equalDynamic compares two dynamics: numbers by value, all else as trees.
func equalDynamic(left, right data.Value) bool {
	a, b := scalarOf(left), scalarOf(right)
	if numeric(a.Type()) && numeric(b.Type()) {
		order, ok := compareNumbers(a, b)
		return ok && order == 0
	}
	return data.EqualValues(left, right)
}

// compareDynamics orders two dynamics that hold numbers, times or texts.
func compareDynamics(left, right data.Value) (order int, ok bool) {
	a, b := scalarOf(left), scalarOf(right)
	switch {
	case a.IsNull() || b.IsNull():
		return 0, false
	case numeric(a.Type()) && numeric(b.Type()):
		return compareNumbers(a, b)
	case a.Type() == b.Type() && a.Type() != data.Dynamic:
		return data.Compare(a, b), true
	}
	return 0, false
}
