package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// datetimeScalars are the functions of datetimes and timespans.
func datetimeScalars() []Scalar {
	all := nowScalars()
	for _, table := range [][]Scalar{spanScalars(), partScalars(), makeScalars(), unixScalars(), zoneScalars()} {
		all = append(all, table...)
	}
	return all
}

func nowScalars() []Scalar {
	return []Scalar{
		{
			Name: "ago", Signatures: []string{"(timespan:timespan) → datetime"}, Column: "None",
			Doc: "Gives the time of the query less a timespan.", Eval: func(c *Context, args []data.Value) data.Value {
				return datetimeOr(args[0].IsNull(), c.Now, -args[0].Long())
			},
		},
		{
			Name: "now", Signatures: []string{"(offset:timespan?) → datetime"}, Column: "None",
			Doc: "Gives the time of the query, the same in all of it.", Eval: func(c *Context, args []data.Value) data.Value {
				if len(args) == 0 {
					return data.OfDateTime(c.Now)
				}
				return datetimeOr(args[0].IsNull(), c.Now, args[0].Long())
			},
		},
		{
			Name: "around", Signatures: []string{"(value:Scalar, center:Scalar, delta:Scalar) → bool"}, Column: "None",
			Doc: "Tells whether a value is at most delta away from a centre.", Eval: strict(data.Bool, evalAround),
		},
	}
}

func datetimeOr(null bool, ticks, add int64) data.Value {
	if t, ok := addTicks(ticks, add); ok && !null {
		return data.OfDateTime(t)
	}
	return data.Null(data.DateTime)
}

func evalAround(args []data.Value) data.Value {
	x, center, delta := args[0], args[1], args[2]
	if longStored(x.Type()) && longStored(center.Type()) && longStored(delta.Type()) {
		low, high := center.Long()-delta.Long(), center.Long()+delta.Long()
		return data.OfBool(low <= x.Long() && x.Long() <= high)
	}
	a, ok1 := asReal(x)
	b, ok2 := asReal(center)
	c, ok3 := asReal(delta)
	if !ok1 || !ok2 || !ok3 {
		return data.Null(data.Bool)
	}
	return data.OfBool(b-c <= a && a <= b+c)
}

func spanScalars() []Scalar {
	var all []Scalar
	for _, s := range []struct {
		unit, column string
		span         calendarSpan
	}{{"day", "FirstArgument", daySpan}, {"week", "None", weekSpan}, {"month", "None", monthSpan}, {"year", "None", yearSpan}} {
		signature := []string{"(date:datetime, offset:long?) → datetime"}
		all = append(all,
			Scalar{
				Name: "startof" + s.unit, Signatures: signature, Column: s.column,
				Doc:  "Gives the start of the " + s.unit + ", moved by a number of them.",
				Eval: spanEval(s.span.start), Kernel: spanKernel(s.span.start),
			},
			Scalar{
				Name: "endof" + s.unit, Signatures: signature, Column: "None",
				Doc:  "Gives the last tick of the " + s.unit + ", moved by a number of them.",
				Eval: spanEval(s.span.end), Kernel: spanKernel(s.span.end),
			})
	}
	return all
}

func spanEval(f func(ticks, offset int64) (int64, bool)) Eval {
	return strict(data.DateTime, func(args []data.Value) data.Value {
		offset := int64(0)
		if len(args) > 1 {
			offset = args[1].Long()
		}
		if t, ok := f(args[0].Long(), max(-4e6, min(offset, 4e6))); ok {
			return data.OfDateTime(t)
		}
		return data.Null(data.DateTime)
	})
}

func spanKernel(f func(ticks, offset int64) (int64, bool)) func([]Arg) Kernel {
	return func(args []Arg) Kernel {
		if len(args) > 1 || args[0].Type != data.DateTime {
			return nil
		}
		return wholeKernel(data.DateTime, func(t int64) (int64, bool) { return f(t, 0) })(args)
	}
}

