package catalog

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestCases judges every case of every recommendation by the policy engine.
func TestCases(t *testing.T) { judgeCases(t, parseContent(t), "") }

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

// aliasesOf is the catalogue's alias table as the engine takes it.
func aliasesOf(t *testing.T, c *Catalog) *policy.Aliases {
	t.Helper()
	aliases := policy.NewAliases()
	if err := aliases.LoadAliasDump(all(t, c.Aliases)); err != nil {
		t.Fatal(err)
	}
	return aliases
}

// TestCases_mended_are_healthy applies each fix to the unhealthy cases that
// use the default parameters: what the machine would do has to help.
func TestCases_mended_are_healthy(t *testing.T) {
	c := parseContent(t)
	aliases := aliasesOf(t, c)
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
				one.Resource = mend(t, aliases, r, one.Resource)
				outcome, err := trial.Judge(r, one)
				if err != nil {
					t.Fatal(err)
				}
				if outcome.State != posture.Healthy {
					t.Errorf("after the fix: got %v, want healthy\n%s\n%s", outcome.State, outcome.Explanation.Text(), one.Resource)
				}
			})
		}
	}
}

// mend sets the fix's value at the place that its field names.
func mend(t *testing.T, aliases *policy.Aliases, r *Recommendation, body json.RawMessage) json.RawMessage {
	t.Helper()
	var fix struct {
		Operation, Field string
		Value            json.RawMessage
	}
	if err := json.Unmarshal(r.Remediation.Fix, &fix); err != nil {
		t.Fatal(err)
	}
	path := "properties." + strings.TrimPrefix(fix.Field, r.Types[0]+"/")
	if entry, found, _ := aliases.Lookup(fix.Field, r.Types[0]); found {
		path = entry.PathFor("")
	}
	root := fastjson.MustParseBytes(body)
	at, keys := root, strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		if at.Get(key) == nil {
			at.Set(key, fastjson.MustParse("{}"))
		}
		at = at.Get(key)
	}
	at.Set(keys[len(keys)-1], fastjson.MustParseBytes(fix.Value))
	return root.MarshalTo(nil)
}
