package catalog

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// change is the fix of a recommendation.
type change struct {
	Operation, Field string
	Value            json.RawMessage // nil if it is removed
}

func (c change) String() string {
	if c.Value == nil {
		return c.Operation + " " + c.Field
	}
	return fmt.Sprintf("%s %s with %s", c.Operation, c.Field, c.Value)
}

// FixFails applies the fix of a recommendation to an unhealthy case, and says what
// comes of it if the resource is not healthy then; "" if it is, or if there is
// nothing to mend.
func (t *Trial) FixFails(r *Recommendation, c Case) (string, error) {
	if r.Remediation.Fix == nil || c.Want != posture.Unhealthy {
		return "", nil
	}
	var fix change
	if err := json.Unmarshal(r.Remediation.Fix, &fix); err != nil {
		return "", fmt.Errorf("fix: %w", err)
	}
	body, err := t.mended(r, fix, c.Resource)
	if err != nil {
		return "", err
	}
	c.Resource = body
	outcome, err := t.Judge(r, c)
	if err != nil || outcome.State == posture.Healthy {
		return "", err
	}
	return fmt.Sprintf("after the fix (%v): got %v, want healthy", fix, outcome.State), nil
}

// mended is a body with the fix's value at the place that its field names.
func (t *Trial) mended(r *Recommendation, fix change, body json.RawMessage) (json.RawMessage, error) {
	path := "properties." + strings.TrimPrefix(fix.Field, r.Types[0]+"/")
	if entry, found, _ := t.aliases.Lookup(fix.Field, r.Types[0]); found {
		path = entry.PathFor("")
	}
	root, err := fastjson.ParseBytes(body)
	if err != nil {
		return nil, fmt.Errorf("resource: %w", err)
	}
	at, keys := root, strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		if at.Get(key) == nil {
			at.Set(key, fastjson.MustParse("{}"))
		}
		at = at.Get(key)
	}
	last := keys[len(keys)-1]
	if fix.Value == nil {
		at.Del(last)
		return root.MarshalTo(nil), nil
	}
	value, err := fastjson.ParseBytes(fix.Value)
	if err != nil {
		return nil, fmt.Errorf("fix: value: %w", err)
	}
	at.Set(last, value)
	return root.MarshalTo(nil), nil
}
