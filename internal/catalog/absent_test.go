package catalog

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestCases_with_something_absent takes each property in turn out of the bodies of all
// cases that are unhealthy, and says nothing about it, as a collector does that did not
// ask. What turns healthy by that is in always.yaml, or a row of allowed.tsv says what it
// means that the property is absent.
func TestCases_with_something_absent(t *testing.T) {
	c, trial := longTrial(t)
	pass, judged := allowed(t, ofAbsence), 0
	for _, r := range all(t, c.Recommendations) {
		for _, one := range r.Cases {
			if one.Want != posture.Unhealthy || !one.Collected || len(one.Unread) > 0 {
				continue
			}
			bound, err := bindCase(r, one)
			if err != nil {
				t.Fatal(err)
			}
			for at, raw := range append([]json.RawMessage{one.Resource}, one.Related...) {
				body := fastjson.MustParseBytes(raw)
				for _, path := range placesIn(body, nil) {
					if slices.Contains(path[:len(path)-1], "Condition") {
						continue // a policy means what its conditions say
					}
					judged++
					place := policy.NewResource(body).Type + "/" + path.field()
					if trial.without(bound, one, at, path, nil, nil) == posture.Healthy && !pass.has(place) {
						t.Errorf("catalog/%s:%d: healthy without %s; want a row in always.yaml, or one of %s in allowed.tsv", r.File, one.Line, place, ofAbsence)
					}
				}
			}
		}
	}
	if judged < 3000 {
		t.Errorf("%d properties taken out, want many", judged)
	}
	pass.close(t)
}
