package assess

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/policy"
)

func TestFoldedNamesAreEqualAsEqualFoldSays(t *testing.T) {
	names := []string{
		"", "storage", "Storage", "STORAGE", "ſtorage", "key", "\u212aey", "straße", "STRASSE", "ς", "σ", "Σ",
		"é", "É", "\xff", "\xfe", "\ufffd", "İ", "i", "ı", "[", "{",
	}
	for _, a := range names {
		for _, b := range names {
			if got, want := foldName(a) == foldName(b), strings.EqualFold(a, b); got != want {
				t.Errorf("%q and %q: alike is %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestGivenValuesAreFoundByAnyName(t *testing.T) {
	given := newGivenValues(map[string]map[string]policy.Value{
		"Locations": {"a": policy.IntValue(1)}, "LOCATIONS": {"a": policy.IntValue(2)}, "": {"a": policy.IntValue(3)},
	})
	tests := map[string]struct {
		names []string
		want  string
	}{
		"first_of_two_that_differ_in_case": {[]string{"locations"}, "2"},
		"second_name":                      {[]string{"other", "Locations"}, "2"},
		"no_name":                          {[]string{"", "other"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if values := given.of(test.names...); values != nil {
				got = values["a"].String()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if !given.used["LOCATIONS"] || given.used["Locations"] || given.used[""] {
		t.Errorf("used is %v, want the key that counted", given.used)
	}
}
