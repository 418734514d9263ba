package catalog

import "testing"

// A resource gets the commands for its type; whoever sees all is told what
// each is for.
func TestCLI(t *testing.T) {
	r := Remediation{Commands: []Command{
		{"a machine", []string{"Microsoft.Compute/virtualMachines"}, "az vm update"},
		{"a scale set", []string{"Microsoft.Compute/virtualMachineScaleSets"}, "az vmss update"},
	}}
	for typ, want := range map[string]string{
		"Microsoft.Compute/virtualMachines":         "az vm update",
		"microsoft.compute/virtualmachinescalesets": "az vmss update",
		"Microsoft.Compute/disks":                   "",
	} {
		if got := r.CLIOf(typ); got != want {
			t.Errorf("of %s: got %q, want %q", typ, got, want)
		}
	}
	if got, want := r.CLI(), "# a machine\naz vm update\n# a scale set\naz vmss update"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
