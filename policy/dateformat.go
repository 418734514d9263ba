package policy

import (
	"fmt"
	"strings"
	"time"
)

// standardDates are the formats of one letter, as the custom format that each
// stands for in the invariant culture.
var standardDates = map[string]string{
	"d": "MM/dd/yyyy", "D": "dddd, dd MMMM yyyy",
	"t": "HH:mm", "T": "HH:mm:ss",
	"g": "MM/dd/yyyy HH:mm", "G": "MM/dd/yyyy HH:mm:ss",
	"f": "dddd, dd MMMM yyyy HH:mm", "F": "dddd, dd MMMM yyyy HH:mm:ss",
	"M": "MMMM dd", "m": "MMMM dd", "Y": "yyyy MMMM", "y": "yyyy MMMM",
	"o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", "O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
	"s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
	"r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
	"u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'", "U": "dddd, dd MMMM yyyy HH:mm:ss",
}

// dateTokens are the parts of a custom format by letter and length, as layouts
// of package time; a longer run counts as the longest one listed.
var dateTokens = map[byte][]string{
	'y': {"06", "06", "2006", "2006"},
	'M': {"1", "01", "Jan", "January"},
	'd': {"2", "02", "Mon", "Monday"},
	'H': {"15", "15"},
	'h': {"3", "03"},
	'm': {"4", "04"},
	's': {"5", "05"},
	't': {"PM", "PM"},
	'z': {"-07", "-07", "-07:00"},
}

// formatDate writes an instant in a format of .NET, standard (one letter) or
// custom.
func formatDate(t time.Time, format string) (string, error) {
	if len(format) == 1 {
		custom, ok := standardDates[format]
		if !ok {
			return "", fmt.Errorf("argument 3: unknown date format %q", format)
		}
		if strings.Contains("rRuU", format) {
			t = t.UTC()
		}
		format = custom
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		c := format[i]
		run := 1
		for i+run < len(format) && format[i+run] == c {
			run++
		}
		switch {
		case c == '\\' && i+1 < len(format):
			width := runeWidth(format[i+1:])
			b.WriteString(format[i+1 : i+1+width])
			i += 1 + width
		case c == '\'' || c == '"':
			text, _, _ := strings.Cut(format[i+1:], string(c))
			b.WriteString(text)
			i = min(len(format), i+len(text)+2)
		case c == '%':
			i++
		case c == 'K':
			b.WriteString(t.Format("Z07:00"))
			i++
		case c == 'f' || c == 'F':
			b.WriteString(fractionDigits(t, run, c == 'F'))
			i += run
		case dateTokens[c] != nil:
			run = min(run, len(dateTokens[c]))
			b.WriteString(datePart(t, c, run))
			i += run
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), nil
}

// datePart writes one token, where package time differs by hand.
func datePart(t time.Time, letter byte, run int) string {
	text := t.Format(dateTokens[letter][run-1])
	switch {
	case letter == 't' && run == 1:
		return text[:1]
	case letter == 'H' && run == 1, letter == 'z' && run == 1:
		return withoutZero(text)
	}
	return text
}

// withoutZero takes a leading zero from a number of two digits, behind its
// sign if it has one.
func withoutZero(s string) string {
	digits := strings.TrimLeft(s, "+-")
	if len(digits) == 2 && digits[0] == '0' {
		return s[:len(s)-2] + digits[1:]
	}
	return s
}

// fractionDigits are the first digits of the fraction of a second, without
// zeros at the end if they are trimmed.
func fractionDigits(t time.Time, n int, trimmed bool) string {
	digits := fmt.Sprintf("%09d", t.Nanosecond())[:min(n, 9)]
	if trimmed {
		digits = strings.TrimRight(digits, "0")
	}
	return digits
}
