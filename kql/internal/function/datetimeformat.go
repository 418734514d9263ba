package function

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A timePattern is a format of format_datetime or format_timespan cut into runs of
// one letter and texts between them.
type timePattern []run

type run struct {
	letter byte // 0: text
	count  int
	text   string
}

// mostFormat is the longest format that is read.
const mostFormat = 1 << 12

// parsePattern cuts a format; letters says which may be repeated how often.
// Other letters stand for themselves, as people write T and Z.
func parsePattern(format string, letters map[byte]int) (timePattern, error) {
	if len(format) > mostFormat {
		return nil, fmt.Errorf("the format has %d bytes; at most %d are read", len(format), mostFormat)
	}
	var out timePattern
	for i := 0; i < len(format); {
		c := format[i]
		most, ok := letters[c]
		if !ok {
			out = append(out, run{text: format[i : i+1]})
			i++
			continue
		}
		n := 1
		for i+n < len(format) && format[i+n] == c {
			n++
		}
		if n > most {
			return nil, fmt.Errorf("format %q: at most %d %q may stand together", format, most, c)
		}
		out = append(out, run{letter: c, count: n})
		i += n
	}
	return out, nil
}

// formatOf reads the constant format.
func formatOf(args []Arg, letters map[byte]int) (timePattern, error) {
	if args[1].Const == nil || args[1].Const.Text() == "" {
		return nil, errors.New("argument 2: want a constant format that is not empty")
	}
	return parsePattern(args[1].Const.Text(), letters)
}

func padDigits(n int64, width int) string {
	s := strconv.FormatInt(n, 10)
	if len(s) < width {
		s = strings.Repeat("0", width-len(s)) + s
	}
	return s
}

// fraction is the first count digits of the second's fraction; optional ones
// (F) lose their trailing zeros.
func fraction(ticks int64, r run) string {
	digits := padDigits(ticks%second, 7)[:r.count]
	if r.letter == 'F' {
		digits = strings.TrimRight(digits, "0")
	}
	return digits
}

func prepareFormatDateTime(args []Arg) (Eval, error) {
	p, err := formatOf(args, map[byte]int{'d': 2, 'f': 7, 'F': 7, 'h': 2, 'H': 2, 'm': 2, 'M': 2, 's': 2, 'y': 4, 't': 2})
	if err != nil {
		return nil, err
	}
	return func(_ *Context, args []data.Value) data.Value {
		if args[0].IsNull() {
			return data.OfString("")
		}
		var b strings.Builder
		for _, r := range p {
			b.WriteString(formatDatePart(args[0].Long(), r))
		}
		return data.OfString(b.String())
	}, nil
}

func formatDatePart(ticks int64, r run) string {
	switch r.letter {
	case 'd':
		return padDigits(dayOfMonth(ticks), r.count)
	case 'M':
		return padDigits(monthsOf(ticks)%12+1, r.count)
	case 'y':
		year := monthsOf(ticks) / 12
		if r.count < 3 {
			year %= 100
		}
		return padDigits(year, r.count)
	case 'h':
		return padDigits((ticks/hour%24+11)%12+1, r.count)
	case 't':
		return [...]string{"AM", "PM"}[ticks/(12*hour)%2][:r.count]
	default:
		return formatClockPart(ticks, r)
	}
}

func formatClockPart(ticks int64, r run) string {
	switch r.letter {
	case 'f', 'F':
		return fraction(ticks, r)
	case 'h', 'H':
		return padDigits(ticks/hour%24, r.count)
	case 'm':
		return padDigits(ticks/minute%60, r.count)
	case 's':
		return padDigits(ticks/second%60, r.count)
	default:
		return r.text
	}
}

func prepareFormatTimeSpan(args []Arg) (Eval, error) {
	p, err := formatOf(args, map[byte]int{'d': 8, 'f': 7, 'F': 7, 'h': 2, 'H': 2, 'm': 2, 's': 2})
	if err != nil {
		return nil, err
	}
	return func(_ *Context, args []data.Value) data.Value {
		if args[0].IsNull() {
			return data.OfString("")
		}
		return data.OfString(formatSpan(args[0].Long(), p))
	}, nil
}

func formatSpan(ticks int64, p timePattern) string {
	var b strings.Builder
	if ticks < 0 {
		b.WriteByte('-')
		ticks = -ticks
	}
	for _, r := range p {
		if r.letter == 'd' {
			b.WriteString(padDigits(ticks/day, r.count))
			continue
		}
		b.WriteString(formatClockPart(ticks, r))
	}
	return b.String()
}
