package data

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Steps are those that adding and comparing texts one by one comes to.
func TestStepDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.SampledFrom([]string{
			"0", "1", "-1", "0.1", "-0.3", "2.5", "100", "1E+6144", "1E-6143", "9999999999999999999999999999999999", "1E+40", "0.0000000000000001", "none",
		})
		start, stop, step := number.Draw(t, "start"), number.Draw(t, "stop"), number.Draw(t, "step")
		const most = 50
		var want []string
		up := CompareDecimals(step, "0")
		_, a := ParseDecimal(start)
		_, b := ParseDecimal(stop)
		_, c := ParseDecimal(step)
		for at, ok := start, a && b && c && up != 0; ok && CompareDecimals(at, stop)*up <= 0 && len(want) < most; {
			canonical, _ := ParseDecimal(at)
			want = append(want, canonical)
			if at, ok = AddDecimals(at, step); at == canonical {
				break // it is too small
			}
		}
		var got []string
		for at := range StepDecimals(start, stop, step) {
			if got = append(got, at); len(got) == most {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("from %s to %s by %s: got %q, want %q", start, stop, step, got, want)
		}
	})
}
