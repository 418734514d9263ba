package assess

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		"Locations": {"a": policy.IntValue(1)}, "LOCATIONS": {"a": policy.IntValue(2)}, "": {"a": policy.IntValue(3)}, "title": {},
	})
	tests := map[string]struct {
		names []string
		want  []string
	}{
		"two_that_differ_in_case": {[]string{"locations"}, []string{"LOCATIONS", "Locations"}},
		"second_name":             {[]string{"other", "Title"}, []string{"title"}},
		"name_and_title":          {[]string{"title", "TITLE"}, []string{"title"}},
		"no_name":                 {[]string{"", "other"}, nil},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, given.under(test.names)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
