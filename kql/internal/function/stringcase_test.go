package function

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCaseOfColumns(f *testing.F) {
	f.Add("/subscriptions/ABCxyz@[`{", "äÖ")
	f.Add("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "\xff\x7f")
	f.Fuzz(func(t *testing.T, a, b string) {
		in := []string{a, b, a + b, ""}
		lower, upper := changeCase(in, strings.ToLower, 'A'), changeCase(in, strings.ToUpper, 'a')
		for i, s := range in {
			if lower[i] != strings.ToLower(s) || upper[i] != strings.ToUpper(s) {
				t.Errorf("%q: got %q and %q", s, lower[i], upper[i])
			}
			if characters(s) != utf8.RuneCountInString(s) {
				t.Errorf("%q: got %d characters", s, characters(s))
			}
		}
	})
}
