package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// seriesFillScalars fill gaps: elements that are null, or another placeholder.
func seriesFillScalars() []Scalar {
	one := func(name, more, doc string, eval Eval) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(series:DynamicArray, " + more + ") → Parameter0"}, Column: "FirstArgument",
			Doc: doc, Eval: eval,
		}
	}
	const placeholder = "missing_value_placeholder:Number?"
	return []Scalar{
		one("series_fill_forward", placeholder, "Fills gaps with the last value before them.", fillEval(1, fillForward)),
		one("series_fill_backward", placeholder, "Fills gaps with the next value after them.", fillEval(1, fillBackward)),
		one("series_fill_const", "constant_value:Number?, "+placeholder, "Fills gaps with a constant.", fillEval(2, fillConstant)),
		one("series_fill_linear", placeholder+", fill_edges:bool?, constant_value:Number?", "Fills gaps along straight lines.",
			fillEval(1, fillLinear)),
	}
}

// A filling has a copy of the items, which are gaps, and the arguments.
type filling struct {
	items []*data.Node
	gaps  []bool
	args  []data.Value
}

// fillEval finds the gaps by the placeholder at a place of the arguments.
func fillEval(placeholder int, fill func(f filling)) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		if args[0].Type() != data.Dynamic || args[0].Node().Kind() != data.KindArray {
			return nullDynamic()
		}
		f := filling{items: append([]*data.Node(nil), args[0].Node().Items()...), args: args}
		f.gaps = make([]bool, len(f.items))
		mark := optionalReal(args, placeholder, math.NaN())
		for i, item := range f.items {
			x, ok := nodeReal(item)
			f.gaps[i] = item.IsNull() || ok && (x == mark || x != x && mark != mark)
		}
		fill(f)
		return data.OfNode(data.NodeOfArray(f.items))
	}
}

func fillForward(f filling) {
	for i := 1; i < len(f.items); i++ {
		if f.gaps[i] && !f.gaps[i-1] {
			f.items[i], f.gaps[i] = f.items[i-1], false
		}
	}
}

func fillBackward(f filling) {
	for i := len(f.items) - 2; i >= 0; i-- {
		if f.gaps[i] && !f.gaps[i+1] {
			f.items[i], f.gaps[i] = f.items[i+1], false
		}
	}
}

func fillConstant(f filling) {
	constant := data.NodeOfLong(0)
	if len(f.args) > 1 && !f.args[1].IsNull() {
		constant = data.NodeOf(f.args[1])
	}
	for i, gap := range f.gaps {
		if gap {
			f.items[i] = constant
		}
	}
}

func fillLinear(f filling) {
	last := -1
	for i, gap := range f.gaps {
		if gap {
			continue
		}
		if last >= 0 {
			f.between(last, i)
		}
		last = i
	}
	if last < 0 {
		f.allGaps()
		return
	}
	if optionalBool(f.args, 2, true) {
		fillForward(f)
		fillBackward(f)
	}
}

// between fills the gaps between two values; between whole ones with whole ones.
func (f filling) between(from, to int) {
	a, aOK := nodeReal(f.items[from])
	b, bOK := nodeReal(f.items[to])
	if !aOK || !bOK {
		return
	}
	whole := plainKind(f.items[from]) == data.KindLong && plainKind(f.items[to]) == data.KindLong
	for i := from + 1; i < to; i++ {
		x := a + (b-a)*float64(i-from)/float64(to-from)
		f.gaps[i] = false
		if whole {
			f.items[i] = data.NodeOfLong(int64(x))
			continue
		}
		f.items[i] = data.NodeOfReal(x)
	}
}

func (f filling) allGaps() {
	constant := 0.0
	if len(f.args) > 3 {
		if f.args[3].IsNull() {
			return
		}
		constant, _ = asReal(f.args[3])
	}
	for i := range f.items {
		f.items[i] = data.NodeOfReal(constant)
	}
}
