package syntax

// units are the suffixes of timespans, in ticks of 100 ns; nanoseconds are
// less than one.
var units = map[string]float64{
	"d": 864e9, "day": 864e9, "days": 864e9,
	"h": 36e9, "hr": 36e9, "hrs": 36e9, "hour": 36e9, "hours": 36e9,
	"m": 6e8, "min": 6e8, "minute": 6e8, "minutes": 6e8,
	"s": 1e7, "sec": 1e7, "second": 1e7, "seconds": 1e7,
	"ms": 1e4, "milli": 1e4, "millis": 1e4, "millisec": 1e4, "millisecond": 1e4, "milliseconds": 1e4,
	"micro": 10, "micros": 10, "microsec": 10, "microsecond": 10, "microseconds": 10,
	"nano": .01, "nanos": .01, "nanosec": .01, "nanosecond": .01, "nanoseconds": .01,
	"tick": 1, "ticks": 1,
}

// scanNumber reads a number, a timespan or, as 2ndDisk, a name.
func scanNumber(text string, pos int) Token {
	if end := realEnd(text, pos); end > 0 {
		return make1(text, TokenReal, pos, end)
	}
	if end := timeSpanEnd(text, pos); end > 0 {
		return make1(text, TokenTimeSpan, pos, end)
	}
	end := wordEnd(text, pos)
	if digitsEnd(text, pos) == end || hexEnd(text, pos) == end {
		return make1(text, TokenLong, pos, end)
	}
	return make1(text, TokenName, pos, end)
}

func digitsEnd(text string, pos int) int {
	for isDigit(at(text, pos)) {
		pos++
	}
	return pos
}

func hexEnd(text string, pos int) int {
	if text[pos] != '0' || at(text, pos+1)|0x20 != 'x' || !isHex(at(text, pos+2)) {
		return 0
	}
	for pos += 2; isHex(at(text, pos)); {
		pos++
	}
	return pos
}

// realEnd is where a number with a point or an exponent ends; 0: none here.
// The points of 1..5 belong to the range.
func realEnd(text string, pos int) int {
	end := digitsEnd(text, pos)
	point := at(text, end) == '.' && (at(text, end+1) != '.' || at(text, end+2) == '.')
	if point {
		end = digitsEnd(text, end+1)
	}
	exponent := exponentEnd(text, end)
	if !point && exponent == end || isWord(at(text, exponent)) {
		return 0
	}
	return exponent
}

func exponentEnd(text string, pos int) int {
	if at(text, pos)|0x20 != 'e' {
		return pos
	}
	digits := pos + 1
	if c := at(text, digits); c == '+' || c == '-' {
		digits++
	}
	if end := digitsEnd(text, digits); end > digits {
		return end
	}
	return pos
}

func timeSpanEnd(text string, pos int) int {
	unit := digitsEnd(text, pos)
	if at(text, unit) == '.' && isDigit(at(text, unit+1)) {
		unit = digitsEnd(text, unit+1)
	}
	end := wordEnd(text, unit)
	if units[text[unit:end]] == 0 {
		return 0
	}
	return end
}
