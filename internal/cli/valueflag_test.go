package cli

import (
	"testing"

	"github.com/spf13/pflag"
)

// TestFlagsRefuseNothing: a variable of a script that is not set is no value of
// any flag that takes a text.
func TestFlagsRefuseNothing(t *testing.T) {
	for _, cmd := range everyCommand() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if err := f.Value.Set(""); err == nil {
				t.Errorf("%s --%s \"\" is accepted", cmd.CommandPath(), f.Name)
			}
		})
	}
}
