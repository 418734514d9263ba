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

// TestFlagsOnce: of a flag that takes one text a second one is refused, as the first
// would be forgotten.
func TestFlagsOnce(t *testing.T) {
	met := 0
	for _, cmd := range everyCommand() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() != "string" || f.Value.Set("a") != nil {
				return
			}
			met++
			if err := f.Value.Set("a"); err != nil {
				t.Errorf("%s --%s, the same again: %v", cmd.CommandPath(), f.Name, err)
			}
			if err := f.Value.Set("b"); err == nil || f.Value.String() != "a" {
				t.Errorf("%s --%s is %s by a second value: %v", cmd.CommandPath(), f.Name, f.Value, err)
			}
		})
	}
	if met < 20 {
		t.Errorf("%d flags", met)
	}
}
