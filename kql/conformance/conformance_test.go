package conformance

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subjects(t *testing.T) []Subject {
	t.Helper()
	all, err := Subjects(Order...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCases runs every case of every file.
func TestCases(t *testing.T) {
	tables, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range subjects(t) {
		for _, e := range s.Entries {
			for _, c := range e.Cases {
				n++
				t.Run(fmt.Sprintf("%s:%d", c.File, c.Line), func(t *testing.T) {
					if why := c.Check(t.Context(), tables); why != "" {
						t.Errorf("%s\n%s", c.Query, why)
					}
				})
			}
		}
	}
	t.Logf("%d cases", n)
	if n < 600 {
		t.Errorf("%d cases, want 600", n)
	}
}