func partScalars() []Scalar {
	parts := datetimeParts()
	var all []Scalar
	for _, p := range []struct{ name, part, doc string }{
		{"dayofmonth", "day", "Gives the day of the month."},
		{"dayofyear", "dayofyear", "Gives the day of the year."},
		{"getmonth", "month", "Gives the month, 1 to 12."},
		{"getyear", "year", "Gives the year."},
		{"hourofday", "hour", "Gives the hour, 0 to 23."},
		{"monthofyear", "month", "Gives the month, 1 to 12."},
		{"week_of_year", "week_of_year", "Gives the week by ISO 8601."},
	} {
		f := func(t int64) (int64, bool) { return parts[p.part](t), true }
		all = append(all, Scalar{
			Name: p.name, Signatures: []string{"(date:datetime) → int"}, Column: "None", Doc: p.doc,
			Eval: wholeEval(data.Int, f), Kernel: wholeKernel(data.Int, f),
		})
	}
	dayOf := func(t int64) (int64, bool) { return weekday(t) * day, true }
	oldWeeks := func(t int64) (int64, bool) { return oldWeek(t), true }
	return append(all, Scalar{
		Name: "weekofyear", Obsolete: "week_of_year", Hidden: true,
		Signatures: []string{"(date:datetime) → int"}, Column: "None", Doc: "Gives the week, counted from the one with the first Wednesday.",
		Eval: wholeEval(data.Int, oldWeeks), Kernel: wholeKernel(data.Int, oldWeeks),
	},
		Scalar{
			Name: "dayofweek", Signatures: []string{"(date:datetime) → timespan"}, Column: "None",
			Doc:  "Gives the days since Sunday as a timespan.",
			Eval: wholeEval(data.TimeSpan, dayOf), Kernel: wholeKernel(data.TimeSpan, dayOf),
		})
}

func makeScalars() []Scalar {
	part := "(part:string{Literal}{one of " + partNames + "}, date:datetime) → int"
	return []Scalar{
		{Name: "datetime_part", Signatures: []string{part}, Column: "None", Doc: "Gives a part of a datetime: year, hour, ….", Prepare: preparePart, Kernel: partKernel},
		{
			Name: "datepart", Obsolete: "datetime_part", Hidden: true, Signatures: []string{part}, Column: "None",
			Doc: "Gives a part of a datetime.", Prepare: preparePart, Kernel: partKernel,
		},
		{
			Name: "datetime_add", Signatures: []string{"(part:string{Literal}{one of " + periodNames + "}, value:Integer, datetime:datetime) → datetime"},
			Column: "None", Doc: "Adds a number of periods to a datetime.", Prepare: prepareAdd,
		},
		{
			Name: "datetime_diff", Signatures: []string{"(part:string{Literal}{one of " + periodNames + "}, datetime1:datetime, datetime2:datetime) → long"},
			Column: "None", Doc: "Counts how many borders of a period lie between two datetimes.", Prepare: prepareDiff, Kernel: diffKernel,
		},
		{
			Name: "format_datetime", Signatures: []string{"(date:datetime, format:string{LiteralNotEmpty}) → string"}, Column: "FirstArgument",
			Doc: "Writes a datetime by a pattern such as yyyy-MM-dd HH:mm:ss.", Prepare: prepareFormatDateTime,
		},
		{
			Name: "format_timespan", Signatures: []string{"(timespan:timespan, format:string{LiteralNotEmpty}) → string"}, Column: "FirstArgument",
			Doc: "Writes a timespan by a pattern such as dd.hh:mm:ss.", Prepare: prepareFormatTimeSpan,
		},
		{
			Name: "make_datetime", Signatures: []string{
				"(value:Scalar) → datetime",
				"(year:Number, month:Number, day:Number, hour:Number?, minute:Number?, second:Number?) → datetime",
			}, Column: "OnlyArgument",
			Doc: "Makes a datetime from its parts.", Eval: strict(data.DateTime, evalMakeDateTime),
		},
		{
			Name: "make_timespan", Signatures: []string{
				"(days:Integer, hours:Integer, minutes:Integer, seconds:Integer) → timespan",
				"(hours:Integer, minutes:Integer, seconds:Integer?) → timespan", "(value:Scalar) → timespan",
			}, Column: "OnlyArgument",
			Doc: "Makes a timespan from its parts.", Eval: strict(data.TimeSpan, evalMakeTimeSpan),
		},
	}
}

