package access

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	type try struct {
		after         time.Duration // since the beginning
		name, address string
		times         int
		ok            bool
	}
	tests := map[string][]try{
		"five_at_once":        {{0, "anna", "192.0.2.1", 5, true}, {0, "anna", "192.0.2.1", 1, false}},
		"name_folds":          {{0, "anna", "192.0.2.1", 5, true}, {0, "ANNA", "192.0.2.1:99", 1, false}},
		"then_one_a_time":     {{0, "anna", "192.0.2.1", 5, true}, {30 * time.Second, "anna", "192.0.2.1", 1, true}, {30 * time.Second, "anna", "192.0.2.1", 1, false}},
		"refused_cost_none":   {{0, "anna", "192.0.2.1", 5, true}, {0, "anna", "192.0.2.1", 100, false}, {30 * time.Second, "anna", "192.0.2.1", 1, true}},
		"other_address":       {{0, "anna", "192.0.2.1", 5, true}, {0, "anna", "192.0.2.2", 1, true}},
		"other_name":          {{0, "anna", "192.0.2.1", 5, true}, {0, "bert", "192.0.2.1", 1, true}},
		"network_of_ipv6":     {{0, "anna", "[2001:db8::1]:1", 5, true}, {0, "anna", "2001:db8::2", 1, false}, {0, "anna", "2001:db8:0:1::2", 1, true}},
		"mapped_is_ipv4":      {{0, "anna", "192.0.2.1", 5, true}, {0, "anna", "::ffff:192.0.2.1", 1, false}},
		"no_name_is_bounded":  {{0, "", "192.0.2.1", 50, true}, {0, "", "192.0.2.1", 1, false}},
		"no_address_is_known": {{0, "anna", "somewhere", 5, true}, {0, "anna", "somewhere", 1, false}},
	}
	for name, tries := range tests {
		t.Run(name, func(t *testing.T) {
			l := NewLimiter(1000)
			for i, try := range tries {
				for range try.times {
					err := l.Try(noon.Add(try.after), try.name, try.address)
					var retry *RetryError
					if (err == nil) != try.ok || err != nil && (FaultOf(err) != TooOften || !errors.As(err, &retry) || retry.After <= 0) {
						t.Fatalf("try %d: error %v", i, err)
					}
				}
			}
		})
	}
}

// TestLimiterOfNames: an address may not try one password with every name.
func TestLimiterOfNames(t *testing.T) {
	l := NewLimiter(10)
	passed := 0
	for i := range 1000 {
		if l.Try(noon, fmt.Sprint("name", i), "192.0.2.1") == nil {
			passed++
		}
	}
	if passed != triesOfAddress {
		t.Errorf("%d names were tried, want %d", passed, triesOfAddress)
	}
	if n := len(l.buckets); n > 10 || n != l.recent.Len() {
		t.Errorf("%d names are remembered, %d in order", n, l.recent.Len())
	}
}

func TestLimiterSucceeded(t *testing.T) {
	l := NewLimiter(1000)
	for range 3 {
		for range 5 {
			if err := l.Try(noon, "anna", "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
		l.Succeeded("Anna", "192.0.2.1")
	}
	l.Succeeded("nobody", "192.0.2.1")
	l.Succeeded("", "192.0.2.1")
	if len(l.buckets) != 1 {
		t.Errorf("%d buckets, want that of the address", len(l.buckets))
	}
}
