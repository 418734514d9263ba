package function

import (
	"math/bits"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// bitScalars are the functions of bits.
func bitScalars() []Scalar {
	two := func(name, doc string, f func(a, b int64) int64) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(value1:Integer, value2:Integer) → long"}, Column: "FirstArgument",
			Doc: doc, Eval: bitEval(func(a, b int64) (int64, bool) { return f(a, b), true }),
		}
	}
	shift := func(name, doc string, f func(a, b int64) int64) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(value:Integer, shift:Integer) → long"}, Column: "FirstArgument",
			Doc: doc, Eval: bitEval(func(a, b int64) (int64, bool) { return f(a, b&63), b >= 0 }),
		}
	}
	one := func(name, doc string, f func(int64) (int64, bool)) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(value:Integer) → long"}, Column: "FirstArgument", Doc: doc,
			Eval: wholeEval(data.Long, f), Kernel: wholeKernel(data.Long, f),
		}
	}
	return []Scalar{
		two("binary_and", "Gives the bits that both numbers have.", func(a, b int64) int64 { return a & b }),
		two("binary_or", "Gives the bits that either number has.", func(a, b int64) int64 { return a | b }),
		two("binary_xor", "Gives the bits that one of both numbers has.", func(a, b int64) int64 { return a ^ b }),
		one("binary_not", "Turns all bits of a number.", func(a int64) (int64, bool) { return ^a, true }),
		shift("binary_shift_left", "Moves the bits of a number to the left.", func(a, b int64) int64 { return a << b }),
		shift("binary_shift_right", "Moves the bits of a number to the right.", func(a, b int64) int64 { return a >> b }),
		one("bitset_count_ones", "Counts the bits that are set.",
			func(a int64) (int64, bool) { return int64(bits.OnesCount64(uint64(a))), true }),
	}
}

func bitEval(f func(a, b int64) (int64, bool)) Eval {
	return strict(data.Long, func(args []data.Value) data.Value {
		if n, ok := f(args[0].Long(), args[1].Long()); ok {
			return data.OfLong(n)
		}
		return data.Null(data.Long)
	})
}
