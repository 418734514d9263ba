package operator

import (
	"math"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func realOfDecimal(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64) // its text is canonical; what is too large is infinite
	return f
}

func decimalArithmetic(op string, left, right data.Value) data.Value {
	a, b := data.Convert(left, data.Decimal), data.Convert(right, data.Decimal)
	if a.IsNull() || b.IsNull() {
		return data.Null(data.Decimal)
	}
	text, ok := decimalOps[op](a.Text(), b.Text())
	if !ok {
		return data.Null(data.Decimal)
	}
	return data.OfDecimal(text)
}

var decimalOps = map[string]func(a, b string) (string, bool){
	"+": data.AddDecimals,
	"-": data.SubDecimals,
	"*": data.MulDecimals,
	"/": data.QuoDecimals,
	"%": func(a, b string) (string, bool) {
		rest, ok := data.RemDecimals(a, b)
		switch {
		case !ok || data.CompareDecimals(rest, "0") >= 0:
			return rest, ok
		case data.CompareDecimals(b, "0") < 0:
			return data.SubDecimals(rest, b)
		}
		return data.AddDecimals(rest, b)
	},
}

// compareDecimals orders two numbers of which one is a decimal; no order with NaN.
func compareDecimals(left, right data.Value) (order int, ok bool) {
	if left.IsNull() || right.IsNull() || isNaN(left) || isNaN(right) {
		return 0, false
	}
	return data.Compare(asNumber(left), asNumber(right)), true
}

func isNaN(v data.Value) bool { return v.Type() == data.Real && math.IsNaN(v.Real()) }

func asNumber(v data.Value) data.Value {
	if v.Type() == data.Bool {
		return data.OfLong(oneIf(v.Bool()))
	}
	return v
}
