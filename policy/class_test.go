package policy

import (
	"os"
	"strings"
	"testing"
)

// evaluable reads the table that says what each built-in needs.
func evaluable(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("../../shared/azure-policy/evaluable.tsv")
	if err != nil {
		t.Skip("../shared/azure-policy is not there: ", err)
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		columns := strings.Split(line, "\t")
		rows[columns[0]] = columns
	}
	return rows
}

func TestClass(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	rows := evaluable(t)
	lib := builtIns(t)
	wrong := 0
	for _, d := range lib.Definitions {
		if got, want := d.Class().String(), rows[d.Name][1]; got != want {
			if wrong++; wrong < 20 {
				t.Errorf("%s (%s): got %s, want %s", d.Name, d.DisplayName, got, want)
			}
		}
	}
}
