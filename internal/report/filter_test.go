package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

func TestOnly(t *testing.T) {
	tests := map[string]struct {
		filter               Filter
		rules, fixes, checks int
	}{
		"everything":     {Filter{}, 5, 2, 7},
		"by_severity":    {Filter{Severities: []posture.Severity{posture.Low}}, 1, 0, 2},
		"by_state":       {Filter{States: []posture.State{posture.Manual, posture.Healthy}}, 3, 2, 2},
		"by_both":        {Filter{[]posture.Severity{posture.High}, []posture.State{posture.Unknown}}, 1, 1, 1},
		"not_applicable": {Filter{States: []posture.State{posture.NotApplicable}}, 1, 1, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := single()
			got := run.Only(test.filter)
			checks := 0
			for _, err := range got.Checks {
				if err != nil {
					t.Fatal(err)
				}
				checks++
			}
			counts := []int{len(got.Result.Recommendations), len(got.Result.Fixes), checks}
			if diff := cmp.Diff([]int{test.rules, test.fixes, test.checks}, counts); diff != "" {
				t.Errorf("rules, fixes, checks (-want +got):\n%s", diff)
			}
			if n := len(run.Result.Recommendations); n != 5 {
				t.Errorf("the run itself has %d rules left", n)
			}
			if got.Result.Coverage.Judged != run.Result.Coverage.Judged {
				t.Error("the filter changed what was judged")
			}
		})
	}
}
