package policy

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// dateFunctions work on instants written as text.
var dateFunctions = []function{
	{signature: "addDays(dateTime, days)", least: 2, most: 2, call: callAddDays, summary: "The instant so many days later, with the offset kept."},
	{signature: "dateTimeAdd(base, duration, format?)", least: 2, most: 3, call: callDateTimeAdd, summary: "An instant with an ISO 8601 duration added (a month has 30 days, a year 365)."},
	{signature: "dateTimeFromEpoch(seconds)", least: 1, most: 1, call: callDateTimeFromEpoch, summary: "The instant so many seconds after 1970 began, in UTC."},
	{signature: "dateTimeToEpoch(dateTime)", least: 1, most: 1, call: callDateTimeToEpoch, summary: "The seconds from the beginning of 1970 to an instant."},
}

// dateShape is how a date was written, so that a result can be written alike.
type dateShape struct {
	separator byte   // between date and time
	zone      string // "Z", "offset", or "" for none
}

// parseDate reads yyyy-MM-ddTHH:mm:ss, with or without a fraction and a zone
// (UTC if there is none), and with a space instead of the T.
func parseDate(s string) (time.Time, dateShape, error) {
	shape := dateShape{separator: 'T'}
	bad := fmt.Errorf("got %q, want a date and time such as 2026-01-31T12:00:00Z", s)
	if len(s) < len("2006-01-02T15:04:05") || strings.Contains(s, ",") {
		return time.Time{}, shape, bad
	}
	switch s[10] {
	case ' ':
		shape.separator = ' '
	case 'T', 't':
	default:
		return time.Time{}, shape, bad
	}
	layout, rest := "2006-01-02T15:04:05", s[19:]
	switch {
	case strings.HasSuffix(rest, "Z") || strings.HasSuffix(rest, "z"):
		shape.zone = "Z"
		rest = rest[:len(rest)-1] + "Z"
	case strings.ContainsAny(rest, "+-"):
		shape.zone = "offset"
	default:
		rest += "Z"
	}
	t, err := time.ParseInLocation(layout+"Z07:00", s[:10]+"T"+s[11:19]+rest, time.UTC)
	if err != nil {
		return time.Time{}, shape, bad
	}
	return t, shape, nil
}

// write writes an instant in the shape.
func (s dateShape) write(t time.Time) string {
	text := t.Format("2006-01-02"+string(s.separator)+"15:04:05") + fraction(t)
	switch s.zone {
	case "Z":
		return text + "Z"
	case "offset":
		return text + t.Format("-07:00")
	}
	return text
}

// fraction is the fraction of a second in 3, 6 or 9 digits, whichever are
// needed; "" for none.
func fraction(t time.Time) string {
	n := t.Nanosecond()
	switch {
	case n == 0:
		return ""
	case n%1_000_000 == 0:
		return fmt.Sprintf(".%03d", n/1_000_000)
	case n%1000 == 0:
		return fmt.Sprintf(".%06d", n/1000)
	}
	return fmt.Sprintf(".%09d", n)
}

// isoDate writes an instant with T, and with Z for UTC.
func isoDate(t time.Time) string {
	shape := dateShape{separator: 'T', zone: "offset"}
	if _, offset := t.Zone(); offset == 0 {
		shape.zone = "Z"
	}
	return shape.write(t)
}

func dateArg(args []Value, i int) (time.Time, dateShape, error) {
	s, err := textArg(args, i)
	if err != nil {
		return time.Time{}, dateShape{}, err
	}
	t, shape, err := parseDate(s)
	if err != nil {
		err = fmt.Errorf("argument %d: %w", i+1, err)
	}
	return t, shape, err
}

// wholeArg is a number argument that has no fraction.
func wholeArg(args []Value, i int) (int64, error) {
	n, err := countArg(args, i)
	if err == nil && args[i].Float() != float64(n) {
		err = fmt.Errorf("argument %d: got %s, want an integer", i+1, args[i])
	}
	return n, err
}

var errYear = errors.New("result is outside the years 1 to 9999")

func inYears(t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return t, errYear
	}
	return t, nil
}

func callAddDays(args []Value) (Value, error) {
	t, _, err := dateArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	days, err := wholeArg(args, 1)
	switch {
	case err != nil:
		return Value{}, err
	case days > 4_000_000 || days < -4_000_000:
		return Value{}, errYear
	}
	if t, err = inYears(t.AddDate(0, 0, int(days))); err != nil {
		return Value{}, err
	}
	return StringValue(isoDate(t)), nil
}

func callDateTimeAdd(args []Value) (Value, error) {
	t, shape, err := dateArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	duration, err := textArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	seconds, ok := parseDuration(duration)
	if !ok {
		return Value{}, fmt.Errorf("argument 2: got %q, want a duration such as P1DT12H", duration)
	}
	if t, err = inYears(time.Unix(t.Unix()+seconds, int64(t.Nanosecond())).In(t.Location())); err != nil {
		return Value{}, err
	}
	if len(args) < 3 {
		return StringValue(shape.write(t)), nil
	}
	layout, err := textArg(args, 2)
	if err != nil {
		return Value{}, err
	}
	text, err := formatDate(t, layout)
	return StringValue(text), err
}

// parseDuration reads an ISO 8601 duration as seconds: -P1Y2M3W4DT5H6M7S.
func parseDuration(s string) (seconds int64, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, ok = strings.CutPrefix(s, "P")
	if !ok {
		return 0, false
	}
	units := map[byte]float64{'Y': 365 * 86400, 'M': 30 * 86400, 'W': 7 * 86400, 'D': 86400}
	start := 0
	for i := range len(s) {
		c := s[i]
		if isDigit(c) || c == '.' {
			continue
		}
		if c == 'T' && start == i && units['H'] == 0 {
			units = map[byte]float64{'H': 3600, 'M': 60, 'S': 1}
			start = i + 1
			continue
		}
		n, err := strconv.ParseFloat(s[start:i], 64)
		if err != nil || units[c] == 0 || n*units[c] > math.MaxInt32*86400.0 {
			return 0, false
		}
		seconds += int64(n * units[c])
		start = i + 1
	}
	if negative {
		seconds = -seconds
	}
	return seconds, start == len(s)
}

func callDateTimeFromEpoch(args []Value) (Value, error) {
	seconds, err := wholeArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	const year10000 = 253402300800
	if seconds >= year10000 || seconds < -62135596800 {
		return Value{}, errYear
	}
	return StringValue(isoDate(time.Unix(seconds, 0).UTC())), nil
}

func callDateTimeToEpoch(args []Value) (Value, error) {
	t, _, err := dateArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	return IntValue(t.Unix()), nil
}
