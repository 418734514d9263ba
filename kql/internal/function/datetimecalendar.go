package function

import "github.com/bartizan-dev/bartizan/kql/data"

// Lengths in ticks of 100 ns.
const (
	microsecond = int64(10)
	millisecond = 1000 * microsecond
	second      = 1000 * millisecond
	minute      = 60 * second
	hour        = 60 * minute
	day         = 24 * hour
	week        = 7 * day

	maxTicks  = 3652059*day - 1 // the last tick of year 9999
	unixTicks = 719162 * day    // 1970-01-01
)

// inRange tells whether ticks are a datetime.
func inRange(ticks int64) bool { return ticks >= 0 && ticks <= maxTicks }

// addTicks is a + b, false where that is no datetime.
func addTicks(a, b int64) (int64, bool) {
	sum := a + b
	return sum, inRange(sum) && (b >= 0) == (sum >= a)
}

// monthStart is the start of a month counted from January of year 0; false
// outside years 1 to 9999.
func monthStart(months int64) (int64, bool) {
	year := floorDiv(months, 12)
	if year < 1 || year > 9999 {
		return 0, false
	}
	return data.DateTicks(int(year), int(months-12*year)+1, 1)
}

// monthsOf is a datetime's month counted from January of year 0.
func monthsOf(ticks int64) int64 {
	year, month, _ := data.Date(ticks)
	return int64(12*year + month - 1)
}

// addMonths keeps the day of the month where the month has it, else takes its last.
func addMonths(ticks, n int64) (int64, bool) {
	_, _, dayOf := data.Date(ticks)
	start, ok := monthStart(monthsOf(ticks) + n)
	if !ok {
		return 0, false
	}
	year, month, _ := data.Date(start)
	dayOf = min(dayOf, data.DaysInMonth(year, month))
	return start + int64(dayOf-1)*day + ticks%day, true
}

// weekday is 0 for Sunday. Day 0, 0001-01-01, is a Monday.
func weekday(ticks int64) int64 { return (ticks/day + 1) % 7 }

func sunday(ticks int64) int64 { return ticks/day*day - weekday(ticks)*day }

func yearStart(ticks int64) int64 {
	start, _ := monthStart(monthsOf(ticks) / 12 * 12)
	return start
}

func dayOfYear(ticks int64) int64 { return (ticks-yearStart(ticks))/day + 1 }

// isoWeek is the ISO 8601 week: weeks start on Monday and belong to the year
// of their Thursday.
func isoWeek(ticks int64) int64 {
	thursday := ticks + (3-(weekday(ticks)+6)%7)*day
	return (dayOfYear(clampTicks(thursday))-1)/7 + 1
}

// oldWeek is what weekofyear gave: weeks start on Sunday and belong to the
// year of their Wednesday.
func oldWeek(ticks int64) int64 {
	wednesday := sunday(ticks) + 3*day
	return (dayOfYear(clampTicks(wednesday))-1)/7 + 1
}

func clampTicks(ticks int64) int64 { return max(0, min(ticks, maxTicks)) }

// A calendarSpan is a unit of which a datetime's start and end are asked.
type calendarSpan struct {
	// start of the unit that is offset units away.
	start func(ticks, offset int64) (int64, bool)
}

var (
	daySpan = calendarSpan{func(ticks, offset int64) (int64, bool) {
		return shiftUnits(ticks-ticks%day, offset, day)
	}}
	weekSpan = calendarSpan{func(ticks, offset int64) (int64, bool) {
		return shiftUnits(sunday(ticks), offset, week)
	}}
	monthSpan = calendarSpan{func(ticks, offset int64) (int64, bool) {
		return monthStart(monthsOf(ticks) + offset)
	}}
	yearSpan = calendarSpan{func(ticks, offset int64) (int64, bool) {
		return monthStart((monthsOf(ticks)/12 + offset) * 12)
	}}
)

// shiftUnits adds n units. The week of 0001-01-01 starts before time does: that is no datetime.
func shiftUnits(ticks, n, unit int64) (int64, bool) {
	if n > maxTicks/unit || n < -maxTicks/unit {
		return 0, false
	}
	sum := ticks + n*unit
	return sum, inRange(sum)
}

// end is the last tick of the unit that is offset units away.
func (s calendarSpan) end(ticks, offset int64) (int64, bool) {
	if _, ok := s.start(ticks, offset); !ok {
		return 0, false
	}
	next, ok := s.start(ticks, offset+1)
	if !ok {
		return maxTicks, true
	}
	return next - 1, true
}
