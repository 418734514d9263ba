package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTablePrintsRatiosFirst(t *testing.T) {
	var b table
	b.figure("fastjson alone", "1 s")
	b.ratio("assess ÷ fastjson", "1.50×", "≤ 2×")
	var out strings.Builder
	if err := b.print(&out); err != nil {
		t.Fatal(err)
	}
	want := `| ratio             | measured | wanted |
| ----------------- | -------- | ------ |
| assess ÷ fastjson | 1.50×    | ≤ 2×   |

| figure         | this run |
| -------------- | -------- |
| fastjson alone | 1 s      |
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMedian(t *testing.T) {
	got := median([]usage{
		{wall: 3 * time.Second, cpu: time.Second, peak: 5}, {wall: time.Second, cpu: 4 * time.Second, peak: 9}, {wall: 2 * time.Second, cpu: 2 * time.Second},
	})
	if got.wall != 2*time.Second || got.cpu != 2*time.Second || got.peak != 9 {
		t.Errorf("got %+v, want the middle times and the highest peak", got)
	}
}

func TestCount(t *testing.T) {
	for want, n := range map[string]int{"0": 0, "999": 999, "1,000": 1000, "1,234,005": 1234005} {
		if got := count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestCoverage(t *testing.T) {
	got, err := coverage([]byte(`{"coverage": {"judged": 1200, "unknown": 3}}`))
	if err != nil || got != ", 1,200 checks judged, 3 unknown" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := coverage([]byte("oops")); err == nil {
		t.Error("no error for a report that is not JSON")
	}
}

func TestTotal(t *testing.T) {
	got, err := total([]byte("location,count_\r\nwesteurope,26220\r\n\"a,b\",3\r\n"))
	if err != nil || got != 26223 {
		t.Errorf("got %d, %v; want the sum of counts", got, err)
	}
	for _, text := range []string{"", "location,count_\n", "location,count_\nwesteurope,many\n"} {
		if _, err := total([]byte(text)); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}
