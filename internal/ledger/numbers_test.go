package ledger_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Sets of numbers behave as sets do, and are written and read as they are.
func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	some := func() (all []uint32) {
		for n := range uint32(40) {
			if r.IntN(3) > 0 {
				all = append(all, n+1)
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	for range 2000 {
		one, other := some(), some()
		set, less := ledger.NumbersOf(slices.Clone(one)), ledger.NumbersOf(slices.Clone(other))
		left := set.Without(less)
		var want []uint32
		for n := range uint32(42) {
			if set.Has(n) != slices.Contains(one, n) {
				t.Fatalf("%v has %d: %v", set, n, set.Has(n))
			}
			if slices.Contains(one, n) && !slices.Contains(other, n) {
				want = append(want, n)
			}
		}
		if diff := cmp.Diff(ledger.NumbersOf(want), left); diff != "" {
			t.Fatalf("%v without %v: -want +got:\n%s", set, less, diff)
		}
		if again, err := ledger.ParseNumbers(set.String()); err != nil || !slices.Equal(again, set) {
			t.Fatalf("%v is read as %v, %v", set, again, err)
		}
	}
	if left := ledger.AllNumbers.Without(ledger.NumbersOf([]uint32{1, 2, 9})); left.String() != "3-8,10-4294967295" || left.Has(9) || !left.Has(1<<31) {
		t.Errorf("all without three: %v", left)
	}
	for _, text := range []string{"x", "2-1", "1,1", "3-", "5,1-2"} {
		if set, err := ledger.ParseNumbers(text); err == nil {
			t.Errorf("%q is read as %v", text, set)
		}
	}
}
