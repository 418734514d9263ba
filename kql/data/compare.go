package data

import (
	"cmp"
	"math"
	"strings"
)

func isNumber(t Type) bool { return t == Int || t == Long || t == Real || t == Decimal }

// Compare orders two values of one type, or two numbers of any types: -1, 0, 1.
// Nulls come first, false before true, strings by their bytes. NaN comes
// before all other numbers.
func Compare(a, b Value) int {
	switch {
	case a.null || b.null:
		return boolRank(b.null) - boolRank(a.null)
	case a.typ == b.typ:
		return compareSame(a, b)
	case isNumber(a.typ) && isNumber(b.typ):
		return compareNumbers(a, b)
	}
	return cmp.Compare(a.typ, b.typ)
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareSame(a, b Value) int {
	switch a.typ {
	case Bool:
		return cmp.Compare(a.bits, b.bits)
	case Real:
		return cmp.Compare(a.Real(), b.Real())
	case Decimal:
		return CompareDecimals(a.text, b.text)
	case Dynamic:
		return CompareNodes(a.node, b.node)
	case String, GUID:
		return strings.Compare(a.text, b.text)
	}
	return cmp.Compare(int64(a.bits), int64(b.bits))
}

func compareNumbers(a, b Value) int {
	if a.typ == Decimal || b.typ == Decimal {
		return compareAsDecimals(a, b)
	}
	if a.typ == Real {
		if b.typ == Real {
			return cmp.Compare(a.Real(), b.Real())
		}
		return -compareLongReal(b.Long(), a.Real())
	}
	if b.typ == Real {
		return compareLongReal(a.Long(), b.Real())
	}
	return cmp.Compare(a.Long(), b.Long())
}

// compareLongReal is exact where a long has more digits than a real.
func compareLongReal(n int64, f float64) int {
	switch {
	case math.IsNaN(f) || f < -(1<<63):
		return 1
	case f >= 1<<63:
		return -1
	}
	whole := math.Trunc(f)
	if c := cmp.Compare(n, int64(whole)); c != 0 {
		return c
	}
	return cmp.Compare(whole, f)
}

func compareAsDecimals(a, b Value) int {
	for _, v := range [...]Value{a, b} {
		if v.typ == Real && (math.IsNaN(v.Real()) || math.IsInf(v.Real(), 0)) {
			return cmp.Compare(numberReal(a), numberReal(b))
		}
	}
	return CompareDecimals(a.String(), b.String())
}

func numberReal(v Value) float64 {
	switch v.typ {
	case Real:
		return v.Real()
	case Decimal:
		return decimalReal(v.text)
	}
	return float64(v.Long())
}

// EqualValues tells whether two values of one type, or two numbers, are the
// same; two nulls are, two NaN are.
func EqualValues(a, b Value) bool {
	switch {
	case a.null || b.null:
		return a.null && b.null
	case a.typ != b.typ:
		return isNumber(a.typ) && isNumber(b.typ) && compareNumbers(a, b) == 0
	}
	switch a.typ {
	case String, GUID:
		return a.text == b.text
	case Real, Decimal:
		return compareSame(a, b) == 0
	case Dynamic:
		return EqualNodes(a.node, b.node)
	}
	return a.bits == b.bits
}
