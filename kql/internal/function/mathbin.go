package function

import (
	"errors"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// binWhole is the largest multiple of size, counted from at, that is not
// greater than x; false for a size that is not positive, and where it is no
// whole number of 64 bits.
func binWhole(x, size, at int64) (int64, bool) {
	if size <= 0 {
		return 0, false
	}
	if from := x - at; (x^at)&(x^from) >= 0 {
		rest := from - floorDiv(from, size)*size // wraps to what it is: less than size
		low := x - rest
		return low, low <= x
	}
	return 0, false
}

// wholeReals is from where on reals have no fraction.
const wholeReals = 1 << 53

func binReal(x, size, at float64) (float64, bool) {
	if size <= 0 || size != size {
		return 0, false
	}
	steps := (x - at) / size
	if math.Abs(steps) >= wholeReals {
		return x, true // sizes are finer than what tells reals here apart
	}
	return at + math.Floor(steps)*size, true
}

func binDecimal(x, size, at data.Value) data.Value {
	null := data.Null(data.Decimal)
	x, size, at = data.Convert(x, data.Decimal), data.Convert(size, data.Decimal), data.Convert(at, data.Decimal)
	if x.IsNull() || size.IsNull() || at.IsNull() || data.CompareDecimals(size.Text(), "0") <= 0 {
		return null
	}
	from, ok1 := data.SubDecimals(x.Text(), at.Text())
	rest, ok2 := data.ModDecimals(from, size.Text())
	low, ok3 := data.SubDecimals(x.Text(), rest)
	if !ok1 || !ok2 || !ok3 {
		return null
	}
	return data.OfDecimal(low)
}

// widest is the type of arithmetic with two numbers; ints count as longs.
func widest(a, b data.Type) data.Type {
	for _, t := range []data.Type{data.Decimal, data.Real, data.Long} {
		if a == t || b == t {
			return t
		}
	}
	if a == data.Int {
		return data.Long
	}
	return a
}

// binType is the type of bin(value, size): that of a time, else the widest.
func binType(value, size data.Type) data.Type {
	if value == data.DateTime || value == data.TimeSpan {
		return value
	}
	return widest(value, size)
}

// evalBin is bin(value, size) and bin_at(value, size, at).
func evalBin(_ *Context, args []data.Value) data.Value {
	to := binType(args[0].Type(), args[1].Type())
	at := data.OfLong(0)
	if len(args) > 2 {
		at = args[2]
		if to == at.Type() || to == data.Int || to == data.Long || to == data.Real {
			to = binType(to, at.Type())
		}
	}
	if args[0].IsNull() || args[1].IsNull() || at.IsNull() {
		return data.Null(to)
	}
	return binOne(to, args[0], args[1], at)
}

func binOne(to data.Type, x, size, at data.Value) data.Value {
	switch to {
	case data.Decimal:
		return binDecimal(x, size, at)
	case data.Real:
		a, _ := asReal(x)
		b, _ := asReal(size)
		c, _ := asReal(at)
		if f, ok := binReal(a, b, c); ok {
			return data.OfReal(f)
		}
		return data.Null(to)
	}
	step := size.Long()
	if f, ok := asReal(size); ok && !longStored(size.Type()) {
		step = int64(f)
	}
	n, ok := binWhole(x.Long(), step, at.Long())
	if !ok || to == data.DateTime && !inRange(n) {
		return data.Null(to)
	}
	return whole(to, n)
}

// binKernel is fast for a constant size, by which nearly all queries bin.
func binKernel(args []Arg) Kernel {
	at := data.OfLong(0)
	if len(args) > 2 {
		if args[2].Const == nil {
			return nil
		}
		at = *args[2].Const
	}
	size := args[1].Const
	if size == nil || size.IsNull() || at.IsNull() {
		return nil
	}
	to := binType(args[0].Type, args[1].Type)
	if len(args) > 2 {
		to = binType(to, at.Type())
	}
	switch {
	case longStored(args[0].Type) && longStored(to) && longStored(size.Type()):
		return binWholeKernel(to, size.Long(), at.Long())
	case args[0].Type == data.Real && to == data.Real:
		step, _ := asReal(*size)
		from, _ := asReal(at)
		return binRealKernel(step, from)
	}
	return nil
}

func binWholeKernel(to data.Type, size, at int64) Kernel {
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		if size <= 0 {
			return data.Constant(data.Null(to), n)
		}
		out := blank(to, n, in[0])
		for i, x := range in[0].Longs[:len(out.Longs)] {
			var ok bool
			out.Longs[i], ok = binWhole(x, size, at)
			if (!ok || to == data.DateTime && out.Longs[i] < 0) && !in[0].Nulls.Has(i) {
				setNull(out, in[0], i)
			}
		}
		return out
	}
}

func binRealKernel(size, at float64) Kernel {
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		if size <= 0 || size != size {
			return data.Constant(data.Null(data.Real), n)
		}
		return mapReals(n, in[0], func(x float64) float64 {
			y, _ := binReal(x, size, at)
			return y
		})
	}
}

// prepareBinAuto is bin_auto(value). The binder passes what
// "set query_bin_auto_size" and "set query_bin_auto_at" gave as second and third argument.
func prepareBinAuto(args []Arg) (Eval, error) {
	if len(args) < 2 {
		return nil, errors.New("bin_auto: want \"set query_bin_auto_size=…;\" before the query")
	}
	return evalBin, nil
}

func binAutoKernel(args []Arg) Kernel {
	if len(args) < 2 {
		return nil
	}
	return binKernel(args)
}
