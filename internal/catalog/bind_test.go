package catalog

import (
	"strings"
	"testing"
)

// A rule without a brief is bound at every start, whatever the input holds.
func TestContent_has_a_brief_of_every_rule(t *testing.T) {
	for _, r := range all(t, parseContent(t).Recommendations) {
		if len(r.Brief.Types) == 0 {
			t.Errorf("%s: no brief, so that the rule is bound at once", r.File)
		}
		bound, err := r.Bind(nil)
		if err != nil {
			t.Errorf("%s: %v", r.File, err)
			continue
		}
		if r.Brief.Hash != bound.Hash() || r.Brief.Effect != bound.Effect || r.Brief.Target != strings.ToLower(bound.TargetType()) ||
			r.Brief.Beyond != bound.LooksBeyondGroup() {
			t.Errorf("%s: brief %+v, want it of %s, %s, %s", r.File, r.Brief, bound.Effect, bound.TargetType(), bound.Hash())
		}
	}
}
