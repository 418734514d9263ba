package catalog

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestCases judges every case of every recommendation by the policy engine.
func TestCases(t *testing.T) {
	c, _ := longTrial(t)
	judgeCases(t, c, "")
}

// judgeCases judges the cases of one recommendation, or with "" of all.
func judgeCases(t *testing.T, c *Catalog, id string) {
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all(t, c.Recommendations) {
		if id != "" && id != r.ID {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			for _, one := range r.Cases {
				t.Run(one.Name, func(t *testing.T) {
					outcome, err := trial.Judge(r, one)
					if err != nil {
						t.Fatal(err)
					}
					if wrong := outcome.Differs(one); wrong != "" {
						t.Errorf("catalog/%s:%d: %s\n%s", r.File, one.Line, wrong, outcome.Explanation.Text())
					}
					for _, path := range outcome.IdleUnread {
						t.Errorf("catalog/%s:%d: unread %q has no effect", r.File, one.Line, path)
					}
				})
			}
		})
	}
}

// longTrial gives the content and what judges its cases to a test that changes all of
// them.
func longTrial(t *testing.T) (*Catalog, *Trial) {
	t.Helper()
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	c := parseContent(t)
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, trial
}

// TestCases_mended_are_healthy applies each fix to the unhealthy cases that
// use the default parameters: what the machine would do has to help.
func TestCases_mended_are_healthy(t *testing.T) {
	c := parseContent(t)
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all(t, c.Recommendations) {
		if r.Remediation.Fix == nil {
			continue
		}
		for _, one := range r.Cases {
			if one.Want != posture.Unhealthy {
				continue
			}
			t.Run(r.ID+"/"+one.Name, func(t *testing.T) {
				fails, err := trial.FixFails(r, one)
				if err != nil {
					t.Fatal(err)
				}
				if fails != "" {
					t.Error(fails)
				}
			})
		}
	}
}
