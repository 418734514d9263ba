package data

import "strings"

// ParseDateTime reads the formats that Kusto's datetime(…) and todatetime()
// take, as ticks: ISO 8601 and its relatives with a space, a short offset or
// fewer parts, RFC 822, RFC 850 and month/day/year. Without an offset it is UTC.
func ParseDateTime(text string) (ticks int64, ok bool) {
	p := &timeParser{text: strings.TrimSpace(text)}
	if len(p.text) > 64 || !p.date() || !p.clock() || !p.zone() || p.pos < len(p.text) {
		return 0, false
	}
	day, ok := DateTicks(p.year, p.month, p.day)
	ticks = day + p.ticks - p.offset
	if !ok || ticks < 0 || ticks > MaxDateTime {
		return 0, false
	}
	return ticks, true
}

type timeParser struct {
	text             string
	pos              int
	year, month, day int
	ticks, offset    int64
}

func (p *timeParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *timeParser) take(c byte) bool {
	if p.peek() == c && c != 0 {
		p.pos++
		return true
	}
	return false
}

// spaces tells whether it took any.
func (p *timeParser) spaces() bool {
	start := p.pos
	for p.take(' ') {
	}
	return p.pos > start
}

// number reads up to most digits; n is how many.
func (p *timeParser) number(most int) (v, n int) {
	for n < most && p.peek()-'0' <= 9 {
		v = v*10 + int(p.peek()-'0')
		p.pos++
		n++
	}
	return v, n
}

func (p *timeParser) word() string {
	start := p.pos
	for c := p.peek() | 0x20; c >= 'a' && c <= 'z'; c = p.peek() | 0x20 {
		p.pos++
	}
	return p.text[start:p.pos]
}

func (p *timeParser) date() bool {
	if p.peek()-'0' > 9 {
		return p.named()
	}
	v, n := p.number(8)
	if n == 4 && strings.HasPrefix(strings.TrimLeft(p.text[p.pos:], " "), "-") {
		p.spaces() // datetime(2017 - 08 - 01)
	}
	sep := p.peek()
	switch {
	case n == 4 && sep == 0:
		p.year, p.month, p.day = v, 1, 1
		return true
	case n == 4 && (sep == '-' || sep == '/' || sep == '.' || sep == ','):
		return p.yearFirst(v, sep)
	case n == 8:
		p.year, p.month, p.day = v/10000, v/100%100, v%100
		return true
	case n <= 2 && (sep == '/' || sep == '-' && p.pos+1 < len(p.text) && p.text[p.pos+1]-'0' <= 9):
		return p.monthFirst(v, sep)
	case n <= 2:
		return p.dayFirst(v)
	}
	return false
}

func (p *timeParser) yearFirst(year int, sep byte) (ok bool) {
	p.pos++
	p.spaces() // datetime(2025, 6, 14)
	p.year, p.day = year, 1
	var n int
	if p.month, n = p.number(2); n == 0 {
		return false
	}
	if sep == '-' && strings.HasPrefix(strings.TrimLeft(p.text[p.pos:], " "), "-") {
		p.spaces()
	}
	if p.take(sep) {
		p.spaces()
		p.day, n = p.number(2)
	}
	return n > 0
}

func (p *timeParser) monthFirst(month int, sep byte) bool {
	p.pos++
	p.month = month
	var n int
	if p.day, n = p.number(2); n == 0 || !p.take(sep) {
		return false
	}
	return p.shortYear()
}

// shortYear reads a year of four digits, or of two: up to 49 is 20xx.
func (p *timeParser) shortYear() bool {
	v, n := p.number(4)
	switch {
	case n == 2 && v < 50:
		v += 2000
	case n == 2:
		v += 1900
	case n != 4:
		return false
	}
	p.year = v
	return true
}

const monthNames = "janfebmaraprmayjunjulaugsepoctnovdec"

var monthsInFull = [...]string{
	"january", "february", "march", "april", "may", "june", "july",
	"august", "september", "october", "november", "december",
}

func monthOf(word string) int {
	for i, full := range monthsInFull {
		if word == full || word == monthNames[3*i:3*i+3] || word == "sept" && i == 8 {
			return i + 1
		}
	}
	return 0
}

var weekdays = map[string]bool{
	"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true, "monday": true,
	"tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
}

// named reads dates that start with a weekday or a month: "Sat, 8 Nov 14", "Nov 8, 2014".
func (p *timeParser) named() bool {
	word := strings.ToLower(p.word())
	if weekdays[word] {
		p.take(',')
		p.spaces()
		if p.peek()-'0' <= 9 {
			v, _ := p.number(2)
			return p.dayFirst(v)
		}
		word = strings.ToLower(p.word())
	}
	if p.month = monthOf(word); p.month == 0 {
		return false
	}
	p.spaces()
	var n int
	if p.day, n = p.number(2); n == 0 {
		return false
	}
	p.take(',')
	p.spaces()
	return p.shortYear()
}

// dayFirst reads the rest of "8 Nov 14" and "08-Nov-14".
func (p *timeParser) dayFirst(day int) bool {
	p.day = day
	if !p.spaces() && !p.take('-') {
		return false
	}
	if p.month = monthOf(strings.ToLower(p.word())); p.month == 0 {
		return false
	}
	if !p.spaces() && !p.take('-') {
		return false
	}
	return p.shortYear()
}

// clock reads an optional time of day.
func (p *timeParser) clock() bool {
	if !p.take('T') && !p.take('t') && !p.spaces() {
		return true
	}
	p.spaces()
	if p.peek()-'0' > 9 {
		return true // a zone
	}
	hour, n := p.number(2)
	if n == 0 || !p.take(':') {
		return false
	}
	minute, n := p.number(2)
	if n == 0 {
		return false
	}
	var second int
	var fraction int64
	if p.take(':') {
		if second, n = p.number(2); n == 0 {
			return false
		}
		fraction = p.fraction()
	}
	hour, ok := p.half(hour)
	p.ticks = int64(hour)*TicksPerHour + int64(minute)*TicksPerMinute + int64(second)*TicksPerSecond + fraction
	return ok && hour < 24 && minute < 60 && second < 60
}

func (p *timeParser) fraction() int64 {
	if c := p.peek(); c != '.' && c != ',' {
		return 0
	}
	p.pos++
	start := p.pos
	for p.peek()-'0' <= 9 {
		p.pos++
	}
	f, _ := fractionTicks(p.text[start:p.pos])
	return f
}

// half reads an optional AM or PM.
func (p *timeParser) half(hour int) (int, bool) {
	start := p.pos
	p.spaces()
	switch word := p.word(); {
	case strings.EqualFold(word, "am"):
		return hour % 12, hour >= 1 && hour <= 12
	case strings.EqualFold(word, "pm"):
		return hour%12 + 12, hour >= 1 && hour <= 12
	}
	p.pos = start
	return hour, true
}

// zone reads an optional offset: Z, GMT, UTC, +01:00, -0130, +02.
func (p *timeParser) zone() bool {
	p.spaces()
	switch word := p.word(); {
	case word == "", word == "Z", word == "z", strings.EqualFold(word, "gmt"), strings.EqualFold(word, "utc"):
	default:
		return false
	}
	sign := int64(1)
	switch p.peek() {
	case '+':
	case '-':
		sign = -1
	default:
		return true
	}
	p.pos++
	hours, n := p.number(2)
	if n == 0 {
		return false
	}
	p.take(':')
	minutes, _ := p.number(2)
	p.offset = sign * (int64(hours)*TicksPerHour + int64(minutes)*TicksPerMinute)
	return hours <= 14 && minutes < 60
}
