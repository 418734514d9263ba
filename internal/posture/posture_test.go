package posture

import (
	"encoding/json"
	"testing"
)

// TestWords_come_back: what is written as JSON is read as what it was.
func TestWords_come_back(t *testing.T) {
	type words struct {
		State    State
		Reason   Reason
		Severity Severity
		Cloud    Cloud
	}
	all := []words{{}}
	for _, s := range States {
		all = append(all, words{State: s})
	}
	for n := range reasonNames {
		all = append(all, words{Reason: Reason(n)})
	}
	for n := range severityNames {
		all = append(all, words{Severity: Severity(n)})
	}
	for n := range cloudNames {
		all = append(all, words{Cloud: Cloud(n)})
	}
	for _, want := range all {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got words
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s came back as %+v, error %v", text, got, err)
		}
	}
	var s State
	if json.Unmarshal([]byte(`"excellent"`), &s) == nil {
		t.Error("a word of no state was read")
	}
}
