package function

import (
	"fmt"
	"math"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// datetimeParts are the parts of datetime_part by lower-case name.
func datetimeParts() map[string]func(ticks int64) int64 {
	return map[string]func(int64) int64{
		"year":         func(t int64) int64 { return monthsOf(t) / 12 },
		"quarter":      func(t int64) int64 { return monthsOf(t)%12/3 + 1 },
		"month":        func(t int64) int64 { return monthsOf(t)%12 + 1 },
		"week_of_year": isoWeek,
		"weekofyear":   oldWeek,
		"day":          dayOfMonth,
		"dayofyear":    dayOfYear,
		"hour":         func(t int64) int64 { return t / hour % 24 },
		"minute":       func(t int64) int64 { return t / minute % 60 },
		"second":       func(t int64) int64 { return t / second % 60 },
		"millisecond":  func(t int64) int64 { return t % second / millisecond },
		"microsecond":  func(t int64) int64 { return t % second / microsecond },
		"nanosecond":   func(t int64) int64 { return t % second * 100 },
	}
}

func dayOfMonth(ticks int64) int64 {
	_, _, d := data.Date(ticks)
	return int64(d)
}

// datetimePeriods are the periods of datetime_add and datetime_diff; number
// gives the how manieth period since a fixed one a datetime is in.
func datetimePeriods() map[string]period {
	fixed := func(unit int64) period {
		return period{unit: unit, number: func(t int64) int64 { return floorDiv(t, unit) }}
	}
	return map[string]period{
		"year":        {months: 12, number: func(t int64) int64 { return monthsOf(t) / 12 }},
		"quarter":     {months: 3, number: func(t int64) int64 { return monthsOf(t) / 3 }},
		"month":       {months: 1, number: monthsOf},
		"week":        {unit: week, number: func(t int64) int64 { return floorDiv(sunday(t), week) }},
		"day":         fixed(day),
		"hour":        fixed(hour),
		"minute":      fixed(minute),
		"second":      fixed(second),
		"millisecond": fixed(millisecond),
		"microsecond": fixed(microsecond),
		"nanosecond":  {number: func(t int64) int64 { return t * 100 }},
	}
}

type period struct {
	months int64
	unit   int64 // in ticks, 0 for months and nanoseconds
	number func(ticks int64) int64
}

func (p period) add(ticks, n int64) (int64, bool) {
	switch {
	case p.months != 0 && (n > 120000 || n < -120000):
		return 0, false
	case p.months != 0:
		return addMonths(ticks, n*p.months)
	case p.unit == 0:
		return addTicks(ticks, n/100)
	default:
		return shiftUnits(ticks, n, p.unit)
	}
}

// namedPart finds what a constant first argument names, whatever its case.
func namedPart[T any](args []Arg, what map[string]T, order string) (T, error) {
	var none T
	if args[0].Const == nil {
		return none, fmt.Errorf("argument 1: want one of the constants %s", order)
	}
	name := strings.ToLower(args[0].Const.Text())
	found, ok := what[name]
	if !ok {
		return none, fmt.Errorf("argument 1: unknown part %q; want one of %s", args[0].Const.Text(), order)
	}
	return found, nil
}

const (
	partNames   = "year quarter month week_of_year day dayofyear hour minute second millisecond microsecond nanosecond"
	periodNames = "year quarter month week day hour minute second millisecond microsecond nanosecond"
)

func preparePart(args []Arg) (Eval, error) {
	part, err := namedPart(args, datetimeParts(), partNames)
	if err != nil {
		return nil, err
	}
	return strict(data.Int, func(args []data.Value) data.Value {
		return data.OfInt(int32(part(args[1].Long())))
	}), nil
}

func prepareAdd(args []Arg) (Eval, error) {
	p, err := namedPart(args, datetimePeriods(), periodNames)
	if err != nil {
		return nil, err
	}
	return strict(data.DateTime, func(args []data.Value) data.Value {
		if t, ok := p.add(args[2].Long(), args[1].Long()); ok && inRange(t) {
			return data.OfDateTime(t)
		}
		return data.Null(data.DateTime)
	}), nil
}

func prepareDiff(args []Arg) (Eval, error) {
	p, err := namedPart(args, datetimePeriods(), periodNames)
	if err != nil {
		return nil, err
	}
	return strict(data.Long, func(args []data.Value) data.Value {
		if p.unit == 0 && p.months == 0 { // nanoseconds of a whole date overflow
			ticks := args[1].Long() - args[2].Long()
			if ticks > math.MaxInt64/100 || ticks < math.MinInt64/100 {
				return data.Null(data.Long)
			}
			return data.OfLong(100 * ticks)
		}
		return data.OfLong(p.number(args[1].Long()) - p.number(args[2].Long()))
	}), nil
}

// partKernel is datetime_part for a column.
func partKernel(args []Arg) Kernel {
	part, err := namedPart(args, datetimeParts(), partNames)
	if err != nil || args[1].Type != data.DateTime {
		return nil
	}
	return func(_ *Context, n int, in []*data.Vector) *data.Vector {
		return mapWhole(data.Int, n, in[1], func(t int64) (int64, bool) { return part(t), true })
	}
}

// diffKernel is datetime_diff where one of both times is a constant, as now() is.
func diffKernel(args []Arg) Kernel {
	p, err := namedPart(args, datetimePeriods(), periodNames)
	if err != nil || args[1].Type != data.DateTime || args[2].Type != data.DateTime || p.unit == 0 && p.months == 0 {
		return nil
	}
	for side, sign := range [...]int64{1: -1, 2: 1} {
		if side == 0 {
			continue
		}
		c := args[3-side].Const
		if c == nil || c.IsNull() {
			continue
		}
		fixed := p.number(c.Long())
		return func(_ *Context, n int, in []*data.Vector) *data.Vector {
			return mapWhole(data.Long, n, in[side], func(t int64) (int64, bool) { return sign * (fixed - p.number(t)), true })
		}
	}
	return nil
}
