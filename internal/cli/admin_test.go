package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadPassword(t *testing.T) {
	tests := map[string]struct {
		text, want string
		ok         bool
	}{
		"no_line_end":    {"secret", "secret", true},
		"line_end":       {"secret\n", "secret", true},
		"of_windows":     {"secret\r\n", "secret", true},
		"only_one":       {"secret\n\n", "secret\n", true},
		"blanks_are_it":  {" secret \n", " secret ", true},
		"mark":           {"\uFEFFsecret\n", "secret", true},
		"powershell":     {"\xFF\xFEs\x00\r\x00\n\x00", "s", true},
		"empty":          {"", "", true},
		"something_else": {strings.Repeat("x", longestPasswordFile+1), "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var errs bytes.Buffer
			a := &app{Process: Process{In: strings.NewReader(test.text), Err: &errs}, reading: t.Context()}
			got, err := a.readPassword("-")
			if got != test.want || (err == nil) != test.ok || errs.Len() > 0 {
				t.Errorf("%q, error %v, said %q", got, err, errs.String())
			}
		})
	}
}
