package estate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
)

// A rule gives evidence for a control once, however often the control names it.
func TestEvidenceNamesARuleOnce(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	named := c.Entries()[0]
	evidence, err := estate.NewEvidence(c, []index.Rule{{ID: named.ID}, {ID: "custom#1", Policy: "custom"}})
	if err != nil {
		t.Fatal(err)
	}
	got := evidence.Of(&catalog.Standard{ID: "own", Nodes: []catalog.Node{
		{ID: "C-1", Recommendations: []string{named.ID, named.Title}},
		{ID: "C-2", Policies: []string{"custom", "CUSTOM"}},
	}})
	if diff := cmp.Diff(map[string][]int{"C-1": {0}, "C-2": {1}}, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}
