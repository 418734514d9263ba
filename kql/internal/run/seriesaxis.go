package run

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A steps is the axis of make-series: bins are whole numbers of steps from an origin.
type steps interface {
	// bin is the number of the bin that a value lies in; false where it does
	// not fit 64 bits, and for what is no number.
	bin(v data.Value) (int64, bool)
	// start is where a bin begins.
	start(bin int64) data.Value
}

// stepsOf counts steps in the type of the axis.
func stepsOf(of data.Type, origin, step data.Value) steps {
	switch of {
	case data.Real:
		return realSteps{data.Convert(origin, of).Real(), step.Real()}
	case data.Decimal:
		return decimalSteps{data.Convert(origin, of).Text(), step.Text()}
	}
	return wholeSteps{of, data.Convert(origin, data.Long).Long(), data.Convert(step, data.Long).Long()}
}

// wholeSteps counts whole numbers and ticks.
type wholeSteps struct {
	of           data.Type
	origin, step int64
}

func (s wholeSteps) bin(v data.Value) (int64, bool) {
	x := v.Long()
	at := x - s.origin
	rest := at % s.step
	if rest < 0 {
		rest += s.step
	}
	fits := (at < 0) == (x < s.origin) && x-rest <= x && at-rest <= at
	return (at - rest) / s.step, fits
}

func (s wholeSteps) start(bin int64) data.Value { return ofTicks(s.of, s.origin+bin*s.step) }

type realSteps struct{ origin, step float64 }

func (s realSteps) bin(v data.Value) (int64, bool) {
	bin := math.Floor((v.Real() - s.origin) / s.step)
	return int64(bin), math.Abs(bin) < 1<<63
}

func (s realSteps) start(bin int64) data.Value { return data.OfReal(s.origin + float64(bin)*s.step) }

type decimalSteps struct{ origin, step string }

func (s decimalSteps) bin(v data.Value) (int64, bool) {
	at, ok1 := data.SubDecimals(v.Text(), s.origin)
	above, ok2 := data.ModDecimals(at, s.step)
	low, ok3 := data.SubDecimals(at, above)
	count, ok4 := data.QuoDecimals(low, s.step)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return 0, false
	}
	bin := data.Convert(data.OfDecimal(count), data.Long)
	return bin.Long(), !bin.IsNull()
}

func (s decimalSteps) start(bin int64) data.Value {
	number := data.Convert(data.OfLong(bin), data.Decimal).Text()
	if above, ok := data.MulDecimals(number, s.step); ok {
		if start, ok := data.AddDecimals(s.origin, above); ok {
			return data.OfDecimal(start)
		}
	}
	return data.Null(data.Decimal)
}