func evalMakeDateTime(args []data.Value) data.Value {
	if len(args) == 1 {
		return data.Convert(args[0], data.DateTime)
	}
	null := data.Null(data.DateTime)
	var x [6]float64
	for i, a := range args {
		n, ok := asReal(a)
		if !ok {
			return null
		}
		x[i] = n
	}
	start, ok := data.DateTicks(int(x[0]), int(x[1]), int(x[2]))
	clock, ok2 := clockTicks(x[3], x[4], x[5])
	if !ok || !ok2 {
		return null
	}
	return data.OfDateTime(start + clock)
}

// clockTicks is a time of day; false where a part is out of its range.
func clockTicks(hours, minutes, seconds float64) (int64, bool) {
	if hours < 0 || hours >= 24 || minutes < 0 || minutes >= 60 || seconds < 0 || seconds >= 60 {
		return 0, false
	}
	return int64(hours)*hour + int64(minutes)*minute + int64(math.Round(seconds*float64(second))), true
}

func evalMakeTimeSpan(args []data.Value) data.Value {
	if len(args) == 1 {
		return data.Convert(args[0], data.TimeSpan)
	}
	var x [4]float64 // days, hours, minutes, seconds
	at := 1
	if len(args) == 4 {
		at = 0
	}
	for i, a := range args {
		n, ok := asReal(a)
		if !ok {
			return data.Null(data.TimeSpan)
		}
		x[at+i] = n
	}
	clock, ok := clockTicks(x[1], x[2], x[3])
	if !ok || math.Abs(x[0]) > 1e7 {
		return data.Null(data.TimeSpan)
	}
	return data.OfTimeSpan(int64(x[0])*day + clock)
}

func unixScalars() []Scalar {
	var all []Scalar
	for _, u := range []struct {
		name string
		unit float64 // in ticks
	}{{"seconds", 1e7}, {"milliseconds", 1e4}, {"microseconds", 10}, {"nanoseconds", 0.01}} {
		all = append(all, Scalar{
			Name: "unixtime_" + u.name + "_todatetime", Signatures: []string{"(number:Number) → datetime"},
			Column: "None", Doc: "Turns " + u.name + " since 1970 into a datetime.",
			Eval: strict(data.DateTime, func(args []data.Value) data.Value { return ofUnix(args[0], u.unit) }),
		})
	}
	return all
}

func ofUnix(v data.Value, unit float64) data.Value {
	x, ok := asReal(v)
	if !ok || math.Abs(x*unit) > float64(maxTicks) {
		return data.Null(data.DateTime)
	}
	ticks := int64(math.Round(x * unit))
	if v.Type() == data.Int || v.Type() == data.Long { // exact
		if ticks = v.Long() / 100; unit >= 1 {
			ticks = v.Long() * int64(unit)
		}
	}
	return datetimeOr(false, unixTicks, ticks)
}

func zoneScalars() []Scalar {
	convert := []string{"(from:datetime, timezone:string) → datetime"}
	return []Scalar{
		{
			Name: "datetime_local_to_utc", Signatures: convert, Column: "None", Doc: "Turns the local time of a time zone into UTC.",
			Eval: evalZone(localToUTC),
		},
		{
			Name: "datetime_utc_to_local", Signatures: convert, Column: "None", Doc: "Turns UTC into the local time of a time zone.",
			Eval: evalZone(utcToLocal),
		},
		{
			Name: "datetime_list_timezones", Signatures: []string{"() → dynamic"}, Column: "None", Doc: "Lists the time zones.",
			Eval: evalZoneNames,
		},
	}
}
