package data

import (
	"iter"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// decimals computes with the 34 digits of Kusto's decimal.
var decimals = apd.Context{Precision: 34, MaxExponent: 6144, MinExponent: -6143, Rounding: apd.RoundHalfEven}

// ParseDecimal reads a decimal number; its canonical text has no trailing zeros
// after the point and an exponent only where it is very large or small.
func ParseDecimal(text string) (canonical string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 200 {
		return "", false
	}
	d, ok := decimalOf(text)
	if !ok {
		return "", false
	}
	return decimalText(d)
}

func decimalOf(text string) (*apd.Decimal, bool) {
	d, _, err := decimals.NewFromString(text)
	return d, err == nil && d.Form == apd.Finite
}

func decimalText(d *apd.Decimal) (string, bool) {
	if d.Form != apd.Finite {
		return "", false
	}
	if d.IsZero() {
		return "0", true
	}
	d.Reduce(d)
	if high := int64(d.Exponent) + d.NumDigits(); high > 40 || high < -30 {
		return d.Text('E'), true
	}
	return d.Text('f'), true
}

// DecimalOfReal is the decimal with the digits that the real prints.
func DecimalOfReal(f float64) (canonical string, ok bool) {
	return ParseDecimal(strconv.FormatFloat(f, 'g', -1, 64))
}

func decimalReal(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

// decimalLong cuts what is after the point.
func decimalLong(text string) (int64, bool) {
	d, ok := decimalOf(text)
	if !ok {
		return 0, false
	}
	var whole, fraction apd.Decimal
	d.Modf(&whole, &fraction)
	n, err := whole.Int64()
	return n, err == nil
}

// CompareDecimals compares two canonical texts by value.
func CompareDecimals(a, b string) int {
	x, _ := decimalOf(a)
	y, _ := decimalOf(b)
	if x == nil || y == nil {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}

// An operation of the decimal context.
type decimalOperation func(c *apd.Context, d, x, y *apd.Decimal) (apd.Condition, error)

func decimalArithmetic(a, b string, op decimalOperation) (string, bool) {
	x, ok := decimalOf(a)
	y, fine := decimalOf(b)
	if !ok || !fine {
		return "", false
	}
	var d apd.Decimal
	if _, err := op(&decimals, &d, x, y); err != nil {
		return "", false
	}
	return decimalText(&d)
}

// StepDecimals yields start and what follows by steps, as canonical texts, up to and
// with stop: nothing where one of them is no number or there is no step. It ends where
// numbers are out of range, and where a step is too small for the digits of a number.
func StepDecimals(start, stop, step string) iter.Seq[string] {
	return func(yield func(string) bool) {
		at, a := decimalOf(start)
		end, b := decimalOf(stop)
		by, c := decimalOf(step)
		if !a || !b || !c {
			return
		}
		next := new(apd.Decimal)
		for up := by.Sign(); up != 0 && at.Cmp(end)*up <= 0; at, next = next, at {
			text, ok := decimalText(at)
			if !ok || !yield(text) {
				return
			}
			if _, err := decimals.Add(next, at, by); err != nil || next.Cmp(at) == 0 {
				return
			}
		}
	}
}

// AddDecimals is a + b; ok is false where the result is out of range.
func AddDecimals(a, b string) (sum string, ok bool) {
	return decimalArithmetic(a, b, (*apd.Context).Add)
}

// SubDecimals is a - b.
func SubDecimals(a, b string) (difference string, ok bool) {
	return decimalArithmetic(a, b, (*apd.Context).Sub)
}

// MulDecimals is a * b.
func MulDecimals(a, b string) (product string, ok bool) {
	return decimalArithmetic(a, b, (*apd.Context).Mul)
}

// QuoDecimals is a / b; ok is false where b is zero.
func QuoDecimals(a, b string) (quotient string, ok bool) {
	return decimalArithmetic(a, b, (*apd.Context).Quo)
}

// RemDecimals is what is left of a after division by b, with the sign of a.
func RemDecimals(a, b string) (rest string, ok bool) {
	return decimalArithmetic(a, b, (*apd.Context).Rem)
}

// ModDecimals is what a has above the largest multiple of b that is not greater
// than a, for b above zero.
func ModDecimals(a, b string) (rest string, ok bool) {
	if rest, ok = RemDecimals(a, b); ok && CompareDecimals(rest, "0") < 0 {
		return AddDecimals(rest, b)
	}
	return rest, ok
}
