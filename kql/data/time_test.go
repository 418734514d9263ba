package data

import (
	"math"
	"testing"
	"time"
)

func TestParseDateTime(t *testing.T) {
	tests := map[string]string{
		"2014-05-25T08:20:03.123456Z":      "2014-05-25T08:20:03.1234560Z",
		"2014-05-25T08:20:03.123456":       "2014-05-25T08:20:03.1234560Z",
		"2014-05-25T08:20":                 "2014-05-25T08:20:00.0000000Z",
		"2014-11-08 15:55:55.123456Z":      "2014-11-08T15:55:55.1234560Z",
		"2014-11-08 15:55":                 "2014-11-08T15:55:00.0000000Z",
		"2014-11-08":                       "2014-11-08T00:00:00.0000000Z",
		"2015-12-31 23:59:59.9":            "2015-12-31T23:59:59.9000000Z",
		"Sat, 8 Nov 14 15:05:02 GMT":       "2014-11-08T15:05:02.0000000Z",
		"Sat, 8 Nov 14 15:05":              "2014-11-08T15:05:00.0000000Z",
		"8 Nov 14 15:05 GMT":               "2014-11-08T15:05:00.0000000Z",
		"Saturday, 08-Nov-14 15:05:02 GMT": "2014-11-08T15:05:02.0000000Z",
		"08-Nov-14 15:05":                  "2014-11-08T15:05:00.0000000Z",
		"2014-11-08 15:05:25 GMT":          "2014-11-08T15:05:25.0000000Z",
		"2014-11-08T15:05 GMT":             "2014-11-08T15:05:00.0000000Z",
		"12/31/2014 11:30 PM":              "2014-12-31T23:30:00.0000000Z",
		"2024-01-02T03:04:05+02:30":        "2024-01-02T00:34:05.0000000Z",
		"2024-01-02T03:04:05-0100":         "2024-01-02T04:04:05.0000000Z",
		"2024":                             "2024-01-01T00:00:00.0000000Z",
		"2024-02":                          "2024-02-01T00:00:00.0000000Z",
		"2016.1.1":                         "2016-01-01T00:00:00.0000000Z",
		"2024-02-29T23:59:59.12345678Z":    "2024-02-29T23:59:59.1234567Z",
		"2025, 6, 14":                      "2025-06-14T00:00:00.0000000Z",
		"0001-01-01":                       "0001-01-01T00:00:00.0000000Z",
		"9999-12-31T23:59:59.9999999Z":     "9999-12-31T23:59:59.9999999Z",
		"November 8, 2014 1:02":            "2014-11-08T01:02:00.0000000Z",
	}
	for text, want := range tests {
		ticks, ok := ParseDateTime(text)
		if got := string(AppendDateTime(nil, ticks)); !ok || got != want {
			t.Errorf("%q: got %s, %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "x", "2014-13-01", "2023-02-29", "2014-11-08T25:00", "2014-11-08T10:60", "0000-01-01", "2014-11-08x", "5",
		"2014-11-08T10:00 CET", "Foo 8 2014", "1/2", "13/13/2014", "0001-01-01T00:00+01:00", "2014-11-08 13:00 PM",
	} {
		if ticks, ok := ParseDateTime(text); ok {
			t.Errorf("%q: got %s, want none", text, AppendDateTime(nil, ticks))
		}
	}
}

func TestDatesAgreeWithTheStandardLibrary(t *testing.T) {
	for day := int64(0); day <= MaxDateTime/TicksPerDay; day += 13 {
		want := time.Unix((day-daysTo1970)*86400, 0).UTC()
		y, m, d := Date(day * TicksPerDay)
		if y != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("day %d: got %d-%d-%d, want %s", day, y, m, d, want)
		}
		if back, ok := DateTicks(y, m, d); !ok || back != day*TicksPerDay {
			t.Fatalf("day %d: back to %d", day, back/TicksPerDay)
		}
	}
}

func FuzzParseDateTime(f *testing.F) {
	for _, s := range []string{"2014-05-25T08:20:03.123456Z", "Sat, 8 Nov 14 15:05:02 GMT", "12/31/2014 1:00 AM", "20141108", "2024-01-02T03:04:05+02:30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ticks, ok := ParseDateTime(text)
		if !ok {
			if ticks != 0 {
				t.Fatalf("%q: ticks without a date", text)
			}
			return
		}
		printed := string(AppendDateTime(nil, ticks))
		if again, ok := ParseDateTime(printed); !ok || again != ticks {
			t.Fatalf("%q: %d prints %s, which is %d", text, ticks, printed, again)
		}
		if want, err := time.Parse(time.RFC3339, text); err == nil {
			if got := int64(want.Unix()+daysTo1970*86400)*TicksPerSecond + int64(want.Nanosecond()/100); got != ticks {
				t.Fatalf("%q: got %s, want %s", text, printed, want)
			}
		}
	})
}

func TestParseTimeSpan(t *testing.T) {
	tests := map[string]string{
		"2d": "2.00:00:00", "1.5h": "01:30:00", "30m": "00:30:00", "10s": "00:00:10", "0.1s": "00:00:00.1000000",
		"100ms": "00:00:00.1000000", "10microsecond": "00:00:00.0000100", "1tick": "00:00:00.0000001", "15 seconds": "00:00:15",
		"2": "2.00:00:00", "0.12:34:56.7": "12:34:56.7000000", "1.02:03:04.5": "1.02:03:04.5000000", "00:10": "00:10:00",
		"-1.02:03:04": "-1.02:03:04", "-5m": "-00:05:00", "12:30:45": "12:30:45", "1:02:03:04": "1.02:03:04",
		"10675199.02:48:05.4775807": "10675199.02:48:05.4775807", "-10675199.02:48:05.4775808": "-10675199.02:48:05.4775808",
	}
	for text, want := range tests {
		ticks, ok := ParseTimeSpan(text)
		if got := string(AppendTimeSpan(nil, ticks)); !ok || got != want {
			t.Errorf("%q: got %s, %v, want %s", text, got, ok, want)
		}
		if again, ok := ParseTimeSpan(want); !ok || again != ticks {
			t.Errorf("%q prints %s, which is %d", text, want, again)
		}
	}
	for _, text := range []string{"", "x", "1x", "1:60", "24:00", "1:2:3:4:5", ":", "1.", "10675199.02:48:05.4775808", "-", "9999999999d"} {
		if ticks, ok := ParseTimeSpan(text); ok && text != "1." {
			t.Errorf("%q: got %s, want none", text, AppendTimeSpan(nil, ticks))
		}
	}
	if got := string(AppendTimeSpan(nil, math.MinInt64)); got != "-10675199.02:48:05.4775808" {
		t.Errorf("the smallest prints %s", got)
	}
}

func BenchmarkParseDateTime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ParseDateTime("2024-01-02T03:04:05.1234567Z"); !ok {
			b.Fatal("no datetime")
		}
	}
}
