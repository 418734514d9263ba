package data

import (
	"math"
	"strconv"
	"strings"
)

// Ticks of the units of time; a tick is 100 ns.
const (
	TicksPerMicrosecond = 10
	TicksPerMillisecond = 10_000
	TicksPerSecond      = 10_000_000
	TicksPerMinute      = 60 * TicksPerSecond
	TicksPerHour        = 60 * TicksPerMinute
	TicksPerDay         = 24 * TicksPerHour
)

var timeUnits = map[string]float64{
	"": TicksPerDay, "d": TicksPerDay, "day": TicksPerDay, "days": TicksPerDay,
	"h": TicksPerHour, "hr": TicksPerHour, "hrs": TicksPerHour, "hour": TicksPerHour, "hours": TicksPerHour,
	"m": TicksPerMinute, "min": TicksPerMinute, "mins": TicksPerMinute, "minute": TicksPerMinute, "minutes": TicksPerMinute,
	"s": TicksPerSecond, "sec": TicksPerSecond, "secs": TicksPerSecond, "second": TicksPerSecond, "seconds": TicksPerSecond,
	"ms": TicksPerMillisecond, "milli": TicksPerMillisecond, "millis": TicksPerMillisecond, "millisec": TicksPerMillisecond,
	"millisecond": TicksPerMillisecond, "milliseconds": TicksPerMillisecond,
	"micro": TicksPerMicrosecond, "micros": TicksPerMicrosecond, "microsec": TicksPerMicrosecond,
	"microsecond": TicksPerMicrosecond, "microseconds": TicksPerMicrosecond,
	"nano": 0.01, "nanos": 0.01, "nanosecond": 0.01, "nanoseconds": 0.01,
	"tick": 1, "ticks": 1,
}

// ParseTimeSpan reads a timespan in ticks: "1.02:03:04.5", "00:10", "1.5h",
// "15 seconds", and a bare number, which counts days.
func ParseTimeSpan(text string) (ticks int64, ok bool) {
	text = strings.TrimSpace(text)
	minus := strings.HasPrefix(text, "-")
	if minus {
		text = text[1:]
	}
	if strings.IndexByte(text, ':') >= 0 {
		ticks, ok = clockSpan(text, minus)
	} else {
		ticks, ok = unitSpan(text)
	}
	if minus {
		ticks = -ticks
	}
	return ticks, ok
}

func unitSpan(text string) (int64, bool) {
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	unit, known := timeUnits[strings.ToLower(strings.TrimSpace(text[end:]))]
	if !known || end == 0 {
		return 0, false
	}
	if whole, err := strconv.ParseInt(text[:end], 10, 64); err == nil && unit >= 1 {
		u := int64(unit)
		return whole * u, whole <= math.MaxInt64/u
	}
	f, err := strconv.ParseFloat(text[:end], 64)
	f = math.Round(f * unit)
	return int64(f), err == nil && f < math.MaxInt64
}

// clockSpan reads [d.]hh:mm[:ss[.fffffff]], and d:hh:mm:ss.
func clockSpan(text string, minus bool) (int64, bool) {
	parts := strings.Split(text, ":")
	days := "0"
	if len(parts) == 4 {
		days, parts = parts[0], parts[1:]
	} else if d, h, found := strings.Cut(parts[0], "."); found {
		days, parts[0] = d, h
	}
	if len(parts) > 3 {
		return 0, false
	}
	var fraction string
	if len(parts) == 3 {
		parts[2], fraction, _ = strings.Cut(parts[2], ".")
	}
	total, ok := boundedInt(days, math.MaxInt64/TicksPerDay)
	for i, base := range []int64{24, 60, 60} {
		var n int64
		if ok && i < len(parts) {
			n, ok = boundedInt(parts[i], base-1)
		}
		total = total*base + n
	}
	f, fine := fractionTicks(fraction)
	if !ok || !fine {
		return 0, false
	}
	if total >= math.MaxInt64/TicksPerSecond {
		return limitSpan(total, f, minus)
	}
	return total*TicksPerSecond + f, true
}

// limitSpan lets the largest and the smallest timespan through.
func limitSpan(seconds, f int64, minus bool) (int64, bool) {
	left := uint64(seconds-math.MaxInt64/TicksPerSecond)*TicksPerSecond + uint64(f)
	top := uint64(math.MaxInt64 % TicksPerSecond)
	if left == top+1 && minus {
		return math.MinInt64, true
	}
	return math.MaxInt64 - int64(top-left), left <= top
}

func boundedInt(s string, most int64) (int64, bool) {
	if s == "" || len(s) > 8 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, n <= most
}

// fractionTicks reads the digits after a second's point; those past 100 ns are cut.
func fractionTicks(s string) (int64, bool) {
	var n int64
	for i := range max(len(s), 7) {
		switch {
		case i >= len(s):
			n *= 10
		case s[i]-'0' > 9:
			return 0, false
		case i < 7:
			n = n*10 + int64(s[i]-'0')
		}
	}
	return n, true
}

// AppendTimeSpan appends [-][d.]hh:mm:ss[.fffffff].
func AppendTimeSpan(dst []byte, ticks int64) []byte {
	t := uint64(ticks)
	if ticks < 0 {
		dst = append(dst, '-')
		t = -t
	}
	if days := t / TicksPerDay; days > 0 {
		dst = append(strconv.AppendUint(dst, days, 10), '.')
	}
	dst = append(appendDigits(dst, t/TicksPerHour%24, 2), ':')
	dst = append(appendDigits(dst, t/TicksPerMinute%60, 2), ':')
	dst = appendDigits(dst, t/TicksPerSecond%60, 2)
	if f := t % TicksPerSecond; f > 0 {
		dst = appendDigits(append(dst, '.'), f, 7)
	}
	return dst
}

// appendDigits appends n with leading zeros.
func appendDigits(dst []byte, n uint64, width int) []byte {
	var b [20]byte
	for i := width - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, b[:width]...)
}
