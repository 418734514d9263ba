package operator

import (
	"math/bits"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// equalNull is the rule of null in == and !=: two nulls give null, a null and
// a value are never equal. It is the one place that says so.
func equalNull(leftNull, rightNull bool, differs bool) (value, null bool) {
	return differs, leftNull && rightNull
}

// spread is the set of null rows of a vector; that of a constant has all rows or none.
func spread(v *data.Vector, n int) data.Bits {
	if v.Nulls == nil || !v.Const {
		return v.Nulls
	}
	if !v.Nulls.Has(0) {
		return nil
	}
	all := data.NewBits(n)
	for i := range all {
		all[i] = ^uint64(0)
	}
	if rest := n & 63; rest != 0 {
		all[len(all)-1] = 1<<rest - 1
	}
	return all
}

// stick is the rule of all other operators: null where either side is.
func stick(n int, left, right *data.Vector) data.Bits {
	a, b := spread(left, n), spread(right, n)
	if a == nil && b == nil {
		return nil
	}
	out := data.NewBits(n)
	copy(out, a)
	for i := range b {
		if i < len(out) {
			out[i] |= b[i]
		}
	}
	return out
}

// settleEquality overwrites the rows of an == or != where a side is null.
func settleEquality(out *data.Vector, left, right *data.Vector, differs bool) {
	either := stick(out.Len, left, right)
	for w, word := range either {
		for ; word != 0; word &= word - 1 {
			i := w<<6 + bits.TrailingZeros64(word)
			if i >= out.Len { // a slice shares its last word with rows behind it
				return
			}
			value, null := equalNull(nullAt(left, i), nullAt(right, i), differs)
			out.Bools[i] = value
			if null {
				setNull(out, i)
			}
		}
	}
}

func nullAt(v *data.Vector, i int) bool {
	if v.Const {
		i = 0
	}
	return v.Nulls.Has(i)
}

func setNull(v *data.Vector, i int) {
	if v.Nulls == nil {
		v.Nulls = data.NewBits(max(v.Len, 1))
	}
	v.Nulls.Set(i)
}
