package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// valueWanted refuses empty values of a flag: a variable of a script that is
// not set would else choose everything. It also refuses a second value where one
// counts: the first would be forgotten without a word.
type valueWanted struct {
	pflag.Value
	want  string
	given bool
}

// wantValue makes flags refuse empty values, and says what they want instead.
func wantValue(cmd *cobra.Command, want string, names ...string) {
	for _, name := range names {
		f := cmd.Flags().Lookup(name)
		f.Value = &valueWanted{Value: f.Value, want: want}
	}
}

func (v *valueWanted) Set(text string) error {
	parts := []string{text}
	if v.Type() == "stringSlice" {
		parts = strings.Split(text, ",")
	}
	if slices.ContainsFunc(parts, func(part string) bool { return strings.TrimSpace(part) == "" }) {
		return fmt.Errorf("want %s", v.want)
	}
	if first := v.Value.String(); v.given && v.Type() == "string" && text != first {
		return fmt.Errorf("it was given before, as %q; want one", first)
	}
	v.given = true
	return v.Value.Set(text)
}

// String is empty for an empty list too, which help then leaves out.
func (v *valueWanted) String() string {
	if text := v.Value.String(); text != "[]" {
		return text
	}
	return ""
}
