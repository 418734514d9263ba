package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
)

func TestNameSuites(t *testing.T) {
	suite := func(id, title, hash string, controls ...catalog.StandardRef) *junitSuite {
		return &junitSuite{rule: rule{RuleResult: &assess.RuleResult{ID: id, Title: title}, controls: controls}, parametersHash: hash}
	}
	tests := map[string]struct {
		suites []*junitSuite
		want   []string
	}{
		"titles_of_their_own": {[]*junitSuite{suite("a", "A", "1"), suite("b", "B", "")}, []string{"A", "B"}},
		"control_of_two_standards": {
			[]*junitSuite{
				suite("mcsb-v1:PA-5", "Emergency access", "", catalog.StandardRef{Standard: "mcsb-v1", Control: "PA-5"}),
				suite("mcsb-v2:PA-5", "Emergency access", "", catalog.StandardRef{Standard: "mcsb-v2", Control: "PA-5"}),
			},
			[]string{"mcsb-v1 PA-5: Emergency access", "mcsb-v2 PA-5: Emergency access"},
		},
		"evidence_for_one_control": {[]*junitSuite{suite("a", "A", "1", catalog.StandardRef{Standard: "s", Control: "1"})}, []string{"A"}},
		"two_sets_of_parameters":   {[]*junitSuite{suite("a", "A", "1"), suite("b", "B", ""), suite("a", "A", "2")}, []string{"A (a 1)", "B", "A (a 2)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			nameSuites(test.suites)
			var got []string
			for _, s := range test.suites {
				got = append(got, s.name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
