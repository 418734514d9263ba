package report

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestExplainedReferences: explain tells references as jsonl does, also one of a
// policy that is assigned by itself.
func TestExplainedReferences(t *testing.T) {
	check := posture.Check{
		Rule: "p", Resource: shop, State: posture.Unhealthy, Judged: posture.Unhealthy,
		References: []posture.Reference{{Assignment: "a1", Member: "m", Exempt: true, Category: "waiver", Message: "say why"}, {Assignment: "a2"}},
	}
	line, err := appendCheck(nil, &check)
	if err != nil {
		t.Fatal(err)
	}
	explained, err := json.Marshal(StateOf(&check))
	if err != nil {
		t.Fatal(err)
	}
	references := func(text []byte) any {
		var o map[string]any
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		return o["references"]
	}
	if diff := cmp.Diff(references(line), references(explained)); diff != "" {
		t.Errorf("(-jsonl +explain):\n%s", diff)
	}
}
