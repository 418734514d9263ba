package tenant

import (
	"encoding/binary"
	"time"
)

const (
	digits = "0123456789abcdef"
	// days is the span of the made-up dates, about three years up to lastDay.
	days = 1100
)

// lastDay is the day on which the estate was read. It is fixed so that the
// same seed gives the same bytes on every day.
var lastDay = time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)

// dates holds the days of the span as text, 2023-11-17 and so on.
var dates = func() []string {
	all := make([]string, days)
	for i := range all {
		all[i] = lastDay.AddDate(0, 0, i+1-days).Format(time.DateOnly)
	}
	return all
}()

var people = []string{
	"amara.okafor", "ben.lindqvist", "chiara.moretti", "daniel.novak", "elif.aydin", "farid.haddad", "grace.mensah",
	"henrik.dahl", "ines.carvalho", "jonas.weber", "keiko.tanaka", "liam.byrne", "mei.zhang", "nadia.petrova",
	"oscar.ruiz", "priya.nair", "quentin.moreau", "rosa.jimenez", "samir.patel", "tove.nilsen",
}

func (w *writer) sixteen() (b [16]byte) {
	binary.LittleEndian.PutUint64(b[:8], w.random.Uint64())
	binary.LittleEndian.PutUint64(b[8:], w.random.Uint64())
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return b
}

// principal gives one of 61 pipeline identities.
func (w *writer) principal(n uint32) (b [16]byte) {
	x := uint64(n%61+1) * 0x9e3779b97f4a7c15
	binary.LittleEndian.PutUint64(b[:8], x)
	binary.LittleEndian.PutUint64(b[8:], x*x|1)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return b
}

func (w *writer) uuid(b [16]byte) {
	w.buf = appendUUID(w.buf, b)
}

func appendUUID(buf []byte, b [16]byte) []byte {
	for i, x := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			buf = append(buf, '-')
		}
		buf = append(buf, digits[x>>4], digits[x&15])
	}
	return buf
}

func (w *writer) hex(n int) {
	for n > 0 {
		x := w.random.Uint64()
		for i := 0; i < 16 && n > 0; i, n = i+1, n-1 {
			w.buf = append(w.buf, digits[x&15])
			x >>= 4
		}
	}
}

// day writes a date, the recent ones more often than the old ones.
func (w *writer) day(x uint64) {
	a, b := x%days, (x>>20)%days
	w.buf = append(w.buf, dates[max(a, b)]...)
}

// time writes a date-time with seven decimals, as most providers do.
func (w *writer) time(x uint64) {
	w.day(x)
	w.buf = append(w.buf, 'T')
	s := (x >> 40) % 86400
	w.two(s / 3600)
	w.buf = append(w.buf, ':')
	w.two(s / 60 % 60)
	w.buf = append(w.buf, ':')
	w.two(s % 60)
	w.buf = append(w.buf, '.')
	for range 7 {
		x = x*6364136223846793005 + 1442695040888963407
		w.buf = append(w.buf, '0'+byte(x>>60)%10)
	}
	w.buf = append(w.buf, 'Z')
}

func (w *writer) two(n uint64) {
	w.buf = append(w.buf, '0'+byte(n/10), '0'+byte(n%10))
}

// address writes a private IPv4 address.
func (w *writer) address(x uint32) {
	w.buf = append(w.buf, "10."...)
	w.octet(byte(x))
	w.buf = append(w.buf, '.')
	w.octet(byte(x >> 8))
	w.buf = append(w.buf, '.')
	w.octet(byte(x>>16)%250 + 4)
}

func (w *writer) octet(n byte) {
	if n >= 100 {
		w.buf = append(w.buf, '0'+n/100)
	}
	if n >= 10 {
		w.buf = append(w.buf, '0'+n/10%10)
	}
	w.buf = append(w.buf, '0'+n%10)
}

func (w *writer) person(x uint32) {
	w.buf = append(w.buf, people[int(x/3)%len(people)]...)
	w.buf = append(w.buf, "@contoso.example"...)
}
