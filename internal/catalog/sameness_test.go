package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestCases_said_otherwise says the bodies of all cases in other words that mean the
// same: lists the other way round with each item twice, and in Azure, which compares
// without case, all texts in capitals. Nothing is judged otherwise by that.
func TestCases_said_otherwise(t *testing.T) {
	c, trial := longTrial(t)
	judged := 0
	for _, r := range all(t, c.Recommendations) {
		say := func(v any) any {
			switch v := v.(type) {
			case []any:
				slices.Reverse(v)
				return append(v[:len(v):len(v)], v...)
			case string:
				if strings.HasPrefix(r.File, "azure/") {
					return strings.ToUpper(v)
				}
			}
			return v
		}
		for _, one := range r.Cases {
			if one.Want == posture.Manual {
				continue
			}
			said := one
			said.Resource, said.Related = saidAs(t, one.Resource, say), nil
			for _, body := range one.Related {
				said.Related = append(said.Related, saidAs(t, body, say))
			}
			outcome, err := trial.Judge(r, said)
			if err != nil {
				t.Fatal(err)
			}
			judged++
			if wrong := outcome.Differs(one); wrong != "" {
				t.Errorf("catalog/%s:%d: %s\n%s", r.File, one.Line, wrong, outcome.Explanation.Text())
			}
		}
	}
	if judged < 1000 {
		t.Errorf("%d cases judged, want many", judged)
	}
}

// saidAs gives a body with each of its values as a way has it, but for what names it and
// the values of conditions, which are compared as one.
func saidAs(t *testing.T, body json.RawMessage, way func(any) any) json.RawMessage {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	var say func(any) any
	say = func(v any) any {
		switch v := v.(type) {
		case []any:
			list := slices.Clone(v)
			for i := range list {
				list[i] = say(list[i])
			}
			return way(list)
		case map[string]any:
			for key, value := range v {
				if !slices.Contains([]string{"id", "name", "type", "Condition"}, key) {
					v[key] = say(value)
				}
			}
			return v
		}
		return way(v)
	}
	said, err := json.Marshal(say(v))
	if err != nil {
		t.Fatal(err)
	}
	return said
}
